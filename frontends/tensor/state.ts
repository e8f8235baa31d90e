/**
 * What a tensor is inside, and its operators: element by element, with what meets every element, every row or a tensor of the
 * same shape; products; sums over rows, over features and over all.
 */

import { F64, I64, invariant } from '../../compiler/index.ts';
import type { Session } from '../../runtime/index.ts';
import type { Cell } from '../core/cell.ts';
import * as cell from '../core/cell.ts';
import { commonSession, commonSpace, type LazyColumn, single, store } from '../core/column.ts';
import { promote } from '../core/dtype.ts';
import { literal, type Operand, operand } from '../core/operand.ts';
import type { Where } from '../core/ops.ts';
import * as ops from '../core/ops.ts';
import * as prim from '../core/prim.ts';
import type { Reduction } from '../core/reduce.ts';
import { lengthOf, reduceColumns } from '../core/reduce-columns.ts';
import { refuse, type Site, type Trail } from '../core/trail.ts';
import {
  columnsOf,
  elementsOf,
  hostLayout,
  isNarrow,
  type Layout,
  matrixLayout,
  operatedOn,
  vectorsOf,
  widthOf,
} from './layout.ts';
import { type Activation, finished, gemm, MOST_UNROLLED, unrolled } from './matmul.ts';
import { type FloatKind, type Shape, shapeText } from './shape.ts';

export interface TensorState {
  readonly layout: Layout;
  readonly rank: 1 | 2;
  readonly dtype: FloatKind;
  /** The elements as scalars, by rows, when there are few and they do not depend on the row; else null. */
  readonly scalars: readonly (readonly Cell[])[] | null;
  readonly session: Session | null;
  readonly trail: Trail;
}

export const shapeOf = ({ layout, rank }: Pick<TensorState, 'layout' | 'rank'>): Shape =>
  rank === 1 ? [layout.space.length] : [layout.space.length, widthOf(layout)];

/** An operator on two operands. */
export type Binary = (a: Operand, b: Operand) => Operand;

/** What meets a tensor in an operator. */
export type Other =
  | { readonly kind: 'number'; readonly operand: Operand; readonly session: Session | null }
  | { readonly kind: 'tensor'; readonly state: TensorState }
  /** A column of a frame or an array: it never stands for a row. */
  | { readonly kind: 'column'; readonly column: LazyColumn };

/** An operator on every element; behind a product `gemm` may do an activation. */
export function mapped(
  s: TensorState,
  f: (x: Operand) => Operand,
  where: Where,
  activation: Activation | null = null,
): TensorState {
  const { layout: l, session } = s;
  if (l.kind === 'matrix' && l.product !== null && activation !== null) {
    return made(s, finished(l, l.product, f(l.elements), { activation }, where), session, where);
  }
  const scalars = s.scalars?.map((row) => row.map((e) => f(operand(s.dtype, e, null)).value)) ?? null;
  return { ...made(s, mapLayout(l, f, session, where), session, where), scalars };
}

function mapLayout(of: Layout, f: (x: Operand) => Operand, session: Session | null, site: Site): Layout {
  const l = operatedOn(of, site);
  if (l.kind === 'columns') return { ...l, columns: store(l.columns.map(f), l.space, session, site) };
  const elements = single(store([f(l.elements)], l.elements.space, session, site));
  return matrixLayout(elements, l.width, l.space);
}

/** The state of a result of `s`. */
function made(s: TensorState, layout: Layout, session: Session | null, site: Site): TensorState {
  const [first] = vectorsOf(layout);
  const dtype = first?.dtype === 'f32' ? 'f32' : 'f64';
  return { layout, rank: s.rank, dtype, scalars: null, session, trail: site.trail };
}

/** An operator on the elements of a tensor and what meets them. */
export function combined(s: TensorState, op: string, other: Other, f: Binary, where: Where): TensorState {
  if (other.kind === 'number') {
    const session = commonSession([s, other], where);
    return made(
      s,
      mapLayout(s.layout, (x) => f(x, other.operand), session, where),
      session,
      where,
    );
  }
  if (other.kind === 'column') {
    if (s.rank === 2) notOverRows(s, op, where);
    const { column } = other;
    const layout: Layout = { kind: 'columns', columns: [column], space: column.space };
    return alike(s, op, { ...s, layout, session: column.session }, f, where);
  }
  return s.rank === 2 && other.state.rank === 1
    ? withRow(s, op, other.state, f, where)
    : alike(s, op, other.state, f, where);
}

function notOverRows(s: TensorState, op: string, where: Where): never {
  return refuse(
    where,
    'W8005',
    `${op} of shapes ${shapeText(shapeOf(s))} and (n,): a vector over rows does not broadcast`,
    { help: 'take a column with column(j), or stack columns to the same shape' },
  );
}

