/**
 * `col('delay').gt(15)`: expressions over the columns of a frame, with the names of Polars in lower camel case.
 *
 * An expression is only a description; it is checked and typed when a frame method takes it. Arguments may be numbers,
 * bigints, booleans, strings, Dates and null (all literals), lazy scalars of arrays, or further expressions.
 */

import type { DType } from '../../runtime/index.ts';
import type { CalendarPart } from '../core/calendar.ts';
import type { Literal } from '../core/operand.ts';
import type { ArithOp, CompareOp, MathOp } from '../core/ops.ts';
import { checkOptions } from '../core/options.ts';
import type { RankMethod } from '../core/order.ts';
import type { Reduction } from '../core/reduce.ts';
import { Scalar } from '../core/scalar.ts';
import { refuse, type Site } from '../core/trail.ts';
import { describe } from '../core/values.ts';
import type { ExprNode, HolisticCall, OrderedCall, UnaryOp } from './expr-node.ts';
import { defaultName, textOf } from './expr-node.ts';
import { Text } from './text.ts';

/** What an operator of an expression takes. */
export type ExprInput = Expr | Scalar | Literal;

/** The node of what an operator takes; refuses anything else (W8006). */
export function nodeOf(x: ExprInput, site: Site = { call: 'expr', trail: [] }): ExprNode {
  if (x instanceof Expr) return x.node;
  if (isLiteral(x)) return { kind: 'lit', value: x };
  if (isUnfinishedWhen(x)) {
    refuse(site, 'W8006', 'an unfinished when(..)', { help: 'when(cond).then(a).otherwise(b)' });
  }
  return refuse(site, 'W8006', `an expression or a literal is needed, found ${describe(x)}`, {
    help: 'bring an array or a tensor in as a column first: withColumns({ name: array })',
  });
}

const isUnfinishedWhen = (x: unknown): boolean =>
  typeof x === 'object' && x !== null && (Object.hasOwn(x, 'then') || Object.hasOwn(x, 'otherwise'));

/** What the type says, for callers without types. */
function isLiteral(x: unknown): x is Literal | Scalar {
  if (x === null || x instanceof Scalar) return true;
  if (x instanceof Date) return !Number.isNaN(x.getTime());
  return typeof x !== 'object' && typeof x !== 'function' && typeof x !== 'symbol' && x !== undefined;
}

/** An expression over columns. Made by `col`, `lit`, `when` and `len`. */
export class Expr {
  readonly node: ExprNode;
  readonly #alias: string | null;
  constructor(node: ExprNode, alias: string | null = null) {
    this.node = node;
    this.#alias = alias;
  }
  /** The name of the result: the alias, else the first column that is read. */
  get name(): string {
    return this.#alias ?? defaultName(this.node);
  }
  /** Names the result. */
  alias(name: string): Expr {
    if (typeof name === 'string') return new Expr(this.node, name);
    return refuse({ call: 'expr', trail: [] }, 'W8006', `a column is named by a string, found ${describe(name)}`);
  }
  toString(): string {
    const text = textOf(this.node);
    return this.#alias === null ? text : `${text}.alias(${JSON.stringify(this.#alias)})`;
  }

