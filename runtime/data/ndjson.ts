/**
 * Reads NDJSON (a JSON object a line) into a table: keys are columns in order of first appearance, a key that a line lacks
 * is null there. The lines are laid out as those of a CSV are (`ndjson-lines.ts`), so the cells are read by the same code.
 *
 * Types come from all rows: bool, i64, f64, and string for everything else: texts, nested values as their JSON text, and
 * columns whose values are of several types. Integers that no i64 holds make strings, or doubles where there is a fraction.
 * Texts are never guessed to be numbers or timestamps, but `dtypes` may say so.
 */

import { didYouMean, fail } from '../../compiler/index.ts';
import { JSON_ESCAPES, Keys, loadCsvKernels } from '../../kernels/index.ts';
import type { Column, Table } from './column.ts';
import { type CsvSource, openCsv, SHORT_BYTES } from './csv.ts';
import { ColumnReader } from './csv-columns.ts';
import { type CsvEngine, definition } from './csv-engine.ts';
import { failAtCell, failAtText, lineOf } from './csv-errors.ts';
import { type CsvOptions, type CsvSettings, checkCsvOptions, checkDType } from './csv-options.ts';
import { finishColumn } from './csv-strings.ts';
import { type Piece, TextPieces } from './csv-text.ts';
import { fieldOf, type LineFault, type Lines, type LinesToLayout, linesByDefinition, linesOf } from './ndjson-lines.ts';
import type { ByteSource } from './source.ts';

export type NdjsonOptions = Pick<
  CsvOptions,
  'alloc' | 'machine' | 'columns' | 'dtypes' | 'encoding' | 'inferRows' | 'blockBytes'
>;

/** How lines and cells are read. */
export interface NdjsonEngine {
  readonly cells: CsvEngine;
  readonly layout: LinesToLayout;
  dispose(): void;
}

/**
 * Reads NDJSON (a path, a URL, its bytes, or `{ text }`).
 *
 * Errors: W8001 cannot be read; W8002 a line that is no object, a cell that is not of the type asked for, not UTF-8; W8003
 * an unknown column; W8006 an unusable option.
 */
export function readNdjsonTable(source: CsvSource, options: NdjsonOptions): Promise<Table> {
  const { machine } = options;
  return readNdjsonWith(source, options, async (settings, byteLength) => {
    if (machine === undefined || byteLength < SHORT_BYTES) return byDefinition(settings);
    return byKernels(machine, settings);
  });
}

export function byDefinition(settings: CsvSettings): NdjsonEngine {
  return { cells: definition(settings), layout: linesByDefinition, dispose: () => {} };
}
export async function byKernels(
  machine: NonNullable<NdjsonOptions['machine']>,
  settings: CsvSettings,
): Promise<NdjsonEngine> {
  const [{ kernelEngine }, { linesByKernels }] = await Promise.all([
    import('./csv-machine.ts'),
    import('./ndjson-machine.ts'),
  ]);
  const cells = await kernelEngine(machine, settings);
  const lines = linesByKernels(machine, await loadCsvKernels());
  const dispose = (): void => {
    cells.dispose();
    lines.dispose();
  };
  return { cells, layout: lines.layout, dispose };
}

/** The same with a given engine. */
export async function readNdjsonWith(
  source: CsvSource,
  options: NdjsonOptions,
  engineFor: (settings: CsvSettings, byteLength: number) => Promise<NdjsonEngine> | NdjsonEngine,
): Promise<Table> {
  const settings = settingsOf(options);
  const opened = await openCsv(source);
  let engine: NdjsonEngine | null = null;
  try {
    engine = await engineFor(settings, opened.byteLength);
    return await new Reading(opened, settings, engine, options.alloc).table();
  } finally {
    engine?.dispose();
    await opened.close();
  }
}

function settingsOf(options: NdjsonOptions): CsvSettings {
  const checked = checkCsvOptions(options);
  for (const [column, dtype] of Object.entries(checked.dtypes)) checkDType(column, dtype);
  return { ...checked, dialect: { ...checked.dialect, escapeByte: JSON_ESCAPES }, quotedIsText: true };
}

class Reading {
  readonly #source: ByteSource;
  readonly #settings: CsvSettings;
  readonly #engine: NdjsonEngine;
  readonly #alloc: NdjsonOptions['alloc'];
  readonly #keys = new Keys();
  /** By key; null for a column that was not asked for. */
  readonly #readers: (ColumnReader | null)[] = [];

