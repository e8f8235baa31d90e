/**
 * Columnar values: what programs take and give at run time. A vector is struct-of-arrays, one typed array for each
 * scalar leaf of its element type (see `leaves` in `types.ts`); a dictionary keeps its entries as columns in
 * first-insertion order. Scalars are in Core's JavaScript encoding (i64/u64 bigint, bool boolean, else number). An
 * unfinished builder, handed from one program to the next, is the value that it has so far (`heldType`).
 */

import type { ScalarValue } from './scalar.ts';
import type { ScalarKind, Type } from './types.ts';

export type TypedArray =
  | Uint8Array
  | Int8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | BigInt64Array
  | BigUint64Array
  | Float32Array
  | Float64Array;

/** A memory that places (see `leaves` in `types.ts`) are element numbers of. */
export interface FlatMemory {
  /** The `length` elements of `kind` from `place` on. */
  at(kind: ScalarKind, place: number, length: number): TypedArray;
  /** The place of the first element of an array that lies in this memory. */
  placeOf(column: TypedArray): number;
}

/** What the columns of a vector of vectors (or of dictionaries, or a dictionary with such entries) refer to. */
export interface Inside {
  readonly memory: FlatMemory;
  /** Arrays that keep the memory alive in which the inner vectors lie. Nothing is read through them. */
  readonly holds: readonly TypedArray[];
}

export interface VecValue {
  readonly kind: 'vec';
  readonly elem: Type;
  readonly length: number;
  /** One array a scalar leaf of `elem`, each at least `length` long; bool as bytes 0/1. */
  readonly cols: readonly TypedArray[];
  /** Where the vectors and dictionaries in the elements lie; present when `elem` refers to memory. */
  readonly inside?: Inside;
}
export interface StructValue {
  readonly kind: 'struct';
  readonly fields: readonly Value[];
}
export interface DictValue {
  readonly kind: 'dict';
  readonly key: Type;
  readonly value: Type;
  readonly count: number;
  /** Key leaves, then value leaves, in first-insertion order. */
  readonly entries: readonly TypedArray[];
  /** entry + 1 by slot, 0 = free; a power of two long unless dense. */
  readonly slots: Int32Array;
  /** The slot of a key is the key itself. */
  readonly dense: boolean;
  /** Keys that have a place and no slot. */
  readonly near?: NearKeys;
  /** As in a vector. */
  readonly inside?: Inside;
}
/** Keys of which each leaf is in [low, low + span): entry + 1 by place, 0 = none. The last leaf counts fastest. */
export interface NearKeys {
  readonly lows: readonly number[];
  readonly spans: readonly number[];
  readonly places: Int32Array;
}
export type Value = ScalarValue | VecValue | StructValue | DictValue;

export const isVecValue = (v: Value): v is VecValue => typeof v === 'object' && v.kind === 'vec';

/** Gives out typed arrays; the session's heap is one, plain JavaScript memory is another. */
export interface Allocator {
  alloc(kind: ScalarKind, length: number): TypedArray;
  /** The memory that all its arrays lie in, where that is one. */
  readonly flat?: FlatMemory;
}

/**
 * A primitive or extern: a named function on columnar values that `cudf[name,T](args)` calls. `kernels/` holds ours, a
 * session may register more; `extern` in `externs.ts` makes one from types.
 */
export interface PrimSpec {
  readonly name: string;
  readonly doc: string;
  /**
   * A pure one is a function of its arguments, so calls may be dropped, merged and moved. One that is not is called
   * exactly as often and in the order in which the program says.
   */
  readonly pure: boolean;
  /**
   * For one that gives an order: the primitive that gives the first k elements of it, from a k (i64) and the same
   * arguments behind it. Where the order is only cut, that one is called.
   */
  readonly topk?: string;
  /** The result type for the argument types, or a sentence that says what is wrong with them. */
  typing(args: readonly Type[]): Type | string;
  run(args: readonly Value[], alloc: Allocator): Value;
}
export type PrimTable = ReadonlyMap<string, PrimSpec>;
