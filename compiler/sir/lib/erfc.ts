/**
 * erfc and the normal distribution function for f64 and f32, in any number of lanes, without branches.
 *
 *     erfc b = e^(-b^2) G(t) / (1 + 2b)     b >= 1/2, t = (b - K) / (b + K): one polynomial for all of it
 *                                           (the idea is Shepherd and Laframboise's, 1981)
 *     erfc x = 1 - erf x                    |x| < 1/2, where the rounding of t would show most
 *     erfc(-b) = 2 - erfc b
 *     normcdf -a = e^(-a^2/2) H(t) / (1 + 2a) and so on: a / sqrt 2 would be rounded
 *
 * All but the last selections is computed of |x|, so x and -x share it.
 *
 * The square is made of an exact one of the upper half and a small rest, which joins the reduced argument of exp. The
 * power of two comes last, so that results are right down to the smallest denormal. G and H are near-minimax, weighted
 * for their relative error.
 */

import { sel } from '../build.ts';
import type { SExpr } from '../kernel.ts';
import { expm1Scaled, unscaled } from './exp.ts';
import {
  abs,
  add,
  addNum,
  atMost,
  cmpNum,
  div,
  type FloatKind,
  floatKind,
  type MathScope,
  mul,
  mulNum,
  num,
  poly,
  sub,
  subNum,
  upper,
  withSignOf,
} from './ops.ts';
import { erfNear } from './sigmoid.ts';

/** One of the two functions on the half line: e^(-v^2) G(t) / (1 + 2v), or with half the square. */
interface Tail {
  /** t = (v - k) / (v + k). */
  readonly k: number;
  readonly g: readonly number[];
  /** From here on the function is 0. */
  readonly end: number;
}
interface Table {
  readonly erfc: Tail;
  readonly normcdf: Tail;
}

const TABLES: Readonly<Record<FloatKind, Table>> = {
  f64: {
    erfc: {
      k: 3.5,
      end: 27.5,
      g: [
        1.2423492448711544, -0.14000918013762031, -0.010555596332222299, 0.09751909515337168, -0.11508959815994736,
        0.08798315382066121, -0.04882332583364249, 0.01909933101411509, -0.004215019839770779, -0.00030226855026010507,
        0.0005643839571537774, -0.00012150862359482095, -4.278034099167881e-5, 2.424748996214375e-5,
        2.3235223322024726e-6, -3.784334045617802e-6, -3.6926457637317594e-8, 5.589627898935669e-7,
        -1.4105374027521635e-8, -6.14084236783493e-8, 2.78760547433293e-9,
      ],
    },
    normcdf: {
      k: 4.5,
      end: 38.8,
      g: [
        0.8480339210780035, -0.03297037452939355, -0.07305965682934402, 0.11557801521502305, -0.10125649265656125,
        0.061371945645677495, -0.025414941725836724, 0.005697468038771987, 0.0005347976129243869,
        -0.0008086840993181443, 0.0001301647923476051, 8.18877326749989e-5, -2.9983559841270734e-5,
        -9.100740779956515e-6, 5.224528562553374e-6, 1.32824215236393e-6, -8.775905222718018e-7, -2.3776013030434182e-7,
        1.4219613245652295e-7, 3.2811504781899135e-8, -1.757722840853671e-8,
      ],
    },
  },
  f32: {
    erfc: {
      k: 2,
      end: 10.5,
      g: [
        1.2769783735275269, -0.09276381880044937, -0.1660303920507431, 0.1640498787164688, -0.05421522259712219,
        -0.008012719452381134, 0.008672227151691914, 0.0011630654335021973, -0.0012797514209523797,
        -0.00023838612833060324,
      ],
    },
    normcdf: {
      k: 2.75,
      end: 14.8,
      g: [
        0.8497107625007629, 0.027660969644784927, -0.17262129485607147, 0.12960414588451385, -0.03299501910805702,
        -0.009650317020714283, 0.005604572128504515, 0.0016368256183341146, -0.0007943468517623842,
        -0.00030916815740056336,
      ],
    },
  },
};

/** Below it erf is taken. */
const NEAR = 0.5;

/** e^(-v^2 scale) G / (1 + 2v) for v >= 1/2. */
function tail(s: MathScope, v: SExpr, { k, g }: Tail, scale: 1 | 0.5): SExpr {
  const t = s.bind(div(subNum(v, k), addNum(v, k)));
  const short = s.bind(upper(v));
  const hi = s.bind(mulNum(mul(short, short), -scale));
  const lo = s.bind(mulNum(mul(sub(v, short), add(v, short)), -scale));
  const { y, n } = expm1Scaled(s, hi, lo);
  const ratio = s.bind(div(poly(s, t, g), addNum(add(v, v), 1)));
  // The 1 of e^.. = (1 + y) 2^n is not added before: one rounding less.
  return s.bind(unscaled(s, { y: s.bind(add(ratio, mul(ratio, y))), n }));
}

/** The complementary error function, at most 4 ulp off; 2 at -infinity, 0 at infinity. */
export function erfc(s: MathScope, x: SExpr): SExpr {
  const table = TABLES[floatKind(x)].erfc;
  const v = s.bind(atMost(abs(x), table.end));
  const value = tail(s, v, table, 1);
  const far = sel(cmpNum('<', x, 0), sub(num(x, 2), value), value);
  const near = sub(num(x, 1), withSignOf(s.bind(erfNear(s, v)), x));
  return sel(cmpNum('<', v, NEAR), near, far);
}

/** The distribution function of the standard normal distribution, at most 4 ulp off; 0 and 1 at the infinities. */
export function normcdf(s: MathScope, x: SExpr): SExpr {
  const table = TABLES[floatKind(x)].normcdf;
  const v = s.bind(atMost(abs(x), table.end));
  const value = tail(s, v, table, 0.5);
  const far = sel(cmpNum('>', x, 0), sub(num(x, 1), value), value);
  const half = s.bind(mulNum(erfNear(s, s.bind(mulNum(v, Math.SQRT1_2))), 0.5));
  const near = addNum(withSignOf(half, x), 0.5);
  return sel(cmpNum('<', v, NEAR * Math.SQRT2), near, far);
}
