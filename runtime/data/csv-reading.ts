/**
 * The steps of reading a CSV text: the first row, then pieces that end with a row, each of which is laid out and then read
 * column by column.
 */

import { fail } from '../../compiler/index.ts';
import type { Layout } from '../../kernels/index.ts';
import type { Table } from './column.ts';
import { columnIndex, selectColumns } from './columns-by-name.ts';
import { ColumnReader } from './csv-columns.ts';
import { type CsvEngine, cellOf } from './csv-engine.ts';
import { failAtRow, failAtText } from './csv-errors.ts';
import { type CsvOptions, type CsvSettings, checkDType } from './csv-options.ts';
import { TextPieces } from './csv-text.ts';
import type { ByteSource } from './source.ts';
import {
  batchesOf,
  expectedRows,
  finishTable,
  overFirst,
  type PieceRows,
  readRows,
  type TextRows,
} from './text-rows.ts';

/** What the first row says. */
interface Head {
  readonly names: readonly string[];
  /** Where the rows of data begin in the source. */
  readonly start: number;
}

export class CsvReading {
  readonly #source: ByteSource;
  readonly #settings: CsvSettings;
  readonly #engine: CsvEngine;

  constructor(source: ByteSource, settings: CsvSettings, engine: CsvEngine) {
    this.#source = source;
    this.#settings = settings;
    this.#engine = engine;
  }

  async table(alloc: CsvOptions['alloc']): Promise<Table> {
    const head = await this.#head();
    const text = this.#rowsBehind(head);
    const columns = this.#columns(head.names, alloc);
    try {
      let length = await this.#read(text, head, columns);
      // A guess that failed makes a column be read again, with what all rows have shown.
      for (;;) {
        const stale = columns.filter((c) => c.isStale);
        if (stale.length === 0) break;
        for (const c of stale) c.again();
        length = await this.#read(text, head, stale);
      }
      return await finishTable(text, columns, length);
    } catch (error) {
      for (const c of columns) c.dispose();
      throw error;
    }
  }

  /** The table in batches of `batchRows` rows. */
  async *batches(alloc: CsvOptions['alloc'], batchRows: number): AsyncGenerator<Table> {
    const head = await this.#head();
    const text = this.#rowsBehind(head);
    const columns = this.#columns(head.names, alloc);
    await overFirst(text, this.#settings.inferRows, ({ piece: { bytes }, layout }) => {
      for (const c of columns) c.guess({ bytes, layout }, layout.rows);
    });
    yield* batchesOf(text, columns, batchRows);
  }

  #rowsBehind({ start, names }: Head): TextRows {
    const pieces = (most?: number): AsyncGenerator<PieceRows> => this.#pieces(start, names, most);
    return { source: this.#source, settings: this.#settings, engine: this.#engine, pieces };
  }

  #columns(names: readonly string[], alloc: CsvOptions['alloc']): readonly ColumnReader[] {
    const { name } = this.#source;
    const { dtypes, columns } = this.#settings;
    for (const [column, dtype] of Object.entries(dtypes)) {
      columnIndex(names, column, name);
      checkDType(column, dtype);
    }
    return selectColumns(names, columns, name).map((index) => {
      const column = names[index] ?? '';
      const given = Object.hasOwn(dtypes, column) ? dtypes[column] : undefined;
      return new ColumnReader(column, index, given, this.#settings, alloc);
    });
  }

  /** Pieces of the text from byte `start` on, with rows of these columns; null where the first row is to say. */
  async *#pieces(start: number, names: readonly string[] | null, most?: number): AsyncGenerator<PieceRows> {
    const text = new TextPieces(this.#source, start, this.#settings.blockBytes, this.#engine.buffer);
    try {
      let before = 0;
      for (let piece = await text.after(null); ; ) {
        const { bytes, from, to, last, offset } = piece;
        const stretch = { from, to, last, columns: names?.length ?? 0, ...(most === undefined ? {} : { most }) };
        const scanned = await this.#engine.rows(bytes, stretch);
        if ('fault' in scanned) {
          const known = names === null ? null : { before, names };
          return await failAtRow(this.#source, scanned, offset + (scanned.at - from), known);
        }
        const { layout, next } = scanned;
        yield { piece, layout, next, before };
        before += layout.rows;
        if (last) return;
        piece = await text.after(piece, next);
      }
    } finally {
      await text.end();
    }
  }

  async #head(): Promise<Head> {
    const { name, byteLength } = this.#source;
    const [a, b, c] = await this.#source.read(0, Math.min(3, byteLength));
    if ((a === 0xff && b === 0xfe) || (a === 0xfe && b === 0xff)) {
      fail('W8002', `${name} is encoded in UTF-16, expected UTF-8`, { help: 'save the file as UTF-8' });
    }
    const begin = a === 0xef && b === 0xbb && c === 0xbf ? 3 : 0;
    for await (const { piece, layout, next } of this.#pieces(begin, null, 1)) {
      if (layout.rows === 0) continue;
      const at = (place: number): number => piece.offset + (place - piece.from);
      const first = at(layout.rowStarts[0] ?? 0);
      if (this.#settings.header) return { names: await this.#names(piece.bytes, layout, first), start: at(next) };
      return { names: Array.from({ length: layout.columns }, (_, i) => `column_${i + 1}`), start: first };
    }
    return fail('W8002', `${name} is empty; expected at least one row`, {
      help: 'a table without rows still needs a header',
    });
  }

  async #names(bytes: Uint8Array, layout: Layout, offset: number): Promise<readonly string[]> {
    const { dialect, lossy } = this.#settings;
    const decoder = new TextDecoder('utf-8', { fatal: !lossy, ignoreBOM: true });
    const places = new Map<string, number>();
    for (let column = 0; column < layout.columns; column++) {
      const cell = cellOf({ bytes, layout, column }, 0, dialect.escapeByte);
      let name: string;
      try {
        name = decoder.decode(cell.bytes.slice(cell.start, cell.end)) || `column_${column + 1}`;
      } catch {
        return failAtText(this.#source, `column ${column + 1} of the header`, offset);
      }
      const earlier = places.get(name);
      if (earlier !== undefined) {
        fail('W8002', `${this.#source.name}: columns ${earlier + 1} and ${column + 1} are both named '${name}'`, {
          help: 'rename one of them in the first line',
        });
      }
      places.set(name, column);
    }
    return [...places.keys()];
  }

  /** Reads all rows into columns; gives how many there are. */
  async #read(text: TextRows, head: Head, columns: readonly ColumnReader[]): Promise<number> {
    let rows = 0;
    for await (const found of text.pieces()) {
      const { piece, layout, before } = found;
      rows = before + layout.rows;
      if (before === 0) for (const c of columns) c.guess({ bytes: piece.bytes, layout }, this.#settings.inferRows);
      await readRows(text, found, columns, expectedRows(text, found, head.start), false);
    }
    return rows;
  }
}
