/**
 * What scalar operations mean, on JavaScript values: i64/u64 are bigint, other numbers number, bool boolean.
 *
 * Integers wrap in their width; `/` truncates and `%` has the sign of the dividend (the smallest value divided by -1
 * is itself, remainder 0); floats are IEEE with every f32 operation rounded to f32; `min` and `max` give NaN if
 * either side is NaN and order -0 below +0. The math functions are the code of `sir/lib`, which every engine runs: their
 * results are the same bits everywhere. The interpreter, constant folding and the host plan all use this file.
 */

import { fail } from '../diag/diagnostic.ts';
import { binaryMath, unaryMath } from '../sir/lib/evaluate.ts';
import type { BinOp, UnOp } from './op.ts';
import { roundEven } from './round-even.ts';
import { isBigKind, isFloatKind, type MergeOp, type ScalarKind } from './types.ts';

export type ScalarValue = number | bigint | boolean;

/** Wraps an integer or rounds a float into the kind's range and encoding. */
export function normalise(kind: ScalarKind, v: ScalarValue): ScalarValue {
  switch (kind) {
    case 'bool':
      return typeof v === 'boolean' ? v : v !== 0 && v !== 0n;
    case 'i64':
      return BigInt.asIntN(64, toBig(v));
    case 'u64':
      return BigInt.asUintN(64, toBig(v));
    case 'f32':
      return Math.fround(Number(v));
    case 'f64':
      return Number(v);
    default:
      return wrapSmall(kind, typeof v === 'bigint' ? Number(BigInt.asIntN(32, v)) : Number(v));
  }
}

function toBig(v: ScalarValue): bigint {
  return typeof v === 'bigint' ? v : BigInt(typeof v === 'number' ? Math.trunc(v) : v);
}

/** `v` is an integer of magnitude below 2^53 (or a product reduced by Math.imul before). */
function wrapSmall(kind: 'i8' | 'i16' | 'i32' | 'u8' | 'u16' | 'u32', v: number): number {
  switch (kind) {
    case 'i8':
      return (v << 24) >> 24;
    case 'i16':
      return (v << 16) >> 16;
    case 'i32':
      return v | 0;
    case 'u8':
      return v & 0xff;
    case 'u16':
      return v & 0xffff;
    case 'u32':
      return v >>> 0;
    default:
      return kind satisfies never;
  }
}

/** `a op b` for two values of one kind. Integer division by zero is DivisionByZero. */
export function binScalar(op: BinOp, kind: ScalarKind, a: ScalarValue, b: ScalarValue): ScalarValue {
  switch (op) {
    case '==':
      return a === b;
    case '!=':
      return a !== b;
    case '<':
      return a < b;
    case '<=':
      return a <= b;
    case '>':
      return a > b;
    case '>=':
      return a >= b;
    case '&&':
      return a === true && b === true;
    case '||':
      return a === true || b === true;
    default:
  }
  if (typeof a === 'boolean' || typeof b === 'boolean') {
    return op === '&' ? a === true && b === true : op === '|' ? a === true || b === true : a !== b;
  }
  if (typeof a === 'bigint' && typeof b === 'bigint') return normalise(kind, bigBin(op, a, b));
  const x = Number(a);
  const y = Number(b);
  if (kind !== 'f32' && kind !== 'f64') return normalise(kind, intBin(op, x, y));
  if (op === 'pow' || op === 'atan2') return binaryMath(op, kind, x, y);
  return normalise(kind, floatBin(op, x, y));
}

type Arith = Exclude<BinOp, '==' | '!=' | '<' | '<=' | '>' | '>=' | '&&' | '||'>;

function bigBin(op: Arith, a: bigint, b: bigint): bigint {
  switch (op) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      return b === 0n ? divisionByZero() : a / b;
    case '%':
      return b === 0n ? divisionByZero() : a % b;
    case '&':
      return a & b;
    case '|':
      return a | b;
    case '^':
      return a ^ b;
    case 'min':
      return b < a ? b : a;
    case 'max':
      return b > a ? b : a;
    case 'pow':
    case 'atan2':
      return notOnIntegers();
    default:
      return op satisfies never;
  }
}

function intBin(op: Arith, a: number, b: number): number {
  switch (op) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return Math.imul(a, b);
    case '/':
      return b === 0 ? divisionByZero() : Math.trunc(a / b);
    case '%':
      return b === 0 ? divisionByZero() : a % b;
    case '&':
      return a & b;
    case '|':
      return a | b;
    case '^':
      return a ^ b;
    case 'min':
      return Math.min(a, b);
    case 'max':
      return Math.max(a, b);
    case 'pow':
    case 'atan2':
      return notOnIntegers();
    default:
      return op satisfies never;
  }
}

