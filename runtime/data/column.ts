/**
 * Columns: one-dimensional typed data with a name-free logical type, the currency between readers, frontends and
 * the session. Values live in typed arrays (for columns that a reader made: in the session's shared heap, so that
 * kernels read them in place).
 *
 * Logical types: every Core scalar kind, `string` (i32 codes into `dictionary`) and `timestamp` (i64 microseconds
 * since 1970-01-01T00:00Z, without a time zone). A null has validity 0 and the value 0 (code 0) beside it.
 */

import type { Allocator, ScalarKind, TypedArray } from '../../compiler/index.ts';

export type { Allocator, TypedArray };

export type DType = ScalarKind | 'string' | 'timestamp';

export interface Column {
  readonly dtype: DType;
  readonly length: number;
  /** Values; bool as bytes 0/1, string as i32 codes, timestamp as i64 microseconds. */
  readonly data: TypedArray;
  /** One byte a row, 1 = present; null when nothing is missing. */
  readonly validity: Uint8Array | null;
  /** The distinct strings that the codes index, in order of first appearance; null unless dtype is `string`. */
  readonly dictionary: Dictionary | null;
}

/** Strings by code: an array of them, or bytes of which strings are made when somebody asks (`utf8-dictionary.ts`). */
export interface Dictionary extends Iterable<string> {
  readonly length: number;
  /** The string of a code, which is not below zero. */
  at(code: number): string | undefined;
}

/** The Core scalar that stores a logical type. */
export function storageKind(dtype: DType): ScalarKind {
  if (dtype === 'string') return 'i32';
  if (dtype === 'timestamp') return 'i64';
  return dtype;
}

const ARRAYS = {
  bool: Uint8Array,
  u8: Uint8Array,
  i8: Int8Array,
  i16: Int16Array,
  u16: Uint16Array,
  i32: Int32Array,
  u32: Uint32Array,
  i64: BigInt64Array,
  u64: BigUint64Array,
  f32: Float32Array,
  f64: Float64Array,
} as const satisfies Record<ScalarKind, unknown>;

/** A typed array of `kind` over existing memory. */
export function viewOf(kind: ScalarKind, buffer: ArrayBufferLike, byteOffset: number, length: number): TypedArray {
  return new ARRAYS[kind](buffer as ArrayBuffer, byteOffset, length) as TypedArray;
}

/** Is a column a typed array of `kind`? One of another realm is, too. */
export const holdsKind = (kind: ScalarKind, column: TypedArray): boolean =>
  column instanceof ARRAYS[kind] || column.constructor.name === ARRAYS[kind].name;
/** The name of the typed array that holds `kind`. */
export const arrayName = (kind: ScalarKind): string => ARRAYS[kind].name;

/** Allocator over the JavaScript heap. */
export const plainAllocator: Allocator = {
  alloc: (kind, length) => new ARRAYS[kind](length) as TypedArray,
};

/** A named, ordered set of columns of one length. */
export interface Table {
  readonly names: readonly string[];
  readonly columns: readonly Column[];
  readonly length: number;
}