/** A vector that meets every row of a matrix. */
function withRow(s: TensorState, op: string, row: TensorState, f: Binary, where: Where): TensorState {
  const { length } = row.layout.space;
  if (length === null) notOverRows(s, op, where);
  if (length !== widthOf(s.layout)) apart(s, op, row, where);
  const session = commonSession([s, row], where);
  const l = operatedOn(s.layout, where);
  const vector = columnOf(row, where);
  if (l.kind === 'columns') {
    const columns = l.columns.map((c, j) => f(c, elementOf(row, vector, j)));
    return made(s, { ...l, columns: store(columns, l.space, session, where) }, session, where);
  }
  const place = cell.bin('%', cell.row(), cell.lit(I64, BigInt(length)));
  const read = ({ ref, ty }: cell.InputCell): Cell => cell.at(ref, ty, place);
  const valid = vector.valid === null ? null : read(vector.valid);
  const met = { ...vector, value: read(vector.value), valid };
  if (op === 'add' && l.product?.bias === null && valid === null && row.dtype === s.dtype) {
    const bias = prim.column(vector.value.ref);
    return made(s, finished(l, l.product, f(l.elements, met), { bias }, where), session, where);
  }
  return made(
    s,
    mapLayout(l, (x) => f(x, met), session, where),
    session,
    where,
  );
}

/** Element j of a vector as a scalar. */
function elementOf(row: TensorState, { value, valid }: LazyColumn, j: number): Operand {
  const known = row.scalars?.[j]?.[0];
  if (known !== undefined) return operand(row.dtype, known, null);
  const read = ({ ref, ty }: cell.InputCell): Cell => cell.element(ref, ty, j);
  return operand(row.dtype, read(value), valid === null ? null : read(valid));
}

/** Two tensors of one shape: over all elements where both are matrices, else feature by feature. */
function alike(s: TensorState, op: string, other: TensorState, f: Binary, where: Where): TensorState {
  if (widthOf(s.layout) !== widthOf(other.layout)) apart(s, op, other, where);
  const session = commonSession([s, other], where);
  const [a, b] = [operatedOn(s.layout, where), operatedOn(other.layout, where)];
  if (a.kind === 'matrix' && b.kind === 'matrix') {
    const rows = commonSpace([a, b], where) ?? a.space;
    const both = commonSpace([a.elements, b.elements], where) ?? a.elements.space;
    const elements = single(store([f(a.elements, b.elements)], both, session, where));
    return made(s, matrixLayout(elements, a.width, rows), session, where);
  }
  const [left, right] = [columnsOf(a, op, where), columnsOf(b, op, where)];
  const space = commonSpace([...left, ...right], where) ?? a.space;
  const columns = left.map((c, j) => {
    const r = right[j];
    invariant(r !== undefined, () => 'tensors of one width have as many columns');
    return f(c, r);
  });
  return made(s, { kind: 'columns', columns: store(columns, space, session, where), space }, session, where);
}

function apart(s: TensorState, op: string, other: TensorState, where: Where): never {
  const [a, b] = [s, other].map((x) => shapeText(shapeOf(x)));
  return refuse(where, 'W8005', `${op} of shapes ${a} and ${b} does not broadcast`);
}

/** The only column of a tensor (n) or (n, 1). */
export function columnOf(s: TensorState, site: Site): LazyColumn {
  const { layout: l } = s;
  if (widthOf(l) !== 1) {
    refuse(site, 'W8005', `one column is needed, found a tensor of shape ${shapeText(shapeOf(s))}`, {
      help: 'take one with column(j), or multiply with a weight vector',
    });
  }
  return { ...single(vectorsOf(l)), session: s.session };
}

/** (n, k) by (k) or by (k, m). */
export function product(s: TensorState, w: TensorState, where: Where): TensorState {
  const k = widthOf(s.layout);
  const inner = w.layout.space.length;
  if (s.rank !== 2 || (inner !== null && inner !== k)) {
    const [a, b] = [s, w].map((x) => shapeText(shapeOf(x)));
    refuse(where, 'W8005', `matmul of shapes ${a} and ${b}: the inner sizes must agree`);
  }
  const session = commonSession([s, w], where);
  const kind = promote(s.dtype, w.dtype) === 'f32' ? 'f32' : 'f64';
  const width = widthOf(w.layout);
  const base = { ...s, rank: w.rank };
  if (w.scalars !== null && k * width <= MOST_UNROLLED[s.layout.kind]) {
    const features = columnsOf(s.layout, 'matmul', where).map((c) => ops.castTo(kind, c, where));
    const weights = w.scalars.map((row) => row.map((e) => ops.castTo(kind, operand(w.dtype, e, null), where).value));
    const { space } = s.layout;
    const columns = store(unrolled(features, weights, kind), space, session, where);
    return made(base, { kind: 'columns', columns, space }, session, where);
  }
  const [a, b] = [elementsOf(s.layout, kind, where), elementsOf(w.layout, kind, where)];
  const { space } = s.layout;
  const sizes = { m: lengthOf(space, where), n: whole(width), k: whole(k) };
  const length = space.length === null ? null : space.length * width;
  const { elements, product } = gemm(a, b, sizes, length, where);
  return made(base, matrixLayout(elements, width, space, product), session, where);
}
const whole = (n: number): Cell => cell.lit(I64, BigInt(n));

