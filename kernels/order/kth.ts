/**
 * kth(ks, v): the values at these places of `sort(false, v)`, without sorting: minimum, median, percentiles.
 *
 *     kth([0L, 2L], [3.0, 1.0, 2.0])  =>  [1.0, 3.0]
 *
 * Places are 0 .. n-1; another one is W6001.
 */

import { fail, I64, type PrimSpec, vec } from '../../compiler/index.ts';
import { type Column, columnKind, columnOf, found, vectorOf } from '../column.ts';
import { sortCells } from './sort.ts';

export const kth: PrimSpec = {
  name: 'kth',
  doc: 'kth(ks: vec[i64], v: vec[T]): vec[T], the values at these places of the sorted vector',
  pure: true,

  typing([ks, v, ...rest]) {
    if (ks !== vec(I64)) return `kth needs a vec[i64] of places first, found ${found(ks)}`;
    if (rest.length > 0) return `kth takes two arguments, found ${rest.length + 2}`;
    const kind = columnKind(v);
    if (kind === null || v?.kind !== 'vec') return `kth looks into a vector of scalars, found ${found(v)}`;
    return vec(v.elem);
  },

  run([ks, v], alloc) {
    const column = columnOf(v);
    const places = placesOf(columnOf(ks), column.length);
    const sorted = column.cells.slice();
    sortCells(sorted);
    return vectorOf(
      column.kind,
      places.map((k) => sorted[k] ?? 0),
      alloc,
    );
  },
};

/** The places that are asked for, which must be in the vector. */
export function placesOf(ks: Column, length: number): readonly number[] {
  return Array.from({ length: ks.length }, (_, at) => {
    const k = ks.cells[at] ?? 0;
    const place = Number(k);
    if (place >= 0 && place < length) return place;
    return fail('W6001', `kth: place ${k} of a vector with ${length} elements`, {
      help: 'places are 0 up to the length, without it',
    });
  });
}
