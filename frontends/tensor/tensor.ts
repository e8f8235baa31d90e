/**
 * Tensor: lazy features of rows, of shape (n) or (n, k), in f32 or f64.
 *
 * A tensor is a list of k lazy columns over one space of rows, so that columns of a frame become features without a copy
 * and a model's scores go back as a column. k is meant to be small (at most 256): operators unroll over it. A tensor of
 * few elements (weights made from numbers, a mean over rows) keeps them as scalars too, and can then be multiplied with
 * and broadcast over rows. Missing values propagate: a row's product is missing where one of its features is.
 */

import type { TypedArray } from '../../compiler/index.ts';
import { I64, invariant } from '../../compiler/index.ts';
import {
  type CompileSettings,
  type DataColumn,
  DISPOSE,
  type EvaluateOptions,
  type Session,
} from '../../runtime/index.ts';
import type { Cell } from '../core/cell.ts';
import * as cell from '../core/cell.ts';
import {
  type ColumnLike,
  commonSession,
  commonSpace,
  fromData,
  isColumnLike,
  type LazyColumn,
  type Space,
  store,
} from '../core/column.ts';
import { promote } from '../core/dtype.ts';
import { answer, type Evaluated, type LazyProgram, programFor, type Request } from '../core/evaluate.ts';
import { explainValue, type ValueExplanation } from '../core/explain.ts';
import { INSPECT } from '../core/inspect.ts';
import type { Lease } from '../core/lease.ts';
import { NDArray } from '../core/ndarray.ts';
import { literal, type Operand, operand } from '../core/operand.ts';
import type { ArithOp, MathOp, Where } from '../core/ops.ts';
import * as ops from '../core/ops.ts';
import type { Reduction } from '../core/reduce.ts';
import { reduceColumns } from '../core/reduce-columns.ts';
import { Scalar } from '../core/scalar.ts';
import { extend, refuse, type Site, type Trail } from '../core/trail.ts';
import { describe } from '../core/values.ts';
import { product } from './matmul.ts';
import { elementsOf, type FloatKind, isFloatKind, matrixOf, type Numbers, type Shape, shapeText } from './shape.ts';

/** What an element-wise operator takes: numbers and lazy scalars for every element, vectors of k for every row. */
export type TensorInput = Tensor | ColumnLike | Scalar | number | Numbers;

/** What a tensor is inside. */
export interface TensorState {
  readonly columns: readonly LazyColumn[];
  readonly rank: 1 | 2;
  readonly dtype: FloatKind;
  readonly space: Space;
  /** The elements as scalars, by rows, when there are few and they do not depend on the row; else null. */
  readonly elements: readonly (readonly Cell[])[] | null;
  readonly session: Session | null;
  readonly trail: Trail;
}

/**
 * A lazy tensor of shape (n) or (n, k). Made by `stack`, `tensor` and by operators. Errors at the call: shapes that do not
 * fit (W8005, both shapes named), arguments (W8006), two sessions (W8007).
 */
