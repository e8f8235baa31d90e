/**
 * A flat memory over arrays of the JavaScript heap, for nested values outside of a session. Arrays keep their own
 * buffers; the pool gives each a range of addresses, and finds the array again by bisection.
 */

import { InternalError, invariant } from '../diag/diagnostic.ts';
import { type ScalarKind, scalarBytes } from './types.ts';
import type { Allocator, FlatMemory, TypedArray } from './value.ts';

/** Ranges begin at multiples of this, so that every kind of element has whole places. */
const GRAIN = 64;

interface Range {
  readonly start: number;
  readonly array: TypedArray;
}

export class ColumnPool implements Allocator, FlatMemory {
  readonly flat: FlatMemory = this;
  readonly #from: Allocator;
  readonly #ranges: Range[] = [];
  readonly #starts = new Map<TypedArray, number>();
  #end = GRAIN;

  /** A pool of arrays that `from` allocates. */
  constructor(from: Allocator) {
    this.#from = from;
  }

  alloc(kind: ScalarKind, length: number): TypedArray {
    const array = this.#from.alloc(kind, length);
    this.#ranges.push({ start: this.#end, array });
    this.#starts.set(array, this.#end);
    this.#end += Math.ceil(array.byteLength / GRAIN) * GRAIN + GRAIN;
    return array;
  }

  at(kind: ScalarKind, place: number, length: number): TypedArray {
    if (length === 0) return this.#from.alloc(kind, 0);
    const address = place * scalarBytes(kind);
    let [low, high] = [0, this.#ranges.length];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if ((this.#ranges[middle]?.start ?? 0) <= address) low = middle;
      else high = middle;
    }
    const range = this.#ranges[low];
    if (range === undefined) throw new InternalError('flat memory: nothing is in it');
    const { array, start } = range;
    const first = (address - start) / array.BYTES_PER_ELEMENT;
    invariant(first >= 0 && first + length <= array.length, () => `flat memory: ${length} elements at ${place}`);
    return array.subarray(first, first + length);
  }

  placeOf(column: TypedArray): number {
    const start = this.#starts.get(column);
    if (start === undefined) throw new InternalError('flat memory: an array that is not in it');
    return start / column.BYTES_PER_ELEMENT;
  }
}
