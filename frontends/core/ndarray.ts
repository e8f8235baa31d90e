/**
 * NDArray: a lazy one-dimensional array with NumPy's names and promotion. It is the currency between the libraries,
 * which is why it lives beside them: a frame gives its columns as arrays, a tensor too, and both take arrays back.
 *
 * Each method adds one node to the lazy graph (one loop, one operator); loops are fused when a result is asked for.
 * Operands are arrays of equal length, lazy scalars, JavaScript numbers and typed arrays. Missing values (of nullable
 * columns) propagate; reductions skip them.
 */

import type { ScalarKind, TypedArray } from '../../compiler/index.ts';
import { invariant } from '../../compiler/index.ts';
import {
  type DataColumn as Column,
  type CompileSettings,
  DISPOSE,
  type DType,
  type EvaluateOptions,
} from '../../runtime/index.ts';
import { choose, clip, fillNull } from './choose.ts';
import {
  type ColumnLike,
  commonSession,
  commonSpace,
  filterColumns,
  fromData,
  holds,
  isColumnLike,
  type LazyColumn,
  single,
  store,
} from './column.ts';
import { answer, type LazyProgram, programFor, type Request } from './evaluate.ts';
import { explainValue, type ValueExplanation } from './explain.ts';
import { INSPECT } from './inspect.ts';
import type { Lease } from './lease.ts';
import { literal, type Operand } from './operand.ts';
import type { ArithOp, CompareOp, MathOp, Where } from './ops.ts';
import * as ops from './ops.ts';
import type { Reduction } from './reduce.ts';
import { reduceColumns } from './reduce-columns.ts';
import { Scalar } from './scalar.ts';
import { extend, refuse, type Site, siteOf, type Trail } from './trail.ts';
import { columnOf, describe, type Item, isTypedArray, itemAt } from './values.ts';

/** What an array operator takes: arrays, tensors of one column, lazy scalars, numbers, typed arrays. */
export type ArrayLike = ColumnLike | Scalar | number | bigint | boolean | TypedArray;

type Formula = (operands: readonly Operand[], where: Where) => Operand;

/**
 * A lazy one-dimensional array of `dtype`.
 *
 * Created by `array(..)`, by `frame.column(name)` or by an operator. `await toArray()` computes it. Lengths that differ
 * are an error (W8005), at the call where both are known.
 */
