/**
 * Bounds for the keys of a dictionary (`compiler/lower/builders/near.ts`), from those that some rows left: a table with a
 * place for each key within them is then worth its memory, or is not.
 *
 * Two things are told apart by the first half of the entries. Keys whose bounds hardly moved after it are drawn from
 * there: the bounds get a margin. Keys that went on and on, as in a column that is sorted, will go on: the bounds are drawn
 * out to all rows. Keys far from all others, such as a number that stands for none, are left out: keys outside are hashed.
 */

import { cost, type TypedArray } from '../../compiler/index.ts';

const { MAX_SORTED_PLACES, NEAR_KEYS, PLACES_AN_ENTRY, SORTED_PLACES_AN_ENTRY } = cost;

/** What was seen of the keys of a dictionary. */
export interface SeenKeys {
  /** The rows that left them, and how many there are before and behind these. */
  readonly rows: number;
  readonly before: number;
  readonly after: number;
  readonly entries: number;
  /** The bounds of each leaf, after half of the entries and after all. */
  readonly leaves: readonly { readonly half: Bounds; readonly all: Bounds }[];
}
interface Bounds {
  readonly low: number;
  readonly high: number;
}

/** The bounds that a table is made for. */
export interface NearBounds {
  readonly lows: readonly number[];
  readonly spans: readonly number[];
  /** The product of the spans. */
  readonly places: number;
  /** Do keys come in their order? Then the places are gone through once. */
  readonly isSorted: boolean;
}

/** What columns of `entries` keys say of them; null where there are none, or most are too large for numbers. */
export function seenKeys(
  keys: readonly TypedArray[],
  entries: number,
  where: Pick<SeenKeys, 'rows' | 'before' | 'after'>,
): SeenKeys | null {
  if (entries === 0) return null;
  const leaves = keys.map((column) => {
    const usual = usualValues(column, entries);
    const [half, all] = [Math.ceil(entries / 2), entries].map((count) => boundsOf(column, count, usual));
    return half == null || all == null ? null : { half, all };
  });
  const known = leaves.filter((l) => l !== null);
  return known.length < leaves.length ? null : { ...where, entries, leaves: known };
}

/** So many keys tell where most of them lie. */
const SAMPLED = 128;
/** A value is far from the others if it is further from the middle half of them than this many times its width. */
const FENCE = 2;

/** Bounds that leave out the values that lie far from all others, as a number that stands for none: Tukey's fences. */
function usualValues(column: TypedArray, entries: number): Bounds {
  const step = Math.max(1, Math.floor(entries / SAMPLED));
  const sample = Float64Array.from({ length: Math.ceil(entries / step) }, (_, k) => Number(column[k * step])).sort();
  const last = sample.length - 1;
  const [low = 0, high = 0] = [sample[Math.floor(last / 4)], sample[Math.ceil((3 * last) / 4)]];
  const width = Math.max(high - low, SAMPLED);
  return { low: Math.max(low - FENCE * width, -LARGEST), high: Math.min(high + FENCE * width, LARGEST) };
}

/** A bound has moved on if the second half of the entries went further by this part of all. */
const MOVED = 1 / 4;
/** Room at each end, as a part of what is between; none for a handful of values. */
const MARGIN = 1 / 8;

/** Bounds for a dictionary of so many entries; null where its keys lie too far from each other. */
export function nearBounds({ rows, before, after, leaves }: SeenKeys, entries: number): NearBounds | null {
  let isSorted = false;
  const ends = leaves.map(({ half, all }) => {
    const width = all.high - all.low + 1;
    const [fell, rose] = [half.low - all.low, all.high - half.high];
    let [below, above] = [Math.floor(MARGIN * width), Math.floor(MARGIN * width)];
    const moved = Math.max(fell, rose);
    if (moved >= MOVED * width) {
      isSorted = true;
      const [earlier, later] = [(2 * moved * before) / rows, (2 * moved * after) / rows];
      below += rose >= fell ? earlier : later;
      above += rose >= fell ? later : earlier;
    }
    const [low, high] = [Math.floor(all.low - below), Math.ceil(all.high + above)];
    return { low, span: high - low + 1 };
  });
  const spans = ends.map((e) => e.span);
  const places = spans.reduce((a, b) => a * b, 1);
  const sorted = isSorted ? Math.min(MAX_SORTED_PLACES, SORTED_PLACES_AN_ENTRY * entries) : 0;
  if (places > Math.max(NEAR_KEYS, PLACES_AN_ENTRY * entries, sorted)) return null;
  return { lows: ends.map((e) => e.low), spans, places, isSorted };
}

/** Larger ones are not taken for numbers. */
const LARGEST = 2 ** 52;
const WORD = 2 ** 32;

/** The bounds of those of the first `count` values that are usual; null if none is. */
function boundsOf(column: TypedArray, count: number, usual: Bounds): Bounds | null {
  let [low, high] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
  const see = (value: number): void => {
    if (value < usual.low || value > usual.high) return;
    if (value < low) low = value;
    if (value > high) high = value;
  };
  if (column instanceof BigInt64Array || column instanceof BigUint64Array) {
    // By words: a BigInt for each would take longer than the loop.
    const words = new Uint32Array(column.buffer, column.byteOffset, 2 * count);
    const negative = column instanceof BigUint64Array ? WORD : WORD / 2;
    for (let k = 0; k < count; k++) {
      const upper = words[2 * k + 1] ?? 0;
      see((upper >= negative ? upper - WORD : upper) * WORD + (words[2 * k] ?? 0));
    }
  } else {
    for (let k = 0; k < count; k++) see(Number(column[k]));
  }
  return low > high ? null : { low, high };
}
