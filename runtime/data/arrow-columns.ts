/**
 * One Arrow column, in as many chunks as it has, to one of ours; strings are in `arrow-strings.ts`. Only types are
 * imported from the library here: `arrow.ts` loads it and hands it in.
 */

import type { Data, DataType } from 'apache-arrow';
import { fail } from '../../compiler/index.ts';
import type { Arrow } from './arrow.ts';
import { unpackBits } from './arrow-bits.ts';
import { readCodes, readStrings } from './arrow-strings.ts';
import type { Allocator, Column, DType, TypedArray } from './column.ts';
import { storageKind } from './column.ts';
import { floorDiv, halfToNumber } from './numeric.ts';

export type Chunks = readonly Data<DataType>[];

/** What the readers of one column share. */
export interface ArrowReading {
  readonly arrow: Arrow;
  /** How errors call the column. */
  readonly where: string;
  readonly alloc: Allocator;
}

/** Reads a column of any type we have; W8008 for others, W8002 for buffers that are too short. */
export function readArrowColumn(reading: ArrowReading, type: DataType, chunks: Chunks, length: number): Column {
  const { DataType } = reading.arrow;
  const found = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  if (found !== length) corrupt(reading, `it has ${found} rows, its table ${length}`);
  if (DataType.isNull(type)) return nullColumn(reading, length);
  if (DataType.isUtf8(type) || DataType.isLargeUtf8(type)) return readStrings(reading, chunks, length);
  if (DataType.isDictionary(type) && (DataType.isUtf8(type.dictionary) || DataType.isLargeUtf8(type.dictionary))) {
    return readCodes(reading, chunks, length);
  }
  if (DataType.isBool(type)) return readBools(reading, chunks, length);
  const layout = layoutOf(reading.arrow, type);
  if (layout !== null) return readFixed(reading, layout, chunks, length);
  return fail('W8008', `${reading.where} has the Arrow type ${String(type)}`, {
    help: 'leave the column out, or cast it to a number, string, date or timestamp before handing the table over',
  });
}

/** A fixed-width type: stored as ours when `convert` is null (and then shareable), else converted value by value. */
interface Layout {
  readonly dtype: Exclude<DType, 'string'>;
  readonly convert: ((values: TypedArray, index: number) => number | bigint) | null;
}

function layoutOf({ DataType, Precision, TimeUnit, DateUnit }: Arrow, type: DataType): Layout | null {
  if (DataType.isInt(type)) return { dtype: integerType(type.bitWidth, type.isSigned), convert: null };
  if (DataType.isFloat(type)) {
    if (type.precision === Precision.HALF) return { dtype: 'f32', convert: (v, i) => halfToNumber(Number(v[i])) };
    return { dtype: type.precision === Precision.SINGLE ? 'f32' : 'f64', convert: null };
  }
  if (DataType.isTimestamp(type)) {
    if (type.unit === TimeUnit.MICROSECOND) return { dtype: 'timestamp', convert: null };
    if (type.unit === TimeUnit.NANOSECOND) {
      return { dtype: 'timestamp', convert: (v, i) => floorDiv(BigInt(v[i] ?? 0), 1000n) };
    }
    return multiples(type.unit === TimeUnit.SECOND ? 1_000_000n : 1000n);
  }
  if (DataType.isDate(type)) return multiples(type.unit === DateUnit.DAY ? 86_400_000_000n : 1000n);
  if (DataType.isDecimal(type)) {
    const words = type.bitWidth / 32;
    const divisor = 10 ** type.scale;
    return { dtype: 'f64', convert: (v, i) => Number(wideInteger(v, i * words, words)) / divisor };
  }
  return null;
}

const multiples = (unit: bigint): Layout => ({
  dtype: 'timestamp',
  convert: (values, i) => BigInt(values[i] ?? 0) * unit,
});

function integerType(bits: number, signed: boolean): Layout['dtype'] {
  switch (bits) {
    case 8:
      return signed ? 'i8' : 'u8';
    case 16:
      return signed ? 'i16' : 'u16';
    case 32:
      return signed ? 'i32' : 'u32';
    default:
      return signed ? 'i64' : 'u64';
  }
}

/** A two's complement integer of `count` 32-bit words, lowest first. */
function wideInteger(words: TypedArray, start: number, count: number): bigint {
  let value = 0n;
  for (let w = count - 1; w >= 0; w--) value = (value << 32n) | BigInt(words[start + w] ?? 0);
  return BigInt.asIntN(count * 32, value);
}

