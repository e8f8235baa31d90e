/**
 * Elementary functions to about 200 bits, in bigint fixed point: the reference that the math library is measured
 * against. Slow and simple: Taylor series after one reduction, with the constants computed from their own series.
 *
 * A value is m * 2^e with a bigint m, so results of any size keep all their bits. `ulpError` says how far a computed
 * float is from it, in units of the last place of the exact value (of the smallest denormal below the normal range).
 */

import { InternalError } from '../diag/diagnostic.ts';

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
/** Machin: pi/4 = 4 atan(1/5) - atan(1/239). */
const PI = 4n * (4n * arcSeries(ONE / 5n, true) - arcSeries(ONE / 239n, true));

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

function expFixed(x: bigint): Exact {
  const n = x / LN2;
  return { m: expSeries(x - n * LN2), e: Number(n) - F };
}

function logFixed(x: number): bigint {
  const { m, e } = exactly(x);
  const top = bitLength(m) - 1;
  const unit = m << BigInt(F - top);
  return 2n * arcSeries(div(unit - ONE, unit + ONE), false) + BigInt(e + top) * LN2;
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

function wave(x: number, turns: bigint): bigint {
  const quarter = PI / 2n;
  const v = fixed(x);
  const n = (v + quarter / 2n) / quarter - (v + quarter / 2n < 0n ? 1n : 0n);
  const y = v - n * quarter;
  const q = (((n + turns) % 4n) + 4n) % 4n;
  const value = waveSeries(y, q % 2n === 0n);
  return q >= 2n ? -value : value;
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
  return div(2n * mul(decay, sum), sqrt(PI));
}

function tanhFixed(x: bigint): bigint {
  const { m, e } = expFixed(2n * magnitude(x));
  const grown = m << BigInt(e + F);
  const value = div(grown - ONE, grown + ONE);
  return x < 0n ? -value : value;
}

export type ExactFunction = 'exp' | 'log' | 'sin' | 'cos' | 'asin' | 'acos' | 'atan' | 'tanh' | 'erf';

/** f(x) to about 200 bits, for finite x in the domain of f and, for sin and cos, |x| below 2^60. */
export function exactMath(f: ExactFunction, x: number): Exact {
  // Below 2^-70 an odd function is its linear term, to far more bits than are asked for.
  const tiny = Math.abs(x) < 2 ** -70;
  switch (f) {
    case 'exp':
      return expFixed(fixed(x));
    case 'log':
      return real(logFixed(x));
    case 'cos':
      return real(wave(x, 1n));
    case 'acos':
      return real(PI / 2n - asinFixed(x));
    case 'sin':
      return tiny ? exactly(x) : real(wave(x, 0n));
    case 'asin':
      return tiny ? exactly(x) : real(asinFixed(x));
    case 'atan':
      return tiny ? exactly(x) : real(atanFixed(fixed(x)));
    case 'tanh':
      return tiny ? exactly(x) : real(tanhFixed(fixed(x)));
    case 'erf': {
      if (!tiny) return real(erfFixed(fixed(x)));
      const { m, e } = exactly(x);
      return { m: m * div(2n * ONE, sqrt(PI)), e: e - F };
    }
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