  constructor(source: ByteSource, settings: CsvSettings, engine: NdjsonEngine, alloc: NdjsonOptions['alloc']) {
    this.#source = source;
    this.#settings = settings;
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
      const columns = this.#selected();
      const done: Column[] = [];
      for (const c of columns) {
        done.push(await finishColumn(c, this.#settings.lossy, (row) => this.#failUtf8(c.name, row)));
      }
      return { names: columns.map((c) => c.name), columns: done, length };
    } catch (error) {
      for (const c of this.#columns()) c.dispose();
      throw error;
    }
  }

  #columns(): readonly ColumnReader[] {
    return this.#readers.filter((c) => c !== null);
  }
  /** The columns in the order asked for. W8003 for one that no line has. */
  #selected(): readonly ColumnReader[] {
    const { columns, dtypes } = this.#settings;
    const { names } = this.#keys;
    for (const name of [...(columns ?? []), ...Object.keys(dtypes)]) {
      if (names.includes(name)) continue;
      fail('W8003', `${this.#source.name}: there is no column '${name}'`, { help: didYouMean(name, names) });
    }
    const found = this.#columns();
    return columns === undefined ? found : columns.flatMap((name) => found.filter((c) => c.name === name));
  }

  /** Readers of the keys that came up, which were null in `rows` rows before. */
  #addReaders(rows: number): void {
    const { columns, dtypes } = this.#settings;
    for (const name of this.#keys.names.slice(this.#readers.length)) {
      const isWanted = columns === undefined || columns.includes(name);
      const given = Object.hasOwn(dtypes, name) ? dtypes[name] : undefined;
      const field = fieldOf(this.#readers.length);
      const reader = isWanted ? new ColumnReader(name, field, given, this.#settings, this.#alloc) : null;
      if (rows > 0) reader?.skip(rows);
      this.#readers.push(reader);
    }
  }

  async *#pieces(): AsyncGenerator<{ readonly piece: Piece; readonly lines: Lines }> {
    const { buffer } = this.#engine.cells;
    const [a, b, c] = await this.#source.read(0, Math.min(3, this.#source.byteLength));
    const start = a === 0xef && b === 0xbb && c === 0xbf ? 3 : 0;
    const text = new TextPieces(this.#source, start, this.#settings.blockBytes, buffer);
    try {
      for (let piece = await text.after(null); ; ) {
        const lines = linesOf(piece.bytes, piece.from, piece.to, piece.last);
        yield { piece, lines };
        if (piece.last) return;
        piece = await text.after(piece, lines.next);
      }
    } finally {
      await text.end();
    }
  }

  /** Reads all lines into columns; gives how many there are. */
  async #read(isRead: (column: ColumnReader) => boolean): Promise<number> {
    const { inferRows } = this.#settings;
    let rows = 0;
    for await (const { piece, lines } of this.#pieces()) {
      const { bytes, offset, from } = piece;
      const layout = await this.#engine.layout(bytes, lines, this.#keys);
      if ('row' in layout) return this.#failAtLine(piece, lines, layout);
      this.#addReaders(rows);
      const share = this.#source.byteLength / Math.max(1, offset + (lines.next - from));
      const expected = Math.ceil((rows + layout.rows) * share * 1.01) + 16;
      for (const column of this.#columns()) {
        if (!isRead(column)) continue;
        column.guess({ bytes, layout }, inferRows);
        const bad = await column.read(this.#engine.cells, { bytes, layout }, expected, false);
        if (bad === null) continue;
        const lineAt = offset + ((lines.starts[bad.row] ?? 0) - from);
        await failAtCell(this.#source, { ...bad, row: rows + bad.row }, lineAt, column.name, column.dtype);
      }
      rows += layout.rows;
    }
    return rows;
  }

  async #failAtLine(
    { bytes, offset, from }: Piece,
    { starts }: Lines,
    { row, at, expected }: LineFault,
  ): Promise<never> {
    const place = offset + (at - from);
    const line = await lineOf(this.#source, place);
    const text = new TextDecoder().decode(await this.#source.read(offset + ((starts[row] ?? 0) - from), place));
    const byte = bytes[at];
    const isEnd = byte === undefined || byte === 0x0a || place >= this.#source.byteLength;
    const found = isEnd ? 'the end of the line' : JSON.stringify(String.fromCharCode(byte));
    const where = `${this.#source.name}, line ${line}, column ${[...text].length + 1}`;
    return fail('W8002', `${where}: found ${found}, expected ${expected}`, {
      help: 'every line is one JSON object, as in {"name": "value"}',
    });
  }
  async #failUtf8(column: string, row: number): Promise<never> {
    let before = 0;
    for await (const { piece, lines } of this.#pieces()) {
      if (row < before + lines.rows) {
        const at = piece.offset + ((lines.starts[row - before] ?? 0) - piece.from);
        return failAtText(this.#source, `row ${row + 1}, column '${column}'`, at);
      }
      before += lines.rows;
    }
    return failAtText(this.#source, `row ${row + 1}, column '${column}'`, 0);
  }
}