/** Of all elements. */
export function total(s: TensorState, op: Reduction, where: Where): Operand {
  const vectors = vectorsOf(s.layout);
  const space = s.layout.kind === 'matrix' ? s.layout.elements.space : s.layout.space;
  return reduceColumns(op, vectors, space, where).reduce((a, b) => ops.arith('add', a, b, where));
}

/** Of each column, over the rows: a vector. */
export function overRows(s: TensorState, op: 'sum' | 'mean', where: Where): TensorState {
  if (s.rank === 1)
    refuse(where, 'W8006', `${op}(0) of a tensor of shape ${shapeText(shapeOf(s))}`, { help: `use ${op}()` });
  const sums = wideSums(s, 0, where);
  if (sums !== null) return divided(s, sums, op === 'sum' ? null : lengthOf(s.layout.space, where), where);
  const columns = columnsOf(s.layout, `${op}(0)`, where);
  const cells = reduceColumns(op, columns, s.layout.space, where).map((o) => ops.castTo(s.dtype, o, where).value);
  return vectorOfScalars(cells, s, where);
}

/** The features of each row, added and divided. */
export function overFeatures(s: TensorState, op: 'sum' | 'mean', where: Where): TensorState {
  if (s.rank === 1) {
    refuse(where, 'W8006', `axis 1 of a tensor of shape ${shapeText(shapeOf(s))}`, { help: 'leave the axis out' });
  }
  const sums = wideSums(s, 1, where);
  if (sums !== null) return divided(s, sums, op === 'sum' ? null : whole(widthOf(s.layout)), where);
  const columns: readonly Operand[] = columnsOf(s.layout, `${op}(1)`, where);
  const sum = columns.reduce((a, b) => ops.arith('add', a, b, where));
  const row = op === 'sum' ? sum : ops.arith('div', sum, literal(columns.length), where);
  const { space } = s.layout;
  return made(
    { ...s, rank: 1 },
    { kind: 'columns', columns: store([row], space, s.session, where), space },
    s.session,
    where,
  );
}

/** The sums of a wide matrix along an axis, in f64: its product with ones. Null for what goes by columns. */
function wideSums({ layout: l, session }: TensorState, axis: 0 | 1, where: Where): LazyColumn | null {
  if (l.kind === 'columns' || isNarrow(l) || l.elements.valid !== null) return null;
  const matrix = elementsOf(l, 'f64', where);
  const [rows, width] = [lengthOf(l.space, where), whole(l.width)];
  const one = operand('f64', cell.lit(F64, 1), null);
  if (axis === 0) {
    const ones = single(store([one], l.space, session, where));
    return gemm(ones, matrix, { m: whole(1), n: width, k: rows }, l.width, where).elements;
  }
  const data = new Float64Array(l.width).fill(1);
  const ones = hostLayout({ rank: 1, rows: l.width, width: 1, data }, 'f64', session, where).elements;
  return gemm(matrix, ones, { m: rows, n: whole(1), k: width }, l.space.length, where).elements;
}

/** A vector of sums, divided by a count if there is one. */
function divided(s: TensorState, sums: LazyColumn, count: Cell | null, where: Where): TensorState {
  const each = count === null ? sums : ops.arith('div', sums, operand('i64', count, null), where);
  const elements = single(store([ops.castTo(s.dtype, each, where)], sums.space, s.session, where));
  return made({ ...s, rank: 1 }, matrixLayout(elements, 1, sums.space), s.session, where);
}

/** A tensor (k) of scalars that are computed elsewhere: row i selects element i. */
function vectorOfScalars(scalars: readonly Cell[], s: TensorState, site: Site): TensorState {
  const counter = Float64Array.from(scalars.keys());
  const { space } = hostLayout({ rank: 1, rows: counter.length, width: 1, data: counter }, 'f64', s.session, site);
  const row = cell.row();
  const pick = scalars.reduceRight((rest, e, i) => cell.select(cell.bin('==', row, cell.lit(I64, BigInt(i))), e, rest));
  const columns = store([operand(s.dtype, pick, null)], space, s.session, site);
  const layout: Layout = { kind: 'columns', columns, space };
  return { ...s, layout, rank: 1, scalars: scalars.map((e) => [e]), trail: site.trail };
}
