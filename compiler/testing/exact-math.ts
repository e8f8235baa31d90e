/**
 * Elementary functions to about 200 bits, in bigint fixed point: the reference that the math library is measured
 * against. Slow and simple: Taylor series after one reduction, with the constants computed from their own series.
 *
 * A value is m * 2^e with a bigint m, so results of any size keep all their bits. `ulpError` says how far a computed
 * float is from it, in units of the last place of the exact value (of the smallest denormal below the normal range).
 *
 * Below 2^-70 an odd function is its linear term, to far more bits than are asked for.
 */

import { InternalError } from '../diag/diagnostic.ts';
import type { MathName } from '../sir/lib/index.ts';

export interface Exact {
  readonly m: bigint;
  readonly e: number;
}

/** Bits after the point of the fixed-point numbers. */
const F = 220;
const ONE = 1n << BigInt(F);

const mul = (a: bigint, b: bigint): bigint => (a * b) >> BigInt(F);
const div = (a: bigint, b: bigint): bigint => (a << BigInt(F)) / b;
const magnitude = (a: bigint): bigint => (a < 0n ? -a : a);
const bitLength = (a: bigint): number => magnitude(a).toString(2).length;

/** Floor of the square root of a fixed-point number, by Newton's iteration. */
function sqrt(a: bigint): bigint {
  if (a <= 0n) return 0n;
  const n = a << BigInt(F);
  let x = 1n << BigInt(Math.ceil(bitLength(n) / 2));
  for (;;) {
    const y = (x + n / x) >> 1n;
    if (y >= x) return x;
    x = y;
  }
}

/** sum of t^(2k+1)/(2k+1), with alternating signs for atan. |t| <= 1/2. */
function arcSeries(t: bigint, alternate: boolean): bigint {
  const t2 = alternate ? -mul(t, t) : mul(t, t);
  let power = t;
  let sum = 0n;
  for (let k = 1n; power !== 0n && power !== -1n; k += 2n) {
    sum += power / k;
    power = mul(power, t2);
  }
  return sum;
}

const LN2 = 2n * arcSeries(ONE / 3n, false);
/** ln 10 = 3 ln 2 + ln(5/4). */
const LN10 = 3n * LN2 + 2n * arcSeries(ONE / 9n, false);
/** Machin: pi/4 = 4 atan(1/5) - atan(1/239). */
const PI = 4n * (4n * arcSeries(ONE / 5n, true) - arcSeries(ONE / 239n, true));
const ROOT_PI = sqrt(PI);
const ROOT_2 = sqrt(2n * ONE);

/** The float as an exact value. */
export function exactly(x: number): Exact {
  if (!Number.isFinite(x)) throw new InternalError(`${x} has no exact value`);
  let e = 0;
  let m = x;
  // Scale by powers of two, which is exact, until the significand is an integer.
  while (m !== 0 && Math.abs(m) < 2 ** 52) {
    m *= 2;
    e--;
  }
  while (Math.abs(m) >= 2 ** 53) {
    m /= 2;
    e++;
  }
  return { m: BigInt(m), e };
}

function fixed(x: number): bigint {
  const { m, e } = exactly(x);
  const shift = e + F;
  return shift >= 0 ? m << BigInt(shift) : m >> BigInt(-shift);
}
const real = (m: bigint): Exact => ({ m, e: -F });

/** Sum of the Taylor series of exp at |r| < 1. */
function expSeries(r: bigint): bigint {
  let term = ONE;
  let sum = 0n;
  for (let k = 1n; term !== 0n && term !== -1n; k++) {
    sum += term;
    term = mul(term, r) / k;
  }
  return sum;
}

/** e^x, with all its bits whatever its size. */
function expFixed(x: bigint): Exact {
  const n = x / LN2 - (x < 0n ? 1n : 0n);
  return { m: expSeries(x - n * LN2), e: Number(n) - F };
}

function logExact({ m, e }: Exact): bigint {
  const top = bitLength(m) - 1;
  const unit = top <= F ? m << BigInt(F - top) : m >> BigInt(top - F);
  // A significand above 1.5 is taken as one below 1 and the next power of two: near 1 nothing then cancels.
  const above = unit > ONE + ONE / 2n;
  const centred = above ? unit >> 1n : unit;
  return 2n * arcSeries(div(centred - ONE, centred + ONE), false) + BigInt(e + top + (above ? 1 : 0)) * LN2;
}

