/** The 311 requests, filtered: three masks, two filtered columns, a count, a sum and a maximum of what is left. */

import { type Leaf, sumOf } from './near.ts';
import type { Random } from './random.ts';
import type { Instance, Workload } from './workload.ts';

export const requests311: Workload = {
  name: 'requests_311',
  about: 'time to answer noise complaints of a borough (Pandas)',
  unit: 'requests',
  rows: 1_000_000,
  handFused: { loops: 1, why: 'a request that passes the filter is counted, added and compared at once' },
  make,
};

const KINDS = 180;
const NOISE = 0;
const BOROUGH = 2;
const YEAR = 525_600;

function make(rows: number, random: Random): Instance {
  const kind = Int32Array.from({ length: rows }, () => random.zipf(KINDS));
  const borough = Int8Array.from({ length: rows }, () => random.whole(0, 4));
  const opened = Int32Array.from({ length: rows }, (_, i) => Math.floor((i * YEAR) / rows));
  const closed = opened.map((t) => (random.chance(0.1) ? -1 : t + Math.round(60 * 2 ** random.uniform(-2, 8))));
  return {
    inputs: [kind, borough, opened, closed, NOISE, BOROUGH],
    js: () => fused(kind, borough, opened, closed),
    near: ['exact', sumOf(rows, 1), 'exact'],
  };
}

function fused(kind: Int32Array, borough: Int8Array, opened: Int32Array, closed: Int32Array): readonly Leaf[] {
  let [count, total, longest] = [0, 0, Number.NEGATIVE_INFINITY];
  for (let i = 0; i < kind.length; i++) {
    const end = closed[i] as number;
    if (kind[i] !== NOISE || borough[i] !== BOROUGH || end < 0) continue;
    const hours = (end - (opened[i] as number)) / 60;
    count++;
    total += hours;
    if (hours > longest) longest = hours;
  }
  return [[count], [total], [longest]];
}
