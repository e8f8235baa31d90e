/** Sum and triad: one and three streams through memory, next to no arithmetic. */

import { roundings, sumOf } from '../workloads/near.ts';
import type { Workload } from '../workloads/workload.ts';

const ROWS = 10_000_000;

export const sum: Workload = {
  name: 'sum_f64',
  about: 'sum of a column',
  unit: 'elements',
  rows: ROWS,
  text: '|v: vec[f64]| result(for(v, merger[f64,+], |b,i,e| merge(b, e)))',
  handFused: { loops: 1, why: 'there is one' },
  make: (rows, random) => {
    const v = Float64Array.from({ length: rows }, () => random.uniform(0, 1));
    return { inputs: [v], js: () => [[total(v)]], near: [sumOf(rows)] };
  },
};

function total(v: Float64Array): number {
  let s = 0;
  for (let i = 0; i < v.length; i++) s += v[i] as number;
  return s;
}

const SCALE = 3;

export const triad: Workload = {
  name: 'triad_f64',
  about: 'a column plus a multiple of another (STREAM)',
  unit: 'elements',
  rows: ROWS,
  text: '|a: vec[f64], b: vec[f64], s: f64| result(for(zip(a, b), appender[f64], |o,i,e| merge(o, e.$0 + s * e.$1)))',
  handFused: { loops: 1, why: 'there is one' },
  make: (rows, random) => {
    const column = (): Float64Array => Float64Array.from({ length: rows }, () => random.uniform(0, 1));
    const [a, b] = [column(), column()];
    return { inputs: [a, b, SCALE], js: () => [scaled(a, b)], near: [roundings(1)] };
  },
};

function scaled(a: Float64Array, b: Float64Array): Float64Array {
  const out = new Float64Array(a.length);
  for (let i = 0; i < a.length; i++) out[i] = (a[i] as number) + SCALE * (b[i] as number);
  return out;
}
