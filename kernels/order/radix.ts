/**
 * A stable radix sort of a column, on all threads.
 *
 *     buckets   ranges of words, by a sample
 *     deal      words go to their buckets, in one reading: parts one after the other, so that the sort is stable
 *     finish    each bucket is sorted by digits, from the lowest up; it is so small that it stays in the cache
 *
 * Memory is crossed twice. A sample that misleads makes some buckets large, which costs time and nothing else.
 */

import type { TypedArray } from '../../compiler/index.ts';
import type { Machine, MachineBuffer } from '../machine.ts';
import type { Key } from './argsort.ts';
import { type Buckets, bucketsOf, type Sample, sampleOfWords } from './buckets.ts';
import { BLOCK, deal, ROW } from './deal.ts';
import { DIGIT_BITS, finish } from './finish.ts';
import { pickedFrom } from './sample.ts';
import { flipOf, type Moved, type Ties, toWords, wordOf, wordValue } from './words.ts';

/** Parts a thread, so that a slow one does not hold up the others for long. */
const PARTS_A_THREAD = 4;
const FINISHERS_A_THREAD = 16;
/** Words of the sample. */
const SAMPLE = 1 << 13;
/** Words of a bucket: two sides of them are in the second cache. There are not more buckets than places to go on writing at. */
const BUCKET = 10_000;
const MOST_BUCKETS = 1 << 11;

/** The values of a column in order, as `sort` defines it; by the ties of rows zeros of both signs are one. */
export async function sortedValues(m: Machine, key: Key, ties: Ties): Promise<TypedArray> {
  const to = m.alloc.alloc(key.kind, key.column.length);
  await radixSort(m, { key, ties, order: null, moved: 'values', to });
  return to;
}

/** Rows in the order of a column, as u32. `order` has the row of each element of the column; null: they are 0, 1, 2 .. */
export async function sortedOrder(m: Machine, key: Key, order: TypedArray | null): Promise<TypedArray> {
  const to = m.alloc.alloc('u32', key.column.length);
  await radixSort(m, { key, ties: 'rows', order, moved: order === null ? 'first' : 'rows', to });
  return to;
}

interface Sorting {
  readonly key: Key;
  readonly ties: Ties;
  readonly order: TypedArray | null;
  readonly moved: Moved;
  /** For the values in order, or the rows. */
  readonly to: TypedArray;
}

async function radixSort(m: Machine, s: Sorting): Promise<void> {
  const { length } = s.key.column;
  if (length === 0) return;
  const buckets = bucketsOf(await sampled(m, s), length, Math.max(BUCKET, length / MOST_BUCKETS));
  await finished(m, s, await dealt(m, s, buckets));
}

/** A sample of the words of the column. */
async function sampled(m: Machine, { key, ties }: Sorting): Promise<Sample> {
  const word = wordOf(key.kind);
  const picked = pickedFrom(key.column, SAMPLE);
  const [cells, words] = [m.alloc.alloc(key.kind, picked.length), m.alloc.alloc(word, picked.length)];
  cells.set(picked as never);
  const launch = {
    rows: cells.length,
    rowsPerPart: cells.length,
    bufs: [cells, words],
    scalars: [flipOf(key.kind, key.descending)],
  };
  await m.launch(toWords(key.kind, ties), launch);
  return sampleOfWords(words);
}

/** Where the words are after dealing. */
interface Dealt {
  readonly parts: number;
  readonly buckets: number;
  /** Blocks of a part. */
  readonly blocks: number;
  /** By part and bucket: the place behind the last word, and how many blocks are full. */
  readonly next: TypedArray;
  readonly full: TypedArray;
  /** The block behind each one. */
  readonly behind: TypedArray;
  readonly words: TypedArray;
  readonly order: TypedArray | null;
}

