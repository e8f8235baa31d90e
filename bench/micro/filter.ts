/** A filter of one column that keeps some percent of it, at random: the branch that cannot be foreseen. */

import type { Workload } from '../workloads/workload.ts';

const RANGE = 1_000_000;

export function filterOf(percent: number): Workload {
  const below = (RANGE / 100) * percent;
  return {
    name: `filter_i32_${percent}`,
    peers: 'filter_i32',
    about: `keep ${percent} % of a column`,
    unit: 'elements',
    rows: 10_000_000,
    text: '|v: vec[i32], below: i32| result(for(v, appender[i32], |b,i,e| if(e < below, merge(b, e), b)))',
    handFused: { loops: 1, why: 'there is one' },
    make: (rows, random) => {
      const v = Int32Array.from({ length: rows }, () => random.whole(0, RANGE - 1));
      return { inputs: [v, below], js: () => [kept(v, below)], near: ['exact'] };
    },
  };
}

function kept(v: Int32Array, below: number): Int32Array {
  const out = new Int32Array(v.length);
  let n = 0;
  for (let i = 0; i < v.length; i++) {
    const e = v[i] as number;
    if (e < below) out[n++] = e;
  }
  return out.subarray(0, n);
}
