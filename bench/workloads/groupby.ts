/** A group-by with two aggregates, which a library keeps in a table each and a loop in one. */

import { type Leaf, sumOf } from './near.ts';
import type { Random } from './random.ts';
import type { Instance, Workload } from './workload.ts';

export const groupBy: Workload = {
  name: 'groupby',
  about: 'sums and counts by 10,000 keys (pandas)',
  unit: 'rows',
  rows: 2_000_000,
  unordered: true,
  handFused: { loops: 2, why: 'one that adds to sum and count of a key, one over the groups' },
  make,
};

const GROUPS = 10_000;
/** Keys are multiples of this prime. */
const SPREAD = 1_000_003;

function make(rows: number, random: Random): Instance {
  const keys = Float64Array.from({ length: rows }, () => random.whole(0, GROUPS - 1) * SPREAD);
  const values = Float64Array.from({ length: rows }, () => random.uniform(0, 1));
  return { inputs: [keys, values], js: () => fused(keys, values), near: ['exact', sumOf(rows), 'exact'] };
}

function fused(keys: Float64Array, values: Float64Array): readonly Leaf[] {
  const group = new Map<number, number>();
  const [key, sum, count]: [number[], number[], number[]] = [[], [], []];
  for (let i = 0; i < keys.length; i++) {
    const k = keys[i] as number;
    let g = group.get(k);
    if (g === undefined) {
      g = key.push(k) - 1;
      group.set(k, g);
      sum.push(0);
      count.push(0);
    }
    sum[g] = (sum[g] as number) + (values[i] as number);
    count[g] = (count[g] as number) + 1;
  }
  return [key, sum, count];
}
