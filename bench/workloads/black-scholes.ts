/**
 * Black-Scholes option prices: long chains of arithmetic with sqrt, log, exp and erf, and two results. In f64, and the
 * same program in f32, where JavaScript computes in f64 between columns of f32.
 */

import { erf } from './erf.ts';
import { type Leaf, U } from './near.ts';
import type { Random } from './random.ts';
import { type Instance, textOf, type Workload } from './workload.ts';

type Column = Float64Array | Float32Array;

export const blackScholes: Workload = {
  name: 'black_scholes',
  about: 'call and put prices of options (NumPy, PARSEC)',
  unit: 'options',
  rows: 300_000,
  handFused: { loops: 1, why: 'both prices of an option are one expression over its five columns' },
  make: (rows, random) => make(Float64Array, U, rows, random),
};

export const blackScholesF32: Workload = {
  ...blackScholes,
  name: 'black_scholes_f32',
  peers: blackScholes.name,
  about: 'the same in f32',
  get text() {
    return textOf(blackScholes)
      .replaceAll('f64', 'f32')
      .replaceAll(/\d+\.\d+/g, '$&f');
  },
  make: (rows, random) => make(Float32Array, 2 ** -24, rows, random),
};

const MAX_PRICE = 150;

/** `unit` is the unit roundoff of the columns. */
function make(
  Columns: Float64ArrayConstructor | Float32ArrayConstructor,
  unit: number,
  rows: number,
  random: Random,
): Instance {
  const column = (low: number, high: number): Column => {
    const values = new Columns(rows);
    for (let i = 0; i < rows; i++) values[i] = random.uniform(low, high);
    return values;
  };
  const inputs = [
    column(50, MAX_PRICE),
    column(50, MAX_PRICE),
    column(0.25, 3),
    column(0.01, 0.05),
    column(0.1, 0.6),
  ] as const;
  // A price is the difference of two products below MAX_PRICE. Where d1 is large and its error with it, the distribution
  // is flat, so that each factor is off by a few dozen roundings of 1 at most.
  const near = { absolute: 64 * 2 * MAX_PRICE * unit };
  return { inputs, js: () => fused(Columns, ...inputs), near: [near, near] };
}

function fused(
  Columns: Float64ArrayConstructor | Float32ArrayConstructor,
  price: Column,
  strike: Column,
  time: Column,
  rate: Column,
  volatility: Column,
): readonly Leaf[] {
  const n = price.length;
  const [call, put] = [new Columns(n), new Columns(n)];
  for (let i = 0; i < n; i++) {
    const [p, t, r, v] = [price[i] as number, time[i] as number, rate[i] as number, volatility[i] as number];
    const k = strike[i] as number;
    const spread = v * Math.sqrt(t);
    const d1 = (Math.log(p / k) + (r + v * v * 0.5) * t) / spread;
    const d2 = d1 - spread;
    const cdf1 = erf(d1 * Math.SQRT1_2) * 0.5 + 0.5;
    const cdf2 = erf(d2 * Math.SQRT1_2) * 0.5 + 0.5;
    const present = k * Math.exp(-(r * t));
    call[i] = p * cdf1 - present * cdf2;
    put[i] = present * (1 - cdf2) - p * (1 - cdf1);
  }
  return [call, put];
}
