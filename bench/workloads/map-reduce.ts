/** Maps over 32-bit integers and three reductions: the reductions must become one loop, the maps go into it. */

import type { Leaf } from './near.ts';
import type { Random } from './random.ts';
import type { Instance, Workload } from './workload.ts';

export const mapReduce: Workload = {
  name: 'map_reduce',
  about: 'two maps, then sum, minimum and maximum of i32 (Weld)',
  unit: 'elements',
  rows: 4_000_000,
  handFused: { loops: 1, why: 'three accumulators beside each other take each mapped element' },
  make,
};

function make(rows: number, random: Random): Instance {
  const v = Int32Array.from({ length: rows }, () => random.whole(-1_000_000, 1_000_000));
  return { inputs: [v], js: () => fused(v), near: ['exact', 'exact', 'exact'] };
}

function fused(v: Int32Array): readonly Leaf[] {
  let [total, least, most] = [0, 2 ** 31 - 1, -(2 ** 31)];
  for (let i = 0; i < v.length; i++) {
    const x = v[i] as number;
    const y = (Math.imul(3, Math.imul(x, x)) + 1) | 0;
    total = (total + y) | 0;
    if (y < least) least = y;
    if (y > most) most = y;
  }
  return [[total], [least], [most]];
}
