/** Columns of random numbers. Every library has a generator of its own: what is compared is that they are as many. */

import type { Workload } from '../workloads/workload.ts';

const ROWS = 10_000_000;

const column = (
  w: Pick<Workload, 'name' | 'about' | 'text' | 'peers'>,
  js: (rows: number) => Float64Array,
): Workload => ({
  unit: 'elements',
  rows: ROWS,
  handFused: { loops: 0, why: 'a primitive is no loop of a program' },
  ...w,
  make: (rows) => ({ inputs: [rows], js: () => [js(rows)], near: [{ absolute: rows }] }),
});

export const CHANCE: readonly Workload[] = [
  column(
    {
      name: 'random_normal_f64',
      about: 'normal numbers',
      peers: 'chance:normal',
      text: '|n: i64| cudf[random_normal,vec[f64]](7L, 0L, [0.0, 1.0], n)',
    },
    normals,
  ),
  column(
    {
      name: 'random_uniform_f64',
      about: 'numbers in [0, 1)',
      peers: 'chance:uniform',
      text: '|n: i64| cudf[random_uniform,vec[f64]](7L, 0L, [0.0, 1.0], n)',
    },
    (rows) => Float64Array.from({ length: rows }, Math.random),
  ),
  column(
    {
      name: 'random_integers',
      about: 'whole numbers below a million',
      peers: 'chance:integers',
      text: '|n: i64| cudf[random_integers,vec[i64]](7L, 0L, 0L, 1000000L, n)',
    },
    (rows) => Float64Array.from({ length: rows }, () => Math.floor(Math.random() * 1_000_000)),
  ),
  column(
    {
      name: 'random_permutation',
      about: 'the rows in random order',
      peers: 'chance:permutation',
      text: '|n: i64| cudf[random_permutation,vec[i64]](7L, 0L, n)',
    },
    permutation,
  ),
];

/** By the polar method, which needs no sine. */
function normals(rows: number): Float64Array {
  const out = new Float64Array(rows);
  for (let i = 0; i < rows; ) {
    const [x, y] = [2 * Math.random() - 1, 2 * Math.random() - 1];
    const square = x * x + y * y;
    if (square >= 1 || square === 0) continue;
    const by = Math.sqrt((-2 * Math.log(square)) / square);
    out[i++] = x * by;
    if (i < rows) out[i++] = y * by;
  }
  return out;
}

function permutation(rows: number): Float64Array {
  const out = Float64Array.from({ length: rows }, (_, row) => row);
  for (let i = rows - 1; i > 0; i--) {
    const other = Math.floor(Math.random() * (i + 1));
    const row = out[i] as number;
    out[i] = out[other] as number;
    out[other] = row;
  }
  return out;
}
