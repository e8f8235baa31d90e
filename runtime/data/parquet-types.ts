/**
 * From a Parquet schema element to our logical type, and from its physical values to our storage.
 *
 * | Parquet                                   | ours        | note                                               |
 * |-------------------------------------------|-------------|----------------------------------------------------|
 * | BOOLEAN, FLOAT, DOUBLE                    | bool f32 f64|                                                    |
 * | INT32, INT64, with or without INT/UINT    | i8 .. u64   | the annotated width and sign                       |
 * | FLOAT16                                   | f32         | exact                                              |
 * | DECIMAL                                   | f64         | unscaled / 10^scale, each rounded to nearest: the  |
 * |                                           |             | nearest double up to 15 digits, else within 2 ulp  |
 * | DATE, TIMESTAMP (ms, us, ns), INT96       | timestamp   | nanoseconds are floored to microseconds            |
 * | BYTE_ARRAY as STRING, ENUM, JSON or bare  | string      | must be UTF-8                                      |
 *
 * Everything else (TIME, INTERVAL, UUID, BSON, raw FIXED_LEN_BYTE_ARRAY, nested) is W8008. A UTC flag on timestamps is
 * dropped: ours count from 1970 in UTC and carry no zone.
 */

import { fail, InternalError } from '../../compiler/index.ts';
import type { DType, TypedArray } from './column.ts';
import { floorDiv, halfToNumber } from './numeric.ts';
import type { SchemaElement } from './parquet-codec.ts';

/** Decoded physical values: bytes 0/1 for BOOLEAN, 96-bit integers for INT96, views for byte arrays. */
export type Values =
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array
  | Float32Array
  | Float64Array
  | Uint8Array
  | readonly bigint[]
  | readonly Uint8Array[];

export interface FieldType {
  readonly dtype: DType;
  /** Writes all `values` to the front of `out`, which has the storage kind of `dtype`; null for strings. */
  readonly convert: ((values: Values, out: TypedArray) => void) | null;
}

type Logical =
  | { readonly tag: 'none' | 'date' | 'string' | 'float16' }
  | { readonly tag: 'int'; readonly bits: number; readonly signed: boolean }
  | { readonly tag: 'decimal'; readonly scale: number }
  | { readonly tag: 'timestamp'; readonly unit: 'MILLIS' | 'MICROS' | 'NANOS' }
  | { readonly tag: 'other'; readonly name: string };

/** How a flat column is read. W8008 for a type that we have no column for. */
export function fieldType(element: SchemaElement, where: string): FieldType {
  const logical = logicalOf(element);
  const type = element.type;
  switch (logical.tag) {
    case 'none':
      return physicalType(element, where);
    case 'int':
      if (type === 'INT32' || type === 'INT64') return integerType(logical.bits, logical.signed);
      break;
    case 'decimal': {
      const { scale } = logical;
      return {
        dtype: 'f64',
        convert: (values, out) => decimals(values, scale, out),
      };
    }
    case 'date':
      if (type === 'INT32')
        return {
          dtype: 'timestamp',
          convert: (v, out) => mapBig(v, out, (d) => d * 86_400_000_000n),
        };
      break;
    case 'timestamp':
      if (type === 'INT64') return { dtype: 'timestamp', convert: TO_MICROS[logical.unit] };
      break;
    case 'string':
      if (type === 'BYTE_ARRAY') return { dtype: 'string', convert: null };
      break;
    case 'float16':
      if (type === 'FIXED_LEN_BYTE_ARRAY') return { dtype: 'f32', convert: halves };
      break;
    case 'other':
      break;
    default:
      return logical satisfies never;
  }
  return unsupported(element, logical.tag === 'other' ? logical.name : logical.tag, where);
}

function physicalType(element: SchemaElement, where: string): FieldType {
  switch (element.type) {
    case 'BOOLEAN':
      return { dtype: 'bool', convert: copyBits };
    case 'INT32':
      return { dtype: 'i32', convert: copyBits };
    case 'INT64':
      return { dtype: 'i64', convert: copyBits };
    case 'FLOAT':
      return { dtype: 'f32', convert: copyBits };
    case 'DOUBLE':
      return { dtype: 'f64', convert: copyBits };
    case 'INT96':
      // Eight bytes of nanoseconds in the day below four bytes of Julian day; 1970-01-01 is day 2440588.
      return {
        dtype: 'timestamp',
        convert: (values, out) =>
          mapBig(values, out, (v) => {
            return ((v >> 64n) - 2_440_588n) * 86_400_000_000n + floorDiv(BigInt.asIntN(64, v), 1000n);
          }),
      };
    case 'BYTE_ARRAY':
      return { dtype: 'string', convert: null };
    case 'FIXED_LEN_BYTE_ARRAY':
    case undefined:
      return unsupported(element, 'raw bytes', where);
    default:
      return element.type satisfies never;
  }
}

function unsupported(element: SchemaElement, what: string, where: string): never {
  return fail('W8008', `${where}: column '${element.name}' has the Parquet type ${element.type ?? 'group'} (${what})`, {
    help: 'read the others by naming them in `columns`, or convert this one when the file is written',
  });
}