  add(other: ExprInput): Expr {
    return this.#arith('add', other);
  }
  sub(other: ExprInput): Expr {
    return this.#arith('sub', other);
  }
  mul(other: ExprInput): Expr {
    return this.#arith('mul', other);
  }
  /** Real division: integers give f64. */
  div(other: ExprInput): Expr {
    return this.#arith('div', other);
  }
  /** Floored remainder, with the sign of the divisor; an integer modulo zero is null. */
  mod(other: ExprInput): Expr {
    return this.#arith('mod', other);
  }
  /** Power in floats. */
  pow(other: ExprInput): Expr {
    return this.#arith('pow', other);
  }
  /** Without an argument the smallest value (an aggregate); with one, the smaller of two in each row. */
  min(other?: ExprInput): Expr {
    return other === undefined ? this.#aggregate('min') : this.#arith('min', other);
  }
  /** Without an argument the greatest value (an aggregate); with one, the greater of two in each row. */
  max(other?: ExprInput): Expr {
    return other === undefined ? this.#aggregate('max') : this.#arith('max', other);
  }
  eq(other: ExprInput): Expr {
    return this.#compare('eq', other);
  }
  ne(other: ExprInput): Expr {
    return this.#compare('ne', other);
  }
  lt(other: ExprInput): Expr {
    return this.#compare('lt', other);
  }
  le(other: ExprInput): Expr {
    return this.#compare('le', other);
  }
  gt(other: ExprInput): Expr {
    return this.#compare('gt', other);
  }
  ge(other: ExprInput): Expr {
    return this.#compare('ge', other);
  }
  /** low <= x <= high */
  between(low: ExprInput, high: ExprInput): Expr {
    return new Expr({ kind: 'between', a: this.node, low: nodeOf(low), high: nodeOf(high) });
  }
  /** True where the value is one of a list of literals. */
  isIn(options: readonly Literal[]): Expr {
    return new Expr({ kind: 'isIn', a: this.node, options });
  }
  /** Kleene and: false wins over null. */
  and(other: ExprInput): Expr {
    return new Expr({ kind: 'logic', op: 'and', a: this.node, b: nodeOf(other) });
  }
  /** Kleene or: true wins over null. */
  or(other: ExprInput): Expr {
    return new Expr({ kind: 'logic', op: 'or', a: this.node, b: nodeOf(other) });
  }
  not(): Expr {
    return this.#unary('not');
  }
  neg(): Expr {
    return this.#unary('neg');
  }
  abs(): Expr {
    return this.#unary('abs');
  }
  isNull(): Expr {
    return this.#unary('isNull');
  }
  isNotNull(): Expr {
    return this.#unary('isNotNull');
  }
  isNaN(): Expr {
    return this.#unary('isNaN');
  }
  /** The value, and `value` where it is null. */
  fillNull(value: ExprInput): Expr {
    return new Expr({ kind: 'fillNull', a: this.node, b: nodeOf(value) });
  }
  /** Converts: integers wrap, floats to integers saturate (NaN gives 0), i64 to timestamp is microseconds. */
  cast(to: DType): Expr {
    return new Expr({ kind: 'cast', to, a: this.node });
  }
  exp(): Expr {
    return this.#math('exp');
  }
  expm1(): Expr {
    return this.#math('expm1');
  }
  log(): Expr {
    return this.#math('log');
  }
  log1p(): Expr {
    return this.#math('log1p');
  }
  log2(): Expr {
    return this.#math('log2');
  }
  log10(): Expr {
    return this.#math('log10');
  }
  sqrt(): Expr {
    return this.#math('sqrt');
  }
  sin(): Expr {
    return this.#math('sin');
  }
  cos(): Expr {
    return this.#math('cos');
  }
  tan(): Expr {
    return this.#math('tan');
  }
  asin(): Expr {
    return this.#math('asin');
  }
  acos(): Expr {
    return this.#math('acos');
  }
  atan(): Expr {
    return this.#math('atan');
  }
  /** The angle of the point (`other`, this), from -pi to pi. */
  atan2(other: ExprInput): Expr {
    return this.#arith('atan2', other);
  }
  sinh(): Expr {
    return this.#math('sinh');
  }
  cosh(): Expr {
    return this.#math('cosh');
  }
  tanh(): Expr {
    return this.#math('tanh');
  }
  erf(): Expr {
    return this.#math('erf');
  }
  erfc(): Expr {
    return this.#math('erfc');
  }
  normcdf(): Expr {
    return this.#math('normcdf');
  }
  floor(): Expr {
    return this.#math('floor');
  }
  ceil(): Expr {
    return this.#math('ceil');
  }
  /** To the nearest whole number, from the middle to the even one. */
  round(): Expr {
    return this.#math('round');
  }
  /** Towards zero. */
  trunc(): Expr {
    return this.#math('trunc');
  }

  /** Parts of a timestamp. */
  get dt(): Calendar {
    return new Calendar(this.node);
  }

  /** Functions of strings. */
  get str(): Text {
    return new Text(this.node, (node) => new Expr(node));
  }

  /** i64 for integers and bool, f64 for floats; nulls are skipped, of no values 0. */
  sum(): Expr {
    return this.#aggregate('sum');
  }
  /** f64; nulls are skipped, of no values null. */
  mean(): Expr {
    return this.#aggregate('mean');
  }
  /** How many values are not null. */
  count(): Expr {
    return this.#aggregate('count');
  }
  /** The middle value, or the mean of both in the middle, f64; nulls are skipped, of no values null. NaN if a value is. */
  median(): Expr {
    return this.#holistic({ name: 'median' });
  }
  /** The value below which a share of 0 to 1 of the others lies, on a line between neighbours, f64; as `median`. */
  quantile(share: number): Expr {
    return this.#holistic({ name: 'quantile', share });
  }
  /** How many different values there are, i64; null is one of them. */
  nUnique(): Expr {
    return this.#holistic({ name: 'nUnique' });
  }

