/**
 * A stable radix sort from the least significant byte up, on all threads.
 *
 *     words      every key becomes an unsigned word whose order is that of the key
 *     counts     how often each byte occurs in each part of the rows; a byte that all rows share is skipped
 *     starts     where each part puts its rows of each byte: parts one after the other, so the sort is stable
 *     scatter    each part moves its words and row numbers there
 *
 * Every pass reads and writes words and row numbers once. With one part the counts of all bytes come from one reading.
 */

import type { ScalarKind, TypedArray } from '../../compiler/index.ts';
import {
  bin,
  bitcast,
  cast,
  cmp,
  type Get,
  type Kernel,
  KernelBuilder,
  lit,
  type SExpr,
  sel,
} from '../../compiler/kernels.ts';
import { type Machine, once } from '../machine.ts';

/** The unsigned kinds that keys are sorted as. */
export type Word = 'u32' | 'u64';
export const wordOf = (kind: ScalarKind): Word => (kind === 'i64' || kind === 'u64' || kind === 'f64' ? 'u64' : 'u32');
const BYTES: Readonly<Record<Word, number>> = { u32: 4, u64: 8 };

const DIGITS = 256;
/** Parts a thread, so that a slow one does not hold up the others for long. */
const PARTS_A_THREAD = 4;
/** Rows of a part of a kernel that works row by row. */
const MAP_ROWS = 1 << 16;

/** Row numbers, and the columns that are sorted with them. */
interface Rows {
  readonly words: TypedArray;
  /** Null while the rows are in their first order. */
  readonly order: TypedArray | null;
}

/** One sort after another, the last key first. */
export class RadixSort {
  readonly #m: Machine;
  readonly #rows: number;
  readonly #perPart: number;
  readonly #parts: number;
  #order: TypedArray | null = null;

  constructor(m: Machine, rows: number) {
    this.#m = m;
    this.#rows = rows;
    const most = m.threads === 1 ? 1 : m.threads * PARTS_A_THREAD;
    this.#perPart = Math.max(Math.ceil(rows / most), Math.min(rows, m.fewestRows), 1);
    this.#parts = Math.ceil(rows / this.#perPart);
  }

  /** The row numbers in the order so far, u32. */
  async order(): Promise<TypedArray> {
    if (this.#order !== null) return this.#order;
    const order = this.#m.alloc.alloc('u32', this.#rows);
    await this.#each(iota(), [order]);
    return order;
  }

  /** Sorts by a column, with the order so far among rows that are equal in it. */
  async sortBy(kind: ScalarKind, column: TypedArray, descending: boolean): Promise<void> {
    const word = wordOf(kind);
    const flip = descending ? (word === 'u64' ? 2n ** 64n - 1n : 0xffffffff) : word === 'u64' ? 0n : 0;
    const words = this.#m.alloc.alloc(word, this.#rows);
    await this.#each(orderWords(kind), [column, words], [flip]);
    const order = this.#order;
    const first = order === null ? words : this.#m.alloc.alloc(word, this.#rows);
    if (order !== null) await this.#each(gather(word), [words, order, first]);
    const spares = [this.#m.alloc.alloc(word, this.#rows), this.#m.alloc.alloc('u32', this.#rows)] as const;
    this.#order = await this.#passes(word, { words: first, order }, spares);
  }

  async #passes(word: Word, given: Rows, [spareWords, spareOrder]: readonly [TypedArray, TypedArray]) {
    const bytes = BYTES[word];
    const counts = this.#counts(bytes);
    await this.#parted(countAll(word), [given.words, { copies: counts, length: bytes * DIGITS }]);
    const totals = this.#totals(counts, bytes);
    let rows = given;
    let spare = { words: spareWords, order: spareOrder };
    for (let byte = 0, moved = false; byte < bytes; byte++) {
      if (totals.subarray(byte * DIGITS, (byte + 1) * DIGITS).includes(this.#rows)) continue;
      const stale = moved && this.#parts > 1;
      const own = stale ? this.#counts(1) : counts;
      if (stale) await this.#parted(countByte(word, byte), [rows.words, { copies: own, length: DIGITS }]);
      const starts = this.#starts(own, stale ? 0 : byte, stale ? 1 : bytes);
      const bound = { copies: starts, length: DIGITS };
      const { words, order } = rows;
      if (order === null) await this.#parted(scatterFirst(word, byte), [words, bound, spare.words, spare.order]);
      else await this.#parted(scatter(word, byte), [words, order, bound, spare.words, spare.order]);
      const free = order ?? this.#m.alloc.alloc('u32', this.#rows);
      [rows, spare] = [spare, { words, order: free }];
      moved = true;
    }
    return rows.order;
  }

  #counts(bytes: number): TypedArray {
    const counts = this.#m.alloc.alloc('u32', this.#parts * bytes * DIGITS);
    new Uint8Array(counts.buffer, counts.byteOffset, counts.byteLength).fill(0);
    return counts;
  }
  /** The counts of all parts together. */
  #totals(counts: TypedArray, bytes: number): Uint32Array {
    const totals = new Uint32Array(bytes * DIGITS);
    for (let part = 0; part < this.#parts; part++) {
      for (let k = 0; k < totals.length; k++) {
        totals[k] = (totals[k] ?? 0) + Number(counts[part * totals.length + k]);
      }
    }
    return totals;
  }
  /** Where each part begins with each byte, from the counts of byte `byte` of `bytes`. */
  #starts(counts: TypedArray, byte: number, bytes: number): TypedArray {
    const starts = this.#m.alloc.alloc('u32', this.#parts * DIGITS);
    let next = 0;
    for (let digit = 0; digit < DIGITS; digit++) {
      for (let part = 0; part < this.#parts; part++) {
        (starts as Uint32Array)[part * DIGITS + digit] = next;
        next += Number(counts[(part * bytes + byte) * DIGITS + digit]);
      }
    }
    return starts;
  }

