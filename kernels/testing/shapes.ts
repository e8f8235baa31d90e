/**
 * Columns of the shapes that kernels get wrong, the same ones for the same seed. Awkward ones hold the ends of their kind,
 * both zeros, infinities and NaN of several bits; awkward strings hold bytes that are no UTF-8, halves of surrogate pairs
 * among them.
 */

import { isFloatKind, plainMemory, type ScalarKind, scalarBytes, type VecValue } from '../../compiler/index.ts';
import { edgeValues } from '../../compiler/testing/kernel-values.ts';
import { vectorOf } from '../column.ts';
import type { Cell } from './columns.ts';
import { BROKEN, PIECES } from './strings.ts';

/** No rows, one, any cells, few different ones, all the same, in order and against it, one that nearly all rows have. */
export const SHAPES = ['none', 'one', 'random', 'few', 'equal', 'sorted', 'reversed', 'group', 'awkward'] as const;
export type Shape = (typeof SHAPES)[number];

/** The next of random numbers below 2^32. */
export type Chance = () => number;
export function chanceOf(seed: number): Chance {
  let state = seed;
  return () => {
    state = (state + 0x9e3779b9) | 0;
    const a = Math.imul(state ^ (state >>> 16), 0x85ebca6b);
    const b = Math.imul(a ^ (a >>> 13), 0xc2b2ae35);
    return (b ^ (b >>> 16)) >>> 0;
  };
}

/** Items in a shape. */
function shaped<T>(shape: Shape, made: T[], chance: Chance, order: (a: T, b: T) => number): readonly T[] {
  const [first] = made;
  if (first === undefined) return made;
  if (shape === 'sorted') return made.sort(order);
  if (shape === 'reversed') return made.sort((a, b) => order(b, a));
  if (shape === 'equal') return made.fill(first);
  if (shape === 'few') return made.map(() => made[chance() % 4] ?? first);
  return shape === 'group' ? made.map((item) => (chance() % 20 === 0 ? item : first)) : made;
}

export function columnIn(shape: Shape, kind: ScalarKind, rows: number, chance: Chance): VecValue {
  const made = Array.from({ length: rows }, () => cellIn(shape, kind, chance));
  const column = vectorOf(
    kind,
    shaped(shape, made, chance, (a, b) => (a < b ? -1 : a > b ? 1 : 0)),
    plainMemory,
  );
  return isFloatKind(kind) ? withOtherNaNs(column, scalarBytes(kind), chance) : column;
}

function cellIn(shape: Shape, kind: ScalarKind, chance: Chance): Cell {
  const word = chance();
  if (kind === 'bool') return word & 1;
  if (shape === 'awkward') {
    const edges = edgeValues(kind);
    const edge = edges[word % edges.length] ?? 0;
    return typeof edge === 'boolean' ? Number(edge) : edge;
  }
  // Half of the cells are equal to others.
  if (word & 1) return (word >>> 1) % 8;
  if (isFloatKind(kind)) return (word - 2 ** 31) / 2 ** (chance() % 40);
  return kind === 'i64' || kind === 'u64' ? (BigInt(word) << 32n) | BigInt(chance()) : word;
}

/** Quiet ones and signalling ones, of either sign, with bits of their own. */
function withOtherNaNs(v: VecValue, width: number, chance: Chance): VecValue {
  const [cells] = v.cols;
  if (cells === undefined) return v;
  const view = new DataView(cells.buffer, cells.byteOffset, cells.byteLength);
  for (const [row, cell] of cells.entries()) {
    if (!Number.isNaN(cell)) continue;
    const word = chance();
    if (width === 4) view.setUint32(4 * row, 0x7f800001 | (word & 0x80400ff0), true);
    else view.setUint32(8 * row + 4, 0x7ff00001 | (word & 0x800800f0), true);
  }
  return v;
}

/** The bytes of strings. */
export function textsIn(shape: Shape, rows: number, chance: Chance): readonly (readonly number[])[] {
  const pieces = shape === 'awkward' ? [...PIECES, ...BROKEN] : PIECES;
  const text = (): readonly number[] =>
    Array.from(
      { length: chance() % (chance() % 8 === 0 ? 40 : 6) },
      () => pieces[chance() % pieces.length] ?? [],
    ).flat();
  const byBytes = (a: readonly number[], b: readonly number[]): number =>
    Buffer.compare(Uint8Array.from(a), Uint8Array.from(b));
  return shaped(shape, Array.from({ length: rows }, text), chance, byBytes);
}
