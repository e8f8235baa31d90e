/**
 * The steps of reading NDJSON: pieces that end with a line, each of which is laid out and then read column by column. Keys
 * come up on the way, and so do their columns.
 */

import { fail } from '../../compiler/index.ts';
import { Keys, type Layout, readObject } from '../../kernels/index.ts';
import type { Table } from './column.ts';
import { selectColumns } from './columns-by-name.ts';
import { ColumnReader } from './csv-columns.ts';
import { lineOf } from './csv-errors.ts';
import type { CsvSettings } from './csv-options.ts';
import { type Piece, TextPieces } from './csv-text.ts';
import type { NdjsonEngine, NdjsonOptions } from './ndjson.ts';
import { fieldOf, type LineFault } from './ndjson-lines.ts';
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

export class NdjsonReading {
  readonly #text: TextRows;
  readonly #engine: NdjsonEngine;
  readonly #alloc: NdjsonOptions['alloc'];
  readonly #keys = new Keys();
  /** By key; null for a column that was not asked for. */
  readonly #readers: (ColumnReader | null)[] = [];
  /** Are there no more columns than those so far? */
  #isClosed = false;

  constructor(source: ByteSource, settings: CsvSettings, engine: NdjsonEngine, alloc: NdjsonOptions['alloc']) {
    this.#text = { source, settings, engine: engine.cells, pieces: (most) => this.#pieces(most) };
    this.#engine = engine;
    this.#alloc = alloc;
  }

  async table(): Promise<Table> {
    try {
      let length = await this.#read(() => true);
      for (;;) {
        const stale = new Set(this.#columns().filter((c) => c.isStale));
        if (stale.size === 0) break;
        for (const c of stale) c.again();
        length = await this.#read((c) => stale.has(c));
      }
      return await finishTable(this.#text, this.#selected(), length);
    } catch (error) {
      for (const c of this.#columns()) c.dispose();
      throw error;
    }
  }

  /** The table in batches of `batchRows` rows; keys and types are those of the first rows. */
  async *batches(batchRows: number): AsyncGenerator<Table> {
    await overFirst(this.#text, this.#text.settings.inferRows, ({ piece: { bytes }, layout }) => {
      this.#addReaders(0);
      for (const c of this.#columns()) c.guess({ bytes, layout }, layout.rows);
    });
    this.#isClosed = true;
    yield* batchesOf(this.#text, this.#selected(), batchRows);
  }

  #columns(): readonly ColumnReader[] {
    return this.#readers.filter((c) => c !== null);
  }
  /** The columns in the order asked for. W8003 for one that no line has. */
  #selected(): readonly ColumnReader[] {
    const { source, settings } = this.#text;
    const { names } = this.#keys;
    selectColumns(names, Object.keys(settings.dtypes), source.name);
    return selectColumns(names, settings.columns, source.name).flatMap((key) => this.#readers[key] ?? []);
  }

  /** Readers of the keys that came up, which were null in `rows` rows before. */
  #addReaders(rows: number): readonly ColumnReader[] {
    const { columns, dtypes } = this.#text.settings;
    const added: ColumnReader[] = [];
    for (const name of this.#keys.names.slice(this.#readers.length)) {
      const isWanted = columns === undefined || columns.includes(name);
      const given = Object.hasOwn(dtypes, name) ? dtypes[name] : undefined;
      const field = fieldOf(this.#readers.length);
      const reader = isWanted ? new ColumnReader(name, field, given, this.#text.settings, this.#alloc) : null;
      if (reader !== null) added.push(reader);
      if (rows > 0) reader?.skip(rows);
      this.#readers.push(reader);
    }
    return added;
  }

  async *#pieces(most?: number): AsyncGenerator<PieceRows> {
    const { source, settings, engine } = this.#text;
    const [a, b, c] = await source.read(0, Math.min(3, source.byteLength));
    const start = a === 0xef && b === 0xbb && c === 0xbf ? 3 : 0;
    const text = new TextPieces(source, start, settings.blockBytes, engine.buffer);
    const known = this.#isClosed && settings.columns === undefined ? this.#keys.names.length : Number.POSITIVE_INFINITY;
    try {
      let before = 0;
      for (let piece = await text.after(null); ; ) {
        const { bytes, from, to, last } = piece;
        const stretch = { from, to, last, ...(most === undefined ? {} : { most }) };
        const found = await this.#engine.layout(bytes, stretch, this.#keys);
        if ('row' in found) return await this.#failAtLine(piece, found);
        const { layout, next } = found;
        if (this.#keys.names.length > known) return await this.#failAtKey(piece, layout, known);
        yield { piece, layout, next, before };
        before += layout.rows;
        if (last) return;
        piece = await text.after(piece, next);
      }
    } finally {
      await text.end();
    }
  }

  /** Reads all lines into columns; gives how many there are. */
  async #read(isRead: (column: ColumnReader) => boolean): Promise<number> {
    let rows = 0;
    for await (const found of this.#text.pieces()) {
      const { piece, layout, before } = found;
      for (const c of this.#addReaders(before)) {
        c.guess({ bytes: piece.bytes, layout }, this.#text.settings.inferRows);
      }
      await readRows(this.#text, found, this.#columns().filter(isRead), expectedRows(this.#text, found, 0), false);
      rows = before + layout.rows;
    }
    return rows;
  }

  async #failAtLine({ bytes, offset, from }: Piece, { lineAt, at, expected }: LineFault): Promise<never> {
    const { source } = this.#text;
    const place = offset + (at - from);
    const line = await lineOf(source, place);
    const text = new TextDecoder().decode(await source.read(offset + (lineAt - from), place));
    const byte = bytes[at];
    const isEnd = byte === undefined || byte === 0x0a || place >= source.byteLength;
    const found = isEnd ? 'the end of the line' : JSON.stringify(String.fromCharCode(byte));
    const where = `${source.name}, line ${line}, column ${[...text].length + 1}`;
    return fail('W8002', `${where}: found ${found}, expected ${expected}`, {
      help: 'every line is one JSON object, as in {"name": "value"}',
    });
  }
  /** W8002 for the first of the keys that came up behind `known` others, when there should be no more. */
  async #failAtKey({ bytes, offset, from, to }: Piece, layout: Layout, known: number): Promise<never> {
    const { source, settings } = this.#text;
    const name = this.#keys.names[known] ?? '';
    const starts = layout.rowStarts.subarray(0, layout.rows);
    const hasKey = (start: number, row: number): boolean => {
      const keys = new Keys();
      readObject(bytes, start, starts[row + 1] ?? to, keys, () => {});
      return keys.names.includes(name);
    };
    const line = await lineOf(source, offset + ((starts.find(hasKey) ?? from) - from));
    return fail('W8002', `${source.name}, line ${line}: found the key '${name}', which the first lines do not have`, {
      help: `batches have the columns of the first ${settings.inferRows} lines: raise \`inferRows\`, or name the columns to read in \`columns\``,
    });
  }
}
