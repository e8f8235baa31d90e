/**
 * Finds the fields of a CSV text, in one pass over its bytes, without making a string.
 *
 * RFC 4180, with what files in the wild need: lines end in LF, CRLF or CR; a field that begins with a quote ends at
 * the next quote that is not doubled and may hold delimiters and line ends; other quotes are ordinary characters. All
 * rows have as many fields as the first. Blank lines are skipped, but in a file of one column a blank line after the
 * first row is a row (with an empty field). A layout takes four bytes a field: in a row, each field starts one byte
 * after the end of the one before.
 */

import { fail } from '../../compiler/index.ts';

export interface CsvLayout {
  readonly columns: number;
  /** Rows, the header not excepted. */
  readonly rows: number;
  /** Where each row starts. */
  readonly rowStarts: Uint32Array;
  /** Where each field ends (a quoted one behind its quote), row by row. */
  readonly ends: Uint32Array;
}

const QUOTE = 0x22;
const LF = 0x0a;
const CR = 0x0d;

/** Start of field `column` of row `row`. */
export function fieldStart(layout: CsvLayout, row: number, column: number): number {
  if (column === 0) return layout.rowStarts[row] ?? 0;
  return (layout.ends[row * layout.columns + column - 1] ?? 0) + 1;
}

/** End of field `column` of row `row`. */
export function fieldEnd(layout: CsvLayout, row: number, column: number): number {
  return layout.ends[row * layout.columns + column] ?? 0;
}

/** Lays out bytes from `start` on. W8002 for a ragged row or a quote that does not close. */
export function scanCsv(bytes: Uint8Array, start: number, delimiter: number, name: string): CsvLayout {
  let ends = new Uint32Array(1024);
  let rowStarts = new Uint32Array(256);
  let rows = 0;
  let count = 0;
  let columns = 0;
  let at = start;
  const size = bytes.length;
  while (at < size) {
    const first = bytes[at];
    if ((first === LF || first === CR) && columns !== 1) {
      at++;
      continue;
    }
    const rowStart = at;
    const before = count;
    for (;;) {
      const end = bytes[at] === QUOTE ? quotedEnd(bytes, at, delimiter, name) : plainEnd(bytes, at, delimiter);
      if (count === ends.length) ends = doubled(ends);
      ends[count++] = end;
      at = end + 1;
      if (bytes[end] !== delimiter) break;
    }
    // `at` is behind the line end, but for the second half of a CRLF.
    if (bytes[at - 1] === CR && bytes[at] === LF) at++;
    if (columns === 0) columns = count - before;
    else if (count - before !== columns) ragged(bytes, rowStart, count - before, columns, name);
    if (rows === rowStarts.length) rowStarts = doubled(rowStarts);
    rowStarts[rows++] = rowStart;
  }
  return { columns, rows, rowStarts, ends };
}

/** End of an unquoted field: the next delimiter, line end, or the end of the bytes. */
function plainEnd(bytes: Uint8Array, start: number, delimiter: number): number {
  let at = start;
  for (; at < bytes.length; at++) {
    const byte = bytes[at];
    if (byte === delimiter || byte === LF || byte === CR) break;
  }
  return at;
}

/** End of a quoted field: behind its closing quote, where a delimiter, a line end or the end must stand. */
function quotedEnd(bytes: Uint8Array, start: number, delimiter: number, name: string): number {
  let at = start + 1;
  for (; ; at++) {
    if (at >= bytes.length) {
      fail('W8002', `${name}, line ${lineOf(bytes, start)}: a quoted field begins here and never ends`, {
        help: 'close it with a quote; a quote inside it is written twice',
      });
    }
    if (bytes[at] !== QUOTE) continue;
    if (bytes[at + 1] !== QUOTE) break;
    at++;
  }
  const next = bytes[at + 1];
  if (at + 1 < bytes.length && next !== delimiter && next !== LF && next !== CR) {
    const found = JSON.stringify(String.fromCharCode(next ?? 0));
    fail(
      'W8002',
      `${name}, line ${lineOf(bytes, at)}: found ${found} behind a closing quote, expected the field to end`,
      {
        help: 'a quote inside a quoted field is written twice',
      },
    );
  }
  return at + 1;
}

function ragged(bytes: Uint8Array, rowStart: number, found: number, expected: number, name: string): never {
  return fail(
    'W8002',
    `${name}, line ${lineOf(bytes, rowStart)}: found ${found} field${found === 1 ? '' : 's'}, expected ${expected} as in the first row`,
    {
      help: found > expected ? 'quote a field that contains the delimiter' : 'write an empty field for a missing value',
    },
  );
}

/** The line, counted from 1, that a byte is on; LF, CRLF and CR each end one. */
export function lineOf(bytes: Uint8Array, offset: number): number {
  let line = 1;
  for (let i = 0; i < offset; i++) {
    const byte = bytes[i];
    if (byte === LF || (byte === CR && bytes[i + 1] !== LF)) line++;
  }
  return line;
}

function doubled(array: Uint32Array<ArrayBuffer>): Uint32Array<ArrayBuffer> {
  const larger = new Uint32Array(array.length * 2);
  larger.set(array);
  return larger;
}
