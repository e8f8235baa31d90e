/**
 * Lines of NDJSON as a layout: two fields a key, of which the second is the value and the first is whatever stands before it.
 * So what reads the cells of a CSV reads these.
 *
 * `linesByDefinition` reads line by line; with kernels (`ndjson-machine.ts`) it reads the lines that they leave.
 */

import { isJsonBlank, type JsonFault, type Keys, LF, readObject, type Scanned } from '../../kernels/index.ts';

/** A stretch of text that begins with a line. */
export interface LineStretch {
  readonly from: number;
  readonly to: number;
  /** Does the text end at `to`? Else a line that goes on there is not whole. */
  readonly last: boolean;
  /** Most lines to read. */
  readonly most?: number;
}

/** A fault of a row. */
export interface LineFault extends JsonFault {
  readonly row: number;
  readonly lineAt: number;
}

/** Lays lines out that are not blank; the keys that are new in them are added to `keys`. */
export type LinesToLayout = (bytes: Uint8Array, stretch: LineStretch, keys: Keys) => Promise<Scanned | LineFault>;

/** The field of a layout that has the values of a key. */
export const fieldOf = (column: number): number => 2 * column + 1;

/** Where lines begin that are not blank, and where the first one begins that is not whole, or not asked for. */
export function linesOf(
  bytes: Uint8Array,
  { from, to, last, most = Number.POSITIVE_INFINITY }: LineStretch,
): { readonly starts: readonly number[]; readonly next: number } {
  const starts: number[] = [];
  let at = from;
  while (at < to && starts.length < most) {
    const end = lineEnd(bytes, at, to);
    if (end === to && !last) break;
    let first = at;
    while (first < end && isJsonBlank(bytes[first])) first++;
    if (first < end) starts.push(at);
    at = Math.min(end + 1, to);
  }
  return { starts, next: at };
}

function lineEnd(bytes: Uint8Array, start: number, to: number): number {
  const found = bytes.indexOf(LF, start);
  return found < 0 || found > to ? to : found;
}

/** Fields of a row: key, where the value begins, where it ends. */
const FIELD = 3;

/** Fields of some rows, each row's behind those of the one before, and how many each has. */
export interface RowFields {
  readonly fields: readonly number[];
  readonly counts: readonly number[];
}

/** Reads some rows by the definition; `starts` has where each one begins, in text that ends at `to`. */
export function fieldsOfRows(
  bytes: Uint8Array,
  starts: ArrayLike<number>,
  rows: Iterable<number>,
  to: number,
  keys: Keys,
): RowFields | LineFault {
  const fields: number[] = [];
  const counts: number[] = [];
  for (const row of rows) {
    const before = fields.length;
    const lineAt = starts[row] ?? 0;
    const fault = readObject(bytes, lineAt, lineEnd(bytes, lineAt, to), keys, (...f) => fields.push(...f));
    if (fault !== null) return { ...fault, row, lineAt };
    counts.push((fields.length - before) / FIELD);
  }
  return { fields, counts };
}

/** Writes the fields of rows to the ends of a layout of `columns` keys; a key that a row lacks has no bytes. */
export function putFields(
  layout: Int32Array,
  columns: number,
  starts: ArrayLike<number>,
  rows: Iterable<number>,
  { fields, counts }: RowFields,
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

export const linesByDefinition: LinesToLayout = async (bytes, stretch, keys) => {
  const { starts, next } = linesOf(bytes, stretch);
  const read = fieldsOfRows(bytes, starts, starts.keys(), stretch.to, keys);
  if ('row' in read) return read;
  const rows = starts.length;
  const columns = keys.names.length;
  const ends = new Int32Array(2 * columns * rows);
  putFields(ends, columns, starts, starts.keys(), read);
  return { layout: { columns: 2 * columns, rows, rowStarts: Int32Array.from(starts), ends }, next };
};
