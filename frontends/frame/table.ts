/**
 * DataTable: a frame that has been computed. Columns of data, printing, and the ways out of the library.
 *
 * Columns are handed out as typed arrays without copying where nothing is missing; rows as objects are made only when
 * asked for. `lazy()` goes back to expressions, and a frame method that takes a frame takes a table as well.
 */

import type { TypedArray } from '../../compiler/index.ts';
import {
  type DataColumn,
  DISPOSE,
  type DType,
  formatTable,
  type Session,
  type Table,
  tableToArrow,
} from '../../runtime/index.ts';
import type { Lease } from '../core/lease.ts';
import { siteOf, type Trail } from '../core/trail.ts';
import { type Item, itemAt } from '../core/values.ts';
import type { Frame } from './frame.ts';
import { unknownColumn } from './resolve.ts';

export interface PrintOptions {
  /** How many rows are shown, from both ends; default 10. */
  readonly rows?: number;
}

/** A computed frame: named columns of one length. Made by `frame.collect()`. */
export class DataTable implements Table {
  readonly names: readonly string[];
  /** The number of rows. */
  readonly length: number;
  readonly trail: Trail;
  readonly session: Session | null;
  readonly #columns: readonly DataColumn[];
  readonly #lease: Lease;
  readonly #toFrame: (table: DataTable, lease: Lease) => Frame;

  constructor(
    table: Table,
    session: Session | null,
    trail: Trail,
    lease: Lease,
    toFrame: (table: DataTable, lease: Lease) => Frame,
  ) {
    this.names = table.names;
    this.#columns = table.columns;
    this.#lease = lease;
    this.length = table.length;
    this.session = session;
    this.trail = trail;
    this.#toFrame = toFrame;
  }

  /** The columns by number. W8009 after `dispose()`, as for everything that reads them. */
  get columns(): readonly DataColumn[] {
    this.#lease.check({ kind: 'api', call: 'the table', chain: this.trail });
    return this.#columns;
  }
  /** Logical types by column name. */
  get schema(): Readonly<Record<string, DType>> {
    return Object.fromEntries(this.names.map((name, k) => [name, this.#columns[k]?.dtype ?? 'f64']));
  }
  /** A column's data, validity and dictionary. Unknown names are an error (W8003). */
  column(name: string): DataColumn {
    return (
      this.columns[this.names.indexOf(name)] ??
      unknownColumn(name, this.names, siteOf('table.column', this.trail, `column(${JSON.stringify(name)})`))
    );
  }
  /** The table as a lazy frame, without copying. */
  lazy(): Frame {
    return this.#toFrame(this, this.#lease);
  }
  /**
   * Gives its memory back now; without it that happens when the table is collected as garbage. Neither it nor the typed
   * arrays that it has handed out may be used any more, and frames made of it cannot be computed (W8009).
   */
  dispose(): void {
    this.#lease.dispose();
  }
  [DISPOSE](): void {
    this.dispose();
  }

  /**
   * Values by column name: the typed array itself for numbers without nulls (not copied), else a list of values, null,
   * booleans, strings and Dates.
   */
  toColumns(): Record<string, TypedArray | Item[]> {
    return Object.fromEntries(this.names.map((name, k) => [name, valuesOf(this.columns[k])]));
  }
  /** Rows as objects: null where a value is missing, i64 as a number where exact, timestamps as Date. */
  toRecords(): Record<string, Item>[] {
    return Array.from({ length: this.length }, (_, row) =>
      Object.fromEntries(this.columns.map((column, k) => [this.names[k] ?? '', itemAt(column, row)])),
    );
  }
  /** An Apache Arrow table. */
  toArrow(): ReturnType<typeof tableToArrow> {
    return tableToArrow(this);
  }
  /** The table in a box, as `print()` shows it. */
  toString(options: PrintOptions = {}): string {
    return formatTable(this, options.rows === undefined ? {} : { maxRows: options.rows });
  }
  /** Prints the table to standard output. */
  print(options: PrintOptions = {}): void {
    console.log(this.toString(options));
  }
}

function valuesOf(column: DataColumn | undefined): TypedArray | Item[] {
  if (column === undefined) return [];
  const numbers = column.dtype !== 'string' && column.dtype !== 'timestamp' && column.dtype !== 'bool';
  if (numbers && column.validity === null) return column.data;
  return Array.from({ length: column.length }, (_, row) => itemAt(column, row));
}
