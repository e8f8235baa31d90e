/**
 * A table as text in a box: a line with the shape, names and types, and the first and last rows.
 *
 *     shape: (3_000_000, 2)
 *     ┌─────────────────────┬───────┐
 *     │ date                ┆ delay │
 *     │ ---                 ┆   --- │
 *     │ timestamp           ┆   i64 │
 *     ╞═════════════════════╪═══════╡
 *     │ 2001-01-01 00:01:00 ┆    33 │
 *     │ …                   ┆     … │
 *     │ 2001-06-30 21:05:00 ┆     8 │
 *     └─────────────────────┴───────┘
 *
 * Columns that do not fit the width are left out of the middle, under a `…`. Floats have six significant digits; a
 * timestamp column that shows midnights only is shown as dates. Control characters are escaped, so that data cannot
 * write on the terminal what it likes. Every code point counts as one place wide.
 */

import { fail } from '../../compiler/index.ts';
import type { Column, DType, Table } from './column.ts';
import { formatTimestamp, isMidnight } from './time.ts';

export interface FormatOptions {
  /** Rows shown at most, half of them from the end; 10 when absent. */
  readonly maxRows?: number;
  /** Width of the box at most, in characters; 100 when absent. */
  readonly maxWidth?: number;
}

/** Longest text of one cell; longer ones end in `…`. */
const CELL_WIDTH = 32;
const MORE = '…';

/** A column ready to print: all texts of its rows, the header above them. */
interface Strip {
  readonly texts: readonly string[];
  readonly width: number;
  readonly right: boolean;
}

/** The table as a box, without a line end behind it. W8006 for options that are no whole numbers from 0. */
export function formatTable(table: Table, options: FormatOptions = {}): string {
  const maxRows = checked('maxRows', options.maxRows ?? 10);
  const maxWidth = checked('maxWidth', options.maxWidth ?? 100);
  const shape = `shape: (${grouped(table.length)}, ${grouped(table.columns.length)})`;
  if (table.columns.length === 0) return shape;
  const rows = shownRows(table.length, maxRows);
  const limit = Math.max(1, Math.min(CELL_WIDTH, maxWidth - 4));
  const strips = fitting(table, maxWidth, (index) => stripOf(table, index, rows, limit));
  return [shape, ...box(strips)].join('\n');
}

function checked(name: string, value: number): number {
  if (Number.isInteger(value) && value >= 0) return value;
  return fail('W8006', `found ${value} for \`${name}\`, expected a whole number from 0`);
}

/** Rows to show; null stands for those left out. */
function shownRows(length: number, maxRows: number): readonly (number | null)[] {
  if (length <= maxRows) return Array.from({ length }, (_, i) => i);
  const head = Math.ceil(maxRows / 2);
  const tail = maxRows - head;
  return [
    ...Array.from({ length: head }, (_, i) => i),
    null,
    ...Array.from({ length: tail }, (_, i) => length - tail + i),
  ];
}

/** Columns taken from both ends by turns while they fit; the first is always there. */
function fitting(table: Table, maxWidth: number, make: (index: number) => Strip): readonly Strip[] {
  const count = table.columns.length;
  const left: Strip[] = [];
  const right: Strip[] = [];
  let width = 1;
  for (let taken = 0; taken < count; taken++) {
    const fromLeft = left.length <= right.length;
    const strip = make(fromLeft ? left.length : count - 1 - right.length);
    const gap = taken === count - 1 ? 0 : MORE.length + 3;
    if (taken > 0 && width + strip.width + 3 + gap > maxWidth) {
      const rows = strip.texts.length;
      return [...left, { texts: new Array<string>(rows).fill(MORE), width: MORE.length, right: false }, ...right];
    }
    if (fromLeft) left.push(strip);
    else right.unshift(strip);
    width += strip.width + 3;
  }
  return [...left, ...right];
}