  #each(kernel: Kernel, bufs: readonly TypedArray[], scalars: readonly (number | bigint)[] = []) {
    return this.#m.launch(kernel, { rows: this.#rows, rowsPerPart: MAP_ROWS, bufs, scalars });
  }
  #parted(kernel: Kernel, bufs: Parameters<Machine['launch']>[1]['bufs']) {
    return this.#m.launch(kernel, { rows: this.#rows, rowsPerPart: this.#perPart, bufs });
  }
}

// ---- kernels -----------------------------------------------------------------------------------------------------

/** to[row] = row. */
const iota = once(() => {
  const k = new KernelBuilder('row_numbers');
  const to = k.buf('to', 'u32', 'write');
  k.store(to, k.index, cast(k.index, 'u32'));
  return k.finish();
});

/** to[row] = words[order[row]]. */
const gather = once((word: Word) => {
  const k = new KernelBuilder(`gather_${word}`);
  const [words, order, to] = [k.buf('words', word, 'read'), k.buf('order', 'u32', 'read'), k.buf('to', word, 'write')];
  k.store(to, k.index, k.load(words, k.let(cast(k.load(order, k.index), 'i32'))));
  return k.finish();
});

/** Words whose unsigned order is that of the column, upside down where `flip` is all ones; NaN are last in any case. */
const orderWords = once((kind: ScalarKind) => {
  const word = wordOf(kind);
  const k = new KernelBuilder(`order_words_${kind}`);
  const [column, words] = [k.buf('column', kind, 'read'), k.buf('words', word, 'write')];
  const flip = k.scalar('flip', word);
  const e = k.load(column, k.index);
  const sign = lit(word, word === 'u64' ? 2n ** 63n : 2 ** 31);
  const ones = lit(word, word === 'u64' ? 2n ** 64n - 1n : 2 ** 32 - 1);
  if (kind === 'f64' || kind === 'f32') {
    const isZero = cmp('==', e, lit(kind, 0));
    const bits = k.let(bitcast(sel(isZero, lit(kind, 0), e), word));
    const ordered = bin('^', bits, sel(cmp('>=', bits, sign), ones, sign));
    k.store(words, k.index, sel(cmp('!=', e, e), ones, bin('^', ordered, flip)));
  } else {
    const signed = kind === 'i8' || kind === 'i16' || kind === 'i32' || kind === 'i64';
    const bits = cast(e, word);
    k.store(words, k.index, bin('^', signed ? bin('^', bits, sign) : bits, flip));
  }
  return k.finish();
});

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
  for (let byte = 0; byte < BYTES[word]; byte++) {
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

/** Moves words and row numbers to the places of their byte. */
const scatter = once((word: Word, byte: number) => mover(`scatter_byte${byte}_${word}`, word, byte, true));
/** The same of rows in their first order. */
const scatterFirst = once((word: Word, byte: number) => mover(`scatter_first_byte${byte}_${word}`, word, byte, false));

function mover(name: string, word: Word, byte: number, ordered: boolean): Kernel {
  const k = new KernelBuilder(name);
  const words = k.buf('words', word, 'read');
  const order = ordered ? k.buf('order', 'u32', 'read') : null;
  const starts = k.buf('starts', 'u32', 'readwrite', true);
  const [toWords, toOrder] = [k.buf('to_words', word, 'write'), k.buf('to_order', 'u32', 'write')];
  const w = k.load(words, k.index);
  const row = order === null ? k.let(cast(k.index, 'u32')) : k.load(order, k.index);
  const place = k.let(cast(increment(k, starts, digitOf(k, word, w, byte)), 'i32'));
  k.store(toWords, place, w);
  k.store(toOrder, place, row);
  return k.finish();
}
