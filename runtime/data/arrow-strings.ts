/**
 * String columns from Arrow: plain UTF-8 is interned byte string by byte string; dictionary codes are renumbered in
 * order of first appearance (an Arrow dictionary may be in any order, hold unused, repeated and null entries, and
 * differ from batch to batch), or shared as they are when that changes nothing.
 */

import type { Data, DataType } from 'apache-arrow';
import type { ArrowReading, Chunks } from './arrow-columns.ts';
import { corrupt, isValid, newBytes, readValidity, typedValues } from './arrow-columns.ts';
import type { Column, Dictionary } from './column.ts';
import { StringPool } from './string-pool.ts';

/** Codes of dictionary entries that no row has used yet, and of entries that are null. */
const UNSEEN = -2;
const NULL_ENTRY = -1;

/** A chunk of UTF-8 strings with its buffers checked: entry `i` is bytes[offsets[i], offsets[i + 1]). */
interface Strings {
  readonly chunk: Data<DataType>;
  readonly bytes: Uint8Array;
  readonly offsets: ArrayLike<number | bigint>;
}

/** A column of `Utf8` or `LargeUtf8`. */
export function readStrings(reading: ArrowReading, chunks: Chunks, length: number): Column {
  const validity = readValidity(reading, chunks, length);
  const data = reading.alloc.alloc('i32', length);
  const pool = new StringPool();
  let at = 0;
  for (const chunk of chunks) {
    const strings = checkedStrings(reading, chunk);
    for (let i = 0; i < chunk.length; i++, at++) {
      data[at] = validity === null || validity[at] === 1 ? intern(pool, strings, i) : 0;
    }
  }
  return { dtype: 'string', length, data, validity, dictionary: decoded(reading, pool) };
}

/** A column of `Dictionary` over strings, with indices of any width. */
export function readCodes(reading: ArrowReading, chunks: Chunks, length: number): Column {
  const pool = new StringPool();
  const remaps = chunks.map((chunk) => renumber(reading, chunk, pool));
  const dictionary = decoded(reading, pool);
  const [first] = chunks;
  const shareable = chunks.length === 1 && (first?.nullCount ?? 0) <= 0 && remaps[0]?.every((code, k) => code === k);
  if (shareable && first?.values instanceof Int32Array) {
    return { dtype: 'string', length, data: first.values.subarray(0, length), validity: null, dictionary };
  }
  const data = reading.alloc.alloc('i32', length);
  let validity = readValidity(reading, chunks, length);
  let at = 0;
  chunks.forEach((chunk, c) => {
    const indices = typedValues(reading, chunk);
    for (let i = 0; i < chunk.length; i++, at++) {
      const present = validity === null || validity[at] === 1;
      const code = present ? (remaps[c]?.[Number(indices[i])] ?? NULL_ENTRY) : 0;
      data[at] = Math.max(code, 0);
      if (code !== NULL_ENTRY) continue;
      validity ??= newBytes(reading, length).fill(1);
      validity[at] = 0;
    }
  });
  return { dtype: 'string', length, data, validity, dictionary };
}

/** Our code for each entry of a chunk's dictionary that a row uses. */
function renumber(reading: ArrowReading, chunk: Data<DataType>, pool: StringPool): Int32Array {
  const { dictionary } = chunk;
  if (dictionary === undefined) return corrupt(reading, 'its dictionary is missing');
  const parts = dictionary.data.map((part: Data<DataType>) => checkedStrings(reading, part));
  const codes = new Int32Array(dictionary.length).fill(UNSEEN);
  const indices = typedValues(reading, chunk);
  for (let i = 0; i < chunk.length; i++) {
    if (chunk.nullCount > 0 && !isValid(chunk, i)) continue;
    const k = Number(indices[i]);
    if (!(k >= 0 && k < codes.length)) corrupt(reading, `index ${k} into a dictionary of ${codes.length} values`);
    if (codes[k] === UNSEEN) codes[k] = internEntry(pool, parts, k);
  }
  return codes;
}

/** The code of entry `k` of a dictionary in parts. */
function internEntry(pool: StringPool, parts: readonly Strings[], k: number): number {
  let index = k;
  for (const part of parts) {
    if (index < part.chunk.length) return isValid(part.chunk, index) ? intern(pool, part, index) : NULL_ENTRY;
    index -= part.chunk.length;
  }
  return NULL_ENTRY;
}

const intern = (pool: StringPool, { bytes, offsets }: Strings, i: number): number =>
  pool.intern(bytes, Number(offsets[i]), Number(offsets[i + 1]));

function checkedStrings(reading: ArrowReading, chunk: Data<DataType>): Strings {
  const bytes: unknown = chunk.values;
  const offsets: ArrayLike<number | bigint> = chunk.valueOffsets;
  if (chunk.length === 0) return { chunk, bytes: new Uint8Array(0), offsets: [] };
  const end = Number(offsets[chunk.length] ?? Number.NaN);
  if (!(bytes instanceof Uint8Array) || !(end <= bytes.length)) return corrupt(reading, 'its strings end early');
  return { chunk, bytes, offsets };
}

function decoded(reading: ArrowReading, pool: StringPool): Dictionary {
  const result = pool.strings();
  return 'invalid' in result ? corrupt(reading, 'it holds bytes that are not UTF-8 text') : result.strings;
}
