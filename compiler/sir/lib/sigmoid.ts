/**
 * tanh and erf for f64 and f32, in any number of lanes, without branches: the two S-shaped functions, each an odd
 * approximation near zero and 1 minus an exponential elsewhere.
 *
 *     tanh |x|   x + x z P(z)/Q(z) below 0.625 (coefficients as in Cephes' tanh.c and tanhf.c), else 1 - 2/(e^2x + 1);
 *                the two divisions are one, its operands selected first
 *     erf |x|    x + x P(z) below 1, else 1 - e^L(x), where L approximates log erfc on [1, 6] (f32: [1, 4]). Both
 *                polynomials are weighted least squares fits to a relative error below 2^-56 (f32: 2^-29) of erf
 */

import { sel } from '../build.ts';
import type { SExpr } from '../kernel.ts';
import { expNormal } from './exp.ts';
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
  num,
  poly,
  sub,
  subNum,
  unlessRare,
  withSignOf,
} from './ops.ts';

interface Table {
  /** From here on the function is 1 in this precision. */
  readonly tanhOne: number;
  readonly tanhP: readonly number[];
  readonly tanhQ: readonly number[];
  readonly erfOne: number;
  readonly erfNear: readonly number[];
  /** log erfc(u + 1): best conditioned at 1, where erfc weighs most. */
  readonly erfFar: readonly number[];
}

const TABLES: Readonly<Record<FloatKind, Table>> = {
  f64: {
    tanhOne: 20,
    tanhP: [-1614.6876844170845, -99.28772310019185, -0.9643991794250523],
    tanhQ: [4844.063053251255, 2235.4883906010045, 112.81167849163293, 1],
    erfOne: 6,
    erfNear: [
      0.12837916709551256, -0.37612638903183526, 0.11283791670944356, -0.02686617064313846, 0.00522397760633646,
      -0.000854832593956523, 0.0001205529387701076, -1.4924717938800213e-5, 1.6447199526544906e-6,
      -1.6206822127874065e-7, 1.3713128433376016e-8, -7.783386136889573e-10,
    ],
    erfFar: [
      -1.8496055099332482, -2.6389675142347886, -0.8431072563589013, -0.041561098033759125, 0.010033825258190932,
      -0.0019779016533909978, 0.0002373180212708704, 2.629237052529182e-5, -2.7191965157450673e-5, 9.662379226041796e-6,
      -2.123467344605575e-6, 1.9894075138885176e-7, 6.099151034833566e-8, -3.4482617812692516e-8, 8.798781121367218e-9,
      -1.366744226320187e-9, 1.241441691025897e-10, -5.083873366460771e-12,
    ],
  },
  f32: {
    tanhOne: 10,
    tanhP: [-3.33332819422e-1, 1.33314422036e-1, -5.37397155531e-2, 2.06390887954e-2, -5.70498872745e-3],
    tanhQ: [1],
    erfOne: 4,
    erfNear: [
      0.1283791657512445, -0.376126260049457, 0.11283587284396808, -0.026853903826708932, 0.005188505941055565,
      -0.0008011784931088295, 7.859183167208425e-5,
    ],
    erfFar: [
      -1.8496055111931673, -2.6389669705691245, -0.8431170165691965, -0.041505294826089785, 0.009898154805258885,
      -0.0018312164792760016, 0.00018680487524897328,
    ],
  },
};

/** tanh x, at most 2 ulp off; tanh(-0) is -0, +-1 at the infinities. */
export function tanh(s: MathScope, x: SExpr): SExpr {
  const t = TABLES[floatKind(x)];
  const a = s.bind(atMost(abs(x), t.tanhOne));
  const near = s.bind(cmpNum('<', a, 0.625));
  const z = s.bind(mul(a, a));
  const e = expNormal(s, s.bind(add(a, a)));
  const above = sel(near, mul(mul(a, z), poly(s, z, t.tanhP)), num(x, -2));
  const below = sel(near, poly(s, z, t.tanhQ), addNum(e, 1));
  const magnitude = add(sel(near, a, num(x, 1)), div(above, below));
  return withSignOf(magnitude, x);
}

/** erf a for |a| <= 1. */
export function erfNear(s: MathScope, a: SExpr): SExpr {
  const z = s.bind(mul(a, a));
  return add(a, mul(a, poly(s, z, TABLES[floatKind(a)].erfNear)));
}

/** erf x, at most 2 ulp off; erf(-0) is -0, +-1 at the infinities. */
export function erf(s: MathScope, x: SExpr): SExpr {
  const t = TABLES[floatKind(x)];
  const a = s.bind(atMost(abs(x), t.erfOne));
  const far = (f: MathScope): SExpr => sub(num(x, 1), expNormal(f, poly(f, f.bind(subNum(a, 1)), t.erfFar)));
  const both = (f: MathScope): SExpr => sel(cmpNum('<', a, 1), erfNear(f, a), far(f));
  const magnitude = unlessRare(s, 'erf', a, cmpNum('>=', a, 1), both, (f) => erfNear(f, a));
  return withSignOf(s.bind(magnitude), x);
}
