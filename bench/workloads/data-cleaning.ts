/**
 * Data cleaning of New York's 311 requests: zip codes are cut to five digits, what is none is dropped, the distinct ones
 * are left. The original works on text; this is the form over numeric codes, as columns of text have no generated code.
 */

import type { Leaf } from './near.ts';
import type { Random } from './random.ts';
import type { Instance, Workload } from './workload.ts';

export const dataCleaning: Workload = {
  name: 'data_cleaning',
  about: 'cleaned, distinct zip codes of 311 requests, as numbers (Pandas)',
  unit: 'requests',
  rows: 1_000_000,
  handFused: { loops: 2, why: 'one over the requests that fills the dictionary, one over its entries' },
  make,
};

const ZIPS = 600;

function make(rows: number, random: Random): Instance {
  const zips = Int32Array.from({ length: rows }, () => {
    if (random.chance(0.06)) return -1;
    if (random.chance(0.01)) return 0;
    if (random.chance(0.005)) return random.whole(1, 500);
    const zip = 10_001 + 3 * random.zipf(ZIPS);
    return random.chance(0.03) ? zip * 10_000 + random.whole(1, 9_999) : zip;
  });
  return { inputs: [zips], js: () => fused(zips), near: ['exact'] };
}

function fused(zips: Int32Array): readonly Leaf[] {
  const distinct = new Set<number>();
  for (let i = 0; i < zips.length; i++) {
    let zip = zips[i] as number;
    if (zip > 99_999) zip = Math.trunc(zip / 10_000);
    if (zip > 0 && zip >= 501) distinct.add(zip);
  }
  return [[...distinct]];
}
