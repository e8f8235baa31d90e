/**
 * x to the power y, for f64 and f32, in any number of lanes, without branches: 2^(y log2 |x|), with the logarithm and
 * its product with y to about one and a half times the digits of the format.
 *
 *     |x| = 2^k (1 + f)            as in log
 *     log2(1 + f)                  s = f / (2 + f): 2/(3 ln 2) s (3 + z + 3 z^2 T(z)), z = s^2
 *     y log2 |x| = n + r           n an integer, |r| <= 1/2
 *     2^r = 1 + r P(r)             scaled by 2^n in two steps, as exp
 *
 * s, the sum in parentheses, their product, the logarithm and y are each a number of half a significand and a rest:
 * products of two short numbers are exact, and a product with a rest is small enough to be rounded.
 * Zeros, infinities, NaN and negative x are those of C's pow (IEC 60559): pow(x, 0) and pow(1, y) are 1 for any x and y.
 */

import { cmp, sel, un } from '../build.ts';
import type { SExpr } from '../kernel.ts';
import { unscaled } from './exp.ts';
import { split } from './log.ts';
import {
  abs,
  add,
  addNum,
  and,
  atLeast,
  atMost,
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
  upper,
  withSignOf,
} from './ops.ts';

interface Table {
  /** 2 / (3 ln 2), the first part half a significand long. */
  readonly scale: readonly [hi: number, lo: number];
  /** atanh(s)/s = 1 + z/3 + z^2 T(z). */
  readonly t: readonly number[];
  /** 2^r = 1 + r P(r). */
  readonly p: readonly number[];
  /** Beyond it y decides alone: |y log2 x| is past overflow for every x but 1. */
  readonly most: number;
  /** |y log2 x| from which on the result is 0 or infinity. */
  readonly end: number;
}

const TABLES: Readonly<Record<FloatKind, Table>> = {
  f64: {
    scale: [0.9617966860532761, 7.872699542894897e-9],
    t: [
      0.19999999999999987, 0.1428571428572342, 0.11111111108578929, 0.09090909456385858, 0.07692277097173766,
      0.06668206723445715, 0.05836493515507297, 0.06001717498434214,
    ],
    p: [
      Math.LN2,
      0.24022650695910114,
      0.055504108664821604,
      0.009618129107598824,
      0.0013333558146575773,
      0.00015403530453058604,
      1.5252733610701816e-5,
      1.3215436627072515e-6,
      1.0178166849034709e-7,
      7.073641511747562e-9,
      4.4383092543660515e-10,
    ],
    most: 2 ** 66,
    end: 1100,
  },
  f32: {
    scale: [0.961669921875, 0.00012677205086220056],
    t: [0.20000076293945312, 0.1427353471517563, 0.11710257828235626],
    p: [
      0.6931471824645996, 0.24022647738456726, 0.05550357699394226, 0.009618495590984821, 0.0013392053078860044,
      0.00015332455222960562,
    ],
    most: 2 ** 34,
    end: 160,
  },
};

/** A short number and a rest. */
type Pair = readonly [hi: SExpr, lo: SExpr];

/** log2 a for positive finite a. */
function log2Pair(s: MathScope, a: SExpr): Pair {
  const { scale, t } = TABLES[floatKind(a)];
  const { k, f } = split(s, a);
  // s = f / d, d = 2 + f: the quotient cut short, then what is missing from it.
  const d = s.bind(addNum(f, 2));
  const inverse = s.bind(div(num(a, 1), d));
  const sHi = s.bind(upper(mul(f, inverse)));
  const dHi = s.bind(upper(d));
  const dLo = add(sub(d, dHi), sub(f, subNum(d, 2)));
  const sLo = s.bind(mul(sub(sub(f, mul(sHi, dHi)), mul(sHi, dLo)), inverse));
  const q = s.bind(add(sHi, sLo));
  // 3 + z + 3 z^2 T.
  const zHi = s.bind(mul(sHi, sHi));
  const z = s.bind(mul(q, q));
  const rest = s.bind(add(mul(sLo, add(sHi, q)), mul(mul(z, z), mulNum(poly(s, z, t), 3))));
  const sumHi = s.bind(upper(addNum(add(zHi, rest), 3)));
  const sumLo = s.bind(sub(rest, sub(subNum(sumHi, 3), zHi)));
  // Their product, and that times the scale.
  const main = s.bind(mul(sHi, sumHi));
  const minor = s.bind(add(mul(sLo, sumHi), mul(sumLo, q)));
  const pHi = s.bind(upper(add(main, minor)));
  const pLo = s.bind(sub(minor, sub(pHi, main)));
  const lHi = s.bind(mulNum(pHi, scale[0]));
  const lLo = s.bind(add(mulNum(pHi, scale[1]), mulNum(pLo, scale[0] + scale[1])));
  const hi = s.bind(upper(add(add(lHi, lLo), k)));
  return [hi, s.bind(sub(lLo, sub(sub(hi, k), lHi)))];
}

/** 2^(y log2 a) for positive finite a and any y but NaN. */
function positive(s: MathScope, a: SExpr, y: SExpr): SExpr {
  const { p, most, end } = TABLES[floatKind(a)];
  const { magic } = formatOf(a);
  const [lHi, lLo] = log2Pair(s, a);
  const v = s.bind(atMost(atLeast(y, -most), most));
  const vHi = s.bind(upper(v));
  const rest = s.bind(add(mul(sub(v, vHi), lHi), mul(v, lLo)));
  const main = s.bind(mul(vHi, lHi));
  const whole = s.bind(add(main, rest));
  const held = s.bind(atMost(atLeast(whole, -end), end));
  const m = s.bind(addNum(held, magic));
  const n = s.bind(subNum(m, magic));
  const r = s.bind(sel(cmp('==', held, whole), add(sub(main, n), rest), num(a, 0)));
  const value = s.bind(addNum(mul(r, poly(s, r, p)), 1));
  return unscaled(s, { y: value, n: s.bind(toBits(m)) });
}

/** x^y, at most 1 ulp off in f64, 2 in f32. */
export function pow(s: MathScope, x: SExpr, y: SExpr): SExpr {
  const endless = num(x, Number.POSITIVE_INFINITY);
  const a = s.bind(abs(x));
  const main = positive(s, a, y);
  // Zeros and infinities: 0 or infinity, as the sign of y says.
  const zero = s.bind(cmpNum('==', a, 0));
  const pole = or(zero, cmp('==', a, endless));
  const grows = cmp('==', zero, cmpNum('<', y, 0));
  const size = s.bind(sel(pole, sel(grows, endless, num(x, 0)), main));
  // Negative x: the sign of odd powers; none but whole powers of finite ones.
  const isWhole = s.bind(cmp('==', un('trunc', y), y));
  const half = s.bind(mulNum(y, 0.5));
  const odd = and(isWhole, cmp('!=', un('trunc', half), half));
  const signed = sel(odd, withSignOf(size, x), size);
  const refused = and(and(cmpNum('<', x, 0), cmp('<', a, endless)), un('not', isWhole));
  const unordered = or(cmp('!=', x, x), cmp('!=', y, y));
  const value = sel(or(refused, unordered), num(x, Number.NaN), signed);
  return sel(or(cmpNum('==', y, 0), cmpNum('==', x, 1)), num(x, 1), value);
}
