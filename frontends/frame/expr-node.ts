/**
 * What a frame expression is before it meets a frame: a tree of names, literals and operators, and its text.
 *
 * Expressions know nothing of types; `resolve.ts` gives them one against the columns of a frame. The text is how the
 * user could have written the expression, for messages and default names.
 */

import type { DType } from '../../runtime/index.ts';
import type { CalendarPart } from '../core/calendar.ts';
import type { Literal } from '../core/operand.ts';
import type { ArithOp, CompareOp, MathOp } from '../core/ops.ts';
import type { RankMethod } from '../core/order.ts';
import type { Reduction } from '../core/reduce.ts';
import { Scalar } from '../core/scalar.ts';
import type { TextCall } from '../core/text.ts';

export type ExprNode =
  | { readonly kind: 'col'; readonly name: string }
  | { readonly kind: 'lit'; readonly value: Literal | Scalar }
  | { readonly kind: 'arith'; readonly op: ArithOp; readonly a: ExprNode; readonly b: ExprNode }
  | { readonly kind: 'compare'; readonly op: CompareOp; readonly a: ExprNode; readonly b: ExprNode }
  | { readonly kind: 'logic'; readonly op: 'and' | 'or'; readonly a: ExprNode; readonly b: ExprNode }
  | { readonly kind: 'math'; readonly op: MathOp; readonly a: ExprNode }
  | { readonly kind: 'unary'; readonly op: UnaryOp; readonly a: ExprNode }
  | { readonly kind: 'cast'; readonly to: DType; readonly a: ExprNode }
  | { readonly kind: 'calendar'; readonly part: CalendarPart; readonly a: ExprNode }
  | { readonly kind: 'text'; readonly call: TextCall; readonly a: ExprNode }
  | { readonly kind: 'fillNull'; readonly a: ExprNode; readonly b: ExprNode }
  | { readonly kind: 'isIn'; readonly a: ExprNode; readonly options: readonly Literal[] }
  | { readonly kind: 'between'; readonly a: ExprNode; readonly low: ExprNode; readonly high: ExprNode }
  | { readonly kind: 'when'; readonly cond: ExprNode; readonly a: ExprNode; readonly b: ExprNode }
  | { readonly kind: 'aggregate'; readonly op: Reduction; readonly a: ExprNode | null }
  | { readonly kind: 'holistic'; readonly call: HolisticCall; readonly a: ExprNode }
  | { readonly kind: 'ordered'; readonly call: OrderedCall; readonly a: ExprNode };

/** Aggregates that need all values at once. */
export type HolisticCall =
  | { readonly name: 'median' }
  | { readonly name: 'nUnique' }
  | { readonly name: 'quantile'; readonly share: number };
/** What a row has by its place among all rows, or by the place of its value. */
export type OrderedCall =
  | { readonly name: 'cumSum' | 'cumProd' | 'cumMin' | 'cumMax' }
  | { readonly name: 'rank'; readonly method: RankMethod; readonly descending: boolean };
export type UnaryOp = 'not' | 'neg' | 'abs' | 'isNull' | 'isNotNull' | 'isNaN';
export type AggregateNode = Extract<ExprNode, { readonly kind: 'aggregate' | 'holistic' }>;
export type HolisticNode = Extract<ExprNode, { readonly kind: 'holistic' }>;
export type OrderedNode = Extract<ExprNode, { readonly kind: 'ordered' }>;

/** The expressions that an expression is made of. */
export function partsOf(n: ExprNode): readonly ExprNode[] {
  switch (n.kind) {
    case 'col':
    case 'lit':
      return [];
    case 'arith':
    case 'compare':
    case 'logic':
    case 'fillNull':
      return [n.a, n.b];
    case 'math':
    case 'unary':
    case 'cast':
    case 'calendar':
    case 'text':
    case 'isIn':
    case 'holistic':
    case 'ordered':
      return [n.a];
    case 'between':
      return [n.a, n.low, n.high];
    case 'when':
      return [n.cond, n.a, n.b];
    case 'aggregate':
      return n.a === null ? [] : [n.a];
    default:
      return n satisfies never;
  }
}

/** The expression as a user writes it. */
export function textOf(n: ExprNode): string {
  switch (n.kind) {
    case 'col':
      return `col(${JSON.stringify(n.name)})`;
    case 'lit':
      return `lit(${literalText(n.value)})`;
    case 'arith':
    case 'compare':
    case 'logic':
      return `${textOf(n.a)}.${n.op}(${argumentText(n.b)})`;
    case 'fillNull':
      return `${textOf(n.a)}.fillNull(${argumentText(n.b)})`;
    case 'math':
    case 'unary':
      return `${textOf(n.a)}.${n.op}()`;
    case 'cast':
      return `${textOf(n.a)}.cast('${n.to}')`;
    case 'calendar':
      return `${textOf(n.a)}.dt.${n.part}()`;
    case 'text':
      return `${textOf(n.a)}.str.${n.call.method}(${n.call.args
        .filter((x) => x !== null)
        .map(textArg)
        .join(', ')})`;
    case 'isIn':
      return `${textOf(n.a)}.isIn([${n.options.map(literalText).join(', ')}])`;
    case 'between':
      return `${textOf(n.a)}.between(${argumentText(n.low)}, ${argumentText(n.high)})`;
    case 'when':
      return `when(${textOf(n.cond)}).then(${argumentText(n.a)}).otherwise(${argumentText(n.b)})`;
    case 'aggregate':
      return n.a === null ? `${n.op}()` : `${textOf(n.a)}.${n.op}()`;
    case 'holistic':
      return `${textOf(n.a)}.${n.call.name}(${n.call.name === 'quantile' ? n.call.share : ''})`;
    case 'ordered':
      return `${textOf(n.a)}.${n.call.name}(${n.call.name === 'rank' ? textArg(n.call.method) : ''})`;
    default:
      return n satisfies never;
  }
}

/** Literals stand bare as arguments of a method. */
const argumentText = (n: ExprNode): string => (n.kind === 'lit' ? literalText(n.value) : textOf(n));

function literalText(v: Literal | Scalar): string {
  if (v instanceof Scalar) return 'scalar';
  if (v instanceof Date) return `Date(${Number.isNaN(v.getTime()) ? 'invalid' : v.toISOString()})`;
  return typeof v === 'string' ? JSON.stringify(v) : String(v);
}

const textArg = (x: unknown): string => (typeof x === 'string' ? JSON.stringify(x) : String(x));

/** The column an unnamed result is called after: the first one read, as in Polars; a literal is `literal`. */
export function defaultName(n: ExprNode): string {
  for (let at: ExprNode | undefined = n; at !== undefined; at = partsOf(at).find((p) => p.kind !== 'lit')) {
    if (at.kind === 'col') return at.name;
    if (at.kind === 'aggregate' && at.a === null) return at.op;
  }
  return 'literal';
}

/** The aggregates of an expression, outermost first. */
export function aggregatesOf(n: ExprNode): readonly AggregateNode[] {
  return n.kind === 'aggregate' || n.kind === 'holistic' ? [n] : partsOf(n).flatMap(aggregatesOf);
}
