/**
 * Where the fields of a CSV text are: the definition, one byte after the other. `rows-machine.ts` finds the same for texts
 * without surprises.
 *
 * RFC 4180, with what files in the wild need: lines end in LF, CRLF or CR; a field that begins with a quote ends at the
 * next quote that is not doubled (or behind the escape) and may hold delimiters and line ends; other quotes are ordinary
 * characters. All rows have as many fields as the first. Blank lines are no rows, but in a file of one column a blank line
 * after the first row is a row (with an empty field). A layout takes four bytes a field: in a row, each field starts one
 * byte after the end of the one before.
 */

import { unescaped } from '../json/unescape.ts';

/** What becomes of a row that has not as many fields as the first: see `CsvOptions.ragged`. */
export type Ragged = 'error' | 'null' | 'truncate' | 'skip';

/** How a text is written. Delimiter, escape and comment are ASCII bytes; null where there is none. */
export interface Dialect {
  readonly delimiter: number;
  /** Inside quotes, takes the byte behind it as it is. */
  readonly escapeByte: number | null;
  /** Lines that begin with it are no rows. */
  readonly comment: number | null;
  readonly ragged: Ragged;
}

export interface Layout {
  readonly columns: number;
  readonly rows: number;
  /** Where each row starts. */
  readonly rowStarts: Int32Array;
  /** Where each field ends (a quoted one behind its quote), row by row. */
  readonly ends: Int32Array;
}

/** What is wrong with a text, at a byte of it, behind so many rows. */
export type RowFault = { readonly at: number; readonly row: number } & (
  | { readonly fault: 'open' | 'behind'; readonly column: number }
  | { readonly fault: 'ragged'; readonly found: number; readonly columns: number }
);

/** The rows of a text, and where the first one begins that is not whole. */
export interface Scanned {
  readonly layout: Layout;
  readonly next: number;
}

export interface Stretch {
  readonly from: number;
  readonly to: number;
  /** Does the text end at `to`? Else a row that may go on there is not whole. */
  readonly last: boolean;
  /** Fields of a row; 0 where the first row is to say. */
  readonly columns: number;
  /** Most rows to scan. */
  readonly most?: number;
}

export const QUOTE = 0x22;
export const LF = 0x0a;
export const CR = 0x0d;
const OPEN = -1;
const BEHIND = -2;

/** Start of field `column` of row `row`. */
export function fieldStart(layout: Layout, row: number, column: number): number {
  if (column === 0) return layout.rowStarts[row] ?? 0;
  return (layout.ends[row * layout.columns + column - 1] ?? 0) + 1;
}

/** End of field `column` of row `row`. */
export function fieldEnd(layout: Layout, row: number, column: number): number {
  return layout.ends[row * layout.columns + column] ?? 0;
}

/** Lays out the rows of a stretch of `bytes`, which begins with a row. */
export function scanRows(bytes: Uint8Array, dialect: Dialect, stretch: Stretch): Scanned | RowFault {
  const { delimiter, escapeByte, comment, ragged } = dialect;
  const { from, to, last, most = Number.POSITIVE_INFINITY } = stretch;
  let { columns } = stretch;
  let ends = new Int32Array(1024);
  let rowStarts = new Int32Array(256);
  let rows = 0;
  let count = 0;
  let at = from;
  let next = from;
  const give = (): Scanned => ({ layout: { columns, rows, rowStarts, ends }, next });
  while (at < to && rows < most) {
    const first = bytes[at];
    if (first === comment && comment !== null) {
      at = lineEnd(bytes, at, to);
      const isReturn = bytes[at] === CR;
      if ((at === to || (isReturn && at + 1 === to)) && !last) return give();
      at += isReturn && at + 1 < to && bytes[at + 1] === LF ? 2 : 1;
      next = Math.min(at, to);
      continue;
    }
    if ((first === LF || first === CR) && columns !== 1) {
      at++;
      next = at;
      continue;
    }
    const rowStart = at;
    const before = count;
    let end = 0;
    for (;;) {
      // Behind the text there may be anything.
      const isQuoted = at < to && bytes[at] === QUOTE;
      end = isQuoted ? quotedEnd(bytes, at, to, dialect) : plainEnd(bytes, at, to, delimiter);
      if (end === OPEN) return last ? { fault: 'open', at, row: rows, column: count - before } : give();
      if (end === BEHIND) {
        const behind = behindQuote(bytes, at, to, escapeByte);
        return { fault: 'behind', at: behind, row: rows, column: count - before };
      }
      if (count === ends.length) ends = doubled(ends);
      ends[count++] = end;
      at = end + 1;
      if (end >= to || bytes[end] !== delimiter) break;
    }
    // The row may go on behind the text, or a CR be half of a line end.
    if (!last && (end >= to || (bytes[end] === CR && end + 1 >= to))) return give();
    if (bytes[end] === CR && end + 1 < to && bytes[end + 1] === LF) at++;
    next = Math.min(at, to);
    const found = count - before;
    if (columns === 0) columns = found;
    if (found !== columns) {
      const isFault = ragged === 'error' || (ragged === 'null' && found > columns);
      if (isFault) return { fault: 'ragged', at: rowStart, row: rows, found, columns };
      count = before + (ragged === 'skip' ? 0 : Math.min(found, columns));
      if (ragged === 'skip') continue;
      // Fields that are not there are empty.
      while (count < before + columns) {
        if (count === ends.length) ends = doubled(ends);
        ends[count] = (ends[count - 1] ?? 0) + 1;
        count++;
      }
    }
    if (rows === rowStarts.length) rowStarts = doubled(rowStarts);
    rowStarts[rows++] = rowStart;
  }
  return give();
}

