/**
 * argtopk(k, desc, key1, ..., keyK): the first k rows of `argsort(desc, key1, ..., keyK)`, all of them if there are
 * fewer. W8005 for a k below 0.
 *
 *     argtopk(2L, [false, true], [2, 1, 2], [5.0, 7.0, 9.0])  =>  [1L, 2L]
 *
 * Method: what a row has in the high half of a word decides most of its place. Counting those halves says which of them
 * holds row k: rows below are in, rows above are out, and those that have it are looked at by the next half, until few
 * enough are left. Those are sorted as argsort does it. A look at every row takes the place of eight passes over all.
 */

import { fail, I64, invariant, type PrimSpec, type TypedArray, type Value } from '../../compiler/index.ts';
import { found } from '../column.ts';
import { type Key, keysOf, keysTyping, orderWords, rowsValue, sortedRows } from './argsort.ts';

/** Rows that are kept beyond k are sorted for nothing, but cost less than another look at the keys. */
const SLACK = 1024;
const HALVES = 1 << 16;

export const argtopk: PrimSpec = {
  name: 'argtopk',
  doc: 'argtopk(k: i64, desc: vec[bool], keys: vec[scalar]...): vec[i64], the first k rows of argsort',
  pure: true,

  typing([k, ...rest]) {
    return k === I64 ? keysTyping('argtopk', rest) : `argtopk needs an i64 first, found ${found(k)}`;
  },

  run([limit, ...rest], alloc) {
    const { keys, length } = keysOf('argtopk', rest);
    const k = sizeOf(limit, length);
    const rows = candidates(keys, length, k);
    return rowsValue(rows === null ? sortedRows(keys, length) : sortedAt(keys, rows), k, alloc);
  },
};

/** How many rows are asked for, of `length`. */
export function sizeOf(limit: Value | undefined, length: number): number {
  invariant(typeof limit === 'bigint', () => 'argtopk: a k that is no i64');
  if (limit < 0n) fail('W8005', `argtopk: k is ${limit}, it counts rows and is 0 or more`);
  return Math.min(Number(limit), length);
}

/** Rows in input order that have the first `k` among them; null for all. */
function candidates(keys: readonly Key[], length: number, k: number): Uint32Array | null {
  if (k + SLACK >= length / 2) return null;
  // Rows that are in for sure, and those that are equal as far as the keys have been looked at.
  let inside: Uint32Array = new Uint32Array(0);
  let open: Uint32Array | null = null;
  for (const key of keys) {
    for (const word of orderWords(key, length).toReversed()) {
      for (const shift of [16, 0]) {
        const found: Split = split(word, shift, open, length, k - inside.length);
        inside = merged(inside, found.below);
        open = found.at;
        if (inside.length + open.length <= k + SLACK) return merged(inside, open);
      }
    }
  }
  // All that are open are equal in all keys: the first of them are first.
  return open === null ? null : merged(inside, open.subarray(0, k - inside.length));
}

interface Split {
  readonly below: Uint32Array;
  readonly at: Uint32Array;
}

/** Rows by a half of their word: those below the half of row number `k` in order, and those at it. */
function split(word: Uint32Array, shift: number, rows: Uint32Array | null, length: number, k: number): Split {
  const counts = new Uint32Array(HALVES);
  const half = (row: number): number => ((word[row] ?? 0) >>> shift) & (HALVES - 1);
  const n = rows?.length ?? length;
  for (let i = 0; i < n; i++) {
    const h = half(rows === null ? i : (rows[i] ?? 0));
    counts[h] = (counts[h] ?? 0) + 1;
  }
  let [pivot, before] = [0, 0];
  while (before + (counts[pivot] ?? 0) < k) before += counts[pivot++] ?? 0;
  const [below, at] = [new Uint32Array(before), new Uint32Array(counts[pivot] ?? 0)];
  let [b, a] = [0, 0];
  for (let i = 0; i < n; i++) {
    const row = rows === null ? i : (rows[i] ?? 0);
    const h = half(row);
    if (h < pivot) below[b++] = row;
    else if (h === pivot) at[a++] = row;
  }
  return { below, at };
}

/** Two ascending lists as one. */
export function merged(a: Uint32Array, b: Uint32Array): Uint32Array {
  if (a.length === 0) return b;
  const all = new Uint32Array(a.length + b.length);
  all.set(a);
  all.set(b, a.length);
  return all.sort();
}

/** Some rows in the order of the keys. */
export function sortedAt(keys: readonly Key[], rows: Uint32Array): Uint32Array {
  const order = sortedRows(
    keys.map((key) => ({ ...key, column: cellsAt(key.column, rows) })),
    rows.length,
  );
  return order.map((place) => rows[place] ?? 0);
}

/** The values of a column at some rows. */
export function cellsAt(column: TypedArray, rows: Uint32Array): TypedArray {
  const cells = column.slice(0, rows.length);
  for (let i = 0; i < rows.length; i++) cells[i] = column[rows[i] ?? 0] ?? 0;
  return cells;
}
