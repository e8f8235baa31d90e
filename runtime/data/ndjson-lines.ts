/**
 * Lines of NDJSON as a layout: two fields a key, of which the second is the value and the first is whatever stands before it.
 * So what reads the cells of a CSV reads these.
 *
 * `definition` reads line by line; with kernels (`ndjson-machine.ts`) it reads the lines that they leave.
 */

import { isJsonBlank, type JsonFault, type Keys, type Layout, readObject } from '../../kernels/index.ts';

const LF = 0x0a;

/** The lines of a stretch of text that are not blank. */
export interface Lines {
  readonly rows: number;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  /** Where the first line begins that is not whole. */
  readonly next: number;
}

/** The field of a layout that has the values of a key. */
export const fieldOf = (column: number): number => 2 * column + 1;

/** Finds lines; the last one is whole if the text ends here. */
export function linesOf(bytes: Uint8Array, from: number, to: number, last: boolean): Lines {
  let starts = new Int32Array(1024);
  let ends = new Int32Array(1024);
  let rows = 0;
  let at = from;
  while (at < to) {
    const found = bytes.indexOf(LF, at);
    const end = found < 0 || found >= to ? to : found;
    if (end === to && !last) break;
    let first = at;
    while (first < end && isJsonBlank(bytes[first])) first++;
    if (first < end) {
      if (rows === starts.length) {
        starts = doubled(starts);
        ends = doubled(ends);
      }
      starts[rows] = at;
      ends[rows++] = end;
    }
    at = Math.min(end + 1, to);
  }
  return { rows, starts, ends, next: at };
}

function doubled(array: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(array.length * 2);
  larger.set(array);
  return larger;
}

/** A fault of a row. */
export interface LineFault extends JsonFault {
  readonly row: number;
}

/** Lays lines out; the keys that are new in them are added to `keys`. */
export type LinesToLayout = (bytes: Uint8Array, lines: Lines, keys: Keys) => Promise<Layout | LineFault>;

/** Fields of a row: key, where the value begins, where it ends. */
const FIELD = 3;

/** Reads some rows by the definition: their fields, each row's behind those of the one before, and how many each has. */
export function fieldsOfRows(
  bytes: Uint8Array,
  { starts, ends }: Lines,
  rows: Iterable<number>,
  keys: Keys,
): { readonly fields: readonly number[]; readonly counts: readonly number[] } | LineFault {
  const fields: number[] = [];
  const counts: number[] = [];
  for (const row of rows) {
    const before = fields.length;
    const fault = readObject(bytes, starts[row] ?? 0, ends[row] ?? 0, keys, (...field) => fields.push(...field));
    if (fault !== null) return { ...fault, row };
    counts.push((fields.length - before) / FIELD);
  }
  return { fields, counts };
}

/** Writes the fields of rows to the ends of a layout of `columns` keys; a key that a row lacks has no bytes. */
export function putFields(
  layout: Int32Array,
  columns: number,
  starts: Int32Array,
  rows: Iterable<number>,
  { fields, counts }: { readonly fields: readonly number[]; readonly counts: readonly number[] },
): void {
  let [at, k] = [0, 0];
  for (const row of rows) {
    const first = row * 2 * columns;
    const start = starts[row] ?? 0;
    for (let c = 0; c < columns; c++) {
      layout[first + 2 * c] = start - 1;
      layout[first + 2 * c + 1] = start;
    }
    for (let n = counts[k++] ?? 0; n > 0; n--, at += FIELD) {
      const place = first + 2 * (fields[at] ?? 0);
      layout[place] = (fields[at + 1] ?? 0) - 1;
      layout[place + 1] = fields[at + 2] ?? 0;
    }
  }
}

export const upTo = (rows: number): readonly number[] => Array.from({ length: rows }, (_, row) => row);

export const linesByDefinition: LinesToLayout = async (bytes, lines, keys) => {
  const rows = upTo(lines.rows);
  const read = fieldsOfRows(bytes, lines, rows, keys);
  if ('row' in read) return read;
  const columns = keys.names.length;
  const ends = new Int32Array(2 * columns * lines.rows);
  putFields(ends, columns, lines.starts, rows, read);
  return { columns: 2 * columns, rows: lines.rows, rowStarts: lines.starts, ends };
};
