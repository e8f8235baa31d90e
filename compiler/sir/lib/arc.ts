/**
 * asin, acos, atan and atan2 for f64 and f32, in any number of lanes, without branches.
 *
 * asin and acos share one rational function R with asin t = t + t R(t^2) on |t| <= 1/2. Larger arguments go there by
 * asin x = pi/2 - 2 asin(sqrt((1 - x) / 2)); the argument is selected before R is evaluated, so that there is one
 * evaluation and one division. Coefficients as in fdlibm's e_asin.c (f32: its single precision sibling).
 *
 * atan reduces |x| to [0, 0.55] by one division that serves all three cases, about 0, pi/4 and pi/2, and uses an odd
 * polynomial, near-minimax for the relative error. atan2(y, x) is the same with |y| / |x| in place of |x|, in the same
 * one division: (|y| - |x|) / (|y| + |x|) and so on; where x is negative the angle is turned about pi/2.
 */

import { InternalError } from '../../diag/diagnostic.ts';
import { any, cmp, sel, un } from '../build.ts';
import type { SExpr } from '../kernel.ts';
import {
  abs,
  add,
  addNum,
  and,
  cmpNum,
  div,
  type FloatKind,
  floatKind,
  formatOf,
  type MathScope,
  mul,
  mulNum,
  num,
  or,
  poly,
  sub,
  subNum,
  toBits,
  type Values,
  withSignOf,
  word,
} from './ops.ts';

interface Table {
  /** pi/2 as a sum of two numbers of the kind. */
  readonly halfPi: readonly [hi: number, lo: number];
  readonly threeQuarters: readonly [hi: number, lo: number];
  /** R(z) = z P(z) / Q(z). */
  readonly p: readonly number[];
  readonly q: readonly number[];
  /** atan t = t - t z A(z), z = t^2. */
  readonly atan: readonly number[];
}

const TABLES: Readonly<Record<FloatKind, Table>> = {
  f64: {
    halfPi: [1.5707963267948966, 6.123233995736766e-17],
    threeQuarters: [2.356194490192345, 9.184850993605148e-17],
    p: [
      0.16666666666666666, -0.3255658186224009, 0.20121253213486293, -0.04005553450067941, 0.0007915349942898145,
      3.479331075960212e-5,
    ],
    q: [1, -2.403394911734414, 2.0209457602335057, -0.6882839716054533, 0.07703815055590194],
    atan: [
      0.3333333333333314, -0.1999999999994947, 0.14285714281031847, -0.11111110892231903, 0.0909090303918522,
      -0.07692199727000255, 0.06665357685562757, -0.05871227824844326, 0.051957552837673664, -0.04469143242404646,
      0.03439409997556323, -0.020060669480117962, 0.006266756221588817,
    ],
  },
  f32: {
    halfPi: [1.5707963705062866, -4.371139000186243e-8],
    threeQuarters: [2.356194496154785, -5.962440319251527e-9],
    p: [1.6666586697e-1, -4.2743422091e-2, -8.656363003e-3],
    q: [1, -7.066296339e-1],
    atan: [
      0.33333316445350647, -0.19998861849308014, 0.14260202646255493, -0.10844527930021286, 0.07632121443748474,
      -0.03398015350103378,
    ],
  },
};

/** t and t R(t^2) with asin|x| = t + t R or pi/2 - 2 (t + t R); `large` tells which, lane by lane. */
function core(s: MathScope, x: SExpr): { readonly t: SExpr; readonly tr: SExpr; readonly large: SExpr } {
  const table = TABLES[floatKind(x)];
  const a = s.bind(abs(x));
  const large = s.bind(cmpNum('>=', a, 0.5));
  const z = s.bind(sel(large, mulNum(sub(num(x, 1), a), 0.5), mul(a, a)));
  const t = s.bind(sel(large, un('sqrt', z), a));
  const r = div(mul(z, poly(s, z, table.p)), poly(s, z, table.q));
  return { t, tr: s.bind(mul(t, r)), large };
}

/** A number with few bits below pi/2, near enough that pi/2 minus it is exact in both formats. */
const PIVOT = 1.125;

/** asin x, at most 2 ulp off; NaN outside [-1, 1]; asin(-0) is -0. */
export function asin(s: MathScope, x: SExpr): SExpr {
  const [value] = s.branch('asin', x, any(cmpNum('>=', abs(x), 0.5)), asinAll(x), asinSmall(x));
  if (value === undefined) throw new InternalError('sir: asin without a value');
  return value;
}

function asinAll(x: SExpr): Values {
  return (s) => {
    const [hi, lo] = TABLES[floatKind(x)].halfPi;
    const { t, tr, large } = core(s, x);
    // pi/2 - 2t is formed beside a constant that is added last: the first difference is exact where the result is
    // small, and the rest is so small beside pi/2 that asin 1 rounds to it.
    const inner = sub(sub(num(x, hi - PIVOT), add(t, t)), subNum(add(tr, tr), lo));
    return [withSignOf(sel(large, addNum(inner, PIVOT), add(t, tr)), x)];
  };
}

