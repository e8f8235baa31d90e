/**
 * argsort(desc, key1, ..., keyK): the permutation that sorts rows by key1, then key2, ...; stable.
 *
 *     argsort([false, true], [2, 1, 2], [5.0, 7.0, 9.0])  =>  [1L, 2L, 0L]
 *
 * `desc` has one bool a key: true for descending. NaN comes last in both directions, -0 and +0 are equal, false is
 * below true. Rows without a value are placed by a bool key in front of their column: `isnull` ascending puts them last.
 *
 * Method: every key becomes one or two unsigned 32-bit words whose order is the order of the key; then a radix sort
 * from the least significant byte of the last key to the most significant byte of the first. Each pass is stable, and
 * bytes that are the same in all rows are skipped, so small numbers in wide columns cost little.
 */

import {
  type Allocator,
  fail,
  I64,
  InternalError,
  invariant,
  type PrimSpec,
  type ScalarKind,
  type Type,
  type TypedArray,
  type Value,
  type VecValue,
  vec,
} from '../../compiler/index.ts';
import { found } from '../column.ts';

export const argsort: PrimSpec = {
  name: 'argsort',
  topk: 'argtopk',
  doc: 'argsort(desc: vec[bool], keys: vec[scalar]...): vec[i64], the stable permutation that sorts by the keys',
  pure: true,

  typing: (types) => keysTyping('argsort', types),

  run(args, alloc) {
    const { keys, length } = keysOf('argsort', args);
    const order = sortedRows(keys, length);
    return rowsValue(order, order.length, alloc);
  },
};

/** The type of a permutation by keys. */
export function keysTyping(who: string, args: readonly Type[]): Type | string {
  const [desc, ...keys] = args;
  if (desc?.kind !== 'vec' || desc.elem.kind !== 'scalar' || desc.elem.scalar !== 'bool') {
    return `${who} needs a vec[bool] of directions, one for each key and true for descending, found ${found(desc)}`;
  }
  if (keys.length === 0) return `${who} needs at least one key`;
  const bad = keys.find((k) => k.kind !== 'vec' || k.elem.kind !== 'scalar');
  return bad === undefined ? vec(I64) : `${who} sorts by vectors of scalars, found ${found(bad)}`;
}

/** A column to sort by. */
export interface Key {
  readonly kind: ScalarKind;
  readonly column: TypedArray;
  readonly descending: boolean;
}

/** The keys of the arguments `desc, key1, ..`, which must have one length. */
export function keysOf(
  who: string,
  args: readonly Value[],
): { readonly keys: readonly Key[]; readonly length: number } {
  const [desc, ...vectors] = args.map(asVec);
  invariant(desc !== undefined, () => `${who} without arguments`);
  if (desc.length !== vectors.length) {
    fail('W8005', `${who} needs one direction for each key, found ${desc.length} for ${vectors.length} keys`);
  }
  const length = vectors[0]?.length ?? 0;
  const keys = vectors.map((v, k): Key => {
    if (v.length !== length) fail('W6003', `${who}: keys of lengths ${length} and ${v.length}`);
    const column = v.cols[0];
    invariant(v.elem.kind === 'scalar' && column !== undefined, () => `${who}: a key that is no scalar column`);
    return { kind: v.elem.scalar, column, descending: desc.cols[0]?.[k] === 1 };
  });
  return { keys, length };
}

/** The rows 0 .. length-1 in the order of the keys. */
export function sortedRows(keys: readonly Key[], length: number): Uint32Array {
  const sorter = new Sorter(length);
  for (const key of keys.toReversed()) sorter.sortBy(orderWords(key, length));
  return sorter.order;
}

/** The first `length` rows as a vector of i64. */
export function rowsValue(rows: Uint32Array, length: number, alloc: Allocator): VecValue {
  const order = alloc.alloc('i64', length);
  writeOrder(order, rows.subarray(0, length));
  return { kind: 'vec', elem: I64, length, cols: [order] };
}

function asVec(v: Value): VecValue {
  if (typeof v !== 'object' || v.kind !== 'vec') throw new InternalError('argsort: an argument that is no vector');
  return v;
}

/** The order as i64, written as pairs of words: bigints one by one would cost more than the sort. */
function writeOrder(to: TypedArray, order: Uint32Array): void {
  const words = new Uint32Array(to.buffer, to.byteOffset, order.length * 2);
  for (let i = 0; i < order.length; i++) {
    words[2 * i] = order[i] ?? 0;
    words[2 * i + 1] = 0;
  }
}

/** Sorts row numbers by one word after the other; later sorts go before earlier ones. */
class Sorter {
  /** Row numbers in the order so far. */
  order: Uint32Array;
  #spare: Uint32Array;
  #words: Uint32Array;
  #spareWords: Uint32Array;

  constructor(rows: number) {
    this.order = new Uint32Array(rows);
    for (let i = 0; i < rows; i++) this.order[i] = i;
    this.#spare = new Uint32Array(rows);
    this.#words = new Uint32Array(rows);
    this.#spareWords = new Uint32Array(rows);
  }

