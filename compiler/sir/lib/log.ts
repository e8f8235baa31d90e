/**
 * log, log1p, log2 and log10 for f64 and f32, in any number of lanes, without branches.
 *
 *     x = 2^k m      m in [sqrt(1/2), sqrt(2)): an offset added to the bits makes the exponent step at sqrt(1/2)
 *     log m          f = m - 1, s = f / (2 + f): log(1 + f) = 2 atanh(s), an odd series in s whose tail is a
 *                    minimax polynomial R in s^2 (coefficients as in fdlibm's e_log.c)
 *     log x          k ln2_hi + (f - (f^2/2 - s (f^2/2 + R) - k ln2_lo)), ln 2 in two parts: k * hi is exact
 *     log1p x        the same of u = 1 + x; f is x itself where k is 0, and elsewhere what u lost joins the tail as c/u
 *     log2, log10    log m as a short number and a rest, times 1/ln 2 or 1/ln 10 in two parts: products with the short
 *                    ones are exact, so powers of 2 and of 10 have exact logarithms
 *
 * Denormals are scaled up first, and zeros, infinity and NaN selected last, unless no lane has one of them. k becomes a float by putting it in the significand of 2^52 (f32: 2^23), because
 * WASM has no conversion from 64-bit lanes.
 */

import { bin, cmp, sel, un } from '../build.ts';
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
  fromBits,
  horner,
  type MathScope,
  mul,
  mulNum,
  num,
  shr,
  sub,
  subNum,
  toBits,
  unlessRare,
  upper,
  word,
} from './ops.ts';

interface Table {
  readonly ln2Hi: number;
  readonly ln2Lo: number;
  /** Bits of sqrt(1/2), and of 1. */
  readonly rootHalf: bigint;
  readonly one: bigint;
  /** Denormals times 2^up are normal. */
  readonly up: number;
  readonly log10of2: readonly [hi: number, lo: number];
  /** 1/ln 2 and 1/ln 10, the first part half a significand long. */
  readonly perLn2: readonly [hi: number, lo: number];
  readonly perLn10: readonly [hi: number, lo: number];
  /** R(z) = z (p0 + p1 z + ...), z = s^2. */
  readonly p: readonly number[];
}

const TABLES: Readonly<Record<FloatKind, Table>> = {
  f64: {
    ln2Hi: 0.6931471803691238,
    ln2Lo: 1.9082149292705877e-10,
    rootHalf: 0x3fe6a09e00000000n,
    one: 0x3ff0000000000000n,
    up: 54,
    log10of2: [0.30102999566395283, 2.8363394551044964e-14],
    perLn2: [1.4426950216293335, 1.9259629911266175e-8],
    perLn10: [0.4342944771051407, 4.798111141615973e-9],
    p: [
      0.6666666666666735, 0.3999999999940942, 0.2857142874366239, 0.22222198432149784, 0.1818357216161805,
      0.15313837699209373, 0.14798198605116586,
    ],
  },
  f32: {
    ln2Hi: 6.9313812256e-1,
    ln2Lo: 9.0580006145e-6,
    rootHalf: 0x3f3504f3n,
    one: 0x3f800000n,
    up: 25,
    log10of2: [0.301025390625, 4.605039066518657e-6],
    perLn2: [1.4423828125, 0.00031222839606925845],
    perLn10: [0.4342041015625, 9.038033749675378e-5],
    p: [0.66666662693, 0.40000972152, 0.28498786688, 0.24279078841],
  },
};

/** A number as 2^k (1 + f) with 1 + f in [sqrt(1/2), sqrt(2)). */
interface Split {
  readonly k: SExpr;
  readonly f: SExpr;
}

/** The parts of positive finite x, denormal or not. */
export function split(s: MathScope, x: SExpr): Split {
  const { up } = TABLES[floatKind(x)];
  const small = s.bind(cmpNum('<', x, formatOf(x).minNormal));
  const { k, f } = splitNormal(s, sel(small, mulNum(x, 2 ** up), x));
  return { k: s.bind(sub(k, sel(small, num(x, up), num(x, 0)))), f };
}

/** The parts of positive normal x. */
function splitNormal(s: MathScope, x: SExpr): Split {
  const t = TABLES[floatKind(x)];
  const { bias, mantissa } = formatOf(x);
  const moved = s.bind(add(toBits(x), word(x, t.one - t.rootHalf)));

  // The exponent k: its biased form in the low bits of 2^mantissa, minus what is too much.
  const unit = 2 ** mantissa;
  const unitBits = BigInt(bias + mantissa) << BigInt(mantissa);
  const biased = fromBits(bin('|', shr(moved, mantissa), word(x, unitBits)));
  const k = s.bind(subNum(biased, unit + bias));

  const fraction = and(moved, word(x, (1n << BigInt(mantissa)) - 1n));
  return { k, f: s.bind(subNum(fromBits(add(fraction, word(x, t.rootHalf))), 1)) };
}

