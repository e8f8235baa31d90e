/**
 * Where decoded pages go: one preallocated column per field, filled page by page at increasing rows.
 *
 * A column chunk usually holds a dictionary page and then pages of indices into it, and falls back to plain pages when
 * the dictionary grows too large. Fixed-width columns convert a dictionary once and gather words from it. String
 * columns give every string one code in the whole file, in order of first appearance in rows (the order in a
 * dictionary page may be another, and a dictionary may hold strings that no row has).
 */

import { fail } from '../../compiler/index.ts';
import type { Allocator, Column, TypedArray } from './column.ts';
import { storageKind, viewOf } from './column.ts';
import { CorruptPage } from './parquet-bits.ts';
import type { FieldType, Values } from './parquet-types.ts';
import { wordsOf } from './parquet-types.ts';
import { StringPool } from './string-pool.ts';

export interface ColumnSink {
  /** A dictionary for the pages that follow in this chunk. */
  dictionary(values: Values): void;
  /** Writes `count` values of the current dictionary to rows `row`... */
  indexed(row: number, indices: Int32Array, count: number): void;
  plain(row: number, values: Values): void;
  /** Tells that a chunk ends, and with it its dictionary. */
  endChunk(): void;
  /** Moves the values before `present.length` rows from `row` on to the rows that are present; zero elsewhere. */
  spread(row: number, present: Int32Array, count: number, found: number): void;
  finish(where: string): Column;
}

/** A sink for a field of `length` rows. */
export function columnSink(type: FieldType, length: number, alloc: Allocator): ColumnSink {
  const data = alloc.alloc(storageKind(type.dtype), length);
  return type.convert === null
    ? new StringSink(data, length, alloc)
    : new FixedSink(type, type.convert, data, length, alloc);
}

/** The parts that both sinks share: the words of the column and its validity, allocated at the first null. */
class Rows {
  readonly words: Uint8Array | Uint16Array | Int32Array;
  /** Words per row. */
  readonly stride: number;
  readonly #length: number;
  readonly #alloc: Allocator;
  #validity: Uint8Array | null = null;

  constructor(data: TypedArray, length: number, alloc: Allocator) {
    this.words = wordsOf(data);
    this.stride = data.BYTES_PER_ELEMENT === 8 ? 2 : 1;
    this.#length = length;
    this.#alloc = alloc;
  }

  get validity(): Uint8Array | null {
    return this.#validity;
  }

  spread(row: number, present: Int32Array, count: number, found: number): void {
    const { words, stride } = this;
    this.#validity ??= this.#fresh();
    // From the back, so that no value is overwritten before it has moved.
    let from = found - 1;
    for (let i = count - 1; i >= 0; i--) {
      const valid = present[i] === 1;
      for (let w = 0; w < stride; w++) {
        words[(row + i) * stride + w] = valid ? (words[(row + from) * stride + w] ?? 0) : 0;
      }
      this.#validity[row + i] = valid ? 1 : 0;
      if (valid) from--;
    }
  }

  #fresh(): Uint8Array {
    const { buffer, byteOffset, byteLength } = this.#alloc.alloc('bool', this.#length);
    return new Uint8Array(buffer, byteOffset, byteLength).fill(1);
  }
}

class FixedSink implements ColumnSink {
  readonly #type: FieldType;
  readonly #convert: (values: Values, out: TypedArray) => void;
  readonly #data: TypedArray;
  readonly #rows: Rows;
  #dictionary: Uint8Array | Uint16Array | Int32Array | null = null;

  constructor(
    type: FieldType,
    convert: (values: Values, out: TypedArray) => void,
    data: TypedArray,
    length: number,
    alloc: Allocator,
  ) {
    this.#type = type;
    this.#convert = convert;
    this.#data = data;
    this.#rows = new Rows(data, length, alloc);
  }