function stripOf(table: Table, index: number, rows: readonly (number | null)[], limit: number): Strip {
  const column = table.columns[index] ?? fail('W8005', `the table has ${table.names.length} names and fewer columns`);
  const cell = cellText(column, rows);
  const name = clipped(escaped(table.names[index] ?? ''), limit);
  const texts = [name, '---', column.dtype, ...rows.map((row) => (row === null ? MORE : clipped(cell(row), limit)))];
  return { texts, width: Math.max(...texts.map(widthOf)), right: isNumeric(column.dtype) };
}

const isNumeric = (dtype: DType): boolean => dtype !== 'string' && dtype !== 'timestamp' && dtype !== 'bool';

/** How to write a cell of a column, given the rows that will be shown. */
function cellText(column: Column, rows: readonly (number | null)[]): (row: number) => string {
  const { dtype, data, validity, dictionary } = column;
  const present = (row: number): boolean => validity === null || validity[row] === 1;
  const write = (row: number): string => {
    const value = data[row] ?? 0;
    switch (dtype) {
      case 'bool':
        return value === 0 ? 'false' : 'true';
      case 'string':
        return escaped(dictionary?.at(Number(value)) ?? '');
      case 'timestamp':
        return formatTimestamp(BigInt(value), style).replace('T', ' ');
      case 'f32':
      case 'f64':
        return formatFloat(Number(value));
      default:
        return String(value);
    }
  };
  const dates =
    dtype === 'timestamp' && rows.every((row) => row === null || !present(row) || isMidnight(BigInt(data[row] ?? 0)));
  const style = dates ? 'date' : 'datetime';
  return (row) => (present(row) ? write(row) : 'null');
}

/** Six significant digits: `1.5`, `0.333333`, `1.23457e6`, `NaN`, `-inf`; always with a mark that it is no integer. */
export function formatFloat(value: number): string {
  if (Number.isNaN(value)) return 'NaN';
  if (!Number.isFinite(value)) return value > 0 ? 'inf' : '-inf';
  if (value === 0) return Object.is(value, -0) ? '-0.0' : '0.0';
  const [digits = '', exponent = ''] = value.toExponential(5).split('e');
  const power = Number(exponent);
  if (power < -4 || power >= 6) return `${withPoint(digits)}e${power}`;
  // At least one digit behind the point: 106634.37 as 106634.0 would claim what it is not.
  return withPoint(value.toFixed(Math.max(1, 5 - power)));
}

/** Without trailing zeros, but with one digit behind the point. */
function withPoint(digits: string): string {
  if (!digits.includes('.')) return `${digits}.0`;
  return digits.replace(/0+$/, '').replace(/\.$/, '.0');
}

const NAMED: Readonly<Record<string, string>> = { '\n': '\\n', '\r': '\\r', '\t': '\\t' };

/** Control characters, line separators, invisible direction marks and lone surrogates as escapes. */
function escaped(text: string): string {
  return text.replace(/[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]/gu, (c) => {
    return NAMED[c] ?? `\\u{${(c.codePointAt(0) ?? 0).toString(16)}}`;
  });
}

const widthOf = (text: string): number => [...text].length;

function clipped(text: string, limit: number): string {
  if (text.length <= limit) return text;
  const points = [...text];
  return points.length <= limit ? text : `${points.slice(0, limit - 1).join('')}${MORE}`;
}

function box(strips: readonly Strip[]): readonly string[] {
  const rule = (left: string, line: string, middle: string, right: string): string =>
    `${left}${strips.map((strip) => line.repeat(strip.width + 2)).join(middle)}${right}`;
  const count = strips[0]?.texts.length ?? 0;
  const lines = Array.from({ length: count }, (_, row) => {
    const cells = strips.map((strip) => {
      const text = strip.texts[row] ?? '';
      const fill = ' '.repeat(strip.width - widthOf(text));
      return strip.right ? fill + text : text + fill;
    });
    return `│ ${cells.join(' ┆ ')} │`;
  });
  return [
    rule('┌', '─', '┬', '┐'),
    ...lines.slice(0, 3),
    rule('╞', '═', '╪', '╡'),
    ...lines.slice(3),
    rule('└', '─', '┴', '┘'),
  ];
}

/** 3000000 as 3_000_000. */
const grouped = (n: number): string => String(n).replace(/\B(?=(\d{3})+$)/g, '_');