export class NDArray implements ColumnLike {
  readonly column: LazyColumn;
  readonly trail: Trail;
  readonly #owned: readonly Lease[];
  /** `owned` are the leases on data that this call has made a source of. */
  constructor(column: LazyColumn, trail: Trail, owned: readonly Lease[] = []) {
    this.column = column;
    this.trail = trail;
    this.#owned = owned;
  }
  get dtype(): DType {
    return this.column.dtype;
  }
  /** What the array is, without computing anything. */
  toString(): string {
    return `NDArray { ${this.dtype}, length ${this.length ?? 'n'} } (lazy: await toArray())`;
  }
  [INSPECT](): string {
    return this.toString();
  }
  /** The number of elements, or null while it depends on a filter that has not run. */
  get length(): number | null {
    return this.column.space.length;
  }
  /** True when elements may be missing. */
  get nullable(): boolean {
    return this.column.valid !== null;
  }
  asColumn(_site: Site): LazyColumn {
    return this.column;
  }
  /**
   * Gives back what sessions hold for the data that this array was made of; neither it nor what was derived from it can be
   * computed any more (W8009). An array that was computed from others holds nothing.
   */
  dispose(): void {
    for (const lease of this.#owned) lease.dispose();
  }
  [DISPOSE](): void {
    this.dispose();
  }
  /** How the array would be computed: the passes, what they save, the program, the lowering. It prints as text. */
  explain(settings: CompileSettings = {}): Promise<ValueExplanation> {
    return explainValue([this.column], [], this.column.session, settings);
  }
  /** What `toArray` would run, as a program with its data in memory: the form that `weldc build` compiles. */
  toProgram(): LazyProgram {
    return programFor([this.column], [], siteOf('array.toProgram', this.trail, 'toProgram()'));
  }

  add(other: ArrayLike): NDArray {
    return arithmetic('add', this, other);
  }
  sub(other: ArrayLike): NDArray {
    return arithmetic('sub', this, other);
  }
  subtract(other: ArrayLike): NDArray {
    return arithmetic('sub', this, other);
  }
  mul(other: ArrayLike): NDArray {
    return arithmetic('mul', this, other);
  }
  multiply(other: ArrayLike): NDArray {
    return arithmetic('mul', this, other);
  }
  /** Real division: integers give f64. */
  div(other: ArrayLike): NDArray {
    return arithmetic('div', this, other);
  }
  divide(other: ArrayLike): NDArray {
    return arithmetic('div', this, other);
  }
  /** Floored remainder, with the sign of the divisor. An integer modulo zero is missing. */
  mod(other: ArrayLike): NDArray {
    return arithmetic('mod', this, other);
  }
  /** Power in floats: integers give f64. */
  pow(other: ArrayLike): NDArray {
    return arithmetic('pow', this, other);
  }
  power(other: ArrayLike): NDArray {
    return arithmetic('pow', this, other);
  }
  minimum(other: ArrayLike): NDArray {
    return arithmetic('min', this, other);
  }
  maximum(other: ArrayLike): NDArray {
    return arithmetic('max', this, other);
  }
  eq(other: ArrayLike): NDArray {
    return comparison('eq', this, other);
  }
  ne(other: ArrayLike): NDArray {
    return comparison('ne', this, other);
  }
  lt(other: ArrayLike): NDArray {
    return comparison('lt', this, other);
  }
  le(other: ArrayLike): NDArray {
    return comparison('le', this, other);
  }
  gt(other: ArrayLike): NDArray {
    return comparison('gt', this, other);
  }
  ge(other: ArrayLike): NDArray {
    return comparison('ge', this, other);
  }
  and(other: ArrayLike): NDArray {
    return apply('and', [this, other], (o, w) => ops.logic('and', first(o), second(o), w));
  }
  or(other: ArrayLike): NDArray {
    return apply('or', [this, other], (o, w) => ops.logic('or', first(o), second(o), w));
  }
  not(): NDArray {
    return apply('not', [this], (o, w) => ops.not(first(o), w));
  }
  neg(): NDArray {
    return apply('neg', [this], (o, w) => ops.neg(first(o), w));
  }
  abs(): NDArray {
    return apply('abs', [this], (o, w) => ops.abs(first(o), w));
  }
  exp(): NDArray {
    return mathematics('exp', 'exp', this);
  }
  log(): NDArray {
    return mathematics('log', 'log', this);
  }
  sqrt(): NDArray {
    return mathematics('sqrt', 'sqrt', this);
  }
  sin(): NDArray {
    return mathematics('sin', 'sin', this);
  }
  cos(): NDArray {
    return mathematics('cos', 'cos', this);
  }
  tan(): NDArray {
    return mathematics('tan', 'tan', this);
  }
  tanh(): NDArray {
    return mathematics('tanh', 'tanh', this);
  }
  /** Held between `low` and `high`; pass null for an open side. */
  clip(low: ArrayLike | null, high: ArrayLike | null): NDArray {
    const bounds = [low, high].filter((x) => x !== null);
    return apply('clip', [this, ...bounds], (o, w) =>
      clip(first(o), low === null ? null : second(o), high === null ? null : (o[o.length - 1] ?? null), w),
    );
  }
  /** Converted to another kind: integers wrap, floats to integers saturate (NaN gives 0). */
  astype(dtype: ScalarKind): NDArray {
    return apply('astype', [this], (o, w) => ops.castTo(dtype, first(o), w), `'${dtype}'`);
  }
  isNull(): NDArray {
    return apply('isNull', [this], (o) => ops.isNullOf(first(o)));
  }
  isNaN(): NDArray {
    return apply('isNaN', [this], (o, w) => ops.isNaNOf(first(o), w));
  }
  /** Missing elements replaced by a value. */
  fillNull(value: ArrayLike): NDArray {
    return apply('fillNull', [this, value], (o, w) => fillNull(first(o), second(o), w));
  }
  /** The elements where `mask` (bool, of equal length) holds and is not missing. */
  compress(mask: ArrayLike): NDArray {
    const where = whereOf('compress', this.trail, [mask]);
    const { operands, columns } = resolve([this, mask], where);
    const keep = second(operands);
    if (keep.dtype !== 'bool') ops.mismatch(where, 'compress needs a bool mask', [keep]);
    const space = commonSpace(columns, where) ?? this.column.space;
    const session = commonSession(columns, where);
    const kept = single(filterColumns([this.column], holds(keep), space, where));
    return new NDArray({ ...kept, session }, where.trail);
  }

  /** The sum: i64 of integers and bool, f32 of f32 (added in f64), else f64. Of no elements: 0. */
  sum(): Scalar {
    return this.#reduce('sum');
  }
  /** The mean in f64. Of no elements: NaN. */
  mean(): Scalar {
    return this.#reduce('mean');
  }
  min(): Scalar {
    return this.#reduce('min');
  }
  max(): Scalar {
    return this.#reduce('max');
  }
  /** The number of elements that are not missing. */
  count(): Scalar {
    return this.#reduce('count');
  }

  /**
   * Computes the elements. bool gives bytes 0 and 1, timestamps microseconds, strings codes (see `toList`). A missing
   * float is NaN; other types with missing elements are an error (W8004): use `toList()` or `fillNull()`. The typed array is
   * in the session's memory: it goes back when it is collected as garbage, or by `session.release(it)`.
   */
  toArray(options: EvaluateOptions = {}): Promise<TypedArray> {
    return answer(this.request(), options);
  }
  /** Computes the elements as a list: null for a missing one, Date for timestamps, i64 as numbers where exact. */
  toList(options: EvaluateOptions = {}): Promise<Item[]> {
    const items = (c: Column, _site: Site, lease: Lease): Item[] => {
      const list = Array.from({ length: c.length }, (_, row) => itemAt(c, row));
      lease.dispose();
      return list;
    };
    return answer(this.#request('toList', items), options);
  }
  /** What `toArray` computes, for `evaluate`. */
  request(): Request<TypedArray> {
    return this.#request('toArray', typedArray);
  }

  #request<R>(call: string, finish: (c: Column, site: Site, lease: Lease) => R): Request<R> {
    const site = siteOf(`array.${call}`, this.trail, `${call}()`);
    return {
      columns: [this.column],
      scalars: [],
      session: this.column.session,
      site,
      finish: ({ columns: [column], lease }) =>
        finish(column ?? refuse(site, 'W8005', 'the array has no column'), site, lease),
    };
  }
  #reduce(op: Reduction): Scalar {
    const where = whereOf(op, this.trail, []);
    const result = single(reduceColumns(op, [this.column], this.column.space, where));
    return new Scalar(result, this.column.session, where.trail);
  }
}