function floatBin(op: Exclude<Arith, 'pow' | 'atan2'>, a: number, b: number): number {
  switch (op) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
      return a / b;
    case '%':
      return a % b;
    case 'min':
      return Math.min(a, b);
    case 'max':
      return Math.max(a, b);
    case '&':
    case '|':
    case '^':
      return fail('W2002', `${op} does not work on floats`);
    default:
      return op satisfies never;
  }
}

/** `op a`. */
export function unScalar(op: UnOp, kind: ScalarKind, a: ScalarValue): ScalarValue {
  switch (op) {
    case 'not':
      return a !== true;
    case 'neg':
      return normalise(kind, typeof a === 'bigint' ? -a : -Number(a));
    case 'sqrt':
    case 'floor':
    case 'ceil':
    case 'trunc':
      return normalise(kind, Math[op](Number(a)));
    case 'round':
      return roundEven(Number(a));
    default:
      return kind === 'f32' || kind === 'f64' ? unaryMath(op, kind, Number(a)) : notOnIntegers();
  }
}

const INT_RANGE: Readonly<Record<'i8' | 'i16' | 'i32' | 'u8' | 'u16' | 'u32', readonly [number, number]>> = {
  i8: [-128, 127],
  i16: [-32768, 32767],
  i32: [-2147483648, 2147483647],
  u8: [0, 255],
  u16: [0, 65535],
  u32: [0, 4294967295],
};
const BIG_RANGE: Readonly<Record<'i64' | 'u64', readonly [bigint, bigint]>> = {
  i64: [-(1n << 63n), (1n << 63n) - 1n],
  u64: [0n, (1n << 64n) - 1n],
};

/** Conversion: int to int wraps, float to int saturates (NaN gives 0), int to float rounds once, non-zero is true. */
export function castScalar(from: ScalarKind, to: ScalarKind, a: ScalarValue): ScalarValue {
  if (from === to) return a;
  if (to === 'bool') return typeof a === 'boolean' ? a : Number.isNaN(a) || (a !== 0 && a !== 0n);
  if (typeof a === 'boolean') return normalise(to, a ? 1 : 0);
  if (isFloatKind(to)) {
    // A bigint must reach f32 in one rounding: through f64 it would be rounded twice.
    return typeof a === 'bigint' && to === 'f32' ? bigToF32(a) : normalise(to, Number(a));
  }
  if (!isFloatKind(from)) return normalise(to, typeof a === 'bigint' ? a : BigInt(a));
  const x = Math.trunc(Number(a));
  if (Number.isNaN(x)) return isBigKind(to) ? 0n : 0;
  if (to === 'i64' || to === 'u64') {
    const [lo, hi] = BIG_RANGE[to];
    if (x <= Number(lo)) return lo;
    return x >= Number(hi) ? hi : BigInt(x);
  }
  const [lo, hi] = INT_RANGE[to as keyof typeof INT_RANGE];
  return Math.min(Math.max(x, lo), hi) + 0;
}

/** Round to nearest even from an exact integer. */
function bigToF32(a: bigint): number {
  const mag = a < 0n ? -a : a;
  const bits = mag.toString(2).length;
  if (bits <= 53) return Math.fround(Number(a));
  // Keep 53 bits and fold the rest into a sticky bit: the second rounding then sees the right side of a tie.
  const shift = BigInt(bits - 53);
  const kept = mag >> shift;
  const sticky = (mag & ((1n << shift) - 1n)) === 0n ? kept : kept | 1n;
  const r = Math.fround(Number(sticky << shift));
  return a < 0n ? -r : r;
}

/** What a partial state starts from: the identity, which for a float sum is -0 (0 + -0 would lose the sign). */
export function partialIdentity(op: MergeOp, kind: ScalarKind): ScalarValue {
  return op === '+' && isFloatKind(kind) ? -0 : identityOf(op, kind);
}

/** The value a merger starts with when none is given: 0, 1, the largest, the smallest (infinities for floats). */
export function identityOf(op: MergeOp, kind: ScalarKind): ScalarValue {
  if (op === '+') return normalise(kind, 0);
  if (op === '*') return normalise(kind, 1);
  if (isFloatKind(kind)) return op === 'min' ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
  if (kind === 'i64' || kind === 'u64') return BIG_RANGE[kind][op === 'min' ? 1 : 0];
  return INT_RANGE[kind as keyof typeof INT_RANGE][op === 'min' ? 1 : 0];
}

function divisionByZero(): never {
  return fail('W6005', 'integer division by zero', { help: 'guard the divisor with select or if' });
}
function notOnIntegers(): never {
  return fail('W2002', 'a math function does not work on integers');
}