export class Tensor implements ColumnLike {
  readonly state: TensorState;
  readonly #owned: readonly Lease[];
  /** `owned` are the leases on data that this call has made a source of. */
  constructor(state: TensorState, owned: readonly Lease[] = []) {
    this.state = state;
    this.#owned = owned;
  }
  /**
   * Gives back what sessions hold for the data that this tensor was made of; neither it nor what was derived from it can be
   * computed any more (W8009). A tensor that was computed from others holds nothing.
   */
  dispose(): void {
    for (const lease of this.#owned) lease.dispose();
  }
  [DISPOSE](): void {
    this.dispose();
  }
  get dtype(): FloatKind {
    return this.state.dtype;
  }
  /** What the tensor is, without computing anything. */
  toString(): string {
    return `Tensor { ${this.dtype}, shape ${shapeText(this.shape)} } (lazy: await toArray())`;
  }
  [INSPECT](): string {
    return this.toString();
  }
  /** (n) or (n, k); n is null while it depends on a filter that has not run. */
  get shape(): Shape {
    const { rank, space, columns } = this.state;
    return rank === 1 ? [space.length] : [space.length, columns.length];
  }
  /** How the tensor would be computed: the passes, what they save, the program, the lowering. It prints as text. */
  explain(settings: CompileSettings = {}): Promise<ValueExplanation> {
    return explainValue(this.state.columns, [], this.state.session, settings);
  }
  /** What `toArray` would run, as a program with its data in memory: the form that `weldc build` compiles. */
  toProgram(): LazyProgram {
    return programFor(this.state.columns, [], this.#where('toProgram', ''));
  }
  /** Column j as an array, without a copy. */
  column(j: number): NDArray {
    const where = this.#where('column', String(j));
    const found = this.state.columns[j];
    if (found === undefined)
      refuse(where, 'W8005', `there is no column ${j} in a tensor of shape ${shapeText(this.shape)}`);
    return new NDArray({ ...found, session: this.state.session }, where.trail);
  }
  /** The only column of a tensor (n) or (n, 1), as an array. */
  squeeze(): NDArray {
    const where = this.#where('squeeze', '');
    return new NDArray(this.asColumn(where), where.trail);
  }
  asColumn(site: Site): LazyColumn {
    const [only, ...rest] = this.state.columns;
    if (only === undefined || rest.length > 0) {
      refuse(site, 'W8005', `one column is needed, found a tensor of shape ${shapeText(this.shape)}`, {
        help: 'take one with column(j), or multiply with a weight vector',
      });
    }
    return { ...only, session: this.state.session };
  }

  /** (n, k) by (k) gives (n); (n, k) by (k, m) gives (n, m). Sums run over the features in their order. */
  matmul(weights: Tensor | Numbers): Tensor {
    const where = this.#where('matmul', weights instanceof Tensor ? 'tensor' : 'weights');
    const { columns } = this.state;
    const { rank, elements, dtype, session } = weightsOf(weights, this.dtype, where);
    if (elements.length !== columns.length || this.state.rank !== 2) {
      const other: Shape = rank === 1 ? [elements.length] : [elements.length, elements[0]?.length ?? 0];
      refuse(
        where,
        'W8005',
        `matmul of shapes ${shapeText(this.shape)} and ${shapeText(other)}: the inner sizes must agree`,
      );
    }
    const kind = promoted(this.dtype, dtype);
    const features = columns.map((c) => ops.castTo(kind, c, where));
    const cast = elements.map((row) => row.map((w) => ops.castTo(kind, operand(dtype, w, null), where).value));
    return this.#made(product(features, cast, kind), rank, kind, session, where);
  }

  add(other: TensorInput): Tensor {
    return this.#arith('add', other);
  }
  sub(other: TensorInput): Tensor {
    return this.#arith('sub', other);
  }
  mul(other: TensorInput): Tensor {
    return this.#arith('mul', other);
  }
  div(other: TensorInput): Tensor {
    return this.#arith('div', other);
  }
  minimum(other: TensorInput): Tensor {
    return this.#arith('min', other);
  }
  maximum(other: TensorInput): Tensor {
    return this.#arith('max', other);
  }
  neg(): Tensor {
    return this.#each('neg', ops.neg);
  }
  abs(): Tensor {
    return this.#each('abs', ops.abs);
  }
  exp(): Tensor {
    return this.#math('exp');
  }
  expm1(): Tensor {
    return this.#math('expm1');
  }
  log(): Tensor {
    return this.#math('log');
  }
  log1p(): Tensor {
    return this.#math('log1p');
  }
  log2(): Tensor {
    return this.#math('log2');
  }
  log10(): Tensor {
    return this.#math('log10');
  }
  sqrt(): Tensor {
    return this.#math('sqrt');
  }
  pow(other: TensorInput): Tensor {
    return this.#arith('pow', other);
  }
  sin(): Tensor {
    return this.#math('sin');
  }
  cos(): Tensor {
    return this.#math('cos');
  }
  tanh(): Tensor {
    return this.#math('tanh');
  }
  erf(): Tensor {
    return this.#math('erf');
  }
  erfc(): Tensor {
    return this.#math('erfc');
  }
  floor(): Tensor {
    return this.#math('floor');
  }
  ceil(): Tensor {
    return this.#math('ceil');
  }
  /** To the nearest whole number, from the middle to the even one. */
  round(): Tensor {
    return this.#math('round');
  }
  /** Towards zero. */
  trunc(): Tensor {
    return this.#math('trunc');
  }
  /** 1 / (1 + exp(-x)) */
  sigmoid(): Tensor {
    return this.#each('sigmoid', (x, w) =>
      ops.arith('div', literal(1), ops.arith('add', ops.math('exp', ops.neg(x, w), w), literal(1), w), w),
    );
  }
  /** max(x, 0); NaN stays NaN. */
  relu(): Tensor {
    return this.#each('relu', (x, w) => ops.arith('max', x, literal(0), w));
  }
  astype(dtype: FloatKind): Tensor {
    if (!isFloatKind(dtype)) {
      refuse(this.#where('astype', String(dtype)), 'W8006', `a tensor is of f32 or f64, found ${describe(dtype)}`);
    }
    return this.#each('astype', (x, w) => ops.castTo(dtype, x, w), dtype);
  }

  /** Without an axis, of all elements; axis 0 sums rows to (k); axis 1 sums the features of each row to (n). */
  sum(): Scalar;
  sum(axis: 0 | 1): Tensor;
  sum(axis?: 0 | 1): Scalar | Tensor {
    const where = this.#where('sum', axis === undefined ? '' : String(axis));
    if (axis === undefined) return new Scalar(this.#total('sum', where), this.state.session, where.trail);
    if (axis === 1) return this.#overFeatures(where, 1);
    return axis === 0 ? this.#overRows('sum', where) : noAxis(axis, where);
  }
  /** Without an axis, of all elements; axis 0 over rows to (k); axis 1 over the features of each row to (n). */
  mean(): Scalar;
  mean(axis: 0 | 1): Tensor;
  mean(axis?: 0 | 1): Scalar | Tensor {
    const where = this.#where('mean', axis === undefined ? '' : String(axis));
    if (axis === 0) return this.#overRows('mean', where);
    if (axis === 1) return this.#overFeatures(where, this.state.columns.length);
    if (axis !== undefined) return noAxis(axis, where);
    const mean = ops.arith('div', this.#total('sum', where), this.#total('count', where), where);
    return new Scalar(ops.castTo(this.dtype, mean, where), this.state.session, where.trail);
  }

  /** Computes the elements, row by row. A missing element is NaN. */
  toArray(options: EvaluateOptions = {}): Promise<FloatArray> {
    return answer(this.request(), options);
  }
  /** What `toArray` computes, for `evaluate`. */
  request(): Request<FloatArray> {
    const { columns, session } = this.state;
    const site = this.#where('toArray', '');
    const finish = (e: Evaluated): FloatArray => {
      const elements = byRows(this.dtype, e.columns);
      e.lease.dispose();
      return elements;
    };
    return { columns, scalars: [], session, site, finish };
  }
  /** Computes the elements as lists: numbers for (n), rows of numbers for (n, k). */
  async toNested(): Promise<number[] | number[][]> {
    const flat = Array.from(await this.toArray());
    const width = this.state.columns.length;
    if (this.state.rank === 1) return flat;
    return Array.from({ length: flat.length / width }, (_, i) => flat.slice(i * width, (i + 1) * width));
  }

  #math(op: MathOp): Tensor {
    return this.#each(op, (x, w) => ops.math(op, x, w));
  }
  /** An operator on every element. */
  #each(name: string, f: (x: Operand, where: Where) => Operand, argument = ''): Tensor {
    const where = this.#where(name, argument);
    const operands = this.state.columns.map((c) => f(c, where));
    const dtype = operands[0]?.dtype === 'f32' ? 'f32' : operands[0]?.dtype === 'f64' ? 'f64' : this.dtype;
    const { elements } = this.state;
    const mapped = elements?.map((row) => row.map((e) => f(operand(this.dtype, e, null), where).value)) ?? null;
    return this.#made(operands, this.state.rank, dtype, this.state.session, where, mapped);
  }
  #arith(op: ArithOp, other: TensorInput): Tensor {
    const where = this.#where(op, typeof other === 'number' ? String(other) : 'tensor');
    const right = this.#broadcast(op, other, where);
    const operands = this.state.columns.map((c, j) => {
      const r = right.operands[j];
      invariant(r !== undefined, () => 'a broadcast operand has an operand for each column');
      return ops.arith(op, c, r, where);
    });
    const dtype = operands[0]?.dtype === 'f32' ? 'f32' : 'f64';
    return this.#made(operands, this.state.rank, dtype, right.session, where);
  }
  /** One operand for each column: a scalar for all, element j of a vector, or column j of a tensor of the same shape. */
  #broadcast(op: string, other: TensorInput, where: Where): { operands: readonly Operand[]; session: Session | null } {
    const { columns, session, rank } = this.state;
    if (typeof other === 'number') return { operands: columns.map(() => literal(other)), session };
    if (other instanceof Scalar) {
      return { operands: columns.map(() => other.operand), session: commonSession([this.state, other], where) };
    }
    if (rank === 2 && !(other instanceof Tensor && other.state.rank === 2)) {
      const row = other instanceof Tensor ? other : isColumnLike(other) ? null : other;
      if (row === null || (row instanceof Tensor && row.state.elements === null)) {
        refuse(
          where,
          'W8005',
          `${op} of shapes ${shapeText(this.shape)} and (n,): a vector over rows does not broadcast`,
          {
            help: 'take a column with column(j), or stack columns to the same shape',
          },
        );
      }
      const w = weightsOf(row, this.dtype, where);
      const elements = w.elements.map((e) => e[0]);
      if (w.rank !== 1 || elements.length !== columns.length) {
        const found = shapeText([elements.length]);
        refuse(where, 'W8005', `${op} of shapes ${shapeText(this.shape)} and ${found} does not broadcast`);
      }
      const operands = elements.flatMap((e) => (e === undefined ? [] : [operand(w.dtype, e, null)]));
      return { operands, session: commonSession([this.state, w], where) };
    }
    const right = columnsOf(other, where);
    if (right.length !== columns.length) {
      const n = right[0]?.space.length ?? null;
      refuse(
        where,
        'W8005',
        `${op} of shapes ${shapeText(this.shape)} and ${shapeText([n, right.length])} does not broadcast`,
      );
    }
    commonSpace([...columns, ...right], where);
    return { operands: right, session: commonSession([this.state, ...right], where) };
  }
  #overRows(op: 'sum' | 'mean', where: Where): Tensor {
    const { columns, space, rank, session, dtype } = this.state;
    if (rank === 1)
      refuse(where, 'W8006', `${op}(0) of a tensor of shape ${shapeText(this.shape)}`, { help: `use ${op}()` });
    const elements = reduceColumns(op, columns, space, where).map((o) => ops.castTo(dtype, o, where).value);
    return vectorOfScalars(elements, dtype, session, where);
  }
  #overFeatures(where: Where, divisor: number): Tensor {
    if (this.state.rank === 1) {
      refuse(where, 'W8006', `axis 1 of a tensor of shape ${shapeText(this.shape)}`, { help: 'leave the axis out' });
    }
    const sum = this.state.columns.map((c): Operand => c).reduce((a, b) => ops.arith('add', a, b, where));
    const row = divisor === 1 ? sum : ops.arith('div', sum, literal(divisor), where);
    return this.#made([row], 1, this.dtype, this.state.session, where);
  }
  #total(op: Reduction, where: Where): Operand {
    const parts = reduceColumns(op, this.state.columns, this.state.space, where);
    return parts.reduce((a, b) => ops.arith('add', a, b, where));
  }
  #made(
    operands: readonly Operand[],
    rank: 1 | 2,
    dtype: FloatKind,
    session: Session | null,
    site: Site,
    elements: TensorState['elements'] = null,
  ): Tensor {
    const joined = commonSession([this.state, { session }], site);
    const columns = store(operands, this.state.space, joined, site);
    return new Tensor({ columns, rank, dtype, space: this.state.space, elements, session: joined, trail: site.trail });
  }
  #where(name: string, argument: string): Where {
    const text = `${name}(${argument})`;
    return { call: `tensor.${name}`, trail: extend(this.state.trail, text), text: () => `tensor.${text}` };
  }
}