function lineEnd(bytes: Uint8Array, start: number, to: number): number {
  let at = start;
  while (at < to && bytes[at] !== LF && bytes[at] !== CR) at++;
  return at;
}

/** End of an unquoted field: the next delimiter, line end, or the end of the bytes. */
function plainEnd(bytes: Uint8Array, start: number, to: number, delimiter: number): number {
  let at = start;
  for (; at < to; at++) {
    const byte = bytes[at];
    if (byte === delimiter || byte === LF || byte === CR) break;
  }
  return at;
}

/** The closing quote of the field that opens at `start`, or OPEN. */
function closingQuote(bytes: Uint8Array, start: number, to: number, escapeByte: number | null): number {
  for (let at = start + 1; at < to; at++) {
    const byte = bytes[at];
    if (byte === escapeByte && escapeByte !== null) at++;
    else if (byte === QUOTE) {
      if (at + 1 >= to || bytes[at + 1] !== QUOTE) return at;
      at++;
    }
  }
  return OPEN;
}

/** End of a quoted field: behind its closing quote, where a delimiter, a line end or the end must stand. */
function quotedEnd(bytes: Uint8Array, start: number, to: number, { delimiter, escapeByte }: Dialect): number {
  const close = closingQuote(bytes, start, to, escapeByte);
  if (close === OPEN) return OPEN;
  const next = bytes[close + 1];
  return close + 1 >= to || next === delimiter || next === LF || next === CR ? close + 1 : BEHIND;
}
const behindQuote = (bytes: Uint8Array, start: number, to: number, escapeByte: number | null): number =>
  closingQuote(bytes, start, to, escapeByte) + 1;

/** In the place of an escape: quoted text has those of JSON. */
export const JSON_ESCAPES = -2;

/** The content of the quoted field bytes[start, end): doubled quotes are one, and an escape is gone. */
export function unquoted(bytes: Uint8Array, start: number, end: number, escapeByte: number | null): Uint8Array {
  const inner = bytes.subarray(start + 1, end - 1);
  if (escapeByte === JSON_ESCAPES) return unescaped(bytes, start + 1, end - 1);
  if (!inner.includes(QUOTE) && (escapeByte === null || !inner.includes(escapeByte))) return inner;
  const single = new Uint8Array(inner.length);
  let length = 0;
  for (let i = 0; i < inner.length; i++) {
    const isEscape = escapeByte !== null && inner[i] === escapeByte;
    if ((isEscape || inner[i] === QUOTE) && i + 1 < inner.length) i++;
    single[length++] = inner[i] ?? 0;
  }
  return single.subarray(0, length);
}

function doubled(array: Int32Array<ArrayBuffer>): Int32Array<ArrayBuffer> {
  const larger = new Int32Array(array.length * 2);
  larger.set(array);
  return larger;
}
