/**
 * How the elements of a tensor are held: a column for each feature, or all of them in one vector, row by row.
 *
 *     columns   of `stack`, and of what is made of it feature by feature: loops that fuse with those of frames and arrays
 *     matrix    of numbers, and of products by `gemm`: one loop over all elements, however many columns there are
 *
 * Both are turned into each other where an operator needs it: features are read out of a matrix at their places, and
 * columns are written side by side by one loop.
 */

import { I64, scalar, type TypedArray } from '../../compiler/index.ts';
import type { Session } from '../../runtime/index.ts';
import type { Cell } from '../core/cell.ts';
import * as cell from '../core/cell.ts';
import { fromData, type LazyColumn, type Space, single, store } from '../core/column.ts';
import { sliceColumns } from '../core/gather.ts';
import { interleaveNode } from '../core/node.ts';
import type { Operand } from '../core/operand.ts';
import { castTo, mismatch, type Where } from '../core/ops.ts';
import { originOf, refuse, type Site } from '../core/trail.ts';
import type { Product } from './matmul.ts';
import { type FloatKind, inKind, MAX_COLUMNS, MAX_SCALARS, type Matrix } from './shape.ts';

interface ColumnsLayout {
  readonly kind: 'columns';
  readonly columns: readonly LazyColumn[];
  /** The rows. */
  readonly space: Space;
}
export interface MatrixLayout {
  readonly kind: 'matrix';
  /** All elements, in a space of their own. */
  readonly elements: LazyColumn;
  readonly width: number;
  /** The rows. */
  readonly space: Space;
  /** How it was made, if by `gemm`. */
  readonly product: Product | null;
}
export type Layout = ColumnsLayout | MatrixLayout;

export const widthOf = (l: Layout): number => (l.kind === 'columns' ? l.columns.length : l.width);

/** What has to be computed for all elements. */
export const vectorsOf = (l: Layout): readonly LazyColumn[] => (l.kind === 'columns' ? l.columns : [l.elements]);

/** Numbers that are here. */
export function hostLayout(m: Matrix, kind: FloatKind, session: Session | null, site: Site): MatrixLayout {
  if (m.width === 0) refuse(site, 'W8006', 'a tensor has at least one column');
  const data: TypedArray = inKind(m, kind);
  const column = { dtype: kind, length: data.length, data, validity: null, dictionary: null };
  const elements = single(fromData([column], data.length, session, site));
  return matrixLayout(elements, m.width, rowsOf(elements, m.width, m.rows, site));
}

/** The rows of a vector of `rows` times `width` elements. */
function rowsOf(elements: LazyColumn, width: number, rows: number, site: Site): Space {
  return width === 1 ? elements.space : sliceColumns([elements], 0, rows, elements.space.length, site).space;
}

export const matrixLayout = (
  elements: LazyColumn,
  width: number,
  space: Space,
  product: Product | null = null,
): MatrixLayout => ({ kind: 'matrix', elements, width, space, product });

/** Numbers as scalar parameters, by rows, so that a model with other weights is the same program; null for many. */
export function scalarsOf({ data, width, rows }: Matrix, kind: FloatKind): readonly (readonly Cell[])[] | null {
  if (data.length > MAX_SCALARS) return null;
  const given = Array.from(data, (v: number | bigint) => {
    return cell.given(scalar(kind), kind === 'f32' ? Math.fround(Number(v)) : Number(v));
  });
  return Array.from({ length: rows }, (_, i) => given.slice(i * width, (i + 1) * width));
}

/**
 * What operators on elements take: data with few columns are taken apart, so that the loop over their rows is also that of a
 * product with few weights. Others are one vector.
 */
export function operatedOn(l: Layout, site: Site): Layout {
  const isData = l.kind === 'matrix' && l.elements.value.ref.node.kind === 'source';
  if (!isData || l.width === 1 || !isNarrow(l)) return l;
  return { kind: 'columns', columns: columnsOf(l, 'an operator', site), space: l.space };
}
/** A matrix of few columns. */
export const isNarrow = ({ width }: MatrixLayout): boolean => width <= 32;

/** A column for each feature. Refuses (W8006) more of them than operators unroll over. */
export function columnsOf(l: Layout, what: string, site: Site): readonly LazyColumn[] {
  if (l.kind === 'columns') return l.columns;
  if (l.width === 1) return [l.elements];
  if (l.width > MAX_COLUMNS) {
    refuse(site, 'W8006', `${what} goes by columns, of which there may be ${MAX_COLUMNS}, found ${l.width}`);
  }
  const features = Array.from({ length: l.width }, (_, j) => featureOf(l, j));
  return store(features, l.space, l.elements.session, site);
}

/** The elements of column j, at their places in the matrix. */
export function featureOf({ elements, width }: MatrixLayout, j: number): Operand {
  const start = cell.bin('*', cell.row(), cell.lit(I64, BigInt(width)));
  const place = cell.bin('+', start, cell.lit(I64, BigInt(j)));
  const read = ({ ref, ty }: cell.InputCell): Cell => cell.at(ref, ty, place);
  return { ...elements, value: read(elements.value), valid: elements.valid === null ? null : read(elements.valid) };
}

/** All elements in one vector of `kind`. Refuses (W8004) columns that may have missing elements. */
export function elementsOf(l: Layout, kind: FloatKind, where: Where): LazyColumn {
  const refuseMissing = (c: LazyColumn): void => {
    if (c.valid !== null) mismatch(where, 'a matrix has no missing elements', [c], 'fillNull(..) or filter them first');
  };
  if (l.kind === 'matrix') {
    refuseMissing(l.elements);
    return single(store([castTo(kind, l.elements, where)], l.elements.space, l.elements.session, where));
  }
  l.columns.forEach(refuseMissing);
  const [first] = l.columns;
  const cast = l.columns.map((c) => castTo(kind, c, where));
  if (first === undefined || cast.length === 1) return single(store(cast, l.space, first?.session ?? null, where));
  const cells = cast.map((c) => c.value);
  const node = interleaveNode({ kind: 'interleave', cells, anchor: l.space.anchor, origin: originOf(where) });
  const anchor = { node, index: 0 };
  const length = l.space.length === null ? null : l.space.length * cells.length;
  return { ...first, dtype: kind, value: cell.input(anchor, scalar(kind)), space: { length, anchor } };
}
