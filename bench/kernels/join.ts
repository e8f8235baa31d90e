/**
 * Joins of ten million rows with a million others, whose keys are all different, and what is read through one: the sum of a
 * product of columns of both sides, so that no library has to show the joined rows. Keys are all numbers of a range, or far
 * apart. An asof join likewise, and a column gathered by row numbers.
 */

import { sumOf } from '../workloads/near.ts';
import type { Random } from '../workloads/random.ts';
import type { Instance, Workload } from '../workloads/workload.ts';

const ROWS = 10_000_000;
/** Left rows to a right one. */
const LEFT_TO_RIGHT = 10;

const kernel = (w: Pick<Workload, 'name' | 'about' | 'text' | 'make'> & { readonly peers: string }): Workload => ({
  unit: 'left rows',
  rows: ROWS,
  handFused: { loops: 0, why: 'a primitive is no loop of a program' },
  ...w,
});

/** Keys of both sides: of each left row one that is there, in any order. */
function joined(rows: number, random: Random, key: (id: number) => number): Instance {
  const many = Math.max(1, Math.floor(rows / LEFT_TO_RIGHT));
  const ids = shuffled(many, random);
  const rightKeys = Float64Array.from(ids, key);
  const leftKeys = Float64Array.from({ length: rows }, () => key(random.whole(0, many - 1)));
  const values = (n: number): Float64Array => Float64Array.from({ length: n }, () => random.uniform(0, 1));
  const [left, right] = [values(rows), values(many)];
  return {
    inputs: [leftKeys, left, rightKeys, right],
    js: () => [[productSum(leftKeys, left, rightKeys, right)]],
    near: [sumOf(rows, 1)],
  };
}

function shuffled(n: number, random: Random): Float64Array {
  const ids = Float64Array.from({ length: n }, (_, k) => k);
  for (let k = n - 1; k > 0; k--) {
    const other = random.whole(0, k);
    [ids[k], ids[other]] = [ids[other] as number, ids[k] as number];
  }
  return ids;
}

/** By a table of slots side by side, which keys that are integers find by a product. */
function productSum(leftKeys: Float64Array, left: Float64Array, rightKeys: Float64Array, right: Float64Array): number {
  const bits = Math.ceil(Math.log2(rightKeys.length + 1)) + 1;
  const [mask, shift] = [2 ** bits - 1, 32 - bits];
  const [slots, values] = [new Float64Array(2 ** bits).fill(Number.NaN), new Float64Array(2 ** bits)];
  const first = (key: number): number => Math.imul(key ^ (key / 2 ** 32), 0x9e3779b1) >>> shift;
  for (let k = 0; k < rightKeys.length; k++) {
    const key = rightKeys[k] as number;
    let slot = first(key);
    while (!Number.isNaN(slots[slot])) slot = (slot + 1) & mask;
    slots[slot] = key;
    values[slot] = right[k] as number;
  }
  let sum = 0;
  for (let k = 0; k < leftKeys.length; k++) {
    const key = leftKeys[k] as number;
    let slot = first(key);
    // Every left key is there.
    while (slots[slot] !== key) slot = (slot + 1) & mask;
    sum += (left[k] as number) * (values[slot] as number);
  }
  return sum;
}

const MATCH_SUM = `|lk: vec[i64], lv: vec[f64], rk: vec[i64], rv: vec[f64]|
  let all = ([]: vec[bool]);
  let rows = cudf[match,vec[i64]](all, all, lk, rk);
  result(for(zip(rows, lv), merger[f64,+], |b, i, e| if(e.$0 >= 0L, merge(b, e.$1 * lookup(rv, e.$0)), b)))`;

const PAIRS_SUM = `|lk: vec[i64], lv: vec[f64], rk: vec[i64], rv: vec[f64]|
  let all = ([]: vec[bool]);
  let pairs = cudf[join_inner,{vec[i64],vec[i64]}](all, all, lk, rk);
  result(for(zip(pairs.$0, pairs.$1), merger[f64,+], |b, i, e| merge(b, lookup(lv, e.$0) * lookup(rv, e.$1))))`;

