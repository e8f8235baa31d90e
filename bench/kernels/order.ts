/** Kernels about order over ten million rows: sorts, an order of rows, its beginning, ranks, a median, places, different values, prefixes. */

import { BOOL, F64, plainMemory, type TypedArray, type Value } from '../../compiler/index.ts';
import { KERNELS } from '../../kernels/index.ts';
import { sumOf } from '../workloads/near.ts';
import type { Instance, Workload } from '../workloads/workload.ts';

const ROWS = 10_000_000;

const kernel = (w: Pick<Workload, 'name' | 'about' | 'text' | 'make'> & { readonly peers?: string }): Workload => ({
  peers: 'order',
  unit: 'elements',
  rows: ROWS,
  handFused: { loops: 0, why: 'a primitive is no loop of a program' },
  ...w,
});

type Make = Workload['make'];
/** Random floats, and what plain JavaScript makes of them. */
const ofFloats =
  (js: (v: Float64Array) => readonly ArrayLike<number | bigint>[]): Make =>
  (rows, random): Instance => {
    // Of two words, or some of ten million would be equal, and libraries differ in the order of these.
    const v = Float64Array.from({ length: rows }, () => random.uniform(-1, 1) + random.uniform(0, 2 ** -31));
    return { inputs: [v], js: () => js(v), near: ['exact'] };
  };

/** Whole numbers below a million. */
const ofMillion =
  (js: (v: Float64Array) => readonly ArrayLike<number | bigint>[]): Make =>
  (rows, random): Instance => {
    const v = Float64Array.from({ length: rows }, () => random.whole(0, 999_999));
    return { inputs: [v], js: () => js(v), near: ['exact'] };
  };

export const ORDER: readonly Workload[] = [
  kernel({
    name: 'sort_f64',
    about: 'sort a column',
    peers: 'order:sort',
    text: '|v: vec[f64]| cudf[sort,vec[f64]](false, v)',
    make: ofFloats((v) => [v.slice().sort()]),
  }),
  kernel({
    name: 'argsort_f64',
    about: 'the order of the rows by a column; in JavaScript a radix sort of words of 32 bits',
    peers: 'order:argsort',
    text: '|v: vec[f64]| cudf[argsort,vec[i64]]([false], v)',
    make: ofFloats((v) => [argsorted(v)]),
  }),
  kernel({
    name: 'topk_f64',
    about: 'the rows of the hundred least values of a column',
    peers: 'order:topk',
    text: '|v: vec[f64]| cudf[argtopk,vec[i64]](100L, [false], v)',
    make: ofFloats((v) => [argsorted(v).slice(0, 100)]),
  }),
  kernel({
    name: 'rank_average_f64',
    about: 'the ranks of a column with a million different values, the mean of their places for equal ones',
    peers: 'order:rank_average',
    text: '|v: vec[f64]| cudf[rank_average,vec[f64]](false, v)',
    make: ofMillion((v) => [ranked(v, (first, end) => (first + 1 + end) / 2)]),
  }),
  kernel({
    name: 'rank_dense_f64',
    about: 'the same, equal values have the number of different ones up to them',
    peers: 'order:rank_dense',
    text: '|v: vec[f64]| cudf[rank_dense,vec[i64]](false, v)',
    make: ofMillion((v) => [ranked(v, (_, __, different) => different)]),
  }),
  kernel({
    name: 'median_f64',
    about: 'the median of a column',
    peers: 'order:median',
    text: '|v: vec[f64]| cudf[quantile,vec[f64]]([0.5], v)',
    make: ofFloats((v) => [medianOf(v.slice().sort())]),
  }),
  kernel({
    name: 'scan_f64',
    about: 'running sums of a column',
    peers: 'order:cumsum',
    text: '|v: vec[f64]| cudf[scan_sum,vec[f64]](v)',
    make: (rows, random) => {
      const v = Float64Array.from({ length: rows }, () => random.uniform(0, 1));
      return { inputs: [v], js: () => [runningSums(v)], near: [sumOf(rows)] };
    },
  }),
  kernel({
    name: 'seg_scan_f64',
    about: 'running sums of a column that begin again every hundred rows or so',
    peers: 'order:seg_cumsum',
    text: '|starts: vec[bool], v: vec[f64]| cudf[seg_scan_sum,vec[f64]](starts, v)',
    make: (rows, random) => {
      const starts = Uint8Array.from({ length: rows }, () => Number(random.whole(0, 99) === 0));
      const v = Float64Array.from({ length: rows }, () => random.uniform(0, 1));
      return { inputs: [starts, v], js: () => [runningSums(v, starts)], near: [sumOf(rows)] };
    },
  }),
  kernel({
    name: 'unique_i64',
    about: 'the different values of a column with a million of them, in order',
    peers: 'order:unique',
    text: '|v: vec[i64]| cudf[unique,vec[i64]](v)',
    make: (rows, random) => {
      const v = Float64Array.from({ length: rows }, () => random.whole(0, 999_999) * 1_000_003);
      return { inputs: [v], js: () => [Float64Array.from(new Set(v)).sort()], near: ['exact'] };
    },
  }),
  kernel({
    name: 'searchsorted_f64',
    about: 'the places of as many values in a sorted column of a million',
    peers: 'order:searchsorted',
    text: '|s: vec[f64], v: vec[f64]| cudf[searchsorted,vec[i64]](false, s, v)',
    make: (rows, random) => {
      const column = (n: number): Float64Array => Float64Array.from({ length: n }, () => random.uniform(0, 1));
      const [sorted, v] = [column(1_000_000).sort(), column(rows)];
      return { inputs: [sorted, v], js: () => [places(sorted, v)], near: ['exact'] };
    },
  }),
];