  /** The sum up to each row, in the types of `sum`; nulls are skipped and stay null. So are those below. */
  cumSum(): Expr {
    return this.#ordered({ name: 'cumSum' });
  }
  cumProd(): Expr {
    return this.#ordered({ name: 'cumProd' });
  }
  cumMin(): Expr {
    return this.#ordered({ name: 'cumMin' });
  }
  cumMax(): Expr {
    return this.#ordered({ name: 'cumMax' });
  }
  /**
   * The rank of each value from 1 on, null for null: equal ones have the mean of their places (`average`, f64), the first
   * (`min`), the last (`max`), count as one (`dense`), or are ranked as they come (`ordinal`).
   */
  rank(method: RankMethod = 'average', options: { readonly descending?: boolean } = {}): Expr {
    const site: Site = { call: 'expr', trail: [`rank(${describe(method)})`] };
    checkOptions(options, ['descending'], site);
    const { descending = false } = options;
    if (typeof descending !== 'boolean') {
      refuse(site, 'W8006', `descending is true or false, found ${describe(descending)}`);
    }
    return this.#ordered({ name: 'rank', method, descending });
  }

  #arith(op: ArithOp, other: ExprInput): Expr {
    return new Expr({ kind: 'arith', op, a: this.node, b: nodeOf(other) });
  }
  #compare(op: CompareOp, other: ExprInput): Expr {
    return new Expr({ kind: 'compare', op, a: this.node, b: nodeOf(other) });
  }
  #unary(op: UnaryOp): Expr {
    return new Expr({ kind: 'unary', op, a: this.node });
  }
  #math(op: MathOp): Expr {
    return new Expr({ kind: 'math', op, a: this.node });
  }
  #holistic(call: HolisticCall): Expr {
    return new Expr({ kind: 'holistic', call, a: this.node });
  }
  #ordered(call: OrderedCall): Expr {
    return new Expr({ kind: 'ordered', call, a: this.node });
  }
  #aggregate(op: Reduction): Expr {
    return new Expr({ kind: 'aggregate', op, a: this.node });
  }
}

/** `col('t').dt`: parts of a timestamp in UTC, as i32. */
export class Calendar {
  readonly #node: ExprNode;
  constructor(node: ExprNode) {
    this.#node = node;
  }
  year(): Expr {
    return this.#part('year');
  }
  /** 1 to 12 */
  month(): Expr {
    return this.#part('month');
  }
  /** Day of the month, from 1. */
  day(): Expr {
    return this.#part('day');
  }
  hour(): Expr {
    return this.#part('hour');
  }
  minute(): Expr {
    return this.#part('minute');
  }
  second(): Expr {
    return this.#part('second');
  }
  /** Monday = 1 to Sunday = 7, as in Polars and ISO 8601. */
  weekday(): Expr {
    return this.#part('weekday');
  }
  #part(part: CalendarPart): Expr {
    return new Expr({ kind: 'calendar', part, a: this.#node });
  }
}

/** A column by name. Anything but a string is an error (W8006). */
export function col(name: string): Expr {
  if (typeof name === 'string') return new Expr({ kind: 'col', name });
  return refuse({ call: 'col', trail: [] }, 'W8006', `a column is named by a string, found ${describe(name)}`);
}
/** A literal, or a lazy scalar, as an expression. */
export const lit = (value: Literal | Scalar): Expr => new Expr(nodeOf(value));
/** The number of rows, nulls included (an aggregate). */
export const len = (): Expr => new Expr({ kind: 'aggregate', op: 'len', a: null });

/** `when(cond).then(a).otherwise(b)`: a choice in each row; null where the condition is null. */
export const when = (cond: ExprInput): { then(a: ExprInput): { otherwise(b: ExprInput): Expr } } => ({
  then: (a) => ({
    otherwise: (b) => new Expr({ kind: 'when', cond: nodeOf(cond), a: nodeOf(a), b: nodeOf(b) }),
  }),
});
