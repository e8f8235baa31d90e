/**
 * A column of a CSV on its way: its type, which all rows decide, and its values so far.
 *
 * A type that is not given is guessed from the first rows. Cells that do not fit it tell how they look; when together they
 * make another type, the values so far are of no use, and the column has to be read again from the first row on. What all
 * rows look like is known then, so that is the last time.
 */

import { invariant, type ScalarKind } from '../../compiler/index.ts';
import type { Freeing } from '../../kernels/index.ts';
import type { Column, Dictionary, DType, TypedArray } from './column.ts';
import { storageKind } from './column.ts';
import { type CellScratch, cellScratch, cellWriter, inferredType, LOOKS, lookOf } from './csv-cells.ts';
import { type Cell, type ColumnCells, type CsvEngine, cellOf, isNull, type StringCodes } from './csv-engine.ts';
import type { CsvSettings } from './csv-options.ts';

/** The rows of a piece of the text. */
export type Rows = Pick<ColumnCells, 'bytes' | 'layout'>;

/** A cell that is no value of the type that was given. */
export interface BadCell {
  readonly row: number;
  readonly cell: Cell;
}

export class ColumnReader {
  readonly name: string;
  /** Which field of a row it is. */
  readonly index: number;
  readonly #settings: CsvSettings;
  readonly #alloc: Freeing;
  readonly #isGiven: boolean;
  #dtype: DType;
  #looks = 0;
  #kind: ScalarKind;
  #data: TypedArray;
  #validity: TypedArray;
  #dictionary: StringCodes | null = null;
  #rows = 0;
  #nulls = 0;
  /** Was another type found, so that it must be read again? */
  isStale = false;

  constructor(name: string, index: number, given: DType | undefined, settings: CsvSettings, alloc: Freeing) {
    this.name = name;
    this.index = index;
    this.#settings = settings;
    this.#alloc = alloc;
    this.#isGiven = given !== undefined;
    this.#dtype = given ?? inferredType(0);
    this.#kind = storageKind(this.#dtype);
    this.#data = alloc.alloc(this.#kind, 0);
    this.#validity = alloc.alloc('u8', 0);
  }

  get dtype(): DType {
    return this.#dtype;
  }
  get rows(): number {
    return this.#rows;
  }

