/**
 * unique(v): the different values, in the order of `sort(false, v)`. -0 and +0 are one value, which is +0, and so are all
 * NaN.
 *
 *     unique([2, 1, 2])  =>  [1, 2]
 */

import { type PrimSpec, type TypedArray, vec } from '../../compiler/index.ts';
import { columnKind, columnOf, found, vector } from '../column.ts';
import { sortCells } from './sort.ts';

export const unique: PrimSpec = {
  name: 'unique',
  doc: 'unique(v: vec[T]): vec[T], the different values in order',
  pure: true,

  typing([v, ...rest]) {
    if (columnKind(v) === null || v?.kind !== 'vec') return `unique takes a vector of scalars, found ${found(v)}`;
    return rest.length === 0 ? vec(v.elem) : `unique takes one argument, found ${rest.length + 1}`;
  },

  run([v], alloc) {
    const { kind, cells } = columnOf(v);
    const sorted = cells.slice();
    sortCells(sorted);
    const firsts = Array.from(sorted.keys()).filter((k) => k === 0 || !isSame(sorted, k - 1, k));
    const made = alloc.alloc(kind, firsts.length);
    for (const [to, from] of firsts.entries()) {
      const cell = sorted[from] ?? 0;
      if (made instanceof BigInt64Array || made instanceof BigUint64Array) made[to] = BigInt(cell);
      else made[to] = cell === 0 ? 0 : Number(cell);
    }
    return vector(kind, made);
  },
};

const isSame = (cells: TypedArray, a: number, b: number): boolean =>
  cells[a] === cells[b] || (Number.isNaN(cells[a]) && Number.isNaN(cells[b]));
