/**
 * Tensor: lazy features of rows, of shape (n) or (n, k), in f32 or f64.
 *
 * Columns of a frame become features without a copy, and a model's scores go back as a column (`stack`, at most 256 of
 * them); numbers and products with many weights are matrices of any width (`layout.ts`). Missing values propagate: a row's
 * product is missing where one of its features is. A matrix has none.
 */

import { type CompileSettings, type DataColumn, DISPOSE, type EvaluateOptions } from '../../runtime/index.ts';
import { type ColumnLike, isColumnLike, type LazyColumn, single, store } from '../core/column.ts';
import { answer, type Evaluated, type LazyProgram, programFor, type Request } from '../core/evaluate.ts';
import { explainValue, type ValueExplanation } from '../core/explain.ts';
import { INSPECT } from '../core/inspect.ts';
import type { Lease } from '../core/lease.ts';
import { NDArray } from '../core/ndarray.ts';
import { literal, type Operand } from '../core/operand.ts';
import type { ArithOp, MathOp, Where } from '../core/ops.ts';
import * as ops from '../core/ops.ts';
import { Scalar } from '../core/scalar.ts';
import { extend, refuse, type Site } from '../core/trail.ts';
import { describe } from '../core/values.ts';
import { featureOf, hostLayout, scalarsOf, vectorsOf, widthOf } from './layout.ts';
import type { Activation } from './matmul.ts';
import { type FloatKind, isFloatKind, matrixOf, type Numbers, type Shape, shapeText } from './shape.ts';
import type { Other, TensorState } from './state.ts';
import * as state from './state.ts';

