/**
 * Bitmaps: a bit a row, the first row in the lowest bit of the first byte, as validity is in Arrow. Masks are vec[bool], a
 * byte a row.
 *
 *     bitmap_of([true, false, true])        =>  [5]
 *     mask_of([5], 3L)                      =>  [true, false, true]
 *     bitmap_count([255], 3L)               =>  3
 *     bitmap_and, _or, _xor, _andnot(a, b)  =>  bit by bit; andnot is a without b
 *
 * Bits behind the last row are 0 in what bitmap_of gives, and are not looked at by mask_of and bitmap_count.
 */

import { BOOL, fail, I64, type PrimSpec, U8, type Value, vec } from '../../compiler/index.ts';
import { type Column, columnOf, mistyped, vector } from '../column.ts';

const BYTES = vec(U8);

export const bitmapOf: PrimSpec = {
  name: 'bitmap_of',
  doc: 'bitmap_of(mask: vec[bool]): vec[u8], a bit a row',
  pure: true,
  typing: (types) => mistyped('bitmap_of', types, [vec(BOOL)]) ?? BYTES,
  run([mask], alloc) {
    const { cells, length } = columnOf(mask);
    const bytes = alloc.alloc('u8', bytesOf(length)).fill(0 as never);
    for (let row = 0; row < length; row++)
      bytes[row >> 3] = Number(bytes[row >> 3]) | (Number(cells[row]) << (row & 7));
    return vector('u8', bytes);
  },
};

export const maskOf: PrimSpec = {
  name: 'mask_of',
  doc: 'mask_of(bitmap: vec[u8], n: i64): vec[bool], the first n rows of a bitmap',
  pure: true,
  typing: (types) => mistyped('mask_of', types, [BYTES, I64]) ?? vec(BOOL),
  run(args, alloc) {
    const { bitmap, rows } = bitmapAndRows('mask_of', args);
    const mask = alloc.alloc('bool', rows);
    for (let row = 0; row < rows; row++) mask[row] = (Number(bitmap.cells[row >> 3]) >> (row & 7)) & 1;
    return vector('bool', mask);
  },
};

export const bitmapCount: PrimSpec = {
  name: 'bitmap_count',
  doc: 'bitmap_count(bitmap: vec[u8], n: i64): i64, how many of the first n rows are on',
  pure: true,
  typing: (types) => mistyped('bitmap_count', types, [BYTES, I64]) ?? I64,
  run(args) {
    const { bitmap, rows } = bitmapAndRows('bitmap_count', args);
    return BigInt(countFrom(bitmap, 0, rows));
  },
};

/** The rows of [from, to) that are on. */
export function countFrom({ cells }: Column, from: number, to: number): number {
  let count = 0;
  for (let row = from; row < to; row++) count += (Number(cells[row >> 3]) >> (row & 7)) & 1;
  return count;
}

export const SETS = {
  bitmap_and: { says: 'rows of both', of: (a: number, b: number): number => a & b },
  bitmap_or: { says: 'rows of either', of: (a: number, b: number): number => a | b },
  bitmap_xor: { says: 'rows of one of them', of: (a: number, b: number): number => a ^ b },
  bitmap_andnot: { says: 'rows of a that are not of b', of: (a: number, b: number): number => a & ~b },
} as const;
export type SetName = keyof typeof SETS;
export const SET_NAMES: readonly SetName[] = ['bitmap_and', 'bitmap_or', 'bitmap_xor', 'bitmap_andnot'];

/** Operations on sets of rows. */
export const sets: readonly PrimSpec[] = SET_NAMES.map((name) => ({
  name,
  doc: `${name}(a: vec[u8], b: vec[u8]): vec[u8], ${SETS[name].says}`,
  pure: true,
  typing: (types) => mistyped(name, types, [BYTES, BYTES]) ?? BYTES,
  run(args, alloc) {
    const [a, b] = bothOf(name, args);
    const bytes = alloc.alloc('u8', a.length);
    for (let k = 0; k < a.length; k++) bytes[k] = SETS[name].of(Number(a.cells[k]), Number(b.cells[k]));
    return vector('u8', bytes);
  },
}));

/** Bytes of a bitmap of so many rows. */
export const bytesOf = (rows: number): number => Math.ceil(rows / 8);

/** A bitmap and the rows of it that are meant. W8005 for more rows than it has. */
export function bitmapAndRows(name: string, [bitmap, n]: readonly Value[]): { bitmap: Column; rows: number } {
  const column = columnOf(bitmap);
  const rows = Number(n);
  if (rows < 0 || rows > 8 * column.length) {
    fail('W8005', `${name}: ${rows} rows of a bitmap of ${column.length} bytes`, {
      help: `it has 0 to ${8 * column.length}`,
    });
  }
  return { bitmap: column, rows };
}

/** Two bitmaps of one length. W8005 for others. */
export function bothOf(name: string, args: readonly Value[]): readonly [Column, Column] {
  const [a, b] = [columnOf(args[0]), columnOf(args[1])];
  if (a.length !== b.length) fail('W8005', `${name}: bitmaps of ${a.length} and ${b.length} bytes`);
  return [a, b];
}