/** f^2/2, and s (f^2/2 + R): log(1 + f) is f - half + series. */
function parts(s: MathScope, f: SExpr): { readonly half: SExpr; readonly series: SExpr } {
  const { p } = TABLES[floatKind(f)];
  const q = s.bind(div(f, addNum(f, 2)));
  const z = s.bind(mul(q, q));
  const z2 = s.bind(mul(z, z));
  const of = (rest: 0 | 1): SExpr =>
    horner(
      z2,
      p.filter((_, i) => i % 2 === rest),
    );
  const half = s.bind(mul(mulNum(f, 0.5), f));
  return { half, series: mul(q, add(half, add(mul(z2, of(1)), mul(z, of(0))))) };
}

/** `main` for positive finite x; +infinity and NaN are their own logarithm, zeros give -infinity, negatives NaN. */
function bordered(s: MathScope, x: SExpr, main: SExpr): SExpr {
  const positive = s.bind(cmpNum('>', x, 0));
  const regular = and(positive, cmp('<', x, num(x, Number.POSITIVE_INFINITY)));
  const pole = sel(cmpNum('==', x, 0), num(x, Number.NEGATIVE_INFINITY), num(x, Number.NaN));
  return sel(regular, main, sel(positive, x, pole));
}

/** A logarithm of any x, by its formula for the parts of a number. `what` names it. */
function logarithm(s: MathScope, what: string, x: SExpr, formula: (s: MathScope, parts: Split) => SExpr): SExpr {
  const normal = and(cmpNum('>=', x, formatOf(x).minNormal), cmpNum('<', x, Number.POSITIVE_INFINITY));
  const general = (t: MathScope): SExpr => bordered(t, x, formula(t, split(t, x)));
  return unlessRare(s, what, x, un('not', normal), general, (t) => formula(t, splitNormal(t, x)));
}

/** log x, at most 1 ulp off; -infinity at zeros, NaN below zero. */
export function log(s: MathScope, x: SExpr): SExpr {
  const { ln2Hi, ln2Lo } = TABLES[floatKind(x)];
  return logarithm(s, 'log', x, (t, { k, f }) => {
    const { half, series } = parts(t, f);
    const tail = sub(add(series, mulNum(k, ln2Lo)), half);
    return add(add(tail, f), mulNum(k, ln2Hi));
  });
}

/** log(1 + x), at most 2 ulp off; -infinity at -1, NaN below; log1p(-0) is -0. */
export function log1p(s: MathScope, x: SExpr): SExpr {
  const t = TABLES[floatKind(x)];
  const u = s.bind(addNum(x, 1));
  // A sum with 1 is no denormal.
  const { k, f: rounded } = splitNormal(s, u);
  const whole = s.bind(cmpNum('==', k, 0));
  const f = s.bind(sel(whole, x, rounded));
  // What 1 + x lost, over u: next to log u >= 1/3 three digits of it are enough. Where k is 0, f has lost nothing.
  const lost = sel(cmpNum('<', x, 1), sub(x, subNum(u, 1)), sub(num(x, 1), sub(u, x)));
  const c = sel(whole, num(x, 0), div(lost, u));
  const { half, series } = parts(s, f);
  const tail = sub(add(series, add(mulNum(k, t.ln2Lo), c)), half);
  const value = bordered(s, u, add(add(tail, f), mulNum(k, t.ln2Hi)));
  // Below half an ulp of 1 the logarithm is x: also for denormals and -0.
  return sel(cmpNum('<', abs(x), 2 ** -(formatOf(x).mantissa + 2)), x, value);
}

/** log m / ln b + k log 2 / ln b, with 1 / ln b in two parts and k log_b 2 as a main part and a small one. */
function inBase(s: MathScope, f: SExpr, per: readonly [number, number], main: SExpr, small: SExpr | null): SExpr {
  const { half, series } = parts(s, f);
  const hi = s.bind(upper(sub(f, half)));
  const lo = s.bind(add(sub(sub(f, hi), half), series));
  const short = s.bind(mulNum(hi, per[0]));
  const rest = add(mulNum(add(lo, hi), per[1]), mulNum(lo, per[0]));
  const sum = s.bind(add(main, short));
  const lost = add(sub(main, sum), short);
  return add(add(small === null ? rest : add(small, rest), lost), sum);
}

/** log2 x, at most 2 ulp off; exact for powers of 2. */
export function log2(s: MathScope, x: SExpr): SExpr {
  const { perLn2 } = TABLES[floatKind(x)];
  return logarithm(s, 'log2', x, (t, { k, f }) => inBase(t, f, perLn2, k, null));
}

/** log10 x, at most 2 ulp off; exact for powers of 10. */
export function log10(s: MathScope, x: SExpr): SExpr {
  const { perLn10, log10of2 } = TABLES[floatKind(x)];
  return logarithm(s, 'log10', x, (t, { k, f }) =>
    inBase(t, f, perLn10, t.bind(mulNum(k, log10of2[0])), mulNum(k, log10of2[1])),
  );
}