/** sin (odd) or cos (even) by Taylor series, for |y| <= 2. */
function waveSeries(y: bigint, odd: boolean): bigint {
  const y2 = -mul(y, y);
  let term = odd ? y : ONE;
  let sum = 0n;
  for (let k = odd ? 2n : 1n; term !== 0n && term !== -1n; k += 2n) {
    sum += term;
    term = mul(term, y2) / (k * (k + 1n));
  }
  return sum;
}

/** Bits of pi behind the point that the reduction of the largest f64 needs, and pi to as many. */
const LONG = 1400;
const LONG_PI = ((): bigint => {
  const series = (d: bigint): bigint => {
    let power = (1n << BigInt(LONG + 20)) / d;
    let sum = 0n;
    for (let k = 1n; power !== 0n; k += 2n) {
      sum += k % 4n === 1n ? power / k : -power / k;
      power /= d * d;
    }
    return sum;
  };
  return (4n * (4n * series(5n) - series(239n))) >> 20n;
})();

/** sin and cos of x. */
function wave(x: number): readonly [sine: bigint, cosine: bigint] {
  const { m, e } = exactly(x);
  const shift = e + LONG;
  const v = shift >= 0 ? m << BigInt(shift) : m >> BigInt(-shift);
  const quarter = LONG_PI / 2n;
  const n = (v + quarter / 2n) / quarter - (v + quarter / 2n < 0n ? 1n : 0n);
  const y = (v - n * quarter) >> BigInt(LONG - F);
  const turned = (turns: bigint): bigint => {
    const q = (((n + turns) % 4n) + 4n) % 4n;
    const value = waveSeries(y, q % 2n === 0n);
    return q >= 2n ? -value : value;
  };
  return [turned(0n), turned(1n)];
}

function atanFixed(x: bigint): bigint {
  if (magnitude(x) > ONE) {
    const rest = PI / 2n - atanFixed(div(ONE, magnitude(x)));
    return x < 0n ? -rest : rest;
  }
  let t = x;
  for (let i = 0; i < 2; i++) t = div(t, ONE + sqrt(ONE + mul(t, t)));
  return 4n * arcSeries(t, true);
}

function asinFixed(x: number): bigint {
  const v = fixed(x);
  const root = sqrt(ONE - mul(v, v));
  return root === 0n ? (v < 0n ? -PI / 2n : PI / 2n) : atanFixed(div(v, root));
}

/** The angle of (x, y), both finite and x no zero. */
function atan2Exact(y: number, x: number): Exact {
  const [a, b] = [exactly(Math.abs(y)), exactly(Math.abs(x))];
  const ratio: Exact = { m: (a.m << BigInt(2 * F)) / b.m, e: a.e - b.e - 2 * F };
  if (bitLength(ratio.m) + ratio.e < -70 && x > 0) return y < 0 ? { m: -ratio.m, e: ratio.e } : ratio;
  const top = bitLength(ratio.m) + ratio.e;
  const shift = ratio.e + F;
  const t = top > 200 ? 1n << BigInt(F + 200) : shift >= 0 ? ratio.m << BigInt(shift) : ratio.m >> BigInt(-shift);
  const angle = x > 0 ? atanFixed(t) : PI - atanFixed(t);
  return real(y < 0 ? -angle : angle);
}

/** erf x = 2/sqrt(pi) e^-x^2 sum of 2^n x^(2n+1) / (1*3*...*(2n+1)). */
function erfFixed(x: bigint): bigint {
  let term = x;
  let sum = 0n;
  for (let k = 3n; term !== 0n && term !== -1n; k += 2n) {
    sum += term;
    term = (2n * mul(term, mul(x, x))) / k;
  }
  const { m, e } = expFixed(-mul(x, x));
  const decay = m >> BigInt(-F - e);
  return div(2n * mul(decay, sum), ROOT_PI);
}

/** 1 - erf x below 4, from there on e^(-x^2) times the continued fraction of Laplace, to more than 100 bits. */
function erfcFixed(x: bigint): Exact {
  if (x < -4n * ONE) return sum(exactly(2), negated(erfcFixed(-x)));
  if (x < 4n * ONE) return real(ONE - erfFixed(x));
  let f = x;
  for (let k = 120n; k >= 1n; k--) f = x + div((k * ONE) / 2n, f);
  const { m, e } = expFixed(-mul(x, x));
  return { m: div(m, mul(ROOT_PI, f)), e };
}

const sum = (a: Exact, b: Exact): Exact => {
  // What is 400 bits smaller than the other does not count.
  if (a.m === 0n || bitLength(a.m) + a.e + 400 < bitLength(b.m) + b.e) return b;
  if (b.m === 0n || bitLength(b.m) + b.e + 400 < bitLength(a.m) + a.e) return a;
  const e = Math.min(a.e, b.e);
  return { m: (a.m << BigInt(a.e - e)) + (b.m << BigInt(b.e - e)), e };
};
const scaled = (a: Exact, by: number): Exact => ({ m: a.m, e: a.e + by });
const negated = (a: Exact): Exact => ({ m: -a.m, e: a.e });

