/** Group-by of 64-bit keys with a sum: a table in the first-level cache, in the second, and in neither. */

import { type Leaf, sumOf } from '../workloads/near.ts';
import type { Workload } from '../workloads/workload.ts';

export function groupSumOf(groups: number, size: string): Workload {
  return {
    name: `group_sum_${size}`,
    peers: 'group_sum',
    unordered: true,
    about: `sum by ${groups.toLocaleString('en-US')} keys of 64 bits that have no small range`,
    unit: 'rows',
    rows: 10_000_000,
    text: '|k: vec[i64], v: vec[f64]| tovec(result(for(zip(k, v), dictmerger[i64,f64,+], |b,i,e| merge(b, {e.$0, e.$1}))))',
    handFused: { loops: 1, why: 'there is one' },
    make: (rows, random) => {
      const codes = Int32Array.from({ length: rows }, () => random.whole(0, groups - 1));
      const keys = Float64Array.from(codes, (c) => c * SPREAD);
      const values = Float64Array.from({ length: rows }, () => random.uniform(0, 1));
      return { inputs: [keys, values], js: () => fused(keys, values), near: ['exact', sumOf(rows)] };
    },
  };
}

/** Keys are multiples of this prime: whole numbers below 2^53 for up to eight million groups. */
const SPREAD = 1_000_000_007;

/** Open addressing in typed arrays: a Map takes seven times as long for a million keys. */
function fused(keys: Float64Array, values: Float64Array): readonly Leaf[] {
  let [slots, mask] = [new Int32Array(1024), 1023];
  const [key, sum]: [number[], number[]] = [[], []];
  for (let i = 0; i < keys.length; i++) {
    const k = keys[i] as number;
    let at = hash(k) & mask;
    let entry = slots[at] as number;
    while (entry !== 0 && key[entry - 1] !== k) {
      at = (at + 1) & mask;
      entry = slots[at] as number;
    }
    if (entry !== 0) {
      sum[entry - 1] = (sum[entry - 1] as number) + (values[i] as number);
      continue;
    }
    slots[at] = key.push(k);
    sum.push(values[i] as number);
    if (2 * key.length > mask) {
      mask = 4 * mask + 3;
      slots = new Int32Array(mask + 1);
      for (const [e, other] of key.entries()) {
        let free = hash(other) & mask;
        while (slots[free] !== 0) free = (free + 1) & mask;
        slots[free] = e + 1;
      }
    }
  }
  return [key, sum];
}

const hash = (k: number): number => {
  const h = Math.imul((k | 0) ^ (k / 4294967296), 0x9e3779b1);
  return h ^ (h >>> 15);
};