/** The elements of columns, row by row. */
function byRows(kind: FloatKind, columns: readonly DataColumn[]): FloatArray {
  const [rows, width] = [columns[0]?.length ?? 0, columns.length];
  const out = kind === 'f32' ? new Float32Array(rows * width) : new Float64Array(rows * width);
  for (const [j, c] of columns.entries()) {
    for (let i = 0; i < rows; i++) out[i * width + j] = c.validity?.[i] === 0 ? Number.NaN : Number(c.data[i]);
  }
  return out;
}

const noAxis = (axis: never, site: Site): never => refuse(site, 'W8006', `an axis is 0 or 1, found ${describe(axis)}`);

type FloatArray = Float32Array | Float64Array;

interface Weights {
  readonly rank: 1 | 2;
  readonly elements: readonly (readonly Cell[])[];
  readonly dtype: FloatKind;
  readonly session: Session | null;
}

/** Weights as scalars: numbers take `kind`, a tensor must keep its elements. */
function weightsOf(w: Tensor | Numbers, kind: FloatKind, where: Where): Weights {
  if (w instanceof Tensor) {
    const { elements, rank, dtype, session } = w.state;
    if (elements === null) {
      refuse(where, 'W8006', `weights of shape ${shapeText(w.shape)} depend on rows or are too many to unroll`, {
        help: 'weights are made from numbers, with tensor(..), or by mean(0) and sum(0)',
      });
    }
    return { rank, elements, dtype, session };
  }
  const m = matrixOf(w, where);
  return { rank: m.rank, elements: elementsOf(m, kind, where), dtype: kind, session: null };
}