  /** Sorts by a key of these words, the least significant first. */
  sortBy(words: readonly Uint32Array[]): void {
    for (const word of words) this.#sortByWord(word);
  }

  #sortByWord(word: Uint32Array): void {
    const n = this.order.length;
    // The words travel with the row numbers: only this first reading is in random order.
    for (let i = 0; i < n; i++) this.#words[i] = word[this.order[i] ?? 0] ?? 0;
    const counts = histograms(this.#words);
    for (let byte = 0; byte < 4; byte++) {
      const starts = startsOf(counts.subarray(byte * 256, byte * 256 + 256), n);
      if (starts !== null) this.#pass(byte * 8, starts);
    }
  }

  /** One stable counting pass by the byte at `shift`. */
  #pass(shift: number, starts: Uint32Array): void {
    const [words, order, toWords, toOrder] = [this.#words, this.order, this.#spareWords, this.#spare];
    for (let i = 0; i < words.length; i++) {
      const w = words[i] ?? 0;
      const digit = (w >>> shift) & 255;
      const to = starts[digit] ?? 0;
      starts[digit] = to + 1;
      toWords[to] = w;
      toOrder[to] = order[i] ?? 0;
    }
    [this.#words, this.order, this.#spareWords, this.#spare] = [toWords, toOrder, words, order];
  }
}

/** How often each value of each byte occurs. */
function histograms(words: Uint32Array): Uint32Array {
  const counts = new Uint32Array(4 * 256);
  const count = (at: number): void => {
    counts[at] = (counts[at] ?? 0) + 1;
  };
  for (let i = 0; i < words.length; i++) {
    const w = words[i] ?? 0;
    count(w & 255);
    count(256 + ((w >>> 8) & 255));
    count(512 + ((w >>> 16) & 255));
    count(768 + (w >>> 24));
  }
  return counts;
}

/** Where each value of a byte starts, or null if all rows have the same. */
function startsOf(counts: Uint32Array, n: number): Uint32Array | null {
  const starts = new Uint32Array(256);
  let sum = 0;
  for (let d = 0; d < 256; d++) {
    const c = counts[d] ?? 0;
    if (c === n) return null;
    starts[d] = sum;
    sum += c;
  }
  return starts;
}

/** Words whose unsigned order is the wanted order of the key, for its first `n` rows, least significant first. */
export function orderWords({ kind, column, descending }: Key, n: number): readonly Uint32Array[] {
  const flip = descending ? 0xffffffff : 0;
  if (kind === 'i64' || kind === 'u64') return wideIntWords(column, n, flip, kind === 'i64');
  if (kind === 'f64') return doubleWords(column, n, flip);
  const out = new Uint32Array(n);
  if (kind === 'f32') {
    const bits = new Uint32Array(column.buffer, column.byteOffset, n);
    for (let i = 0; i < n; i++) {
      const value = Number(column[i]);
      const b = value === 0 ? 0 : (bits[i] ?? 0);
      out[i] = Number.isNaN(value) ? LAST : (b ^ (b >>> 31 === 1 ? 0xffffffff : SIGN) ^ flip) >>> 0;
    }
    return [out];
  }
  // Narrow integers: the sign bit is moved out of the way.
  const sign = kind === 'i8' || kind === 'i16' || kind === 'i32' ? SIGN : 0;
  for (let i = 0; i < n; i++) out[i] = (Number(column[i]) ^ sign ^ flip) >>> 0;
  return [out];
}
const SIGN = 0x80000000;
/** Behind every other word: no number has this code, ascending or descending. */
const LAST = 0xffffffff;

function wideIntWords(column: TypedArray, n: number, flip: number, signed: boolean): readonly Uint32Array[] {
  const words = new Uint32Array(column.buffer, column.byteOffset, 2 * n);
  const [low, high] = [new Uint32Array(n), new Uint32Array(n)];
  for (let i = 0; i < n; i++) {
    low[i] = (words[2 * i] ?? 0) ^ flip;
    high[i] = (words[2 * i + 1] ?? 0) ^ (signed ? SIGN : 0) ^ flip;
  }
  return [low, high];
}

/** Negative numbers have all bits flipped, others the sign bit: then bits compare like values. */
function doubleWords(column: TypedArray, n: number, flip: number): readonly Uint32Array[] {
  const words = new Uint32Array(column.buffer, column.byteOffset, 2 * n);
  const [low, high] = [new Uint32Array(n), new Uint32Array(n)];
  for (let i = 0; i < n; i++) {
    const value = Number(column[i]);
    if (Number.isNaN(value)) {
      low[i] = LAST;
      high[i] = LAST;
    } else if (value === 0) {
      low[i] = flip;
      high[i] = SIGN ^ flip;
    } else {
      const h = words[2 * i + 1] ?? 0;
      const negative = h >>> 31 === 1;
      low[i] = (words[2 * i] ?? 0) ^ (negative ? 0xffffffff : 0) ^ flip;
      high[i] = h ^ (negative ? 0xffffffff : SIGN) ^ flip;
    }
  }
  return [low, high];
}
