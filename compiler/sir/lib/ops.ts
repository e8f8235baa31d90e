/**
 * The vocabulary of the math library: short names for the checked constructors, constants in the type of another
 * value, the two floating formats, and polynomial evaluation.
 *
 * Library code is written once for every lane count and for both formats: it only says "a constant like x", never
 * how many lanes x has. Values used twice are bound to a register through `MathScope`, because an expression tree
 * that shares a subtree is computed once per occurrence.
 */

import { InternalError } from '../../diag/diagnostic.ts';
import { any, bin, bitcast, cmp, lit, un } from '../build.ts';
import type { SCmp, SExpr } from '../kernel.ts';

/** Where library code puts the statements that its result needs; the caller owns the block they go to. */
export interface MathScope {
  /** `e` in a register, so that it may be used more than once. */
  bind(e: SExpr): SExpr;
  /**
   * The values of `common`, or in the lanes where `when` holds those that `rare` gives for that lane of `x`. `rare` is
   * scalar code, whatever the lanes of `x`, and runs only if `when` holds in some lane.
   */
  rarely(
    x: SExpr,
    when: SExpr,
    common: readonly SExpr[],
    rare: (s: MathScope, x: SExpr) => readonly SExpr[],
  ): readonly SExpr[];
  /**
   * The values of one of two branches, by a scalar condition; `yes` must be right in any case. `what` names the computation: asked again for the same
   * `x`, it is not done again, so functions that need different ones of the values share it.
   */
  branch(what: string, x: SExpr, cond: SExpr, yes: Values, no: Values): readonly SExpr[];
}

/** A computation of several values, whose statements go to the scope that it is given. */
export type Values = (s: MathScope) => readonly SExpr[];

/**
 * The value of `general`, or in lanes of `common` where no lane of `x` is `rare`: there both give the same bits. Code for
 * the ends of a function's domain is a fifth of it; behind a test of all lanes together it costs one jump that is
 * foreseen. Blocks that are not too long suit engines, too, that put the operations of a block in an order of their own.
 */
export function unlessRare(
  s: MathScope,
  what: string,
  x: SExpr,
  rare: SExpr,
  general: (s: MathScope) => SExpr,
  common: (s: MathScope) => SExpr,
): SExpr {
  if (x.ty.lanes === 1) return general(s);
  const [value] = s.branch(
    what,
    x,
    any(rare),
    (inner) => [general(inner)],
    (inner) => [common(inner)],
  );
  if (value === undefined) throw new InternalError(`sir: ${what} without value`);
  return value;
}

/** Library code of a function of one argument, and of two. Arguments are bound. */
export type MathFunction = (s: MathScope, x: SExpr) => SExpr;
export type MathFunction2 = (s: MathScope, x: SExpr, y: SExpr) => SExpr;

export type FloatKind = 'f32' | 'f64';

/** What the bit tricks need to know of a floating format. */
export interface Format {
  readonly bits: 'u32' | 'u64';
  /** Stored bits of the significand. */
  readonly mantissa: number;
  readonly bias: number;
  /** 1.5 * 2^mantissa: adding it rounds a small value to an integer, which then stands in the low bits of the sum. */
  readonly magic: number;
  readonly minNormal: number;
  readonly signBit: bigint;
  /** Keeps the upper half of a significand, so that products of two such numbers are exact. */
  readonly upperHalf: bigint;
}

const FORMATS: Readonly<Record<FloatKind, Format>> = {
  f64: {
    bits: 'u64',
    mantissa: 52,
    bias: 1023,
    magic: 1.5 * 2 ** 52,
    minNormal: 2 ** -1022,
    signBit: 1n << 63n,
    upperHalf: 0xffff_ffff_f800_0000n,
  },
  f32: {
    bits: 'u32',
    mantissa: 23,
    bias: 127,
    magic: 1.5 * 2 ** 23,
    minNormal: 2 ** -126,
    signBit: 1n << 31n,
    upperHalf: 0xffff_f000n,
  },
};

