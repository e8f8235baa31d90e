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

/** The value at a place of the cells in order, which are reordered; NaN are none of them. */
export function selected(cells: TypedArray, place: number): number | bigint | undefined {
  let [low, high] = [0, cells.length - 1];
  while (low < high) {
    const pivot = cells[(low + high) >>> 1] ?? 0;
    let [up, down] = [low, high];
    // What is equal to the pivot is swapped too: where all cells are, this halves them all the same.
    while (up <= down) {
      while ((cells[up] ?? 0) < pivot) up++;
      while ((cells[down] ?? 0) > pivot) down--;
      if (up > down) break;
      const cell = cells[up] ?? 0;
      cells[up++] = cells[down] ?? 0;
      cells[down--] = cell;
    }
    if (place <= down) high = down;
    else if (place >= up) low = up;
    else return cells[place];
  }
  return cells[place];
}
