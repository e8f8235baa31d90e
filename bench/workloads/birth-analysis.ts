/** Birth analysis: two group-bys by a pair of keys, one of them over a filter, and a join of the two. */

import type { Leaf } from './near.ts';
import type { Random } from './random.ts';
import type { Instance, Workload } from './workload.ts';

export const birthAnalysis: Workload = {
  name: 'birth_analysis',
  about: 'share of names like Lesley by year and sex (Pandas)',
  unit: 'rows of year, sex, name',
  rows: 1_000_000,
  handFused: { loops: 2, why: 'one over the rows that fills both dictionaries, one over the groups of the smaller' },
  make,
};

const FIRST_YEAR = 1880;
const YEARS = 131;
const NAMES = 20_000;

function make(rows: number, random: Random): Instance {
  // The file is in order of years and has the sexes one after the other.
  const year = Int32Array.from({ length: rows }, (_, i) => FIRST_YEAR + Math.floor((i * YEARS) / rows));
  const sex = Int8Array.from({ length: rows }, () => (random.chance(0.6) ? 0 : 1));
  const name = Int32Array.from({ length: rows }, () => random.whole(0, NAMES - 1));
  const births = Int32Array.from({ length: rows }, () => 5 + random.zipf(5_000));
  const like = Uint8Array.from({ length: NAMES }, () => (random.chance(0.01) ? 1 : 0));
  return {
    inputs: [year, sex, name, births, like],
    js: () => fused(year, sex, name, births, like),
    near: ['exact', 'exact', 'exact'],
  };
}

function fused(
  year: Int32Array,
  sex: Int8Array,
  name: Int32Array,
  births: Int32Array,
  like: Uint8Array,
): readonly Leaf[] {
  const total = new Map<number, number>();
  const part = new Map<number, number>();
  for (let i = 0; i < year.length; i++) {
    const group = 2 * (year[i] as number) + (sex[i] as number);
    const born = births[i] as number;
    total.set(group, (total.get(group) ?? 0) + born);
    if (like[name[i] as number] === 1) part.set(group, (part.get(group) ?? 0) + born);
  }
  const groups = [...part.keys()].sort((x, y) => x - y);
  return [
    groups.map((g) => g >> 1),
    groups.map((g) => g & 1),
    groups.map((g) => (part.get(g) ?? 0) / (total.get(g) ?? 0)),
  ];
}
