/**
 * exp for f64 and f32, in any number of lanes, without branches.
 *
 *     n = round(x / ln 2)       by adding 1.5 * 2^52, which leaves n in the low bits: no conversion to integer
 *     r = x - n ln 2            ln 2 in two parts, so that n * hi is exact (Cody and Waite)
 *     e^r = 1 + r + r^2 P(r)    P is near-minimax on |r| <= ln 2 / 2, weighted for the relative error of e^r
 *     e^x = e^r 2^a 2^b         with a + b = n, halves of n: reaches the denormals and infinity with one rounding; e^r 2^n
 *                               where all lanes give normal numbers
 *
 * The low part of r joins at the end, where it costs no rounding of its own. NaN passes through the clamp and every
 * later step is arithmetic on it. Maximal errors are in `accuracy.test.ts`.
 */

import { un } from '../build.ts';
import type { SExpr } from '../kernel.ts';
import {
  abs,
  add,
  addNum,
  atLeast,
  atMost,
  cmpNum,
  type FloatKind,
  floatKind,
  formatOf,
  fromBits,
  type MathScope,
  mul,
  mulNum,
  num,
  poly,
  shl,
  shr,
  sub,
  subNum,
  toBits,
  unlessRare,
  word,
} from './ops.ts';

interface Table {
  /** Outside [lo, hi] the result is 0 or infinity; at the ends two scalings by 2^(n/2) still give it. */
  readonly lo: number;
  readonly hi: number;
  /** For |x| up to this e^x is a normal number. */
  readonly normal: number;
  readonly ln2Hi: number;
  readonly ln2Lo: number;
  readonly p: readonly number[];
}

const TABLES: Readonly<Record<FloatKind, Table>> = {
  f64: {
    lo: -746,
    hi: 710,
    normal: 708,
    ln2Hi: 0.6931471803691238,
    ln2Lo: 1.9082149292705877e-10,
    p: [
      0.5000000000000011, 0.16666666666666455, 0.04166666666652843, 0.008333333333472892, 0.0013888888944021671,
      0.0001984126954726043, 2.480149272086775e-5, 2.755755273462533e-6, 2.763037801054887e-7, 2.5010229763265816e-8,
    ],
  },
  f32: {
    lo: -104,
    hi: 89,
    normal: 87,
    ln2Hi: 0.693359375,
    ln2Lo: -2.1219444e-4,
    p: [0.49999992705225066, 0.16666520238036317, 0.04166846149950138, 0.00836868500228652, 0.00138131857354037],
  },
};

/** A number as y 2^n; n stands in the low bits of an integer, two's complement, with garbage above it. */
export interface Scaled {
  readonly y: SExpr;
  readonly n: SExpr;
}

/** v = n ln 2 + hi - lo, with the integer n as a float and in the low bits of `word`. */
export function reduced(s: MathScope, v: SExpr): { n: SExpr; hi: SExpr; lo: SExpr; word: SExpr } {
  const t = TABLES[floatKind(v)];
  const { magic } = formatOf(v);
  const m = s.bind(addNum(mulNum(v, Math.LOG2E), magic));
  const n = s.bind(subNum(m, magic));
  const hi = s.bind(sub(v, mulNum(n, t.ln2Hi)));
  const lo = s.bind(mulNum(n, t.ln2Lo));
  return { n, hi, lo, word: s.bind(toBits(m)) };
}

/** e^v as (1 + y) 2^n, or e^(v + rest) for a rest that is small beside 1. */
export function expm1Scaled(s: MathScope, v: SExpr, rest: SExpr | null = null): Scaled {
  const { hi, lo: short, word } = reduced(s, v);
  const lo = rest === null ? short : s.bind(sub(short, rest));
  const r = s.bind(sub(hi, lo));
  const q = mul(s.bind(mul(r, r)), poly(s, r, TABLES[floatKind(v)].p));
  return { y: add(hi, sub(q, lo)), n: word };
}

/** e^v as y 2^n, y in [0.7, 1.5]. */
export function expScaled(s: MathScope, v: SExpr): Scaled {
  const { y, n } = expm1Scaled(s, v);
  return { y: s.bind(add(num(v, 1), y)), n };
}

/** 2^k for the integer in the low bits of `k`: shifting by the significand drops everything above the exponent. */
export function pow2(x: SExpr, k: SExpr): SExpr {
  const { bias, mantissa } = formatOf(x);
  return fromBits(shl(add(k, word(k, bias)), mantissa));
}

/** y 2^n in two steps, each of them a normal number: right for overflow and, with one rounding, for denormals. */
export function unscaled(s: MathScope, { y, n }: Scaled): SExpr {
  const half = s.bind(shr(n, 1));
  return mul(mul(y, pow2(y, half)), pow2(y, sub(n, half)));
}

/** `x` where e^x is 0 or infinity already at the ends. */
export function clamped(s: MathScope, x: SExpr): SExpr {
  const t = TABLES[floatKind(x)];
  return s.bind(atMost(atLeast(x, t.lo), t.hi));
}

/** e^x, at most 1 ulp off; right on NaN, infinities, overflow and denormal results. */
export function exp(s: MathScope, x: SExpr): SExpr {
  const rare = un('not', cmpNum('<=', abs(x), TABLES[floatKind(x)].normal));
  const general = (t: MathScope): SExpr => unscaled(t, expScaled(t, clamped(t, x)));
  return unlessRare(s, 'exp', x, rare, general, (t) => expNormal(t, x));
}

/** e^v where the caller knows that the result is a normal number (or v is NaN): one scaling, no clamp. */
export function expNormal(s: MathScope, v: SExpr): SExpr {
  const { y, n } = expScaled(s, v);
  return mul(y, pow2(v, n));
}