/** (e^x + e^-x) / 2, or (e^x - e^-x) / 2. */
const mean = (x: bigint, odd: boolean): Exact => {
  const down = expFixed(-x);
  return scaled(sum(expFixed(x), odd ? negated(down) : down), -1);
};

function tanhFixed(x: bigint): bigint {
  const { m, e } = expFixed(2n * magnitude(x));
  const grown = m << BigInt(e + F);
  const value = div(grown - ONE, grown + ONE);
  return x < 0n ? -value : value;
}

/** e^(y log x) for x > 0: what is past every format is 2^-5000 or 2^5000. */
function powExact(x: number, y: number): Exact {
  const exponent = exactly(y);
  const product: Exact = { m: exponent.m * logExact(exactly(x)), e: exponent.e - F };
  if (product.m !== 0n && bitLength(product.m) + product.e > 13) return { m: 1n, e: product.m < 0n ? -5000 : 5000 };
  const shift = product.e + F;
  return expFixed(shift >= 0 ? product.m << BigInt(shift) : product.m >> BigInt(-shift));
}

/** x c for a fixed-point constant c. */
const linear = (x: number, c: bigint): Exact => {
  const { m, e } = exactly(x);
  return { m: m * c, e: e - F };
};

/** f(x), or f(x, y) for pow (x > 0) and atan2 (of y = x and x = y), to about 150 bits or more, for finite arguments
 *  in the domain of f. */
export function exactMath(f: MathName, x: number, y = 0): Exact {
  const tiny = Math.abs(x) < 2 ** -70;
  switch (f) {
    case 'exp':
      return expFixed(fixed(x));
    case 'expm1':
      return tiny ? exactly(x) : sum(expFixed(fixed(x)), negated(exactly(1)));
    case 'log':
      return real(logExact(exactly(x)));
    case 'log1p':
      return tiny ? exactly(x) : real(logExact(sum(exactly(1), exactly(x))));
    case 'log2':
      return real(div(logExact(exactly(x)), LN2));
    case 'log10':
      return real(div(logExact(exactly(x)), LN10));
    case 'sin':
      return tiny ? exactly(x) : real(wave(x)[0]);
    case 'cos':
      return real(wave(x)[1]);
    case 'tan': {
      const [sine, cosine] = wave(x);
      return tiny ? exactly(x) : real(div(sine, cosine));
    }
    case 'asin':
      return tiny ? exactly(x) : real(asinFixed(x));
    case 'acos':
      return real(PI / 2n - asinFixed(x));
    case 'atan':
      return tiny ? exactly(x) : real(atanFixed(fixed(x)));
    case 'atan2':
      return atan2Exact(x, y);
    case 'sinh':
      return tiny ? exactly(x) : mean(fixed(x), true);
    case 'cosh':
      return mean(fixed(x), false);
    case 'tanh':
      return tiny ? exactly(x) : real(tanhFixed(fixed(x)));
    case 'erf':
      return tiny ? linear(x, div(2n * ONE, ROOT_PI)) : real(erfFixed(fixed(x)));
    case 'erfc':
      return erfcFixed(fixed(x));
    case 'normcdf':
      return scaled(erfcFixed(-div(fixed(x), ROOT_2)), -1);
    case 'pow':
      return powExact(x, y);
    default:
      return f satisfies never;
  }
}

/** |got - exact| in units of the last place of `exact` in f64 or f32. Infinite when `got` is no number. */
export function ulpError(kind: 'f64' | 'f32', got: number, exact: Exact): number {
  const [digits, lowest] = kind === 'f64' ? [53, -1074] : [24, -149];
  if (Number.isNaN(got)) return Number.POSITIVE_INFINITY;
  const top = exact.m === 0n ? lowest : bitLength(exact.m) + exact.e;
  const unit = Math.max(top - digits, lowest);
  if (!Number.isFinite(got)) {
    // An infinity stands for the value one step above the largest number.
    const limit = kind === 'f64' ? 1024 : 128;
    return top > limit ? 0 : 2 ** Math.min(1000, limit - unit);
  }
  const g = exactly(got);
  const e = Math.min(g.e, exact.e, unit - 20);
  const diff = magnitude((g.m << BigInt(g.e - e)) - (exact.m << BigInt(exact.e - e)));
  return Number(diff >> BigInt(unit - 20 - e)) / 2 ** 20;
}
