/**
 * The meaning of scalar operations in SMT-LIB 2: what `core/scalar.ts` says in JavaScript, once more for a solver.
 * `smtlib.test.ts` holds the two against each other.
 *
 * Integers are bit-vectors, which wrap; floats are the floating-point theory, where every NaN is one value and -0 is
 * not +0, so `=` there is our "same value". A value of any type is an element of a sort that nothing is known of.
 * Terms are text: a proof can be printed and given to another solver.
 */

import type { BinOp, UnOp } from '../../core/op.ts';
import type { ScalarValue } from '../../core/scalar.ts';
import { isFloatKind, isSignedKind, type ScalarKind, scalarBytes } from '../../core/types.ts';
import { InternalError } from '../../diag/diagnostic.ts';

/** A term of the solver's language. */
export type Term = string;

export const bitsOf = (k: ScalarKind): number => (k === 'bool' ? 1 : 8 * scalarBytes(k));
const fpArgs = (k: ScalarKind): string => (k === 'f32' ? '8 24' : '11 53');

/** The sort of a kind. */
export function smtSort(k: ScalarKind): Term {
  if (k === 'bool') return 'Bool';
  return isFloatKind(k) ? `(_ FloatingPoint ${fpArgs(k)})` : `(_ BitVec ${bitsOf(k)})`;
}

/** A literal, bit for bit. */
export function smtLit(k: ScalarKind, v: ScalarValue): Term {
  if (typeof v === 'boolean') return String(v);
  if (isFloatKind(k) && Number.isNaN(v)) return `(_ NaN ${fpArgs(k)})`;
  return fromBits(
    k,
    `#x${bitPattern(k, v)
      .toString(16)
      .padStart(bitsOf(k) / 4, '0')}`,
  );
}
/** The value of kind `k` with the bits of a bit-vector (a NaN whatever its payload). */
export const fromBits = (k: ScalarKind, bits: Term): Term =>
  k === 'bool' ? `(= ${bits} #b1)` : isFloatKind(k) ? `((_ to_fp ${fpArgs(k)}) ${bits})` : bits;

/** The bits of a number, as an unsigned integer. */
function bitPattern(k: ScalarKind, v: number | bigint): bigint {
  if (!isFloatKind(k)) return BigInt.asUintN(bitsOf(k), BigInt(v));
  const view = new DataView(new ArrayBuffer(8));
  if (k === 'f64') view.setFloat64(0, Number(v));
  else view.setFloat32(4, Number(v));
  return view.getBigUint64(0);
}
/** The number with these bits. */
export function valueOfBits(k: ScalarKind, bits: bigint): ScalarValue {
  if (k === 'bool') return bits !== 0n;
  if (!isFloatKind(k)) {
    const v = isSignedKind(k) ? BigInt.asIntN(bitsOf(k), bits) : bits;
    return bitsOf(k) === 64 ? v : Number(v);
  }
  const view = new DataView(new ArrayBuffer(8));
  view.setBigUint64(0, bits);
  return k === 'f64' ? view.getFloat64(0) : view.getFloat32(4);
}

const INT_OPS: Partial<Record<BinOp, readonly [signed: string, unsigned: string]>> = {
  '+': ['bvadd', 'bvadd'],
  '-': ['bvsub', 'bvsub'],
  '*': ['bvmul', 'bvmul'],
  // Both truncate; the smallest value divided by -1 is itself, remainder 0. A zero divisor is kept apart (`failsAt`).
  '/': ['bvsdiv', 'bvudiv'],
  '%': ['bvsrem', 'bvurem'],
  '&': ['bvand', 'bvand'],
  '|': ['bvor', 'bvor'],
  '^': ['bvxor', 'bvxor'],
  '<': ['bvslt', 'bvult'],
  '<=': ['bvsle', 'bvule'],
  '>': ['bvsgt', 'bvugt'],
  '>=': ['bvsge', 'bvuge'],
};
const FLOAT_OPS: Partial<Record<BinOp, string>> = {
  '+': 'fp.add RNE',
  '-': 'fp.sub RNE',
  '*': 'fp.mul RNE',
  '/': 'fp.div RNE',
  '==': 'fp.eq',
  '<': 'fp.lt',
  '<=': 'fp.leq',
  '>': 'fp.gt',
  '>=': 'fp.geq',
};
const BOOL_OPS: Partial<Record<BinOp, (a: Term, b: Term) => Term>> = {
  '&&': (a, b) => `(and ${a} ${b})`,
  '||': (a, b) => `(or ${a} ${b})`,
  '&': (a, b) => `(and ${a} ${b})`,
  '|': (a, b) => `(or ${a} ${b})`,
  '^': (a, b) => `(xor ${a} ${b})`,
  // false < true.
  '<': (a, b) => `(and (not ${a}) ${b})`,
  '<=': (a, b) => `(or (not ${a}) ${b})`,
  '>': (a, b) => `(and ${a} (not ${b}))`,
  '>=': (a, b) => `(or ${a} (not ${b}))`,
};

