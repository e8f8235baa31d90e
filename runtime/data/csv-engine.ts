/**
 * What reading a CSV needs of whoever does the work: `definition` here, byte by byte in JavaScript, and the kernels of
 * `csv-machine.ts`. Both give the same layouts, values, codes and nulls.
 */

import {
  fieldEnd,
  fieldStart,
  type Layout,
  QUOTE,
  type RowFault,
  type Scanned,
  type Stretch,
  scanRows,
  unquoted,
} from '../../kernels/index.ts';
import type { DType, TypedArray } from './column.ts';
import { cellScratch, cellWriter, inferredType, LOOKS, lookOf } from './csv-cells.ts';
import type { CsvSettings } from './csv-options.ts';
import { StringPool } from './string-pool.ts';
import type { DecodedStrings } from './utf8-dictionary.ts';

/** A column of the rows of a layout, and where its values go. */
export interface ColumnCells {
  readonly bytes: Uint8Array;
  readonly layout: Layout;
  readonly column: number;
  readonly data: TypedArray;
  readonly validity: Uint8Array;
}
export interface TypedCells extends ColumnCells {
  readonly dtype: Exclude<DType, 'string'>;
  /** The type is a guess: what looks like another one is left. */
  readonly strict: boolean;
  /** May cells in quotes be values? Else they are left. */
  readonly quoted: boolean;
}

/** The different strings of a column, in order of first appearance. */
export interface StringCodes {
  /** Writes codes; gives how many cells are null. */
  read(cells: ColumnCells): Promise<number>;
  /** The strings by code, or the code of the first one that is not UTF-8. */
  strings(): Promise<DecodedStrings>;
  /** The bytes of the strings, end to end, and where each one ends. */
  bytes(): { readonly arena: Uint8Array; readonly ends: ArrayLike<number> };
  dispose(): void;
}

export interface CsvEngine {
  /** One of two buffers for text, whose contents are lost when it has to grow. */
  buffer(which: string, bytes: number): Uint8Array;
  /** The rows of a stretch that begins with one. */
  rows(bytes: Uint8Array, stretch: Stretch): Promise<Scanned | RowFault>;
  /** Writes values and validity; gives how many cells are null, and the rows of those that are no value of the type. */
  cells(cells: TypedCells): Promise<{ readonly nulls: number; readonly left: readonly number[] }>;
  dictionary(): StringCodes;
  dispose(): void;
}

/** A cell: bytes [start, end), without quotes. */
export interface Cell {
  readonly bytes: Uint8Array;
  readonly start: number;
  readonly end: number;
  readonly isQuoted: boolean;
}

/** The cell of a row, doubled quotes single (then in bytes of its own). */
export function cellOf(
  { bytes, layout, column }: Pick<ColumnCells, 'bytes' | 'layout' | 'column'>,
  row: number,
  escapeByte: number | null,
): Cell {
  const start = fieldStart(layout, row, column);
  const end = fieldEnd(layout, row, column);
  if (end <= start || bytes[start] !== QUOTE) return { bytes, start, end, isQuoted: false };
  const content = unquoted(bytes, start, end, escapeByte);
  return { bytes: content, start: 0, end: content.length, isQuoted: true };
}

/** Is a cell null in a column of strings? In others empty quotes are, too. */
export function isNull({ bytes, start, end, isQuoted }: Cell, nulls: readonly Uint8Array[]): boolean {
  if (isQuoted) return false;
  if (start === end) return true;
  return nulls.some((text) => text.length === end - start && text.every((byte, i) => bytes[start + i] === byte));
}

/** The look of a column that is guessed to be of a type. */
const LOOK: Readonly<Record<Exclude<DType, 'string'>, number>> = {
  bool: LOOKS.bool,
  timestamp: LOOKS.time,
  f32: LOOKS.float,
  f64: LOOKS.float,
  i8: LOOKS.int,
  i16: LOOKS.int,
  i32: LOOKS.int,
  i64: LOOKS.int,
  u8: LOOKS.int,
  u16: LOOKS.int,
  u32: LOOKS.int,
  u64: LOOKS.int,
};

export function definition({ dialect, nulls }: CsvSettings): CsvEngine {
  const { escapeByte } = dialect;
  return {
    buffer: (_, bytes) => new Uint8Array(bytes),
    rows: async (bytes, stretch) => scanRows(bytes, dialect, stretch),
    cells: async (cells) => {
      const { dtype, strict, quoted, data, validity, layout } = cells;
      const write = cellWriter(dtype, data);
      const scratch = cellScratch();
      const left: number[] = [];
      let nullCells = 0;
      for (let row = 0; row < layout.rows; row++) {
        const cell = cellOf(cells, row, escapeByte);
        const { bytes, start, end } = cell;
        const isText = cell.isQuoted && !quoted;
        const absent = (start === end && !isText) || isNull(cell, nulls);
        validity[row] = absent ? 0 : 1;
        if (absent) nullCells++;
        // With the look of a cell of the type, a guess must stay what it is.
        const fits = (): boolean => !strict || inferredType(lookOf(bytes, start, end, scratch) | LOOK[dtype]) === dtype;
        if (!absent && !isText && fits() && write(bytes, start, end, row)) continue;
        if (data instanceof BigInt64Array || data instanceof BigUint64Array) data[row] = 0n;
        else data[row] = 0;
        if (!absent) left.push(row);
      }
      return { nulls: nullCells, left };
    },
    dictionary: () => {
      const pool = new StringPool();
      return {
        read: async (cells) => {
          let nullCells = 0;
          for (let row = 0; row < cells.layout.rows; row++) {
            const cell = cellOf(cells, row, escapeByte);
            const absent = isNull(cell, nulls);
            cells.validity[row] = absent ? 0 : 1;
            if (absent) nullCells++;
            cells.data[row] = absent ? 0 : pool.intern(cell.bytes, cell.start, cell.end);
          }
          return nullCells;
        },
        strings: async () => pool.strings(),
        bytes: () => pool.bytes(),
        dispose: () => {},
      };
    },
    dispose: () => {},
  };
}
