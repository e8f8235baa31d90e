/** Dear work behind a condition that some share of the rows meets, at random: computed for all, or jumped over. */

import { sumOf } from '../workloads/near.ts';
import type { Workload } from '../workloads/workload.ts';

export function guardedOf(percent: number): Workload {
  const below = percent / 100;
  return {
    name: `guarded_${percent}`,
    about: `exp(e) * log(e + 1) summed over ${percent} % of a column`,
    unit: 'elements',
    rows: 4_000_000,
    text: '|v: vec[f64], below: f64| result(for(v, merger[f64,+], |b,i,e| if(e < below, merge(b, exp(e) * log(e + 1.0)), b)))',
    handFused: { loops: 1, why: 'there is one' },
    make: (rows, random) => {
      const v = Float64Array.from({ length: rows }, () => random.uniform(0, 1));
      return { inputs: [v, below], js: () => [[fused(v, below)]], near: [sumOf(rows, 8)] };
    },
  };
}

function fused(v: Float64Array, below: number): number {
  let sum = 0;
  for (let i = 0; i < v.length; i++) {
    const e = v[i] as number;
    if (e < below) sum += Math.exp(e) * Math.log(e + 1);
  }
  return sum;
}

export const GUARDED: readonly Workload[] = [0.1, 1, 10, 50, 99].map(guardedOf);
