/** Five vectors added, then all elements: nothing but memory traffic, so fusion is all there is to win. */

import { U } from './near.ts';
import type { Random } from './random.ts';
import type { Instance, Workload } from './workload.ts';

export const vectorSum: Workload = {
  name: 'vector_sum',
  about: 'sum over five added vectors (Weld, NumPy)',
  unit: 'elements',
  rows: 2_000_000,
  handFused: { loops: 1, why: 'each element is read, added and summed in one step' },
  make,
};

function make(rows: number, random: Random): Instance {
  const column = (): Float64Array => Float64Array.from({ length: rows }, () => random.uniform(0, 1));
  const inputs = [column(), column(), column(), column(), column()] as const;
  return { inputs, js: () => [[fused(...inputs)]], near: [{ relative: 2 * rows * U }] };
}

function fused(a: Float64Array, b: Float64Array, c: Float64Array, d: Float64Array, e: Float64Array): number {
  let total = 0;
  for (let i = 0; i < a.length; i++) {
    total += (a[i] as number) + (b[i] as number) + (c[i] as number) + (d[i] as number) + (e[i] as number);
  }
  return total;
}