/** The kind of a float expression. */
export function floatKind(x: SExpr): FloatKind {
  const { kind } = x.ty;
  if (kind !== 'f32' && kind !== 'f64') throw new InternalError(`sir: a math function on ${kind}`);
  return kind;
}
export const formatOf = (x: SExpr): Format => FORMATS[floatKind(x)];

/** A float constant in the kind and lanes of `like`. */
export const num = (like: SExpr, value: number): SExpr => lit(like.ty.kind, value, like.ty.lanes);
/** An integer constant as wide as `like`, unsigned, in its lanes. */
export function word(like: SExpr, value: number | bigint): SExpr {
  const kind = like.ty.kind === 'f64' || like.ty.kind === 'u64' ? 'u64' : 'u32';
  return lit(kind, kind === 'u64' ? BigInt(value) : Number(value), like.ty.lanes);
}

export const add = (a: SExpr, b: SExpr): SExpr => bin('+', a, b);
export const sub = (a: SExpr, b: SExpr): SExpr => bin('-', a, b);
export const mul = (a: SExpr, b: SExpr): SExpr => bin('*', a, b);
export const div = (a: SExpr, b: SExpr): SExpr => bin('/', a, b);
export const and = (a: SExpr, b: SExpr): SExpr => bin('&', a, b);
export const or = (a: SExpr, b: SExpr): SExpr => bin('|', a, b);
export const abs = (a: SExpr): SExpr => un('abs', a);
/** The sum and product with a constant. */
export const addNum = (a: SExpr, b: number): SExpr => add(a, num(a, b));
export const subNum = (a: SExpr, b: number): SExpr => sub(a, num(a, b));
export const mulNum = (a: SExpr, b: number): SExpr => mul(a, num(a, b));
/** `a op constant`. */
export const cmpNum = (op: SCmp, a: SExpr, b: number): SExpr => cmp(op, a, num(a, b));

export const shl = (a: SExpr, count: number): SExpr => bin('<<', a, word(a, count));
export const shr = (a: SExpr, count: number): SExpr => bin('>>', a, word(a, count));
/** The bits of a float as an unsigned integer, and back. */
export const toBits = (a: SExpr): SExpr => bitcast(a, formatOf(a).bits);
export const fromBits = (a: SExpr): SExpr => bitcast(a, a.ty.kind === 'u64' ? 'f64' : 'f32');

/** `magnitude` (not negative) with the sign of `sign`; also right for zeros. */
export function withSignOf(magnitude: SExpr, sign: SExpr): SExpr {
  const bit = and(toBits(sign), word(sign, formatOf(sign).signBit));
  return fromBits(bin('|', toBits(magnitude), bit));
}

/** `x` cut to the upper half of its significand; `x` less it is exact, too. */
export const upper = (x: SExpr): SExpr => fromBits(and(toBits(x), word(x, formatOf(x).upperHalf)));

/** The smaller of `x` and a constant, NaN if `x` is: pmin gives its first operand when the comparison is false. */
export const atMost = (x: SExpr, hi: number): SExpr => bin('pmin', x, num(x, hi));
export const atLeast = (x: SExpr, lo: number): SExpr => bin('pmax', x, num(x, lo));

/**
 * c[0] + c[1] x + c[2] x^2 + ..., as two chains over x^2 (even and odd powers): half the latency of Horner's rule for
 * one more multiplication. `x` must be bound.
 */
export function poly(s: MathScope, x: SExpr, coefficients: readonly number[]): SExpr {
  const even = coefficients.filter((_, i) => i % 2 === 0);
  const odd = coefficients.filter((_, i) => i % 2 === 1);
  if (odd.length === 0) return horner(x, even);
  if (coefficients.length <= 3) return horner(x, coefficients);
  const x2 = s.bind(mul(x, x));
  return s.bind(add(horner(x2, even), mul(x, horner(x2, odd))));
}

/** Horner's rule, for short polynomials. */
export function horner(x: SExpr, coefficients: readonly number[]): SExpr {
  const last = coefficients.at(-1);
  if (last === undefined) throw new InternalError('sir: a polynomial without coefficients');
  return coefficients.slice(0, -1).reduceRight<SExpr>((acc, c) => addNum(mul(acc, x), c), num(x, last));
}
