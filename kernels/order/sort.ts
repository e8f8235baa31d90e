/**
 * sort(desc, v): the values in order.
 *
 *     sort(false, [2.0, 0.0/0.0, -0.0, 0.0, -1.0])  =>  [-1.0, -0.0, 0.0, 2.0, 0.0/0.0]
 *
 * -0 is below +0, and NaN come last in both directions, as one and the same NaN. (An order of rows, `argsort`, takes zeros
 * for equal.)
 */

import { BOOL, type PrimSpec, type TypedArray, vec } from '../../compiler/index.ts';
import { columnKind, columnOf, found, vector } from '../column.ts';

export const sort: PrimSpec = {
  name: 'sort',
  doc: 'sort(desc: bool, v: vec[T]): vec[T], the values in order, NaN last',
  pure: true,

  typing([desc, v, ...rest]) {
    if (desc !== BOOL) return `sort needs a bool first, true for descending, found ${found(desc)}`;
    if (rest.length > 0) return `sort takes two arguments, found ${rest.length + 2}`;
    const kind = columnKind(v);
    if (kind === null || v?.kind !== 'vec') return `sort sorts a vector of scalars, found ${found(v)}`;
    return vec(v.elem);
  },

  run([desc, v], alloc) {
    const { kind, length, cells } = columnOf(v);
    const sorted = alloc.alloc(kind, length);
    copyTo(sorted, cells);
    sortCells(sorted);
    if (desc === true) sorted.subarray(0, length - countNaN(sorted)).reverse();
    return vector(kind, sorted);
  },
};

/** Sorts upwards in place, NaN last and -0 below +0, as the language defines it for arrays of numbers. */
export function sortCells(cells: TypedArray): void {
  cells.sort();
  const nan = countNaN(cells);
  if (cells instanceof Float64Array || cells instanceof Float32Array) cells.fill(Number.NaN, cells.length - nan);
}

/** How many NaN a sorted column ends in. */
function countNaN(cells: TypedArray): number {
  let n = 0;
  while (n < cells.length && Number.isNaN(cells[cells.length - 1 - n])) n++;
  return n;
}

function copyTo(to: TypedArray, from: TypedArray): void {
  const bytes = (a: TypedArray): Uint8Array => new Uint8Array(a.buffer, a.byteOffset, a.byteLength);
  bytes(to).set(bytes(from));
}
