/**
 * erfc and the normal distribution function for f64 and f32, in any number of lanes, without branches.
 *
 *     erfc b = e^(-b^2) G(t) / (1 + 2b)     b >= 0, t = (b - K) / (b + K): one polynomial for the whole half line
 *                                           (the idea is Shepherd and Laframboise's, 1981)
 *     erfc x = 1 - erf x                    |x| < 1/2, where the rounding of t would show most
 *     erfc(-b) = 2 - erfc b
 *     normcdf x = erfc(-x / sqrt 2) / 2
 *
 * The square is made of an exact one of the upper half of b and a small rest, which joins the reduced argument of exp;
 * for normcdf it is the square of x, which has no rounding yet. The power of two comes last, so that results are right
 * down to the smallest denormal. G is near-minimax, weighted for its relative error.
 */

import { sel } from '../build.ts';
import type { SExpr } from '../kernel.ts';
import { expScaled, unscaled } from './exp.ts';
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
} from './ops.ts';
import { erfNear } from './sigmoid.ts';

interface Table {
  readonly k: number;
  readonly g: readonly number[];
  /** From here on erfc is 0. */
  readonly end: number;
}

const TABLES: Readonly<Record<FloatKind, Table>> = {
  f64: {
    k: 4,
    end: 27.5,
    g: [
      1.2329951186255526, -0.1396211168405625, 0.015379652102611205, 0.06809705425469602, -0.10103906603597712,
      0.0937328349980333, -0.06633036581754691, 0.03716751554524671, -0.016197734009445845, 0.0050319698898741525,
      -0.0007577735734991312, -0.0001992561407246501, 0.00015062287000080596, -2.4401281786797305e-5,
      -1.1225690774662767e-5, 5.71433495864866e-6, 3.0175642205342085e-7, -8.310933448074312e-7, 6.331426724352405e-8,
      1.1278408441470721e-7, -8.59138769466812e-9, -1.2997746971001346e-8, -1.497494964032615e-9,
    ],
  },
  f32: {
    k: 2,
    end: 10.5,
    g: [
      1.2769783735275269, -0.09276392310857773, -0.16603097319602966, 0.164054736495018, -0.05420726165175438,
      -0.008058534935116768, 0.008639302104711533, 0.0013145372504368424, -0.0012367020826786757,
      -0.0004040601779706776,
    ],
  },
};

/** e^(-(hi + lo)) G / (1 + 2b) times `factor`, where hi + lo is b^2. */
function tail(s: MathScope, b: SExpr, hi: SExpr, lo: SExpr, factor: number): SExpr {
  const { k, g } = TABLES[floatKind(b)];
  const t = s.bind(div(subNum(b, k), addNum(b, k)));
  const { y, n } = expScaled(s, s.bind(mulNum(hi, -1)), s.bind(mulNum(lo, -1)));
  const ratio = div(poly(s, t, g), addNum(mulNum(b, 2 / factor), 1 / factor));
  return unscaled(s, { y: s.bind(mul(y, ratio)), n });
}

/** v^2 as two numbers, the first of them short. */
function square(s: MathScope, v: SExpr): readonly [hi: SExpr, lo: SExpr] {
  const short = s.bind(upper(v));
  return [mul(short, short), mul(sub(v, short), add(v, short))];
}

/** The complementary error function, at most 4 ulp off; 2 at -infinity, 0 at infinity. */
export function erfc(s: MathScope, x: SExpr): SExpr {
  const b = s.bind(atMost(abs(x), TABLES[floatKind(x)].end));
  const [hi, lo] = square(s, b);
  const value = s.bind(tail(s, b, s.bind(hi), s.bind(lo), 1));
  const far = sel(cmpNum('<', x, 0), sub(num(x, 2), value), value);
  return sel(cmpNum('<', b, 0.5), sub(num(x, 1), erfNear(s, x)), far);
}

/** The distribution function of the standard normal distribution, at most 4 ulp off; 0 and 1 at the infinities. */
export function normcdf(s: MathScope, x: SExpr): SExpr {
  const a = s.bind(atMost(abs(x), TABLES[floatKind(x)].end * Math.SQRT2));
  const [hi, lo] = square(s, a);
  const b = s.bind(mulNum(a, Math.SQRT1_2));
  const value = s.bind(tail(s, b, s.bind(mulNum(hi, 0.5)), s.bind(mulNum(lo, 0.5)), 0.5));
  const far = sel(cmpNum('>', x, 0), sub(num(x, 1), value), value);
  return sel(cmpNum('<', b, 0.5), addNum(mulNum(erfNear(s, s.bind(mulNum(x, Math.SQRT1_2))), 0.5), 0.5), far);
}