/** What an element-wise operator takes: numbers and lazy scalars for every element, vectors of k for every row. */
export type TensorInput = Tensor | ColumnLike | Scalar | number | Numbers;

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
    return state.shapeOf(this.state);
  }
  /** How the tensor would be computed: the passes, what they save, the program, the lowering. It prints as text. */
  explain(settings: CompileSettings = {}): Promise<ValueExplanation> {
    return explainValue(vectorsOf(this.state.layout), [], this.state.session, settings);
  }
  /** What `toArray` would run, as a program with its data in memory: the form that `weldc build` compiles. */
  toProgram(): LazyProgram {
    return programFor(vectorsOf(this.state.layout), [], this.#where('toProgram', ''));
  }
  /** Column j as an array; of `stack` without a copy. */
  column(j: number): NDArray {
    const where = this.#where('column', String(j));
    const { layout: l, session } = this.state;
    if (!Number.isInteger(j) || j < 0 || j >= widthOf(l)) {
      refuse(where, 'W8005', `there is no column ${j} in a tensor of shape ${shapeText(this.shape)}`);
    }
    const found = l.kind === 'columns' ? l.columns[j] : single(store([featureOf(l, j)], l.space, session, where));
    return new NDArray({ ...(found ?? this.asColumn(where)), session }, where.trail);
  }
  /** The only column of a tensor (n) or (n, 1), as an array. */
  squeeze(): NDArray {
    const where = this.#where('squeeze', '');
    return new NDArray(this.asColumn(where), where.trail);
  }
  asColumn(site: Site): LazyColumn {
    return state.columnOf(this.state, site);
  }

  /**
   * (n, k) by (k) gives (n); (n, k) by (k, m) gives (n, m). Sums run over the features in their order. Up to 256 weights that
   * are numbers (64 for features in a matrix) are scalars of a fused loop; others are multiplied by the primitive `gemm`, which also adds a bias and puts
   * relu, sigmoid, tanh or gelu on the elements where these follow. It takes no missing elements (W8004). Weights may be
   * lazy themselves; W6003 where the number of their rows is found not to be k.
   */
  matmul(weights: Tensor | Numbers): Tensor {
    const where = this.#where('matmul', weights instanceof Tensor ? 'tensor' : 'weights');
    return new Tensor(state.product(this.state, stateOf(weights, this.dtype, where), where));
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
    return this.#each('tanh', (x, w) => ops.math('tanh', x, w), '', 'tanh');
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
    const f = (x: Operand, w: Where): Operand =>
      ops.arith('div', literal(1), ops.arith('add', ops.math('exp', ops.neg(x, w), w), literal(1), w), w);
    return this.#each('sigmoid', f, '', 'sigmoid');
  }
  /** max(x, 0); NaN stays NaN. */
  relu(): Tensor {
    return this.#each('relu', (x, w) => ops.arith('max', x, literal(0), w), '', 'relu');
  }
  /** x / 2 (1 + erf(x / sqrt(2))) */
  gelu(): Tensor {
    const f = (x: Operand, w: Where): Operand => {
      const scaled = ops.math('erf', ops.arith('mul', x, literal(Math.SQRT1_2), w), w);
      return ops.arith('mul', ops.arith('mul', x, literal(0.5), w), ops.arith('add', scaled, literal(1), w), w);
    };
    return this.#each('gelu', f, '', 'gelu');
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
    if (axis !== undefined) return this.#over('sum', axis, where);
    return new Scalar(state.total(this.state, 'sum', where), this.state.session, where.trail);
  }
  /** Without an axis, of all elements; axis 0 over rows to (k); axis 1 over the features of each row to (n). */
  mean(): Scalar;
  mean(axis: 0 | 1): Tensor;
  mean(axis?: 0 | 1): Scalar | Tensor {
    const where = this.#where('mean', axis === undefined ? '' : String(axis));
    if (axis !== undefined) return this.#over('mean', axis, where);
    const [sum, count] = [state.total(this.state, 'sum', where), state.total(this.state, 'count', where)];
    const mean = ops.castTo(this.dtype, ops.arith('div', sum, count, where), where);
    return new Scalar(mean, this.state.session, where.trail);
  }

  /** Computes the elements, row by row. A missing element is NaN. */
  toArray(options: EvaluateOptions = {}): Promise<FloatArray> {
    return answer(this.request(), options);
  }
  /** What `toArray` computes, for `evaluate`. */
  request(): Request<FloatArray> {
    const { layout: l, session } = this.state;
    const site = this.#where('toArray', '');
    const finish = (e: Evaluated): FloatArray => {
      const elements = byRows(this.dtype, e.columns);
      e.lease.dispose();
      return elements;
    };
    return { columns: vectorsOf(l), scalars: [], session, site, finish };
  }
  /** Computes the elements as lists: numbers for (n), rows of numbers for (n, k). */
  async toNested(): Promise<number[] | number[][]> {
    const flat = Array.from(await this.toArray());
    const width = widthOf(this.state.layout);
    if (this.state.rank === 1) return flat;
    return Array.from({ length: flat.length / width }, (_, i) => flat.slice(i * width, (i + 1) * width));
  }

  #math(op: MathOp): Tensor {
    return this.#each(op, (x, w) => ops.math(op, x, w));
  }
  /** An operator on every element. */
  #each(name: string, f: (x: Operand, where: Where) => Operand, argument = '', activation?: Activation): Tensor {
    const where = this.#where(name, argument);
    return new Tensor(state.mapped(this.state, (x) => f(x, where), where, activation));
  }
  #arith(op: ArithOp, other: TensorInput): Tensor {
    const where = this.#where(op, typeof other === 'number' ? String(other) : 'tensor');
    const right = otherOf(other, this.dtype, where);
    return new Tensor(state.combined(this.state, op, right, (a, b) => ops.arith(op, a, b, where), where));
  }
  #over(op: 'sum' | 'mean', axis: 0 | 1, where: Where): Tensor {
    if (axis === 0) return new Tensor(state.overRows(this.state, op, where));
    if (axis === 1) return new Tensor(state.overFeatures(this.state, op, where));
    return refuse(where, 'W8006', `an axis is 0 or 1, found ${describe(axis)}`);
  }
  #where(name: string, argument: string): Where {
    const text = `${name}(${argument})`;
    return { call: `tensor.${name}`, trail: extend(this.state.trail, text), text: () => `tensor.${text}` };
  }
}

type FloatArray = Float32Array | Float64Array;

/** The elements of columns, row by row. */
function byRows(kind: FloatKind, columns: readonly DataColumn[]): FloatArray {
  const [rows, width] = [columns[0]?.length ?? 0, columns.length];
  const out = kind === 'f32' ? new Float32Array(rows * width) : new Float64Array(rows * width);
  for (const [j, c] of columns.entries()) {
    for (let i = 0; i < rows; i++) out[i * width + j] = c.validity?.[i] === 0 ? Number.NaN : Number(c.data[i]);
  }
  return out;
}

/** A tensor, or numbers in `kind`. */
function stateOf(x: Tensor | Numbers, kind: FloatKind, site: Site): TensorState {
  if (x instanceof Tensor) return x.state;
  const m = matrixOf(x, site);
  const layout = hostLayout(m, kind, null, site);
  return { layout, rank: m.rank, dtype: kind, scalars: scalarsOf(m, kind), session: null, trail: site.trail };
}

function otherOf(x: TensorInput, kind: FloatKind, site: Site): Other {
  if (typeof x === 'number') return { kind: 'number', operand: literal(x), session: null };
  if (x instanceof Scalar) return { kind: 'number', operand: x.operand, session: x.session };
  if (x instanceof Tensor || !isColumnLike(x)) return { kind: 'tensor', state: stateOf(x, kind, site) };
  return { kind: 'column', column: x.asColumn(site) };
}