/** The definition of argsort, which is plain TypeScript. */
function argsorted(v: Float64Array): TypedArray {
  const up: Value = { kind: 'vec', elem: BOOL, length: 1, cols: [new Uint8Array(1)] };
  const keys: Value = { kind: 'vec', elem: F64, length: v.length, cols: [v] };
  const order = KERNELS.get('argsort')?.run([up, keys], plainMemory);
  return typeof order === 'object' && order.kind === 'vec'
    ? (order.cols[0] ?? new BigInt64Array())
    : new BigInt64Array();
}

function medianOf(sorted: Float64Array): Float64Array {
  const at = (sorted.length - 1) / 2;
  const [a, b] = [sorted[Math.floor(at)] as number, sorted[Math.ceil(at)] as number];
  return Float64Array.of(a + (b - a) * (at - Math.floor(at)));
}

/** A rank for each run of equal values in the order: by its first place, its end, and how many runs there are up to it. */
function ranked(v: Float64Array, rank: (first: number, end: number, different: number) => number): Float64Array {
  const order = Int32Array.from(argsorted(v), Number);
  const out = new Float64Array(v.length);
  for (let [first, different] = [0, 1]; first < order.length; different++) {
    let end = first + 1;
    while (end < order.length && v[order[end] as number] === v[order[first] as number]) end++;
    const r = rank(first, end, different);
    while (first < end) out[order[first++] as number] = r;
  }
  return out;
}

function runningSums(v: Float64Array, starts: Uint8Array | null = null): Float64Array {
  const out = new Float64Array(v.length);
  let s = 0;
  for (let i = 0; i < v.length; i++) {
    s = starts?.[i] === 1 ? (v[i] as number) : s + (v[i] as number);
    out[i] = s;
  }
  return out;
}

function places(sorted: Float64Array, v: Float64Array): Int32Array {
  const out = new Int32Array(v.length);
  for (let i = 0; i < v.length; i++) {
    const x = v[i] as number;
    let [low, high] = [0, sorted.length];
    while (low < high) {
      const middle = (low + high) >>> 1;
      if ((sorted[middle] as number) < x) low = middle + 1;
      else high = middle;
    }
    out[i] = low;
  }
  return out;
}
