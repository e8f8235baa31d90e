/** Samples of columns, by which selections guess between which values the wanted ones lie. */

import type { TypedArray } from '../../compiler/index.ts';
import { sortCells } from './sort.ts';

/** Up to `most` values from all over the column; by a multiplicative sequence, lest a pattern in the rows be met. */
export function pickedFrom(cells: TypedArray, most: number): TypedArray {
  const picked = cells.slice(0, most);
  for (let s = 0; s < picked.length; s++) {
    const place = Math.floor(((Math.imul(s + 1, 0x9e3779b1) >>> 0) / 2 ** 32) * cells.length);
    const cell = cells[place] ?? 0;
    if (picked instanceof BigInt64Array || picked instanceof BigUint64Array) picked[s] = BigInt(cell);
    else picked[s] = Number(cell);
  }
  return picked;
}

/** The same in order, NaN last. */
export function sampleOf(cells: TypedArray, most: number): TypedArray {
  const sample = pickedFrom(cells, most);
  sortCells(sample);
  return sample;
}
