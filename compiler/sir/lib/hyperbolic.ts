/**
 * expm1, sinh and cosh for f64 and f32, in any number of lanes, without branches. (tanh is in `sigmoid.ts`.)
 *
 *     expm1 x    as exp, with e^r - 1 = r + r^2 P(r): 2^n (e^r - 1) + (2^n - 1), where the sum of the two large terms
 *                is made without loss, so that nothing cancels near zero
 *     sinh x     x + x z S(z), z = x^2, below 1; h - 1/(4h) with h = e^|x| / 2 from there on
 *     cosh x     h + 1/(4h)
 *
 * h is scaled by 2^(n-1), so that it is finite wherever the result is. P and S are near-minimax, weighted for the
 * relative error of the result, their coefficients rounded one after the other and the rest fitted again.
 */

import { sel } from '../build.ts';
import type { SExpr } from '../kernel.ts';
import { expScaled, pow2, reduced, unscaled } from './exp.ts';
import {
  abs,
  add,
  atLeast,
  atMost,
  cmpNum,
  div,
  type FloatKind,
  floatKind,
  type MathScope,
  mul,
  num,
  poly,
  sub,
  withSignOf,
  word,
} from './ops.ts';

interface Table {
  /** Below it expm1 is -1; above it infinity. */
  readonly lo: number;
  readonly hi: number;
  /** From here on 2^n is made as 2^(n-1), and the result doubled. */
  readonly large: number;
  readonly expm1: readonly number[];
  readonly sinh: readonly number[];
}

const TABLES: Readonly<Record<FloatKind, Table>> = {
  f64: {
    lo: -40,
    hi: 710,
    large: 600,
    expm1: [
      0.5, 0.16666666666666677, 0.04166666666666662, 0.008333333333321416, 0.001388888888891609, 0.00019841269886693307,
      2.480158725260047e-5, 2.755724360942565e-6, 2.755734042959398e-7, 2.510925703625915e-8, 2.089322262973982e-9,
    ],
    sinh: [
      0.16666666666666669, 0.008333333333332927, 0.0001984126984157569, 2.7557319113787173e-6, 2.50521297217262e-8,
      1.6056767763461218e-10, 7.77309443781072e-13,
    ],
  },
  f32: {
    lo: -20,
    hi: 89,
    large: 60,
    expm1: [
      0.5, 0.1666666567325592, 0.04166648909449577, 0.008333555422723293, 0.0013932697474956512, 0.00019753453671000898,
    ],
    sinh: [0.1666666716337204, 0.008333312347531319, 0.00019842306210193783, 2.786485538308625e-6],
  },
};

/** e^x - 1, at most 2 ulp off; expm1(-0) is -0. */
export function expm1(s: MathScope, x: SExpr): SExpr {
  const t = TABLES[floatKind(x)];
  const v = s.bind(atMost(atLeast(x, t.lo), t.hi));
  const { hi, lo, word: n } = reduced(s, v);
  const r = s.bind(sub(hi, lo));
  const q = mul(s.bind(mul(r, r)), poly(s, r, t.expm1));
  const large = s.bind(cmpNum('>', v, t.large));
  const scale = s.bind(pow2(x, sub(n, sel(large, word(n, 1), word(n, 0)))));
  // 2^n - 1 is the larger of the two, or zero; what their sum loses joins at the end.
  const whole = s.bind(sub(scale, sel(large, num(x, 0.5), num(x, 1))));
  const part = s.bind(mul(scale, hi));
  const sum = s.bind(add(whole, part));
  const lost = sub(part, sub(sum, whole));
  const value = add(sum, add(mul(scale, sub(q, lo)), lost));
  return withSignOf(mul(value, sel(large, num(x, 2), num(x, 1))), x);
}

/** e^|x| / 2. */
function halfExp(s: MathScope, a: SExpr): SExpr {
  const { y, n } = expScaled(s, clampedHalf(s, a));
  return s.bind(unscaled(s, { y, n: s.bind(sub(n, word(n, 1))) }));
}

/** e^v / 2 may be finite a little longer than e^v. */
const clampedHalf = (s: MathScope, a: SExpr): SExpr => s.bind(atMost(a, TABLES[floatKind(a)].hi + 1));

/** sinh x, at most 2 ulp off; sinh(-0) is -0. */
export function sinh(s: MathScope, x: SExpr): SExpr {
  const a = s.bind(abs(x));
  const z = s.bind(mul(a, a));
  const near = add(a, mul(mul(a, z), poly(s, z, TABLES[floatKind(x)].sinh)));
  const h = halfExp(s, a);
  return withSignOf(sel(cmpNum('<', a, 1), near, sub(h, div(num(x, 0.25), h))), x);
}

/** cosh x, at most 2 ulp off. */
export function cosh(s: MathScope, x: SExpr): SExpr {
  const h = halfExp(s, s.bind(abs(x)));
  return add(h, div(num(x, 0.25), h));
}