/** `a op b` on operands of kind `k`. */
export function smtBin(op: BinOp, k: ScalarKind, a: Term, b: Term): Term {
  if (op === '!=') return `(not ${smtBin('==', k, a, b)})`;
  if (op === '==' && !isFloatKind(k)) return `(= ${a} ${b})`;
  if (k === 'bool') return BOOL_OPS[op]?.(a, b) ?? unknown(op, k);
  if (isFloatKind(k)) {
    if (op === 'min' || op === 'max') return floatMinMax(op, k, a, b);
    const name = FLOAT_OPS[op];
    return name === undefined ? unknown(op, k) : `(${name} ${a} ${b})`;
  }
  if (op === 'min') return `(ite ${smtBin('<', k, b, a)} ${b} ${a})`;
  if (op === 'max') return `(ite ${smtBin('>', k, b, a)} ${b} ${a})`;
  const names = INT_OPS[op];
  return names === undefined ? unknown(op, k) : `(${names[isSignedKind(k) ? 0 : 1]} ${a} ${b})`;
}

/** NaN if either side is; of two equal values the one whose sign is that of the smaller (larger) zero. */
function floatMinMax(op: 'min' | 'max', k: ScalarKind, a: Term, b: Term): Term {
  const [first, sign] = op === 'min' ? ['fp.lt', 'fp.isNegative'] : ['fp.gt', 'fp.isPositive'];
  const equal = `(ite (${sign} ${a}) ${a} ${b})`;
  const ordered = `(ite (${first} ${a} ${b}) ${a} (ite (${first} ${b} ${a}) ${b} ${equal}))`;
  return `(ite (or (fp.isNaN ${a}) (fp.isNaN ${b})) (_ NaN ${fpArgs(k)}) ${ordered})`;
}

/** `op a`. */
export function smtUn(op: UnOp, k: ScalarKind, a: Term): Term {
  if (op === 'not') return `(not ${a})`;
  if (op === 'neg') return isFloatKind(k) ? `(fp.neg ${a})` : `(bvneg ${a})`;
  return op === 'sqrt' && isFloatKind(k) ? `(fp.sqrt RNE ${a})` : unknown(op, k);
}

/** `to(a)` of an operand of kind `from`. */
export function smtCast(from: ScalarKind, to: ScalarKind, a: Term): Term {
  if (from === to) return a;
  if (from === 'bool') return `(ite ${a} ${smtLit(to, isBig(to) ? 1n : 1)} ${smtLit(to, isBig(to) ? 0n : 0)})`;
  if (to === 'bool') return isFloatKind(from) ? `(not (fp.isZero ${a}))` : `(not (= ${a} ${zero(from)}))`;
  if (isFloatKind(to)) {
    if (isFloatKind(from) || isSignedKind(from)) return `((_ to_fp ${fpArgs(to)}) RNE ${a})`;
    return `((_ to_fp_unsigned ${fpArgs(to)}) RNE ${a})`;
  }
  if (isFloatKind(from)) return saturated(from, to, a);
  const grow = bitsOf(to) - bitsOf(from);
  if (grow < 0) return `((_ extract ${bitsOf(to) - 1} 0) ${a})`;
  return grow === 0 ? a : `((_ ${isSignedKind(from) ? 'sign' : 'zero'}_extend ${grow}) ${a})`;
}
const isBig = (k: ScalarKind): boolean => k === 'i64' || k === 'u64';
const zero = (k: ScalarKind): Term => smtLit(k, isBig(k) ? 0n : 0);

/** Float to integer: truncated, the nearest limit beyond the limits, 0 for NaN. */
function saturated(from: ScalarKind, to: ScalarKind, a: Term): Term {
  const w = bitsOf(to);
  const [low, end] = isSignedKind(to) ? [-(2n ** BigInt(w - 1)), 2n ** BigInt(w - 1)] : [0n, 2n ** BigInt(w)];
  const limit = (v: bigint): Term => smtLit(to, isBig(to) ? v : Number(v));
  const whole = `((_ fp.to_${isSignedKind(to) ? 's' : 'u'}bv ${w}) RTZ ${a})`;
  const above = `(ite (fp.geq ${a} ${smtLit(from, Number(end))}) ${limit(end - 1n)} ${whole})`;
  // Between low - 1 and low it truncates to low, too.
  return `(ite (fp.isNaN ${a}) ${zero(to)} (ite (fp.lt ${a} ${smtLit(from, Number(low))}) ${limit(low)} ${above}))`;
}

function unknown(op: string, k: ScalarKind): never {
  throw new InternalError(`${op} on ${k} has no meaning in the solver`);
}
