/**
 * argsort_bytes(desc, offsets, bytes): the stable permutation that sorts strings, of which row k has the bytes from
 * `offsets[k]` up to `offsets[k + 1]`, as Arrow lays them out.
 *
 *     argsort_bytes(false, [0L, 1L, 1L, 3L], "bab")  =>  [1L, 2L, 0L]        "b", "", "ab"
 *
 * Bytes compare as numbers, which is the order of code points in UTF-8; a string comes after one that it begins with, with
 * `desc` in front of it. W8005 for offsets that are none, go down or point outside the bytes.
 */

import { BOOL, fail, I64, type PrimSpec, U8, type Value, vec } from '../../compiler/index.ts';
import { type Column, columnOf, found } from '../column.ts';
import { rowsValue } from './argsort.ts';

export const argsortBytes: PrimSpec = {
  name: 'argsort_bytes',
  doc: 'argsort_bytes(desc: bool, offsets: vec[i64], bytes: vec[u8]): vec[i64], the stable permutation that sorts strings',
  pure: true,

  typing([desc, offsets, bytes, ...rest]) {
    if (desc !== BOOL) return `argsort_bytes needs a bool first, true for descending, found ${found(desc)}`;
    if (offsets !== vec(I64) || bytes !== vec(U8)) {
      return `argsort_bytes takes a vec[i64] of offsets and a vec[u8], found ${found(offsets)} and ${found(bytes)}`;
    }
    return rest.length === 0 ? vec(I64) : `argsort_bytes takes three arguments, found ${rest.length + 3}`;
  },

  run([desc, ...args], alloc) {
    const { rows, offsets, bytes } = stringsOf(args);
    const startOf = (row: number): number => Number(offsets.cells[row]);
    const order = Uint32Array.from({ length: rows }, (_, row) => row).sort((a, b) => {
      const [from, other] = [startOf(a), startOf(b)];
      const lengths = [startOf(a + 1) - from, startOf(b + 1) - other] as const;
      const common = Math.min(...lengths);
      let at = 0;
      while (at < common && bytes.cells[from + at] === bytes.cells[other + at]) at++;
      const up =
        at < common ? Number(bytes.cells[from + at]) - Number(bytes.cells[other + at]) : lengths[0] - lengths[1];
      return (desc === true ? -up : up) || a - b;
    });
    return rowsValue(order, rows, alloc);
  },
};

/** Strings side by side. */
export interface Strings {
  readonly rows: number;
  readonly offsets: Column;
  readonly bytes: Column;
}

export function stringsOf(args: readonly (Value | undefined)[]): Strings {
  const [offsets, bytes] = [columnOf(args[0]), columnOf(args[1])];
  const { cells, length } = offsets;
  if (length === 0) fail('W8005', 'argsort_bytes: no offsets, there is one more than there are strings');
  for (let k = 0; k < length; k++) {
    const [from, to] = [cells[k] ?? 0n, cells[k + 1] ?? bytes.length];
    if (k === 0 && from < 0n) fail('W8005', `argsort_bytes: offset ${from} is negative`);
    if (k + 1 < length && from > to) fail('W8005', `argsort_bytes: offset ${to} after ${from}, offsets go up`);
    if (from > bytes.length) fail('W8005', `argsort_bytes: offset ${from} of ${bytes.length} bytes`);
  }
  return { rows: length - 1, offsets, bytes };
}
