/**
 * A stable radix sort of a column, on all threads.
 *
 *     digits     the bits that decide the order, by a sample
 *     deal       rows go to the places of their topmost digit: parts one after the other, so that the sort is stable
 *     finish     the rows of each topmost digit are sorted by the other digits, from the lowest up; they are few enough to
 *                stay in the cache. Neighbours that agree in all digits are put in order.
 *
 * Where a sample has misled, the rows are sorted by all bits.
 */

import { invariant, type ScalarValue, type TypedArray } from '../../compiler/index.ts';
import type { Machine, MachineBuffer } from '../machine.ts';
import type { Key } from './argsort.ts';
import { type Digits, digitsOf, type Likes, likesOf, type Sample } from './digits.ts';
import { BLOCK, compare, countTop, deal, finish, type Moved } from './radix-kernels.ts';
import { pickedFrom } from './sample.ts';
import { flipOf, type Ties, toWords, WORD_BITS, type Word, wordOf, wordValue } from './words.ts';

/** Parts a thread, so that a slow one does not hold up the others for long. */
const PARTS_A_THREAD = 4;
const FINISHERS_A_THREAD = 16;
/** Most bits of a digit: with one more the places to go on writing to, twice as many with row numbers, leave the cache. */
const DIGIT_BITS: Readonly<Record<Moved, number>> = { values: 10, first: 9, rows: 9 };
/** Words of the sample: their pairs are some 30 million. */
const SAMPLE = 1 << 13;

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
  const sample = await wordsOf(m, s);
  const likes = likesOf(sample);
  const differs = await differing(m, s, likes);
  const sortAll = (expected: number): Promise<boolean> =>
    sortBy(m, s, digitsOf(sample, expected, likes, differs, DIGIT_BITS[s.moved]));
  if (await sortAll(length)) return;
  const all = await sortAll(Number.POSITIVE_INFINITY);
  invariant(all, () => 'radixSort: not in order by all bits');
}

/** A sample of the words of the column, in order. */
async function wordsOf(m: Machine, { key, ties }: Sorting): Promise<Sample> {
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
  const halves = new Uint32Array(words.slice().sort().buffer);
  if (word === 'u32') return { width: 32, high: halves, low: new Uint32Array(halves.length) };
  return { width: 64, high: halves.filter((_, k) => k % 2 === 1), low: halves.filter((_, k) => k % 2 === 0) };
}

/** How the kernels that read the column cut it. */
function blocksOf(m: Machine, rows: number): { readonly rows: number; readonly rowsPerPart: number } {
  const most = m.threads === 1 ? 1 : m.threads * PARTS_A_THREAD;
  const rowsPerPart = Math.max(Math.ceil(rows / most), Math.min(rows, m.fewestRows));
  return { rows: Math.ceil(rows / BLOCK), rowsPerPart: Math.ceil(rowsPerPart / BLOCK) };
}

/** The highest bit, or -1, in which some word of the column is not like the one that it has the top bit of. */
async function differing(m: Machine, { key, ties }: Sorting, { isSplit, words }: Likes): Promise<number> {
  const word = wordOf(key.kind);
  const [like, likeTop] = words;
  const all = (1n << BigInt(WORD_BITS[word] - (isSplit ? 1 : 0))) - 1n;
  const scalars = [like, like ^ likeTop, all].map((w) => wordValue(word, w));
  const report = await m.launch(compare(key.kind, ties), {
    ...blocksOf(m, key.column.length),
    bufs: [key.column],
    scalars: [...scalars, key.column.length, flipOf(key.kind, key.descending)],
  });
  let differs = 0n;
  for (let part = 0; part < report.parts; part++) differs |= BigInt(report.cell(part, 0));
  return differs === 0n ? -1 : BigInt.asUintN(WORD_BITS[word], differs).toString(2).length - 1;
}