/** Every id another number below 2^53, far from that of its neighbours. */
const farApart = (id: number): number =>
  (Math.imul(id, 0x9e3779b1) >>> 0) * 2 ** 20 + (Math.imul(id, 0x85ebca6b) >>> 12);

export const JOIN: readonly Workload[] = [
  kernel({
    name: 'join_sum',
    about: 'a join with a tenth of the rows, by keys that are all numbers of a range, and a sum',
    peers: 'join:sum',
    text: MATCH_SUM,
    make: (rows, random) => joined(rows, random, (id) => id),
  }),
  kernel({
    name: 'join_sum_sparse',
    about: 'the same by keys that are far apart',
    peers: 'join:sum',
    text: MATCH_SUM,
    make: (rows, random) => joined(rows, random, farApart),
  }),
  kernel({
    name: 'join_pairs_sparse',
    about: 'the same, by the rows of both sides, as where keys may be there more than once',
    peers: 'join:sum',
    text: PAIRS_SUM,
    make: (rows, random) => joined(rows, random, farApart),
  }),
  kernel({
    name: 'asof_sum',
    about: 'a sum over the last right row before each left one, both sides ascending',
    peers: 'join:asof',
    text: `|lt: vec[i64], lv: vec[f64], rt: vec[i64], rv: vec[f64]|
      let all = ([]: vec[bool]);
      let rows = cudf[asof_backward,vec[i64]](([]: vec[i64]), all, all, lt, rt);
      result(for(zip(rows, lv), merger[f64,+], |b, i, e| if(e.$0 >= 0L, merge(b, e.$1 * lookup(rv, e.$0)), b)))`,
    make: nearby,
  }),
  kernel({
    name: 'gather_f64',
    about: 'a column of a million values by row numbers in any order, by a fused loop',
    peers: 'join:gather',
    text: '|rows: vec[i64], v: vec[f64]| result(for(rows, appender[f64], |b, i, r| merge(b, lookup(v, r))))',
    make: (rows, random) => {
      const many = Math.max(1, Math.floor(rows / LEFT_TO_RIGHT));
      const at = Int32Array.from({ length: rows }, () => random.whole(0, many - 1));
      const v = Float64Array.from({ length: many }, () => random.uniform(0, 1));
      return { inputs: [at, v], js: () => [gathered(at, v)], near: ['exact'] };
    },
  }),
];

/** Times that ascend, ten left ones to a right one. */
function nearby(rows: number, random: Random): Instance {
  const times = (n: number, most: number): Float64Array => {
    let now = 0;
    return Float64Array.from({ length: n }, () => {
      now += random.whole(0, most);
      return now;
    });
  };
  const many = Math.max(1, Math.floor(rows / LEFT_TO_RIGHT));
  const values = (n: number): Float64Array => Float64Array.from({ length: n }, () => random.uniform(0, 1));
  const [leftTimes, rightTimes] = [times(rows, 20), times(many, 20 * LEFT_TO_RIGHT)];
  const [left, right] = [values(rows), values(many)];
  const js = (): number => {
    let [sum, at] = [0, 0];
    for (let k = 0; k < rows; k++) {
      const now = leftTimes[k] as number;
      while (at < many && (rightTimes[at] as number) <= now) at++;
      if (at > 0) sum += (left[k] as number) * (right[at - 1] as number);
    }
    return sum;
  };
  return { inputs: [leftTimes, left, rightTimes, right], js: () => [[js()]], near: [sumOf(rows, 1)] };
}

function gathered(at: Int32Array, v: Float64Array): Float64Array {
  const out = new Float64Array(at.length);
  for (let k = 0; k < at.length; k++) out[k] = v[at[k] as number] as number;
  return out;
}