/** The same where no lane is large: one square root and three selections less, and no other bit. */
function asinSmall(x: SExpr): Values {
  return (s) => {
    const { p, q } = TABLES[floatKind(x)];
    const a = s.bind(abs(x));
    const z = s.bind(mul(a, a));
    const tr = mul(a, div(mul(z, poly(s, z, p)), poly(s, z, q)));
    return [withSignOf(add(a, tr), x)];
  };
}

/** acos x, at most 2 ulp off; NaN outside [-1, 1]. */
export function acos(s: MathScope, x: SExpr): SExpr {
  const [hi, lo] = TABLES[floatKind(x)].halfPi;
  const { t, tr, large } = core(s, x);
  const negative = s.bind(cmpNum('<', x, 0));
  const sum = s.bind(add(t, tr));
  // |x| < 1/2: pi/2 - asin x, where asin x = +-(t + tR). The small parts are added up first.
  const signedT = sel(negative, un('neg', t), t);
  const signedTr = sel(negative, un('neg', tr), tr);
  const near = sub(num(x, hi), sub(signedT, sub(num(x, lo), signedTr)));
  // x <= -1/2: pi - 2 (t + tR). x >= 1/2: 2 (t + tR).
  const left = mulNum(sub(num(x, hi), add(t, subNum(tr, lo))), 2);
  return sel(large, sel(negative, left, add(sum, sum)), near);
}

/** Up to it atan is the polynomial. From there on the angle is 1/2 or more, so that the rest is small beside its unit. */
const NEAR = 0.55;

/** atan x, at most 2 ulp off; +-pi/2 at the infinities, atan(-0) is -0. */
export function atan(s: MathScope, x: SExpr): SExpr {
  const table = TABLES[floatKind(x)];
  const [hi, lo] = table.halfPi;
  const a = s.bind(abs(x));
  const far = s.bind(cmpNum('>', a, 1 / NEAR));
  const mid = s.bind(cmpNum('>', a, NEAR));
  const above = sel(far, num(x, -1), sel(mid, subNum(a, 1), a));
  const below = sel(far, a, sel(mid, addNum(a, 1), num(x, 1)));
  const t = s.bind(div(above, below));
  const z = s.bind(mul(t, t));
  const series = mul(mul(t, z), poly(s, z, table.atan));
  const base = sel(far, num(x, hi), sel(mid, num(x, hi / 2), num(x, 0)));
  const rest = sel(far, num(x, lo), sel(mid, num(x, lo / 2), num(x, 0)));
  return withSignOf(sub(base, sub(sub(series, rest), t)), x);
}

/** Up to `large` the sum of two sides is finite; sides below `small` may be denormal, and are scaled by `up`. */
const SIDES = {
  f64: { large: 2 ** 1020, small: 2 ** -960, up: 2 ** 120 },
  f32: { large: 2 ** 124, small: 2 ** -96, up: 2 ** 60 },
} as const;

/** The angle of the point (x, y) from the x axis, at most 2 ulp off; zeros and infinities as in C. */
export function atan2(s: MathScope, y: SExpr, x: SExpr): SExpr {
  const table = TABLES[floatKind(x)];
  const endless = num(x, Number.POSITIVE_INFINITY);
  // The sides: their ratio is all that counts, so both are brought into the range of normal numbers; two zeros and two
  // infinities are 0 or 1 to 1.
  const [rise, run] = [s.bind(abs(y)), s.bind(abs(x))];
  const sides = SIDES[floatKind(x)];
  const large = or(cmpNum('>', rise, sides.large), cmpNum('>', run, sides.large));
  const small = and(cmpNum('<', rise, sides.small), cmpNum('<', run, sides.small));
  const factor = s.bind(sel(large, num(x, 2 ** -4), sel(small, num(x, sides.up), num(x, 1))));
  const same = s.bind(and(cmp('==', rise, run), or(cmpNum('==', run, 0), cmp('==', run, endless))));
  const v = s.bind(sel(same, num(x, 1), mul(run, factor)));
  const u = s.bind(sel(same, sel(cmpNum('==', rise, 0), num(x, 0), num(x, 1)), mul(rise, factor)));

  const far = s.bind(cmp('>', u, mulNum(v, 1 / NEAR)));
  const mid = s.bind(cmp('>', u, mulNum(v, NEAR)));
  const above = sel(far, un('neg', v), sel(mid, sub(u, v), u));
  const below = sel(far, u, sel(mid, add(u, v), v));
  const t = s.bind(div(above, below));
  const z = s.bind(mul(t, t));
  const series = s.bind(mul(mul(t, z), poly(s, z, table.atan)));
  // base + (t - series), or pi less that.
  const left = s.bind(cmp('!=', word(x, 0), and(toBits(x), word(x, formatOf(x).signBit))));
  const angle = (part: 0 | 1): SExpr => {
    const [quarter, half, three] = [table.halfPi[part] / 2, table.halfPi[part], table.threeQuarters[part]];
    const either = (back: number, front: number): SExpr => sel(left, num(x, back), num(x, front));
    return sel(far, num(x, half), sel(mid, either(three, quarter), either(2 * half, 0)));
  };
  const turned = s.bind(sel(left, un('neg', t), t));
  const rest = add(angle(1), sel(left, series, un('neg', series)));
  return withSignOf(add(angle(0), add(turned, rest)), y);
}