  dictionary(values: Values): void {
    const size = values.length;
    const kind = storageKind(this.#type.dtype);
    const converted = viewOf(kind, new ArrayBuffer(size * this.#data.BYTES_PER_ELEMENT), 0, size);
    if (size > 0) this.#convert(values, converted);
    this.#dictionary = wordsOf(converted);
  }

  indexed(row: number, indices: Int32Array, count: number): void {
    const { words, stride } = this.#rows;
    const dictionary = this.#dictionary ?? noDictionary();
    checkIndices(indices, count, dictionary.length / stride);
    if (stride === 2 && words instanceof Int32Array && dictionary instanceof Int32Array) {
      gatherPairs(dictionary, indices, count, words, row);
    } else {
      for (let i = 0; i < count; i++) words[row + i] = dictionary[indices[i] ?? 0] ?? 0;
    }
  }

  plain(row: number, values: Values): void {
    const { buffer, byteOffset, BYTES_PER_ELEMENT: width } = this.#data;
    this.#convert(values, viewOf(storageKind(this.#type.dtype), buffer, byteOffset + row * width, values.length));
  }

  endChunk(): void {
    this.#dictionary = null;
  }

  spread(row: number, present: Int32Array, count: number, found: number): void {
    this.#rows.spread(row, present, count, found);
  }

  finish(): Column {
    const { dtype } = this.#type;
    const data = this.#data;
    return {
      dtype,
      length: data.length,
      data,
      validity: this.#rows.validity,
      dictionary: null,
    };
  }
}

class StringSink implements ColumnSink {
  readonly #data: TypedArray;
  readonly #rows: Rows;
  readonly #pool = new StringPool();
  #dictionary: readonly Uint8Array[] | null = null;
  /** The code of each entry of the dictionary page, -1 before its first row. */
  #codes = new Int32Array(0);

  constructor(data: TypedArray, length: number, alloc: Allocator) {
    this.#data = data;
    this.#rows = new Rows(data, length, alloc);
  }

  dictionary(values: Values): void {
    this.#dictionary = byteArrays(values);
    this.#codes = new Int32Array(values.length).fill(-1);
  }

  indexed(row: number, indices: Int32Array, count: number): void {
    const { words } = this.#rows;
    const codes = this.#codes;
    checkIndices(indices, count, (this.#dictionary ?? noDictionary()).length);
    for (let i = 0; i < count; i++) {
      const k = indices[i] ?? 0;
      const code = codes[k] ?? -1;
      words[row + i] = code >= 0 ? code : this.#meet(k);
    }
  }

  #meet(k: number): number {
    const bytes = this.#dictionary?.[k] ?? new Uint8Array(0);
    const code = this.#pool.intern(bytes, 0, bytes.length);
    this.#codes[k] = code;
    return code;
  }

  plain(row: number, values: Values): void {
    const { words } = this.#rows;
    const strings = byteArrays(values);
    for (let i = 0; i < strings.length; i++) {
      const bytes = strings[i] ?? new Uint8Array(0);
      words[row + i] = this.#pool.intern(bytes, 0, bytes.length);
    }
  }

  endChunk(): void {
    this.#dictionary = null;
  }

  spread(row: number, present: Int32Array, count: number, found: number): void {
    this.#rows.spread(row, present, count, found);
  }

  finish(where: string): Column {
    const decoded = this.#pool.strings();
    if ('invalid' in decoded) {
      fail('W8002', `${where} holds bytes that are not UTF-8 text`, {
        help: 'if the column is binary, leave it out by naming the others in `columns`',
      });
    }
    const data = this.#data;
    const { validity } = this.#rows;
    return {
      dtype: 'string',
      length: data.length,
      data,
      validity,
      dictionary: decoded.strings,
    };
  }
}

function byteArrays(values: Values): readonly Uint8Array[] {
  const arrays: Uint8Array[] = [];
  for (const value of values) {
    if (!(value instanceof Uint8Array)) throw new CorruptPage('a string column with values that are not bytes');
    arrays.push(value);
  }
  return arrays;
}

function noDictionary(): never {
  throw new CorruptPage('dictionary indices without a dictionary');
}

/** Indices are never negative, so one comparison each is the whole check. */
function checkIndices(indices: Int32Array, count: number, size: number): void {
  let largest = -1;
  for (let i = 0; i < count; i++) largest = Math.max(largest, indices[i] ?? 0);
  if (largest >= size) throw new CorruptPage(`index ${largest} into a dictionary of ${size} values`);
}

/** Rows of two words. A function of its own, so that the loop is compiled for one kind of array. */
function gatherPairs(from: Int32Array, indices: Int32Array, count: number, to: Int32Array, row: number): void {
  for (let i = 0, at = row * 2; i < count; i++, at += 2) {
    const k = (indices[i] ?? 0) * 2;
    to[at] = from[k] ?? 0;
    to[at + 1] = from[k + 1] ?? 0;
  }
}
