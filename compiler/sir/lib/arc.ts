/**
 * asin, acos, atan and atan2 for f64 and f32, in any number of lanes, without branches.
 *
 * asin and acos share one rational function R with asin t = t + t R(t^2) on |t| <= 1/2. Larger arguments go there by
 * asin x = pi/2 - 2 asin(sqrt((1 - x) / 2)); the argument is selected before R is evaluated, so that there is one
 * evaluation and one division. Coefficients as in fdlibm's e_asin.c (f32: its single precision sibling).
 *
 * atan reduces |x| to [0, tan(pi/8)] by one division that serves all three cases, 1 and pi/2 minus included, and
 * uses an odd polynomial, near-minimax for the relative error. atan2(y, x) is the same with |y| / |x| in place of |x|, in one division:
 * (|y| - |x|) / (|y| + |x|) and so on; where x is negative the angle is turned about pi/2.
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
      0.333333333333332, -0.19999999999953846, 0.1428571428022631, -0.11111110785088478, 0.09090897807509368,
      -0.07692061137734393, 0.06663114832439032, -0.058479691972386144, 0.050396689089526714, -0.03807388324603912,
      0.01791746593514332,
    ],
  },
  f32: {
    halfPi: [1.5707963705062866, -4.371139000186243e-8],
    threeQuarters: [2.356194496154785, -5.962440319251527e-9],
    p: [1.6666586697e-1, -4.2743422091e-2, -8.656363003e-3],
    q: [1, -7.066296339e-1],
    atan: [0.33333316445350647, -0.1999853253364563, 0.14244511723518372, -0.10600187629461288, 0.06092790514230728],
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

/** atan x, at most 2 ulp off; +-pi/2 at the infinities, atan(-0) is -0. */
export function atan(s: MathScope, x: SExpr): SExpr {
  const table = TABLES[floatKind(x)];
  const [hi, lo] = table.halfPi;
  const a = s.bind(abs(x));
  const far = s.bind(cmpNum('>', a, Math.SQRT2 + 1));
  const mid = s.bind(cmpNum('>', a, Math.SQRT2 - 1));
  const above = sel(far, num(x, -1), sel(mid, subNum(a, 1), a));
  const below = sel(far, a, sel(mid, addNum(a, 1), num(x, 1)));
  const t = s.bind(div(above, below));
  const z = s.bind(mul(t, t));
  const series = mul(mul(t, z), poly(s, z, table.atan));
  const base = sel(far, num(x, hi), sel(mid, num(x, hi / 2), num(x, 0)));
  const rest = sel(far, num(x, lo), sel(mid, num(x, lo / 2), num(x, 0)));
  return withSignOf(sub(base, sub(sub(series, rest), t)), x);
}

/** Up to here the sum of two sides is finite. */
const SIDE: Readonly<Record<FloatKind, number>> = { f64: 2 ** 1020, f32: 2 ** 124 };

/** The angle of the point (x, y) from the x axis, at most 2 ulp off; zeros and infinities as in C. */
export function atan2(s: MathScope, y: SExpr, x: SExpr): SExpr {
  const table = TABLES[floatKind(x)];
  const endless = num(x, Number.POSITIVE_INFINITY);
  // The sides: their ratio is all that counts, so both are made smaller, and equal ones are 1.
  const [rise, run] = [s.bind(abs(y)), s.bind(abs(x))];
  const large = or(cmpNum('>', rise, SIDE[floatKind(x)]), cmpNum('>', run, SIDE[floatKind(x)]));
  const factor = s.bind(sel(large, num(x, 2 ** -4), num(x, 1)));
  const same = s.bind(and(cmp('==', rise, run), or(cmpNum('==', run, 0), cmp('==', run, endless))));
  const v = s.bind(sel(same, num(x, 1), mul(run, factor)));
  const u = s.bind(sel(same, sel(cmpNum('==', rise, 0), num(x, 0), num(x, 1)), mul(rise, factor)));

  const far = s.bind(cmp('>', u, mulNum(v, Math.SQRT2 + 1)));
  const mid = s.bind(cmp('>', u, mulNum(v, Math.SQRT2 - 1)));
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
  const small = add(angle(1), sel(left, series, un('neg', series)));
  return withSignOf(add(angle(0), add(turned, small)), y);
}
