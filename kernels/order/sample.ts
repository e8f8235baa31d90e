/** Samples of columns, by which selections guess between which values the wanted ones lie. */

import type { TypedArray } from '../../compiler/index.ts';
import { sortCells } from './sort.ts';

/** Values of a sample. */
export const SAMPLE = 1 << 14;

/**
 * Up to SAMPLE values from all over a column, in order, NaN last; places by a multiplicative sequence, lest a pattern in the
 * rows be met.
 */
export function sampleOf(cells: TypedArray): TypedArray {
  const sample = cells.slice(0, SAMPLE);
  for (let s = 0; s < sample.length; s++) {
    const cell = cells[placeOf(s, cells.length)] ?? 0;
    if (sample instanceof BigInt64Array || sample instanceof BigUint64Array) sample[s] = BigInt(cell);
    else sample[s] = Number(cell);
  }
  sortCells(sample);
  return sample;
}

/** The place of value s of a sample of `length` values. */
export const placeOf = (s: number, length: number): number =>
  Math.floor(((Math.imul(s + 1, 0x9e3779b1) >>> 0) / 2 ** 32) * length);