function readFixed(reading: ArrowReading, { dtype, convert }: Layout, chunks: Chunks, length: number): Column {
  const validity = readValidity(reading, chunks, length);
  const [first] = chunks;
  if (convert === null && validity === null && chunks.length === 1 && first !== undefined) {
    const data = typedValues(reading, first).subarray(0, length);
    return { dtype, length, data, validity, dictionary: null };
  }
  const data = reading.alloc.alloc(storageKind(dtype), length);
  let at = 0;
  for (const chunk of chunks) {
    const values = typedValues(reading, chunk);
    const take = convert ?? ((v: TypedArray, i: number) => v[i] ?? 0);
    // What lies beside a null is anything in Arrow and zero with us.
    for (let i = 0; i < chunk.length; i++, at++) put(data, at, validity?.[at] === 0 ? 0 : take(values, i));
  }
  return { dtype, length, data, validity, dictionary: null };
}

function put(data: TypedArray, at: number, value: number | bigint): void {
  if (data instanceof BigInt64Array || data instanceof BigUint64Array) data[at] = BigInt(value);
  else data[at] = Number(value);
}

function readBools(reading: ArrowReading, chunks: Chunks, length: number): Column {
  const validity = readValidity(reading, chunks, length);
  const data = newBytes(reading, length);
  let at = 0;
  for (const chunk of chunks) {
    const bits: unknown = chunk.values;
    if (!(bits instanceof Uint8Array) || bits.length * 8 < chunk.offset + chunk.length) {
      return corrupt(reading, 'its values end early');
    }
    unpackBits(bits, chunk.offset, chunk.length, data, at);
    at += chunk.length;
  }
  if (validity !== null) for (let i = 0; i < length; i++) data[i] = (data[i] ?? 0) & (validity[i] ?? 0);
  return { dtype: 'bool', length, data, validity, dictionary: null };
}

function nullColumn(reading: ArrowReading, length: number): Column {
  const data = reading.alloc.alloc('i32', length);
  for (let i = 0; i < length; i++) data[i] = 0;
  return { dtype: 'string', length, data, validity: newBytes(reading, length).fill(0), dictionary: [] };
}

/** Bytes 0/1 for all chunks, or null when no chunk has a null. */
export function readValidity(reading: ArrowReading, chunks: Chunks, length: number): Uint8Array | null {
  if (chunks.every((chunk) => chunk.nullCount <= 0)) return null;
  const validity = newBytes(reading, length).fill(1);
  let at = 0;
  for (const chunk of chunks) {
    const { nullBitmap, nullCount, offset } = chunk;
    if (nullCount > 0) {
      if (nullBitmap.length * 8 < offset + chunk.length) corrupt(reading, 'its null flags end early');
      unpackBits(nullBitmap, offset, chunk.length, validity, at);
    }
    at += chunk.length;
  }
  return validity;
}

/** True when row `i` of a chunk is present. */
export function isValid({ nullBitmap, nullCount, offset }: Data<DataType>, i: number): boolean {
  const bit = offset + i;
  return nullCount <= 0 || (((nullBitmap[bit >> 3] ?? 0) >> (bit & 7)) & 1) === 1;
}

/** The values of a chunk of a fixed-width type, at least one a row. */
export function typedValues(reading: ArrowReading, chunk: Data<DataType>): TypedArray {
  const values: unknown = chunk.values;
  if (!isTypedArray(values) || values.length < chunk.length) return corrupt(reading, 'its values end early');
  return values;
}

function isTypedArray(values: unknown): values is TypedArray {
  return ArrayBuffer.isView(values) && !(values instanceof DataView);
}

/** `length` bytes from the allocator, for flags. */
export function newBytes(reading: ArrowReading, length: number): Uint8Array {
  const { buffer, byteOffset, byteLength } = reading.alloc.alloc('bool', length);
  return new Uint8Array(buffer, byteOffset, byteLength);
}

/** Fails with W8002 for buffers that do not hold what they claim. */
export function corrupt(reading: ArrowReading, reason: string): never {
  return fail('W8002', `${reading.where} cannot be decoded as Arrow: ${reason}`, {
    help: 'the data is damaged; write it again',
  });
}
