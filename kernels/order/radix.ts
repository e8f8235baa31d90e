/**
 * A stable radix sort of words from the least significant byte up, on all threads.
 *
 *     counts     how often each byte occurs in each part of the rows; a byte that all rows share is skipped
 *     starts     where each part puts its rows of each byte: parts one after the other, so the sort is stable
 *     scatter    each part moves its words there, and the row numbers that belong to them
 *
 * Every pass reads and writes words and row numbers once. With one part the counts of all bytes come from one reading.
 */

import type { TypedArray } from '../../compiler/index.ts';
import { bin, cast, type Get, type Kernel, KernelBuilder, lit, type SExpr } from '../../compiler/kernels.ts';
import { type Machine, type MachineBuffer, once } from '../machine.ts';
import { WORD_BYTES, type Word } from './words.ts';

const DIGITS = 256;
/** Parts a thread, so that a slow one does not hold up the others for long. */
const PARTS_A_THREAD = 4;

/** Words to sort, and the row numbers (u32) that are moved with them: null where they are 0, 1, 2 .., none to move none. */
export interface Rows {
  readonly words: TypedArray;
  readonly order: TypedArray | null | 'none';
}

/** The rows in the order of their words. The arrays given are written to. */
export async function radixSort(m: Machine, word: Word, given: Rows, length: number): Promise<Rows> {
  const most = m.threads === 1 ? 1 : m.threads * PARTS_A_THREAD;
  const rowsPerPart = Math.max(Math.ceil(length / most), Math.min(length, m.fewestRows), 1);
  const parts = Math.ceil(length / rowsPerPart);
  const run = (kernel: Kernel, bufs: readonly MachineBuffer[]) => m.launch(kernel, { rows: length, rowsPerPart, bufs });
  const bytes = WORD_BYTES[word];

  const counts = zeros(m, parts * bytes * DIGITS);
  await run(countAll(word), [given.words, { copies: counts, length: bytes * DIGITS }]);
  const totals = totalsOf(counts, parts, bytes);
  let rows = given;
  let spare: Rows = { words: m.alloc.alloc(word, length), order: null };
  for (let byte = 0, moved = false; byte < bytes; byte++) {
    if (totals.subarray(byte * DIGITS, (byte + 1) * DIGITS).includes(length)) continue;
    // The counts of parts are those of the first order; all rows together are always the same.
    const stale = moved && parts > 1;
    const own = stale ? zeros(m, parts * DIGITS) : counts;
    if (stale) await run(countByte(word, byte), [rows.words, { copies: own, length: DIGITS }]);
    const starts = { copies: startsOf(m, own, parts, stale ? 0 : byte, stale ? 1 : bytes), length: DIGITS };
    const { words, order } = rows;
    if (order === 'none') {
      await run(scatterWords(word, byte), [words, starts, spare.words]);
      [rows, spare] = [{ words: spare.words, order }, rows];
    } else {
      const to = spare.order === null || spare.order === 'none' ? m.alloc.alloc('u32', length) : spare.order;
      if (order === null) await run(scatterFirst(word, byte), [words, starts, spare.words, to]);
      else await run(scatterRows(word, byte), [words, order, starts, spare.words, to]);
      [rows, spare] = [{ words: spare.words, order: to }, rows];
    }
    moved = true;
  }
  return rows;
}

function zeros(m: Machine, length: number): TypedArray {
  const counts = m.alloc.alloc('u32', length);
  new Uint8Array(counts.buffer, counts.byteOffset, counts.byteLength).fill(0);
  return counts;
}

/** The counts of all parts together. */
function totalsOf(counts: TypedArray, parts: number, bytes: number): Uint32Array {
  const totals = new Uint32Array(bytes * DIGITS);
  for (let part = 0; part < parts; part++) {
    for (let k = 0; k < totals.length; k++) totals[k] = (totals[k] ?? 0) + Number(counts[part * totals.length + k]);
  }
  return totals;
}

/** Where each part begins with each byte, from the counts of byte `byte` of `bytes`. */
function startsOf(m: Machine, counts: TypedArray, parts: number, byte: number, bytes: number): TypedArray {
  const starts = m.alloc.alloc('u32', parts * DIGITS);
  const words = new Uint32Array(starts.buffer, starts.byteOffset, starts.length);
  let next = 0;
  for (let digit = 0; digit < DIGITS; digit++) {
    for (let part = 0; part < parts; part++) {
      words[part * DIGITS + digit] = next;
      next += Number(counts[(part * bytes + byte) * DIGITS + digit]);
    }
  }
  return starts;
}

// ---- kernels -----------------------------------------------------------------------------------------------------

const digitOf = (k: KernelBuilder, word: Word, w: SExpr, byte: number): Get => {
  const shifted = byte === 0 ? w : bin('>>', w, lit(word, 8 * byte));
  return k.let(bin('&', cast(shifted, 'i32'), lit('i32', DIGITS - 1)));
};
const increment = (k: KernelBuilder, counts: number, at: Get): Get => {
  const old = k.load(counts, at);
  k.store(counts, at, bin('+', old, lit('u32', 1)));
  return old;
};

/** Counts all bytes of the words of a part. */
const countAll = once((word: Word) => {
  const k = new KernelBuilder(`count_bytes_${word}`);
  const [words, counts] = [k.buf('words', word, 'read'), k.buf('counts', 'u32', 'readwrite', true)];
  const w = k.load(words, k.index);
  for (let byte = 0; byte < WORD_BYTES[word]; byte++) {
    increment(k, counts, k.let(bin('+', digitOf(k, word, w, byte), lit('i32', byte * DIGITS))));
  }
  return k.finish();
});

/** Counts one byte of the words of a part. */
const countByte = once((word: Word, byte: number) => {
  const k = new KernelBuilder(`count_byte${byte}_${word}`);
  const [words, counts] = [k.buf('words', word, 'read'), k.buf('counts', 'u32', 'readwrite', true)];
  increment(k, counts, digitOf(k, word, k.load(words, k.index), byte));
  return k.finish();
});

/** Moves words to the places of their byte, and row numbers: those of `order`, or in `first` those of the rows. */
const scatterRows = once((word: Word, byte: number) => mover('rows', word, byte));
const scatterFirst = once((word: Word, byte: number) => mover('first', word, byte));
const scatterWords = once((word: Word, byte: number) => mover('words', word, byte));

function mover(what: 'rows' | 'first' | 'words', word: Word, byte: number): Kernel {
  const k = new KernelBuilder(`scatter_${what}_byte${byte}_${word}`);
  const words = k.buf('words', word, 'read');
  const order = what === 'rows' ? k.buf('order', 'u32', 'read') : null;
  const starts = k.buf('starts', 'u32', 'readwrite', true);
  const toWords = k.buf('to_words', word, 'write');
  const toOrder = what === 'words' ? null : k.buf('to_order', 'u32', 'write');
  const w = k.load(words, k.index);
  const row = order === null ? k.let(cast(k.index, 'u32')) : k.load(order, k.index);
  const place = k.let(cast(increment(k, starts, digitOf(k, word, w, byte)), 'i32'));
  k.store(toWords, place, w);
  if (toOrder !== null) k.store(toOrder, place, row);
  return k.finish();
}