  /** Guesses the type from the first `most` of some rows, and of those that it was guessed from before. */
  guess(rows: Rows, most: number): void {
    if (this.#isGiven) return;
    this.#look(rows, Math.min(most, rows.layout.rows));
    this.#dtype = inferredType(this.#looks);
  }
  /** The type is what was guessed, and string where there was nothing to guess from. */
  settleType(): void {
    if (this.#looks === 0) this.#looks = LOOKS.other;
  }

  /**
   * Reads more rows, of which there may be `expected` in all; gives a cell that is no value of a given type, or of the type
   * that is `final`: which cannot become another one any more.
   */
  async read(engine: CsvEngine, rows: Rows, expected: number, isFinal: boolean): Promise<BadCell | null> {
    const count = rows.layout.rows;
    // As long as all is null there is nothing to guess from; but empty quotes are null in some types only.
    if (this.#looks === 0) {
      this.guess(rows, count);
      if (this.#looks !== 0 && this.#nulls < this.#rows) this.isStale = true;
    }
    if (this.isStale) {
      await this.#lookOn(engine, rows);
      return null;
    }
    this.#reserve(this.#rows + count, expected);
    const [from, to] = [this.#rows, this.#rows + count];
    const validity = this.#validity.subarray(from, to);
    invariant(validity instanceof Uint8Array, () => 'csv: validity is bytes');
    const cells = { ...rows, column: this.index, data: this.#data.subarray(from, to), validity };
    this.#rows = to;
    const dtype = this.#dtype;
    if (dtype === 'string') {
      if (!isFinal) this.#lookForFloats(rows);
      this.#dictionary ??= engine.dictionary();
      this.#nulls += await this.#dictionary.read(cells);
      return null;
    }
    const { nulls, left } = await engine.cells({
      ...cells,
      dtype,
      strict: !this.#isGiven,
      quoted: this.#isGiven || !this.#settings.quotedIsText,
    });
    this.#nulls += nulls;
    if (this.#isGiven) return this.#settle(cells, left, dtype);
    return isFinal ? this.#misfit(cells, left, dtype) : this.#lookAt(cells, left, dtype);
  }

  /** Writes cells that the engine has left; gives one that is no value of the type. */
  #settle(cells: ColumnCells, left: readonly number[], dtype: Exclude<DType, 'string'>): BadCell | null {
    const write = cellWriter(dtype, cells.data);
    for (const row of left) {
      const cell = cellOf(cells, row, this.#settings.dialect.escapeByte);
      if (!write(cell.bytes, cell.start, cell.end, row)) return { row, cell };
    }
    return null;
  }
  /** The same where the type is a guess that must hold. */
  #misfit(cells: ColumnCells, left: readonly number[], dtype: Exclude<DType, 'string'>): BadCell | null {
    for (const row of left) {
      this.#lookAtRows(cells, [row]);
      if (inferredType(this.#looks) === dtype) continue;
      return { row, cell: cellOf(cells, row, this.#settings.dialect.escapeByte) };
    }
    return this.#settle(cells, left, dtype);
  }
  /** The same where the type is a guess. */
  #lookAt(cells: ColumnCells, left: readonly number[], dtype: Exclude<DType, 'string'>): null {
    this.#lookAtRows(cells, left);
    if (inferredType(this.#looks) !== dtype) {
      this.isStale = true;
      return null;
    }
    const bad = this.#settle(cells, left, dtype);
    invariant(bad === null, () => `csv: a cell that looks like a ${dtype} is none`);
    return null;
  }
  /** Gathers how rows look that will be read again: those that do not fit the type that the ones before them make. */
  async #lookOn(engine: CsvEngine, rows: Rows): Promise<void> {
    const count = rows.layout.rows;
    const dtype = inferredType(this.#looks);
    if (dtype === 'string') {
      this.#lookForFloats(rows);
      return;
    }
    const data = this.#alloc.alloc(storageKind(dtype), count);
    const validity = this.#alloc.alloc('u8', count);
    const cells = { ...rows, column: this.index, data, validity: bytesOf(validity) };
    const { left } = await engine.cells({ ...cells, dtype, strict: true, quoted: !this.#settings.quotedIsText });
    this.#alloc.free?.(data);
    this.#alloc.free?.(validity);
    this.#lookAtRows(cells, left);
  }
  /** Integers that no i64 holds are strings, but floats if there is a float; nothing else becomes of strings. */
  #lookForFloats(rows: Rows): void {
    if (this.#isGiven || this.#looks === 0 || (this.#looks & ~(LOOKS.int | LOOKS.wide)) !== 0) return;
    this.#look(rows, rows.layout.rows);
    this.isStale = inferredType(this.#looks) !== this.#dtype || this.isStale;
  }
  #lookAtRows(cells: ColumnCells, rows: Iterable<number>): void {
    const scratch = cellScratch();
    const { escapeByte } = this.#settings.dialect;
    for (const row of rows) {
      this.#looks |= this.#lookOfCell(cellOf(cells, row, escapeByte), scratch);
    }
  }
  /** Gathers how the first rows look, until nothing can change the type any more. */
  #look(rows: Rows, count: number): void {
    const scratch = cellScratch();
    const { dialect, nulls } = this.#settings;
    for (let row = 0; row < count && (this.#looks & LOOKS.other) === 0; row++) {
      const cell = cellOf({ ...rows, column: this.index }, row, dialect.escapeByte);
      const isText = cell.isQuoted && this.#settings.quotedIsText;
      if ((cell.start === cell.end && !isText) || isNull(cell, nulls)) continue;
      this.#looks |= this.#lookOfCell(cell, scratch);
    }
  }

  #lookOfCell({ bytes, start, end, isQuoted }: Cell, scratch: CellScratch): number {
    return isQuoted && this.#settings.quotedIsText ? LOOKS.other : lookOf(bytes, start, end, scratch);
  }

  /** Counts rows that have no cell in this column, which are null; nothing has been read yet. */
  skip(rows: number): void {
    this.#reserve(rows, rows);
    bytesOf(this.#validity).fill(0, 0, rows);
    bytesOf(this.#data).fill(0, 0, rows * this.#data.BYTES_PER_ELEMENT);
    this.#rows = rows;
    this.#nulls = rows;
  }
  /** A reader of the rows behind these, which have the same type. */
  successor(): ColumnReader {
    const next = new ColumnReader(
      this.name,
      this.index,
      this.#isGiven ? this.#dtype : undefined,
      this.#settings,
      this.#alloc,
    );
    next.#looks = this.#looks;
    next.#dtype = this.#dtype;
    return next;
  }
  /** Begins again with the type that all rows have together. */
  again(): void {
    this.dispose();
    this.#dtype = inferredType(this.#looks);
    this.#kind = storageKind(this.#dtype);
    this.#data = this.#alloc.alloc(this.#kind, 0);
    this.#validity = this.#alloc.alloc('u8', 0);
    this.#rows = 0;
    this.#nulls = 0;
    this.isStale = false;
  }

  /** Makes room for `rows` rows, and better for `expected`. */
  #reserve(rows: number, expected: number): void {
    const kind = storageKind(this.#dtype);
    const isOther = this.#kind !== kind;
    if (rows <= this.#validity.length && !isOther) return;
    this.#kind = kind;
    const capacity = Math.max(rows, expected, Math.ceil(1.2 * this.#validity.length));
    const data = this.#alloc.alloc(kind, capacity);
    // Values that are nothing but null have the zeros of any type.
    bytesOf(data).fill(0, 0, this.#rows * data.BYTES_PER_ELEMENT);
    if (!isOther) bytesOf(data).set(bytesOf(this.#data.subarray(0, this.#rows)));
    const validity = this.#alloc.alloc('u8', capacity);
    bytesOf(validity).set(bytesOf(this.#validity.subarray(0, this.#rows)));
    this.#free();
    this.#data = data;
    this.#validity = validity;
  }

  /** The column of all rows so far. Its dictionary is made by `decode`, of the different strings. */
  async finish(decode: (strings: StringCodes, codes: TypedArray) => Promise<Dictionary>): Promise<Column> {
    const length = this.#rows;
    const data = trimmed(this.#alloc, this.#data, length);
    const hasNulls = this.#nulls > 0;
    const validity = hasNulls ? trimmed(this.#alloc, this.#validity, length) : null;
    // The view that was allocated: another one would not keep the memory.
    invariant(validity === null || validity instanceof Uint8Array, () => 'csv: validity is bytes');
    if (!hasNulls) this.#alloc.free?.(this.#validity);
    const dictionary = this.#dictionary;
    const strings = dictionary === null ? [] : await decode(dictionary, data);
    dictionary?.dispose();
    return { dtype: this.#dtype, length, data, validity, dictionary: this.#dtype === 'string' ? strings : null };
  }
  /** Gives everything back. */
  dispose(): void {
    this.#free();
    this.#dictionary?.dispose();
    this.#dictionary = null;
  }
  #free(): void {
    this.#alloc.free?.(this.#data);
    this.#alloc.free?.(this.#validity);
  }
}

const bytesOf = (a: TypedArray): Uint8Array => new Uint8Array(a.buffer, a.byteOffset, a.byteLength);
const trimmed = (alloc: Freeing, view: TypedArray, length: number): TypedArray =>
  alloc.trim?.(view, length) ?? view.slice(0, length);
