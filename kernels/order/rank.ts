/**
 * rank_ordinal(desc, v), rank_min, rank_max, rank_dense, rank_average: the place of each value in the order of all, from 1 on.
 *
 *     v                [30.0, 10.0, 20.0, 20.0]
 *     rank_ordinal     [4L, 1L, 2L, 3L]            equal values in the order of rows
 *     rank_min         [4L, 1L, 2L, 2L]            the first of their places
 *     rank_max         [4L, 1L, 3L, 3L]            the last
 *     rank_dense       [3L, 1L, 2L, 2L]            how many different values come up to it
 *     rank_average     [4.0, 1.0, 2.5, 2.5]        the mean of their places
 *
 * The order is that of `argsort`: NaN last in both directions and equal to each other, -0 equal to +0.
 */

import { BOOL, F64, I64, type PrimSpec, type TypedArray, vec } from '../../compiler/index.ts';
import { columnKind, columnOf, found, vector } from '../column.ts';
import { sortedRows } from './argsort.ts';

export type RankName = 'rank_ordinal' | 'rank_min' | 'rank_max' | 'rank_dense' | 'rank_average';
export const RANK_NAMES: readonly RankName[] = ['rank_ordinal', 'rank_min', 'rank_max', 'rank_dense', 'rank_average'];

/** The five primitives. */
export const ranks: readonly PrimSpec[] = RANK_NAMES.map((name) => ({
  name,
  doc: `${name}(desc: bool, v: vec[T]): ${name === 'rank_average' ? 'vec[f64]' : 'vec[i64]'}, places in the order, from 1 on`,
  pure: true,

  typing([desc, v, ...rest]) {
    if (desc !== BOOL) return `${name} needs a bool first, true for descending, found ${found(desc)}`;
    if (columnKind(v) === null) return `${name} takes a vector of scalars, found ${found(v)}`;
    if (rest.length > 0) return `${name} takes two arguments, found ${rest.length + 2}`;
    return vec(name === 'rank_average' ? F64 : I64);
  },

  run([desc, v], alloc) {
    const { kind, cells, length } = columnOf(v);
    const order = sortedRows([{ kind, column: cells, descending: desc === true }], length);
    const to = alloc.alloc(rankKind(name), length);
    const isLikeNext = (place: number): boolean => isSame(cells, order[place] ?? 0, order[place + 1] ?? 0);
    for (let start = 0, dense = 1; start < length; dense++) {
      let end = start + 1;
      while (end < length && isLikeNext(end - 1)) end++;
      for (let place = start; place < end; place++) put(to, order[place] ?? 0, rankOf(name, place, start, end, dense));
      start = end;
    }
    return vector(rankKind(name), to);
  },
}));

export const rankKind = (name: RankName): 'f64' | 'i64' => (name === 'rank_average' ? 'f64' : 'i64');

/** The rank at a place of the order, among equal values at the places from `start` up to `end`. */
function rankOf(name: RankName, place: number, start: number, end: number, dense: number): number {
  switch (name) {
    case 'rank_ordinal':
      return place + 1;
    case 'rank_min':
      return start + 1;
    case 'rank_max':
      return end;
    case 'rank_dense':
      return dense;
    case 'rank_average':
      return (start + 1 + end) / 2;
    default:
      return name satisfies never;
  }
}

function put(to: TypedArray, row: number, rank: number): void {
  if (to instanceof BigInt64Array) to[row] = BigInt(rank);
  else if (to instanceof Float64Array) to[row] = rank;
}
const isSame = (cells: TypedArray, a: number, b: number): boolean =>
  cells[a] === cells[b] || (Number.isNaN(cells[a]) && Number.isNaN(cells[b]));
