/** Shapes of tensors, and numbers as users give them: a vector, or a matrix by rows. */

import type { TypedArray } from '../../compiler/index.ts';
import { refuse, type Site } from '../core/trail.ts';
import { describe, isTypedArray } from '../core/values.ts';

export type FloatKind = 'f32' | 'f64';
export const isFloatKind = (x: unknown): x is FloatKind => x === 'f32' || x === 'f64';
/** Sizes; null is a number of rows that is not known yet. */
export type Shape = readonly (number | null)[];
/** Numbers as users give them: a vector or a matrix by rows. */
export type Numbers = TypedArray | readonly number[] | readonly (readonly number[])[];

/** The most columns that operators unroll over: of tensors that are lists of columns. */
export const MAX_COLUMNS = 256;
/** The most numbers that are kept as scalars, each a parameter of the program: for more no loop is unrolled. */
export const MAX_SCALARS = 256;

export const shapeText = (s: Shape): string => `(${s.map((n) => n ?? 'n').join(', ')}${s.length === 1 ? ',' : ''})`;

/** Numbers by rows, and whether they were given as a vector (one column) or a matrix. */
export interface Matrix {
  readonly rank: 1 | 2;
  readonly rows: number;
  readonly width: number;
  readonly data: TypedArray;
}

/** Reads a vector or a matrix; a typed array is kept as it is. Refuses ragged rows and what is no number. */
export function matrixOf(values: Numbers, site: Site): Matrix {
  if (isTypedArray(values)) return { rank: 1, rows: values.length, width: 1, data: values };
  if (!Array.isArray(values)) {
    refuse(site, 'W8006', `numbers are a typed array, a list or rows of numbers, found ${describe(values)}`);
  }
  const rank = values.length > 0 && Array.isArray(values[0]) ? 2 : 1;
  const rows = values.map((v) => (typeof v === 'number' ? [v] : v));
  const width = rows[0]?.length ?? 1;
  for (const [k, row] of rows.entries()) {
    if (!Array.isArray(row) || (rank === 1) !== (typeof values[k] === 'number')) {
      refuse(site, 'W8006', `row ${k} is ${describe(values[k])}; a vector holds numbers, a matrix rows of numbers`);
    }
    if (row.length !== width) {
      refuse(site, 'W8005', `row ${k} has ${row.length} numbers and row 0 has ${width}`);
    }
    const odd = row.findIndex((x) => typeof x !== 'number');
    if (odd >= 0) refuse(site, 'W8006', `row ${k} has ${describe(row[odd])} where a number is needed`);
  }
  return { rank, rows: rows.length, width, data: Float64Array.from(rows.flat()) };
}

/** The same numbers in another shape: [n], or [n, k]. */
export function reshaped({ data }: Matrix, shape: readonly number[], site: Site): Matrix {
  const [rows = 0, width = 1] = shape;
  if (shape.length < 1 || shape.length > 2 || !shape.every((s) => Number.isSafeInteger(s) && s >= 0)) {
    refuse(site, 'W8006', `a shape is [n] or [n, k], found ${shapeText(shape)}`);
  }
  if (rows * width !== data.length) {
    refuse(site, 'W8005', `${data.length} numbers do not fill the shape ${shapeText(shape)}`);
  }
  return { rank: shape.length === 1 ? 1 : 2, rows, width, data };
}

/** The numbers in `kind`; those that are of it already are not copied. */
export function inKind({ data }: Matrix, kind: FloatKind): Float32Array | Float64Array {
  const values: Iterable<number | bigint> = data;
  if (kind === 'f32') return data instanceof Float32Array ? data : Float32Array.from(values, Number);
  return data instanceof Float64Array ? data : Float64Array.from(values, Number);
}