/** The elements as they are stored; a missing float is NaN. */
function typedArray({ data, validity, length, dtype }: Column, site: Site, lease: Lease): TypedArray {
  if (validity === null) return data;
  if (!(data instanceof Float64Array) && !(data instanceof Float32Array)) {
    return refuse(site, 'W8004', `an array of ${dtype} with missing elements has no typed array`, {
      help: 'use toList(), or fillNull(value) first',
    });
  }
  const copy = data.slice();
  for (let i = 0; i < length; i++) if (validity[i] === 0) copy[i] = Number.NaN;
  lease.dispose();
  return copy;
}

/** An element-wise operator over arrays, scalars and numbers: one new array. At least one operand must be an array. */
export function apply(name: string, args: readonly ArrayLike[], f: Formula, argument?: string): NDArray {
  const [receiver] = args;
  const where =
    receiver instanceof NDArray
      ? whereOf(name, receiver.trail, args.slice(1), argument)
      : whereOf(name, args.find((x) => x instanceof NDArray)?.trail ?? [], args, argument);
  const { operands, columns } = resolve(args, where);
  const space = commonSpace(columns, where);
  if (space === null) {
    refuse(where, 'W8006', `${name} needs at least one array`, { help: 'make one with array(..) or frame.column(..)' });
  }
  const session = commonSession([...columns, ...args.filter((x) => x instanceof Scalar)], where);
  return new NDArray(single(store([f(operands, where)], space, session, where)), where.trail);
}

export const arithmetic = (op: ArithOp, a: ArrayLike, b: ArrayLike, name: string = op): NDArray =>
  apply(name, [a, b], (o, w) => ops.arith(op, first(o), second(o), w));
export const comparison = (op: CompareOp, a: ArrayLike, b: ArrayLike, name: string = op): NDArray =>
  apply(name, [a, b], (o, w) => ops.compare(op, first(o), second(o), w));
export const mathematics = (op: MathOp, name: string, a: ArrayLike): NDArray =>
  apply(name, [a], (o, w) => ops.math(op, first(o), w));
/** `a` where `cond` holds, else `b`. */
export const chosen = (cond: ArrayLike, a: ArrayLike, b: ArrayLike): NDArray =>
  apply('where', [cond, a, b], (o, w) => choose(first(o), second(o), at(o, 2), w));

const at = (o: readonly Operand[], k: number): Operand => {
  const found = o[k];
  invariant(found !== undefined, () => `an operator reads operand ${k} of ${o.length}`);
  return found;
};
const first = (o: readonly Operand[]): Operand => at(o, 0);
const second = (o: readonly Operand[]): Operand => at(o, 1);

/** The operands behind arguments, and the columns among them. */
export function resolve(args: readonly ArrayLike[], site: Site): { operands: Operand[]; columns: LazyColumn[] } {
  const columns: LazyColumn[] = [];
  const operands = args.map((x): Operand => {
    if (x instanceof Scalar) return x.operand;
    if (typeof x === 'number' || typeof x === 'bigint' || typeof x === 'boolean') return literal(x);
    const column = columnFrom(x, site);
    columns.push(column);
    return column;
  });
  return { operands, columns };
}

/** The lazy column of an array, a tensor of one column, a typed array or a list. */
export function columnFrom(x: ColumnLike | TypedArray | readonly Item[], site: Site): LazyColumn {
  if (isColumnLike(x)) return x.asColumn(site);
  const made = columnOf(x, 'the array', site);
  const [column] = fromData([made], made.length, null, site);
  return column ?? refuse(site, 'W8006', `an array is needed, found ${describe(x)}`);
}

/** The place of a call on a value with this trail; `argument` is shown for `args`. */
export function whereOf(name: string, trail: Trail, args: readonly ArrayLike[], argument?: string): Where {
  const shown = argument ?? args.map(argumentText).join(', ');
  const text = `${name}(${shown})`;
  return { call: `array.${name}`, trail: extend(trail, text), text: () => `array.${text}` };
}

/** An argument as it is shown in messages. */
export function argumentText(x: ArrayLike): string {
  if (x instanceof Scalar) return 'scalar';
  if (isTypedArray(x)) return x.constructor.name;
  return typeof x === 'object' ? 'array' : String(x);
}
