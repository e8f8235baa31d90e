/**
 * Reads a CSV text into a table: `csv-scan.ts` finds the fields, this file decides types and nulls, `csv-cells.ts`
 * makes values; a cell becomes a JavaScript string only as an entry of a dictionary.
 *
 * Types come from all rows: bool (`true`/`false`), i64, f64, timestamp (ISO 8601), else string. Two rules keep what a
 * guess would lose: integers with leading zeros (`00501`) and integers that no i64 holds make a string column, unless
 * `dtypes` says otherwise. An empty field is null, and so is one listed in `nullValues`; a quoted field is always a
 * value, but a quoted empty field is null where the column is not of strings. A header without text at some place
 * names that column `column_k`, counted from 1.
 */

import { fail, SCALAR_KINDS } from '../../compiler/index.ts';
import type { Allocator, Column, DType, Table } from './column.ts';
import { storageKind } from './column.ts';
import { columnIndex, selectColumns } from './columns-by-name.ts';
import type { CellWriter } from './csv-cells.ts';
import { cellScratch, cellWriter, inferredType, LOOKS, lookOf } from './csv-cells.ts';
import type { CsvLayout } from './csv-scan.ts';
import { fieldEnd, fieldStart, lineOf, scanCsv } from './csv-scan.ts';
import type { SourceInput } from './source.ts';
import { readAll } from './source.ts';
import { StringPool } from './string-pool.ts';

export interface CsvOptions {
  readonly alloc: Allocator;
  /** One ASCII character; a comma when absent. */
  readonly delimiter?: string;
  /** Whether the first row names the columns (it does by default); else they are `column_1`, `column_2`, ... */
  readonly header?: boolean;
  /** Columns to read, in this order; all of them when absent. */
  readonly columns?: readonly string[];
  /** Unquoted fields that mean null, besides the empty one. */
  readonly nullValues?: readonly string[];
  /** Types by column name, instead of inferred ones. */
  readonly dtypes?: Readonly<Record<string, DType>>;
}

export type CsvSource = SourceInput | { readonly text: string };

const QUOTE = 0x22;

/**
 * Reads a CSV (a path, a URL, its bytes, or `{ text }`).
 *
 * Errors: W8001 cannot be read; W8002 ragged rows, an open quote, a cell that is not of the type asked for, not UTF-8;
 * W8003 an unknown column; W8006 an unusable delimiter or dtype.
 */
export async function readCsvTable(source: CsvSource, options: CsvOptions): Promise<Table> {
  if (!(typeof source === 'string' || source instanceof URL || source instanceof Uint8Array)) {
    return parseCsv(new TextEncoder().encode(source.text), '<text>', options);
  }
  const { name, bytes } = await readAll(source);
  return parseCsv(bytes, name, options);
}

/** What the steps of one read share. */
interface Csv {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly layout: CsvLayout;
  /** First row of data: 1 behind a header. */
  readonly firstRow: number;
  readonly length: number;
  readonly nulls: readonly Uint8Array[];
  readonly alloc: Allocator;
}

function parseCsv(bytes: Uint8Array, name: string, options: CsvOptions): Table {
  const delimiter = delimiterByte(options.delimiter ?? ',');
  const layout = scanCsv(bytes, textStart(bytes, name), delimiter, name);
  if (layout.rows === 0) {
    fail('W8002', `${name} is empty; expected at least one row`, { help: 'a table without rows still needs a header' });
  }
  const header = options.header ?? true;
  const firstRow = header ? 1 : 0;
  const nulls = (options.nullValues ?? []).map((text) => new TextEncoder().encode(text));
  const csv: Csv = { name, bytes, layout, firstRow, length: layout.rows - firstRow, nulls, alloc: options.alloc };

  const names = header ? headerNames(csv) : Array.from({ length: layout.columns }, (_, i) => `column_${i + 1}`);
  const dtypes = options.dtypes ?? {};
  for (const [column, dtype] of Object.entries(dtypes)) {
    columnIndex(names, column, name);
    if (dtype === 'string' || dtype === 'timestamp' || SCALAR_KINDS.includes(dtype)) continue;
    fail('W8006', `found the dtype '${String(dtype)}' for column '${column}'`, {
      help: `expected one of ${[...SCALAR_KINDS, 'string', 'timestamp'].join(', ')}`,
    });
  }
  const selected = selectColumns(names, options.columns, name);
  const columns = selected.map((index) => {
    const column = names[index] ?? '';
    const dtype = Object.hasOwn(dtypes, column) ? dtypes[column] : undefined;
    return readColumn(csv, index, column, dtype ?? inferType(csv, index));
  });
  return { names: selected.map((index) => names[index] ?? ''), columns, length: csv.length };
}

function delimiterByte(delimiter: string): number {
  const code = delimiter.charCodeAt(0);
  if (delimiter.length !== 1 || code > 0x7f || delimiter === '"' || delimiter === '\n' || delimiter === '\r') {
    fail('W8006', `found the delimiter ${JSON.stringify(delimiter)}, expected one ASCII character`, {
      help: "for example ',' or ';' or '\\t'; not a quote or a line end",
    });
  }
  return code;
}

/** Where the text starts: behind a UTF-8 byte order mark. */
function textStart(bytes: Uint8Array, name: string): number {
  const [a, b, c] = bytes;
  if ((a === 0xff && b === 0xfe) || (a === 0xfe && b === 0xff)) {
    fail('W8002', `${name} is encoded in UTF-16, expected UTF-8`, { help: 'save the file as UTF-8' });
  }
  return a === 0xef && b === 0xbb && c === 0xbf ? 3 : 0;
}

