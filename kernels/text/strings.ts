/**
 * Columns of strings, as the text kernels take them: row r is bytes[offsets[r], offsets[r + 1]), UTF-8 by intention.
 *
 * There is one offset more than rows, so a column without rows has one. Offsets are i32 or i64, do not decrease, and stay
 * in the buffer (W6001); bytes in front of the first and behind the last offset belong to no row. Nothing here asks whether
 * bytes are UTF-8: kernels that look at characters say what they do with bytes that are none (`utf8.ts`).
 */

import {
  type Allocator,
  fail,
  I8,
  I32,
  I64,
  invariant,
  type PrimSpec,
  type Type,
  type TypedArray,
  U8,
  type Value,
  vec,
} from '../../compiler/index.ts';
import { columnOf, found } from '../column.ts';

export interface Strings {
  readonly rows: number;
  readonly offsets: Int32Array | BigInt64Array;
  readonly bytes: Uint8Array;
}

/** Most bytes of a column: kernels count places in i32, and read up to 64 bytes behind the end. */
export const MOST_BYTES = 2 ** 31 - 1 - 64;

/** What is wrong with the types of the first two arguments, or null. */
export function stringsTyping(name: string, offsets: Type | undefined, bytes: Type | undefined): string | null {
  if (offsets !== vec(I32) && offsets !== vec(I64)) {
    return `${name} needs the offsets of its strings first, a vec[i32] or vec[i64], found ${found(offsets)}`;
  }
  if (bytes === vec(U8)) return null;
  return `${name} needs the bytes of its strings behind their offsets, a vec[u8], found ${found(bytes)}`;
}

/** An argument behind the strings. */
export interface Param {
  readonly what: string;
  readonly fits: (t: Type | undefined) => boolean;
}

/** The typing rule of a primitive of strings and of `params`: what it gives for offsets of a type. */
export const typingOf =
  (name: string, params: readonly Param[], result: (offsets: Type) => Type): PrimSpec['typing'] =>
  ([offsets, bytes, ...rest]) => {
    const wrong = stringsTyping(name, offsets, bytes);
    if (wrong !== null || offsets === undefined) return wrong ?? '';
    const bad = params.findIndex(({ fits }, k) => !fits(rest[k]));
    if (bad >= 0) return `${name} needs ${params[bad]?.what}, found ${found(rest[bad])}`;
    if (rest.length === params.length) return result(offsets);
    return `${name} takes ${params.length + 2} arguments, found ${rest.length + 2}`;
  };

/** An argument that is a number. */
export const countParam = (what: string): Param => ({ what: `${what}, an i64`, fits: (t) => t === I64 });
/** An argument that is bytes. */
export const bytesParam = (what: string): Param => ({ what: `${what}, a vec[u8] or vec[i8]`, fits: isPatternType });

/** Is this a type of patterns: bytes, or a string literal of a program? */
export const isPatternType = (t: Type | undefined): boolean => t === vec(U8) || t === vec(I8);

/** The bytes of a pattern. */
export function patternOf(v: Value | undefined): Uint8Array {
  const { cells } = columnOf(v);
  return new Uint8Array(cells.buffer, cells.byteOffset, cells.byteLength);
}

/** The column of two arguments that `stringsTyping` let in, with its ends checked, but not the offsets in between. */
export function stringsOf(name: string, offsets: Value | undefined, bytes: Value | undefined): Strings {
  const { cells: places, length } = columnOf(offsets);
  const { cells: text } = columnOf(bytes);
  if (length === 0) {
    fail('W8005', `${name}: there are no offsets`, { help: 'a column of n strings has n + 1 offsets' });
  }
  const column: Strings = {
    rows: length - 1,
    offsets: isPlaces(places) ? places : fail('W8005', `${name}: offsets of no kind`),
    bytes: new Uint8Array(text.buffer, text.byteOffset, text.byteLength),
  };
  if (text.length > MOST_BYTES) fail('W6009', `${name}: strings of ${text.length} bytes, the most is ${MOST_BYTES}`);
  const [first, last] = [startOf(column, 0), startOf(column, column.rows)];
  if (first < 0) fail('W6001', `${name}: the first offset is ${first}, before the bytes`);
  if (last > text.length) fail('W6001', `${name}: the last offset is ${last}, there are ${text.length} bytes`);
  return column;
}
const isPlaces = (a: TypedArray): a is Strings['offsets'] => a instanceof Int32Array || a instanceof BigInt64Array;

/** `stringsOf` with every offset checked, for definitions. */
export function checkedStrings(name: string, offsets: Value | undefined, bytes: Value | undefined): Strings {
  const strings = stringsOf(name, offsets, bytes);
  for (let r = 0; r < strings.rows; r++)
    if (startOf(strings, r + 1) < startOf(strings, r)) decreasing(name, strings, r);
  return strings;
}

/** Refuses offsets that decrease behind row `r`. */
export function decreasing(name: string, strings: Strings, r: number): never {
  const [from, to] = [startOf(strings, r), startOf(strings, r + 1)];
  return fail('W6001', `${name}: offsets decrease from ${from} to ${to} behind string ${r}`);
}

/** Where row `r` starts; the row before ends there. */
export const startOf = ({ offsets }: Strings, r: number): number => Number(offsets[r]);

/** The bytes of row `r`. */
export const stringAt = (s: Strings, r: number): Uint8Array => s.bytes.subarray(startOf(s, r), startOf(s, r + 1));

/** Bytes or flags with any contents. */
export function newBytes(kind: 'u8' | 'bool', length: number, alloc: Allocator): Uint8Array {
  const made = alloc.alloc(kind, length);
  invariant(made instanceof Uint8Array, () => `kernels: an allocator gives ${kind} in wide elements`);
  return made;
}

/** The scalar kind of the offsets. */
export const offsetKind = ({ offsets }: Strings): 'i32' | 'i64' => (offsets instanceof Int32Array ? 'i32' : 'i64');

/** Offsets with any contents, and a way to write them. */
export function newOffsets(
  kind: 'i32' | 'i64',
  length: number,
  alloc: Allocator,
): { readonly offsets: Strings['offsets']; put(at: number, place: number): void } {
  const offsets = alloc.alloc(kind, length);
  invariant(isPlaces(offsets), () => `kernels: an allocator gives ${kind} in other elements`);
  const put = (at: number, place: number): void => {
    if (offsets instanceof Int32Array) offsets[at] = place;
    else offsets[at] = BigInt(place);
  };
  return { offsets, put };
}
