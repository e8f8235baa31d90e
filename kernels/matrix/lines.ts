/**
 * Matrices as products read them: lines of k elements, which are the rows of the first matrix and the columns of the second
 * one, however they are stored.
 *
 *     element l of line i  =  cells[start + i * line + l * step]
 */

import { fail, invariant, type TypedArray, type Value } from '../../compiler/index.ts';
import { columnOf } from '../column.ts';
import { type Float, floatOf } from './float.ts';

export interface Lines {
  readonly cells: TypedArray;
  readonly lines: number;
  readonly k: number;
  readonly start: number;
  readonly line: number;
  readonly step: number;
}

/** Pairs of matrices, the first pair; those of further pairs follow at the distance of a matrix each. */
export interface Factors {
  readonly kind: Float;
  readonly batch: number;
  /** The first matrix: m lines. */
  readonly a: Lines;
  /** The second one: n lines. */
  readonly b: Lines;
}

/** The lines from `start` on. */
export const linesFrom = (a: Lines, start: number): Lines => ({ ...a, start: a.start + start });

/** Most elements of a matrix: kernels count in i32. */
const MOST = 2 ** 31 - 1;

/** A size that is an argument. W8005 for one that is none. */
export function sizeOf(who: string, name: string, size: Value | undefined): number {
  const n = Number(size);
  return n >= 0 && n <= MOST ? n : fail('W8005', `${who}: ${name} is ${n}, sizes are 0 to ${MOST}`);
}

/** Where a matrix begins in its vector, and from where to where it is to its next row. */
export interface Place {
  readonly start: number;
  readonly stride: number;
}

/**
 * The matrices of `batch` products of m x k and k x n elements, or stored transposed; they fill their vectors unless
 * `places` says where they are. W6003 for vectors that have other sizes; W8005 for a bad size.
 */
export function factorsOf(
  who: string,
  [ta, tb, ...rest]: readonly Value[],
  batch = 1,
  places?: readonly [Place, Place],
): Factors {
  const [m = 0, n = 0, k = 0] = rest.slice(0, 3).map((s, place) => sizeOf(who, 'mnk'.charAt(place), s));
  const [a, b] = rest.slice(3);
  invariant(a !== undefined && b !== undefined, () => `${who} without matrices`);
  if (batch * m * n > MOST) fail('W8005', `${who}: a product of ${batch * m} x ${n} elements, the most is ${MOST}`);
  const lines = (name: string, matrix: Value, count: number, along: boolean, place?: Place): Lines => {
    const { cells } = columnOf(matrix);
    const [rows, columns] = along ? [count, k] : [k, count];
    if (place === undefined) {
      checkLength(`${who}: ${name}`, cells.length, batch, name === 'a' ? [count, k] : [k, count]);
    } else checkPlace(`${who}: ${name}`, cells.length, rows, columns, place);
    const { start, stride } = place ?? { start: 0, stride: columns };
    return { cells, lines: count, k, start, line: along ? stride : 1, step: along ? 1 : stride };
  };
  return {
    kind: floatOf(a),
    batch,
    a: lines('a', a, m, ta !== true, places?.[0]),
    b: lines('b', b, n, tb === true, places?.[1]),
  };
}

function checkLength(what: string, length: number, batch: number, [rows, columns]: readonly [number, number]): void {
  if (length === batch * rows * columns) return;
  const matrices = batch === 1 ? 'a matrix' : `${batch} matrices`;
  const has = batch === 1 ? 'has' : 'have';
  fail('W6003', `${what} has ${length} elements, ${matrices} of ${rows} x ${columns} ${has} ${batch * rows * columns}`);
}

function checkPlace(what: string, length: number, rows: number, columns: number, { start, stride }: Place): void {
  const end = rows === 0 || columns === 0 ? 0 : start + (rows - 1) * stride + columns;
  if (end <= length) return;
  fail(
    'W6003',
    `${what} has ${length} elements, but ${rows} rows of ${columns}, ${stride} apart from ${start} on, need ${end}`,
  );
}
