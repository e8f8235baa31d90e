/**
 * What the scalar operations of SIR mean, on JavaScript values: i64/u64 are bigint, other numbers number, bool
 * boolean. This is the definition that `interp.ts` runs and that targets are tested against, so it is written to be
 * evidently exact, not fast: all integer arithmetic goes through bigint and is wrapped at the end.
 *
 * Floats are IEEE; f32 operations are done in f64 and rounded once, which is exact for + - * / and sqrt. The
 * functions of the math library are not here: `lib/evaluate.ts`.
 */

import { roundEven } from '../core/round-even.ts';
import type { ScalarKind } from '../core/types.ts';
import { isBigKind, isFloatKind, isSignedKind, scalarBytes } from '../core/types.ts';
import { InternalError } from '../diag/diagnostic.ts';
import { INT_RANGE } from './int-range.ts';
import type { SBin, SCmp, SUn } from './kernel.ts';
import type { BinaryMath, UnaryMath } from './lib/index.ts';

export type Scalar = number | bigint | boolean;

const bitsOf = (kind: ScalarKind): number => scalarBytes(kind) * 8;

/** An integer of any size wrapped into an integer kind. */
export function wrap(kind: ScalarKind, v: bigint): Scalar {
  const bits = bitsOf(kind);
  const wrapped = isSignedKind(kind) ? BigInt.asIntN(bits, v) : BigInt.asUintN(bits, v);
  return isBigKind(kind) ? wrapped : Number(wrapped);
}

const round = (kind: ScalarKind, v: number): number => (kind === 'f32' ? Math.fround(v) : v);

export type Binary = Exclude<SBin, BinaryMath>;
export type Unary = Exclude<SUn, UnaryMath>;

/** `a op b` for two values of one kind. */
export function binary(op: Binary, kind: ScalarKind, a: Scalar, b: Scalar): Scalar {
  if (typeof a === 'boolean' || typeof b === 'boolean') {
    return op === '&' ? a === true && b === true : op === '|' ? a === true || b === true : a !== b;
  }
  if (isFloatKind(kind)) return round(kind, floatBinary(op, Number(a), Number(b)));
  return wrap(kind, intBinary(op, bitsOf(kind), BigInt(a), BigInt(b)));
}

function floatBinary(op: Binary, a: number, b: number): number {
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
    case 'pmin':
      // Not the same as Math.min on NaN and zeros.
      return b < a ? b : a;
    case 'pmax':
      // Not the same as Math.max on NaN and zeros.
      return a < b ? b : a;
    case '&':
    case '|':
    case '^':
    case '<<':
    case '>>':
      throw new InternalError(`sir: ${op} on floats`);
    default:
      return op satisfies never;
  }
}

function intBinary(op: Binary, bits: number, a: bigint, b: bigint): bigint {
  switch (op) {
    case '+':
      return a + b;
    case '-':
      return a - b;
    case '*':
      return a * b;
    case '/':
    case '%':
      if (b === 0n) throw new InternalError(`sir: ${op} with a divisor of 0`);
      return op === '/' ? a / b : a % b;
    case 'min':
    case 'pmin':
      return b < a ? b : a;
    case 'max':
    case 'pmax':
      return a < b ? b : a;
    case '&':
      return a & b;
    case '|':
      return a | b;
    case '^':
      return a ^ b;
    // Counts are below the width by contract; lanes that are masked off may hold others, and machines take them mod width.
    case '<<':
      return a << (b & BigInt(bits - 1));
    case '>>':
      return a >> (b & BigInt(bits - 1));
    default:
      return op satisfies never;
  }
}

/** `op a`. */
export function unary(op: Unary, kind: ScalarKind, a: Scalar): Scalar {
  if (op === 'not') return a !== true;
  if (op === 'clz' || op === 'ctz' || op === 'popcnt') return wrap(kind, countBits(op, bitsOf(kind), BigInt(a)));
  if (op === 'neg' && !isFloatKind(kind)) return wrap(kind, -BigInt(a));
  return round(kind, floatUnary(op, Number(a)));
}

function countBits(op: 'clz' | 'ctz' | 'popcnt', width: number, a: bigint): bigint {
  const bits = BigInt.asUintN(width, a).toString(2).padStart(width, '0');
  if (op === 'popcnt') return BigInt([...bits].filter((b) => b === '1').length);
  const zeros = op === 'clz' ? bits.indexOf('1') : width - 1 - bits.lastIndexOf('1');
  return BigInt(a === 0n ? width : zeros);
}

function floatUnary(op: Exclude<Unary, 'not' | 'clz' | 'ctz' | 'popcnt'>, a: number): number {
  if (op === 'neg') return -a;
  return op === 'nearest' ? roundEven(a) : Math[op](a);
}

export function compare(op: SCmp, a: Scalar, b: Scalar): boolean {
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
    default:
      return op satisfies never;
  }
}

/** Conversion: int to int wraps, float to int saturates (NaN gives 0), int to float rounds once, non-zero is true. */
export function convert(from: ScalarKind, to: ScalarKind, a: Scalar): Scalar {
  if (from === to) return a;
  if (to === 'bool') return typeof a === 'boolean' ? a : Number.isNaN(a) || (a !== 0 && a !== 0n);
  if (to === 'f64') return Number(a);
  if (to === 'f32') return typeof a === 'bigint' ? bigToF32(a) : Math.fround(Number(a));
  if (!isFloatKind(from)) return wrap(to, BigInt(a));
  const range = INT_RANGE[to];
  if (range === undefined) throw new InternalError(`sir: a cast to ${to}`);
  const x = Number(a);
  if (Number.isNaN(x)) return wrap(to, 0n);
  const [lo, hi] = range;
  if (x <= Number(lo)) return wrap(to, lo);
  return wrap(to, x >= Number(hi) ? hi : BigInt(Math.trunc(x)));
}

/** An integer to f32 in one rounding: bits below the first 53 are folded into a sticky bit before f64 rounds. */
function bigToF32(a: bigint): number {
  const size = a < 0n ? -a : a;
  const shift = BigInt(Math.max(0, size.toString(2).length - 53));
  const kept = size >> shift;
  const sticky = kept << shift === size ? kept : kept | 1n;
  const f = Math.fround(Number(sticky << shift));
  return a < 0n ? -f : f;
}

const scratch = new DataView(new ArrayBuffer(8));

/** The bits of `a` read as another kind of the same width. */
export function reinterpret(from: ScalarKind, to: ScalarKind, a: Scalar): Scalar {
  if (from === 'f64') scratch.setFloat64(0, Number(a));
  else if (from === 'f32') scratch.setFloat32(0, Number(a));
  else if (scalarBytes(from) === 8) scratch.setBigUint64(0, BigInt.asUintN(64, BigInt(a)));
  else scratch.setUint32(0, Number(BigInt.asUintN(32, BigInt(a))));
  if (to === 'f64') return scratch.getFloat64(0);
  if (to === 'f32') return scratch.getFloat32(0);
  return wrap(to, scalarBytes(to) === 8 ? scratch.getBigUint64(0) : BigInt(scratch.getUint32(0)));
}

/** The values of accumulators combined in pairs, (0 op 1) op (2 op 3) and so on; null for none. */
export function inPairs<T>(values: readonly T[], op: (a: T, b: T) => T): T | null {
  let level = values;
  while (level.length > 1) {
    level = level.flatMap((a, k, { [k + 1]: b }) => (k % 2 === 1 ? [] : [b === undefined ? a : op(a, b)]));
  }
  return level[0] ?? null;
}
