/** What the kernels share of arguments: vectors of scalars, taken apart and made. */

import {
  type Allocator,
  invariant,
  type ScalarKind,
  scalar,
  type Type,
  type TypedArray,
  typeText,
  type Value,
  type VecValue,
} from '../compiler/index.ts';

/** A vector of scalars. */
export interface Column {
  readonly kind: ScalarKind;
  readonly length: number;
  readonly cells: TypedArray;
}

/** The column of an argument that a typing rule let in. */
export function columnOf(v: Value | undefined): Column {
  const ok = typeof v === 'object' && v.kind === 'vec' && v.elem.kind === 'scalar';
  const cells = ok ? v.cols[0] : undefined;
  invariant(ok && v.elem.kind === 'scalar' && cells !== undefined, () => 'kernels: an argument that is no column');
  return { kind: v.elem.scalar, length: v.length, cells: cells.subarray(0, v.length) };
}

export function vector(kind: ScalarKind, cells: TypedArray): VecValue {
  return { kind: 'vec', elem: scalar(kind), length: cells.length, cols: [cells] };
}

/** A column of a kind with these cells. */
export function vectorOf(kind: ScalarKind, cells: readonly (number | bigint)[], alloc: Allocator): VecValue {
  const column = alloc.alloc(kind, cells.length);
  for (const [k, cell] of cells.entries()) {
    if (column instanceof BigInt64Array || column instanceof BigUint64Array) column[k] = BigInt(cell);
    else column[k] = Number(cell);
  }
  return vector(kind, column);
}

/** The scalar kind of a vector type, or null. */
export const columnKind = (t: Type | undefined): ScalarKind | null =>
  t?.kind === 'vec' && t.elem.kind === 'scalar' ? t.elem.scalar : null;

/** "vec[f64]", or "nothing" for an argument that is not there. */
export const found = (t: Type | undefined): string => (t === undefined ? 'nothing' : typeText(t));

/** What is wrong with the types of arguments, or null. */
export function mistyped(name: string, types: readonly Type[], expected: readonly Type[]): string | null {
  const other = expected.findIndex((t, k) => types[k] !== t);
  if (other >= 0)
    return `${name} takes ${found(expected[other])} as argument ${other + 1}, found ${found(types[other])}`;
  return types.length === expected.length ? null : `${name} takes ${expected.length} arguments, found ${types.length}`;
}
