/**
 * Buckets of words, by a sample: every word of a bucket is below all words of the next one, and about as many words fall in
 * one bucket as in another.
 *
 *     cells      equal ranges of words, from the least of the sample to the greatest
 *     buckets    neighbouring cells of together some thousand words
 *
 * Words before the first cell and behind the last one, which the sample has not seen, are in the first bucket and the last.
 */

import type { TypedArray } from '../../compiler/index.ts';

/** Cells are at most so many: the places of those that most words are in are in the first cache. */
const MOST_CELL_BITS = 18;
/** Sampled words whose range has a cell at least. */
const CELL_WORDS = 16;

/** A sample of words of so many bits, in order: how far each is from the least one. */
export interface Sample {
  readonly width: number;
  readonly least: bigint;
  readonly above: Float64Array;
}

/** A sample of these words, in any order. */
export function sampleOfWords(words: TypedArray): Sample {
  const sorted = words.slice().sort();
  const halves = new Uint32Array(sorted.buffer);
  const width = halves.length / sorted.length;
  // By halves: differences of words that are near one another are exact.
  const [low, high] = [halves[0] ?? 0, width === 2 ? (halves[1] ?? 0) : 0];
  const above = Float64Array.from({ length: sorted.length }, (_, k) => {
    const difference = (halves[k * width] ?? 0) - low;
    return width === 2 ? difference + ((halves[2 * k + 1] ?? 0) - high) * 2 ** 32 : difference;
  });
  return { width: 32 * width, least: BigInt(sorted[0] ?? 0), above };
}

export interface Buckets {
  readonly count: number;
  /** The least word of the first cell, and how far a word is shifted for the number of its cell. */
  readonly low: bigint;
  readonly shift: number;
  /** The bucket of each cell; their number is a power of two. */
  readonly ofCell: Uint16Array;
}

/** Buckets of about `target` words of `length` that are like those of a sample. */
export function bucketsOf({ width, least, above }: Sample, length: number, target: number): Buckets {
  const shift = shiftOf(above);
  const whole = (least >> BigInt(shift)) << BigInt(shift);
  const farthest = Number(least - whole) + (above[above.length - 1] ?? 0);
  const bits = Math.min(width - shift, Math.ceil(Math.log2(Math.floor(farthest / 2 ** shift) + 1)));
  // A word before the first cell, less that, wraps around: no cell may be where it is then.
  const highest = 2n ** BigInt(width) - 2n ** BigInt(bits + shift);
  const low = whole < highest ? whole : highest;
  const offset = Number(least - low);
  const cellOf = (distance: number): number => Math.floor((distance + offset) / 2 ** shift);
  const cells = cellOf(above[above.length - 1] ?? 0) + 1;
  const ofCell = new Uint16Array(2 ** bits);
  const expected = length / above.length;
  let [bucket, from, words] = [1, 0, 0];
  for (let k = 0, cell = 0; k < above.length; k++) {
    const next = cellOf(above[k] ?? 0);
    if (next > cell && words >= target) {
      ofCell.fill(bucket++, from, next);
      [from, words] = [next, 0];
    }
    cell = next;
    words += expected;
  }
  ofCell.fill(bucket++, from, cells);
  ofCell.fill(bucket, cells);
  return { count: bucket + 1, low, shift, ofCell };
}

/** Cells so small that a few sampled words in a row are in different ones, wherever they are not all the same. */
function shiftOf(above: Float64Array): number {
  let least = Number.POSITIVE_INFINITY;
  for (let k = CELL_WORDS; k < above.length; k++) {
    const range = (above[k] ?? 0) - (above[k - CELL_WORDS] ?? 0);
    if (range > 0 && range < least) least = range;
  }
  const span = above[above.length - 1] ?? 0;
  const fine = Math.floor(Math.log2(Math.min(least, span + 1)));
  return Math.max(0, fine, Math.ceil(Math.log2(span + 1)) - MOST_CELL_BITS);
}
