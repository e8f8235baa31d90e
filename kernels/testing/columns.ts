/** Columns for tests of kernels: random ones, and those that kernels get wrong. */

import fc from 'fast-check';
import { plainMemory, type ScalarKind, type VecValue } from '../../compiler/index.ts';
import { vectorOf } from '../column.ts';

export type Cell = number | bigint;

const RANGES: Readonly<Partial<Record<ScalarKind, readonly [number, number]>>> = {
  bool: [0, 1],
  i8: [-128, 127],
  u8: [0, 255],
  i16: [-(2 ** 15), 2 ** 15 - 1],
  u16: [0, 2 ** 16 - 1],
  i32: [-(2 ** 31), 2 ** 31 - 1],
  u32: [0, 2 ** 32 - 1],
};
const FLOATS = [0, -0, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 1, -1, 2 ** -149, 5e-324];

/** A cell: any, or one of few. */
export function cellOf(kind: ScalarKind): fc.Arbitrary<Cell> {
  if (kind === 'i64')
    return fc.oneof(fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }), fc.bigInt({ min: -2n, max: 2n }));
  if (kind === 'u64') return fc.oneof(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), fc.bigInt({ min: 0n, max: 2n }));
  if (kind === 'f64') return fc.oneof(fc.double(), fc.constantFrom(...FLOATS));
  if (kind === 'f32') return fc.oneof(fc.float(), fc.constantFrom(...FLOATS.map(Math.fround)));
  const [min, max] = RANGES[kind] ?? [0, 0];
  return fc.oneof(fc.integer({ min, max }), fc.integer({ min: Math.max(min, -2), max: Math.min(max, 2) }));
}

/** Cells of a column: few, some hundreds, all the same, in order and against it, and one value that nearly all rows have. */
export function cellsOf(kind: ScalarKind, most = 700): fc.Arbitrary<readonly Cell[]> {
  const cell = cellOf(kind);
  const many = fc.array(cell, { minLength: most / 2, maxLength: most });
  const byValue = (a: Cell, b: Cell): number => (a < b ? -1 : a > b ? 1 : 0);
  return fc.oneof(
    fc.array(cell, { maxLength: 5 }),
    many,
    fc.tuple(cell, fc.nat(most)).map(([c, n]) => Array.from({ length: n }, () => c)),
    many.map((cells) => cells.toSorted(byValue)),
    many.map((cells) => cells.toSorted((a, b) => byValue(b, a))),
    fc.tuple(cell, many).map(([c, cells]) => cells.map((d, k) => (k % 50 === 7 ? d : c))),
  );
}

export const column = (kind: ScalarKind, cells: readonly Cell[]): VecValue => vectorOf(kind, cells, plainMemory);
/** A bool a row. */
export const mask = (bits: readonly boolean[]): VecValue => column('bool', bits.map(Number));
/** The validity of a side of a join where no row is null. */
export const ALL_VALID = column('bool', []);