/** Sorts by these digits; false where too many neighbours are out of order by the bits below. */
async function sortBy(m: Machine, { key, ties, order, moved, to }: Sorting, digits: Digits): Promise<boolean> {
  const { kind, column } = key;
  const rows = column.length;
  const word = wordOf(kind);
  const top = topOf(digits, word);
  const blocks = blocksOf(m, rows);
  const parts = Math.ceil(blocks.rows / blocks.rowsPerPart);
  const counts = zeros(m, parts * top.size);
  const scalars = [...top.scalars, rows, flipOf(key.kind, key.descending)];
  await m.launch(countTop(kind, ties), { ...blocks, bufs: [column, { copies: counts, length: top.size }], scalars });
  const { starts, bounds } = startsOf(m, counts, parts, top.size);

  const passes = digits.count - 1;
  const words = Array.from({ length: passes > 0 ? 2 : 1 }, () => m.alloc.alloc(word, rows));
  // The last pass moves the rows to where they are asked for.
  const orders = moved === 'values' ? [] : passes === 0 ? [to] : [m.alloc.alloc('u32', rows), to];
  const [dealt, other] = passes % 2 === 0 ? orders.toReversed() : orders;
  const given = order === null ? [] : [order];
  await m.launch(deal(kind, ties, moved), {
    ...blocks,
    bufs: [column, { copies: starts, length: top.size }, ...words.slice(0, 1), ...given, ...present(dealt)],
    scalars,
  });

  const size = Math.max(4, 2 ** digits.bits);
  const groupsPerPart = m.threads === 1 ? top.size : Math.ceil(top.size / (m.threads * FINISHERS_A_THREAD));
  const finishers = Math.ceil(top.size / groupsPerPart);
  const scratch: readonly MachineBuffer[] =
    passes === 0 ? [] : [{ copies: m.alloc.alloc('u32', finishers * passes * size), length: passes * size }];
  const shifts = Array.from({ length: passes }, (_, pass) => wordValue(word, BigInt(digits.low + pass * digits.bits)));
  const report = await m.launch(finish(kind, moved, passes, digits.low > 0), {
    rows: top.size,
    rowsPerPart: groupsPerPart,
    bufs: [bounds, ...scratch, ...words, ...(moved === 'values' ? [to] : [...present(dealt), ...present(other)])],
    scalars: [
      ...(moved === 'values' ? [flipOf(key.kind, key.descending)] : []),
      ...(passes === 0 ? [] : [2 ** digits.bits - 1, size]),
      ...shifts,
    ],
  });
  return report.failure === null;
}

const present = <T>(x: T | undefined): readonly T[] => (x === undefined ? [] : [x]);

/** How many values the topmost digit has, and the arguments by which kernels find it in a word. */
function topOf(
  { count, bits, low, top, isSplit }: Digits,
  word: Word,
): { readonly size: number; readonly scalars: readonly ScalarValue[] } {
  const width = WORD_BITS[word];
  // Shift and mask of its bits, then of the top bit, which goes in front of them where it is one of them.
  const fields = [low + (count - 1) * bits, 2 ** top - 1, width - 1 - top, isSplit ? 2 ** top : 0];
  return { size: 2 ** (top + (isSplit ? 1 : 0)), scalars: fields.map((n) => wordValue(word, BigInt(n))) };
}

/** Counts that are 0. */
export function zeros(m: Machine, length: number): TypedArray {
  const counts = m.alloc.alloc('u32', length);
  new Uint8Array(counts.buffer, counts.byteOffset, counts.byteLength).fill(0);
  return counts;
}

/** Where each part begins with each digit, and where the rows of a digit begin. */
function startsOf(
  m: Machine,
  counts: TypedArray,
  parts: number,
  size: number,
): { readonly starts: TypedArray; readonly bounds: TypedArray } {
  const [starts, bounds] = [m.alloc.alloc('u32', parts * size), m.alloc.alloc('u32', size + 1)];
  let next = 0;
  for (let digit = 0; digit < size; digit++) {
    bounds[digit] = next;
    for (let part = 0; part < parts; part++) {
      starts[part * size + digit] = next;
      next += Number(counts[part * size + digit]);
    }
  }
  bounds[size] = next;
  return { starts, bounds };
}
