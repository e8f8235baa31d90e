/**
 * searchsorted(right, sorted, v): for each value the place at which it would stand in the sorted vector: in front of equal
 * ones, or behind them where `right` is true.
 *
 *     searchsorted(false, [1.0, 2.0, 2.0], [2.0, 9.0, 0.0])  =>  [1L, 3L, 0L]
 *
 * The order is that of `sort(false, ..)`: NaN above everything else and equal to each other, and, unlike there, -0 equal to
 * +0. In a vector that is not sorted the places mean nothing.
 */

import { BOOL, I64, type PrimSpec, type TypedArray, vec } from '../../compiler/index.ts';
import { columnKind, columnOf, found, vector } from '../column.ts';

export const searchsorted: PrimSpec = {
  name: 'searchsorted',
  doc: 'searchsorted(right: bool, sorted: vec[T], v: vec[T]): vec[i64], the places of values in a sorted vector',
  pure: true,

  typing([right, sorted, v, ...rest]) {
    if (right !== BOOL)
      return `searchsorted needs a bool first, true for places behind equal ones, found ${found(right)}`;
    if (columnKind(sorted) === null) return `searchsorted looks into a vector of scalars, found ${found(sorted)}`;
    if (v !== sorted) return `searchsorted looks for values like those of ${found(sorted)}, found ${found(v)}`;
    return rest.length === 0 ? vec(I64) : `searchsorted takes three arguments, found ${rest.length + 3}`;
  },

  run([right, sorted, v], alloc) {
    const { cells } = columnOf(sorted);
    const values = columnOf(v);
    const places = alloc.alloc('i64', values.length);
    for (let row = 0; row < values.length; row++) {
      if (places instanceof BigInt64Array) places[row] = BigInt(placeOf(cells, values.cells[row] ?? 0, right === true));
    }
    return vector('i64', places);
  },
};

/** The steps of the search are its meaning, so that a vector that is not sorted gives the same on every machine. */
function placeOf(sorted: TypedArray, value: number | bigint, right: boolean): number {
  if (Number.isNaN(value)) return placeOfNaN(sorted, right);
  let place = 0;
  for (let left = sorted.length; left > 0; ) {
    const half = Math.max(1, left >> 1);
    const before = sorted[place + half - 1] ?? 0;
    if (before < value || (right && before === value)) place += half;
    left -= half;
  }
  return place;
}

/** Every element of a sorted column is at most NaN, and those that are no NaN are below it. */
export function placeOfNaN(sorted: TypedArray, right: boolean): number {
  if (right) return sorted.length;
  let [low, high] = [0, sorted.length];
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (Number.isNaN(sorted[middle])) high = middle;
    else low = middle + 1;
  }
  return low;
}