function headerNames(csv: Csv): readonly string[] {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  const positions = new Map<string, number>();
  for (let column = 0; column < csv.layout.columns; column++) {
    const cell = contentOf(csv, 0, column);
    let name: string;
    try {
      name = decoder.decode(cell.bytes.slice(cell.start, cell.end)) || `column_${column + 1}`;
    } catch {
      return notUtf8(csv, 0, `column ${column + 1} of the header`);
    }
    const earlier = positions.get(name);
    if (earlier !== undefined) {
      fail('W8002', `${csv.name}: columns ${earlier + 1} and ${column + 1} are both named '${name}'`, {
        help: 'rename one of them in the first line',
      });
    }
    positions.set(name, column);
  }
  return [...positions.keys()];
}

interface Cell {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
}

/** The content of a field: without its quotes, and with doubled ones single (then in bytes of its own). */
function contentOf(csv: Csv, row: number, column: number): Cell {
  const { bytes, layout } = csv;
  const start = fieldStart(layout, row, column);
  const end = fieldEnd(layout, row, column);
  if (end === start || bytes[start] !== QUOTE) return { bytes, start, end };
  const inner = bytes.subarray(start + 1, end - 1);
  if (!inner.includes(QUOTE)) return { bytes, start: start + 1, end: end - 1 };
  const single = new Uint8Array(inner.length);
  let length = 0;
  for (let i = 0; i < inner.length; i++) {
    const byte = inner[i] ?? 0;
    single[length++] = byte;
    if (byte === QUOTE) i++;
  }
  return { bytes: single, start: 0, end: length };
}

/** True when a field is null whatever its column's type is. */
function isNull(csv: Csv, start: number, end: number): boolean {
  if (start === end) return true;
  return csv.nulls.some((text) => {
    if (text.length !== end - start) return false;
    return text.every((byte, i) => csv.bytes[start + i] === byte);
  });
}

/** The type that fits every cell of a column. */
function inferType(csv: Csv, column: number): DType {
  const { bytes, layout } = csv;
  const scratch = cellScratch();
  let looks = 0;
  for (let row = csv.firstRow; row < layout.rows; row++) {
    const start = fieldStart(layout, row, column);
    const end = fieldEnd(layout, row, column);
    const quoted = end > start && bytes[start] === QUOTE;
    // A quoted empty field fits every type: null or the empty string.
    if (quoted ? end - start === 2 : isNull(csv, start, end)) continue;
    looks |= quoted ? lookOf(bytes, start + 1, end - 1, scratch) : lookOf(bytes, start, end, scratch);
    if ((looks & LOOKS.other) !== 0) break;
  }
  return inferredType(looks);
}

function readColumn(csv: Csv, column: number, name: string, dtype: DType): Column {
  const { layout, firstRow, length, alloc } = csv;
  const data = alloc.alloc(storageKind(dtype), length);
  const pool = new StringPool();
  const write: CellWriter =
    dtype === 'string'
      ? (bytes, start, end, row) => {
          data[row] = pool.intern(bytes, start, end);
          return true;
        }
      : cellWriter(dtype, data);
  let validity: Uint8Array | null = null;
  for (let row = 0; row < length; row++) {
    const start = fieldStart(layout, row + firstRow, column);
    const end = fieldEnd(layout, row + firstRow, column);
    const quoted = end > start && csv.bytes[start] === QUOTE;
    const empty = quoted && end - start === 2 && dtype !== 'string';
    if (empty || (!quoted && isNull(csv, start, end))) {
      validity ??= allPresent(alloc, length);
      validity[row] = 0;
      if (data instanceof BigInt64Array || data instanceof BigUint64Array) data[row] = 0n;
      else data[row] = 0;
      continue;
    }
    const cell = quoted ? contentOf(csv, row + firstRow, column) : { bytes: csv.bytes, start, end };
    if (!write(cell.bytes, cell.start, cell.end, row)) badCell(csv, row, name, dtype, cell);
  }
  if (dtype !== 'string') return { dtype, length, data, validity, dictionary: null };
  const decoded = pool.strings();
  if ('invalid' in decoded) {
    const row = Array.from(data, Number).findIndex((code, i) => code === decoded.invalid && validity?.[i] !== 0);
    return notUtf8(csv, row + firstRow, `row ${row + 1}, column '${name}'`);
  }
  return { dtype, length, data, validity, dictionary: decoded.strings };
}

function allPresent(alloc: Allocator, length: number): Uint8Array {
  const { buffer, byteOffset, byteLength } = alloc.alloc('bool', length);
  return new Uint8Array(buffer, byteOffset, byteLength).fill(1);
}

function badCell(csv: Csv, row: number, name: string, dtype: DType, cell: Cell): never {
  const line = lineOf(csv.bytes, fieldStart(csv.layout, row + csv.firstRow, 0));
  const text = new TextDecoder().decode(cell.bytes.slice(cell.start, cell.end));
  const found = JSON.stringify(text.length > 40 ? `${text.slice(0, 40)}...` : text);
  return fail(
    'W8002',
    `${csv.name}, row ${row + 1} (line ${line}), column '${name}': found ${found}, expected ${dtype}`,
    {
      help: `ask for another type, as in \`dtypes: { ${JSON.stringify(name)}: 'string' }\`, or list the text in \`nullValues\``,
    },
  );
}

function notUtf8(csv: Csv, row: number, where: string): never {
  const line = lineOf(csv.bytes, fieldStart(csv.layout, row, 0));
  return fail('W8002', `${csv.name}, line ${line}: ${where} is not UTF-8 text`, { help: 'save the file as UTF-8' });
}
