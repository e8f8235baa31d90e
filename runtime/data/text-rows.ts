/**
 * Reading columns of rows that are laid out, whatever the text: what CSV and NDJSON have in common.
 */

import type { Layout } from '../../kernels/index.ts';
import type { Column, Table } from './column.ts';
import type { ColumnReader } from './csv-columns.ts';
import type { CsvEngine } from './csv-engine.ts';
import { failAtCell, failAtText } from './csv-errors.ts';
import type { CsvSettings } from './csv-options.ts';
import { finishColumn } from './csv-strings.ts';
import type { Piece } from './csv-text.ts';
import type { ByteSource } from './source.ts';

/** Rows of a piece of the text, and how many there were before. */
export interface PieceRows {
  readonly piece: Piece;
  readonly layout: Layout;
  /** Where the first row begins that is not among them. */
  readonly next: number;
  readonly before: number;
}

/** A text whose rows are found piece by piece. */
export interface TextRows {
  readonly source: ByteSource;
  readonly settings: CsvSettings;
  readonly engine: CsvEngine;
  /** The pieces from the first row on, with so many rows of each at most. */
  pieces(most?: number): AsyncGenerator<PieceRows>;
}

/** Reads rows into columns, which may have `expected` rows in all; `isFinal` where no other type can be guessed. */
export async function readRows(
  { source, engine }: TextRows,
  { piece, layout, before }: PieceRows,
  columns: readonly ColumnReader[],
  expected: number,
  isFinal: boolean,
): Promise<void> {
  const { bytes, from, offset } = piece;
  for (const column of columns) {
    const bad = await column.read(engine, { bytes, layout }, expected, isFinal);
    if (bad === null) continue;
    const rowAt = offset + ((layout.rowStarts[bad.row] ?? 0) - from);
    await failAtCell(source, { ...bad, row: before + bad.row }, rowAt, column.name, column.dtype);
  }
}

/** How many rows the text may have, of the length of those up to these, and some more; the first begins at `start`. */
export function expectedRows({ source }: TextRows, { piece, layout, next, before }: PieceRows, start: number): number {
  const share = (source.byteLength - start) / Math.max(1, piece.offset - start + (next - piece.from));
  return Math.ceil((before + layout.rows) * share * 1.01) + 16;
}

/** The table of columns of `length` rows that were read, the first of which was row `before` of the text. */
export async function finishTable(
  of: TextRows,
  columns: readonly ColumnReader[],
  length: number,
  before = 0,
): Promise<Table> {
  const done: Column[] = [];
  for (const column of columns) {
    const notUtf8 = async (row: number): Promise<never> => {
      const what = `row ${before + row + 1}, column '${column.name}'`;
      return failAtText(of.source, what, await offsetOf(of, before + row));
    };
    done.push(await finishColumn(column, of.settings.lossy, notUtf8));
  }
  return { names: columns.map((c) => c.name), columns: done, length };
}

/** The byte of the source at which a row begins. */
async function offsetOf(of: TextRows, row: number): Promise<number> {
  for await (const { piece, layout, before } of of.pieces()) {
    if (row < before + layout.rows) return piece.offset + ((layout.rowStarts[row - before] ?? 0) - piece.from);
  }
  return of.source.byteLength;
}

/** Gives the first rows of the text, `rows` of them in all, piece by piece. */
export async function overFirst(of: TextRows, rows: number, each: (rows: PieceRows) => void): Promise<void> {
  let left = rows;
  for await (const found of of.pieces(left)) {
    each(found);
    left -= found.layout.rows;
    if (left <= 0) return;
  }
}

/** The table in batches of `batchRows` rows, by columns whose types were guessed. */
export async function* batchesOf(
  of: TextRows,
  first: readonly ColumnReader[],
  batchRows: number,
): AsyncGenerator<Table> {
  let columns = first;
  let [begun, rows] = [0, 0];
  const finished = async (): Promise<Table> => {
    const table = await finishTable(of, columns, rows, begun);
    columns = columns.map((c) => c.successor());
    begun += rows;
    rows = 0;
    return table;
  };
  for (const c of columns) c.settleType();
  try {
    for await (const found of of.pieces()) {
      for (let from = 0; from < found.layout.rows; ) {
        const count = Math.min(found.layout.rows - from, batchRows - rows);
        await readRows(of, sliceOf(found, from, count), columns, batchRows, true);
        rows += count;
        from += count;
        if (rows === batchRows) yield await finished();
      }
    }
    // A text without rows has a batch without rows, which says the types.
    if (rows > 0 || begun === 0) yield await finished();
  } finally {
    for (const c of columns) c.dispose();
  }
}

/** Some rows of those of a piece. */
function sliceOf({ piece, layout, next, before }: PieceRows, from: number, rows: number): PieceRows {
  const { columns, rowStarts, ends } = layout;
  const slice = { columns, rows, rowStarts: rowStarts.subarray(from), ends: ends.subarray(from * columns) };
  return { piece, layout: slice, next, before: before + from };
}