/** One tag for what newer files say as a logical type and older ones as a converted type. */
function logicalOf(element: SchemaElement): Logical {
  const logical = element.logical_type;
  switch (logical?.type) {
    case undefined:
    case 'NULL':
      return element.converted_type === undefined ? { tag: 'none' } : convertedOf(element, element.converted_type);
    case 'STRING':
    case 'ENUM':
    case 'JSON':
      return { tag: 'string' };
    case 'DATE':
      return { tag: 'date' };
    case 'FLOAT16':
      return { tag: 'float16' };
    case 'DECIMAL':
      return { tag: 'decimal', scale: logical.scale ?? element.scale ?? 0 };
    case 'TIMESTAMP':
      return { tag: 'timestamp', unit: logical.unit };
    case 'INTEGER':
      return { tag: 'int', bits: logical.bitWidth, signed: logical.isSigned };
    default:
      return { tag: 'other', name: logical?.type ?? '' };
  }
}

function convertedOf(element: SchemaElement, converted: NonNullable<SchemaElement['converted_type']>): Logical {
  switch (converted) {
    case 'UTF8':
    case 'ENUM':
    case 'JSON':
      return { tag: 'string' };
    case 'DATE':
      return { tag: 'date' };
    case 'DECIMAL':
      return { tag: 'decimal', scale: element.scale ?? 0 };
    case 'TIMESTAMP_MILLIS':
      return { tag: 'timestamp', unit: 'MILLIS' };
    case 'TIMESTAMP_MICROS':
      return { tag: 'timestamp', unit: 'MICROS' };
    case 'INT_8':
    case 'INT_16':
    case 'INT_32':
    case 'INT_64':
      return { tag: 'int', bits: Number(converted.slice(4)), signed: true };
    case 'UINT_8':
    case 'UINT_16':
    case 'UINT_32':
    case 'UINT_64':
      return { tag: 'int', bits: Number(converted.slice(5)), signed: false };
    default:
      return { tag: 'other', name: converted };
  }
}

function integerType(bits: number, signed: boolean): FieldType {
  switch (bits) {
    case 8:
      return { dtype: signed ? 'i8' : 'u8', convert: narrow };
    case 16:
      return { dtype: signed ? 'i16' : 'u16', convert: narrow };
    case 32:
      return { dtype: signed ? 'i32' : 'u32', convert: copyBits };
    default:
      return { dtype: signed ? 'i64' : 'u64', convert: copyBits };
  }
}

const TO_MICROS: Readonly<Record<'MILLIS' | 'MICROS' | 'NANOS', (values: Values, out: TypedArray) => void>> = {
  MILLIS: (values, out) => mapBig(values, out, (v) => v * 1000n),
  MICROS: copyBits,
  NANOS: (values, out) => mapBig(values, out, (v) => floorDiv(v, 1000n)),
};

/**
 * The same memory in words that JavaScript moves without making a BigInt or touching the bits of a NaN: 8-byte values
 * are two 32-bit words, others one word each.
 */
export function wordsOf(array: TypedArray): Uint8Array | Uint16Array | Int32Array {
  const { buffer, byteOffset, byteLength, BYTES_PER_ELEMENT: width } = array;
  if (width === 1) return new Uint8Array(buffer, byteOffset, byteLength);
  if (width === 2) return new Uint16Array(buffer, byteOffset, byteLength / 2);
  return new Int32Array(buffer, byteOffset, byteLength / 4);
}

function copyBits(values: Values, out: TypedArray): void {
  if (Array.isArray(values) || !ArrayBuffer.isView(values)) throw mismatch();
  wordsOf(out).set(wordsOf(values));
}

function narrow(values: Values, out: TypedArray): void {
  if (!(values instanceof Int32Array) || out instanceof BigInt64Array || out instanceof BigUint64Array)
    throw mismatch();
  out.set(values);
}

function mapBig(values: Values, out: TypedArray, map: (value: bigint) => bigint): void {
  if (!(out instanceof BigInt64Array)) throw mismatch();
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    if (typeof value === 'bigint') out[i] = map(value);
    else if (typeof value === 'number') out[i] = map(BigInt(value));
  }
}

function decimals(values: Values, scale: number, out: TypedArray): void {
  if (!(out instanceof Float64Array)) throw mismatch();
  const divisor = 10 ** scale;
  for (let i = 0; i < values.length; i++) {
    const value = values[i];
    out[i] = Number(value instanceof Uint8Array ? bigEndian(value) : value) / divisor;
  }
}

/** A two's complement integer of any width, most significant byte first. */
function bigEndian(bytes: Uint8Array): bigint {
  let value = 0n;
  for (const byte of bytes) value = (value << 8n) | BigInt(byte);
  return BigInt.asIntN(bytes.length * 8, value);
}

function halves(values: Values, out: TypedArray): void {
  if (!(out instanceof Float32Array)) throw mismatch();
  for (let i = 0; i < values.length; i++) {
    const bytes = values[i];
    if (!(bytes instanceof Uint8Array)) throw mismatch();
    out[i] = halfToNumber((bytes[0] ?? 0) | ((bytes[1] ?? 0) << 8));
  }
}

const mismatch = (): InternalError => new InternalError('parquet: a decoder gave values of another physical type');
