/**
 * Shapes of tensors, and numbers that serve as weights or biases: scalar parameters of the program, so that a model with
 * other weights is the same program.
 */

import type { TypedArray } from '../../compiler/index.ts';
import { scalar } from '../../compiler/index.ts';
import type { Cell } from '../core/cell.ts';
import * as cell from '../core/cell.ts';
import { refuse, type Site } from '../core/trail.ts';
import { describe, isTypedArray } from '../core/values.ts';

export type FloatKind = 'f32' | 'f64';
export const isFloatKind = (x: unknown): x is FloatKind => x === 'f32' || x === 'f64';
/** Sizes; null is a number of rows that is not known yet. */
export type Shape = readonly (number | null)[];
/** Numbers as users give them: a vector or a matrix by rows. */
export type Numbers = TypedArray | readonly number[] | readonly (readonly number[])[];

/** The most columns of a tensor, since operators unroll over them. */
export const MAX_COLUMNS = 256;
/** The most elements of weights, since each is a parameter of the program. */
export const MAX_ELEMENTS = 1024;

export const shapeText = (s: Shape): string => `(${s.map((n) => n ?? 'n').join(', ')}${s.length === 1 ? ',' : ''})`;

/** Rows of numbers and whether they were given as a vector (one column) or a matrix. */
export interface Matrix {
  readonly rank: 1 | 2;
  readonly rows: readonly (readonly number[])[];
}

/** Reads a vector or a matrix; refuses ragged rows and what is no number. */
export function matrixOf(values: Numbers, site: Site): Matrix {
  if (isTypedArray(values)) return { rank: 1, rows: Array.from(values, (v: number | bigint) => [Number(v)]) };
  if (!Array.isArray(values)) {
    refuse(site, 'W8006', `numbers are a typed array, a list or rows of numbers, found ${describe(values)}`);
  }
  const rank = values.length > 0 && Array.isArray(values[0]) ? 2 : 1;
  const rows = values.map((v) => (typeof v === 'number' ? [v] : v));
  const width = rows[0]?.length ?? 0;
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
  return { rank, rows };
}

/** The numbers as scalar parameters of `kind`. */
export function elementsOf(m: Matrix, kind: FloatKind, site: Site): readonly (readonly Cell[])[] {
  const count = m.rows.length * (m.rows[0]?.length ?? 0);
  if (count > MAX_ELEMENTS) {
    refuse(site, 'W8006', `weights have at most ${MAX_ELEMENTS} elements, found ${count}`, {
      help: 'a tensor here is rows of few features; split the matrix',
    });
  }
  const element = (x: number): Cell => cell.given(scalar(kind), kind === 'f32' ? Math.fround(x) : x);
  return m.rows.map((row) => row.map(element));
}