function columnsOf(x: Exclude<TensorInput, number | Scalar>, site: Site): readonly LazyColumn[] {
  if (x instanceof Tensor) return x.state.columns.map((c) => ({ ...c, session: x.state.session }));
  if (isColumnLike(x)) return [x.asColumn(site)];
  const { rows } = matrixOf(x, site);
  return hostColumns(rows, rows[0]?.length ?? 1, 'f64', null, site);
}

/** Numbers by rows as columns. */
export function hostColumns(
  rows: readonly (readonly number[])[],
  width: number,
  kind: FloatKind,
  session: Session | null,
  site: Site,
): readonly LazyColumn[] {
  const columns = Array.from({ length: width }, (_, j): DataColumn => {
    const value = (row: readonly number[]): number => row[j] ?? 0;
    const data: TypedArray = kind === 'f32' ? Float32Array.from(rows, value) : Float64Array.from(rows, value);
    return { dtype: kind, length: rows.length, data, validity: null, dictionary: null };
  });
  return fromData(columns, rows.length, session, site);
}

/** A tensor (k) of scalars that are computed elsewhere: row i selects element i. */
function vectorOfScalars(elements: readonly Cell[], dtype: FloatKind, session: Session | null, site: Site): Tensor {
  const [counter] = hostColumns(
    elements.map((_, i) => [i]),
    1,
    'f64',
    session,
    site,
  );
  invariant(counter !== undefined, () => 'one column is made');
  const row = cell.row();
  const pick = elements.reduceRight((rest, e, i) =>
    cell.select(cell.bin('==', row, cell.lit(I64, BigInt(i))), e, rest),
  );
  const columns = store([operand(dtype, pick, null)], counter.space, session, site);
  const rows = elements.map((e) => [e]);
  return new Tensor({ columns, rank: 1, dtype, space: counter.space, elements: rows, session, trail: site.trail });
}

const promoted = (a: FloatKind, b: FloatKind): FloatKind => (promote(a, b) === 'f32' ? 'f32' : 'f64');