async function dealt(m: Machine, { key, ties, order, moved }: Sorting, b: Buckets): Promise<Dealt> {
  const { kind, column } = key;
  const { length } = column;
  const word = wordOf(kind);
  const most = m.threads === 1 ? 1 : m.threads * PARTS_A_THREAD;
  const rowsPerPart = Math.ceil(Math.max(length / most, Math.min(length, m.fewestRows)) / ROW);
  const rows = Math.ceil(length / ROW);
  const parts = Math.ceil(rows / rowsPerPart);

  const blocks = b.count + Math.floor((rowsPerPart * ROW) / BLOCK);
  const [next, full] = [m.alloc.alloc('u32', parts * b.count), zeros(m, parts * b.count)];
  const [fresh, behind] = [m.alloc.alloc('u32', parts), m.alloc.alloc('u32', parts * blocks)];
  for (let part = 0; part < parts; part++) {
    for (let bucket = 0; bucket < b.count; bucket++) next[part * b.count + bucket] = (part * blocks + bucket) * BLOCK;
    fresh[part] = part * blocks + b.count;
  }
  const words = m.alloc.alloc(word, parts * blocks * BLOCK);
  const toOrder = moved === 'values' ? null : m.alloc.alloc('u32', parts * blocks * BLOCK);
  const ofCell = m.alloc.alloc('u16', b.ofCell.length);
  ofCell.set(b.ofCell as never);
  const ofPart = (copies: TypedArray, n: number): MachineBuffer => ({ copies, length: n });
  await m.launch(deal(kind, ties, moved), {
    rows,
    rowsPerPart,
    bufs: [
      ...[column, ofCell, ofPart(next, b.count), ofPart(full, b.count), ofPart(fresh, 1), behind, words],
      ...present(order),
      ...present(toOrder),
    ],
    scalars: [
      ...[length, flipOf(kind, key.descending), wordValue(word, b.low), wordValue(word, BigInt(b.shift))],
      ...[wordValue(word, BigInt(Math.log2(b.ofCell.length))), b.count - 1],
    ],
  });
  return { parts, buckets: b.count, blocks, next, full, behind, words, order: toOrder };
}

async function finished(m: Machine, { key, moved, to }: Sorting, d: Dealt): Promise<void> {
  const word = wordOf(key.kind);
  const { bounds, most } = boundsOf(m, d);
  const able = m.threads === 1 ? 1 : Math.min(m.threads * FINISHERS_A_THREAD, Math.floor(to.length / (2 * most)));
  const rowsPerPart = Math.ceil(d.buckets / Math.max(able, 1));
  const finishers = Math.ceil(d.buckets / rowsPerPart);
  const sides = (kind: 'u32' | 'u64'): MachineBuffer => ({
    copies: m.alloc.alloc(kind, finishers * 2 * most),
    length: 2 * most,
  });
  const counts = 2 << DIGIT_BITS;
  await m.launch(finish(key.kind, moved), {
    rows: d.buckets,
    rowsPerPart,
    bufs: [
      ...[d.next, d.full, d.behind, d.words, ...present(d.order), bounds, sides(word)],
      ...(moved === 'values' ? [] : [sides('u32')]),
      { copies: m.alloc.alloc('u32', finishers * counts), length: counts },
      to,
    ],
    scalars: [
      ...[d.parts, d.buckets, d.blocks, most],
      ...(moved === 'values' ? [flipOf(key.kind, key.descending)] : []),
    ],
  });
}

const present = <T>(x: T | null): readonly T[] => (x === null ? [] : [x]);

/** Where the words of each bucket begin in the column that is made, and how many the largest one has. */
function boundsOf(
  m: Machine,
  { parts, buckets, next, full }: Dealt,
): { readonly bounds: TypedArray; readonly most: number } {
  const bounds = m.alloc.alloc('u32', buckets + 1);
  let [end, most] = [0, 0];
  for (let bucket = 0; bucket < buckets; bucket++) {
    bounds[bucket] = end;
    let words = 0;
    for (let at = bucket; at < parts * buckets; at += buckets) {
      words += Number(full[at]) * BLOCK + (Number(next[at]) % BLOCK);
    }
    end += words;
    most = Math.max(most, words);
  }
  bounds[buckets] = end;
  return { bounds, most };
}

/** Counts that are 0. */
export function zeros(m: Machine, length: number): TypedArray {
  const counts = m.alloc.alloc('u32', length);
  new Uint8Array(counts.buffer, counts.byteOffset, counts.byteLength).fill(0);
  return counts;
}
