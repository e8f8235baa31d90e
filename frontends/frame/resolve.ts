/**
 * Expressions to operands: names become columns, operators get their types, against the columns of one frame.
 *
 * All checks happen here, at the call that takes the expression: unknown columns (W8003), types that do not fit (W8004,
 * with the text of the guilty part), aggregates where there is nothing to aggregate (W8006).
 */

import { suggest } from '../../compiler/index.ts';
import { calendarPart } from '../core/calendar.ts';
import { between, choose, fillNull, isIn } from '../core/choose.ts';
import type { LazyColumn } from '../core/column.ts';
import { literal, type Operand } from '../core/operand.ts';
import type { Where } from '../core/ops.ts';
import * as ops from '../core/ops.ts';
import { RANK_METHODS, rankColumn } from '../core/order.ts';
import { runningColumn } from '../core/running.ts';
import { Scalar } from '../core/scalar.ts';
import { textCall } from '../core/text.ts';
import { refuse, type Site } from '../core/trail.ts';
import { describe } from '../core/values.ts';
import { type AggregateNode, type ExprNode, type OrderedNode, textOf } from './expr-node.ts';

/** What names and aggregates mean where an expression is used. */
export interface Environment {
  column(name: string): Operand;
  aggregate(node: AggregateNode): Operand;
  /** The values of `node` in all rows, for what goes by their order. */
  inOrder(node: OrderedNode, values: Operand): LazyColumn;
}

/** The operand of an expression in an environment. */
export function resolve(n: ExprNode, env: Environment, site: Site): Operand {
  const where: Where = { ...site, text: () => textOf(n) };
  const of = (part: ExprNode): Operand => resolve(part, env, site);
  switch (n.kind) {
    case 'col':
      return env.column(n.name);
    case 'lit':
      return n.value instanceof Scalar ? n.value.operand : literal(n.value);
    case 'arith':
      return ops.arith(n.op, of(n.a), of(n.b), where);
    case 'compare':
      return ops.compare(n.op, of(n.a), of(n.b), where);
    case 'logic':
      return ops.logic(n.op, of(n.a), of(n.b), where);
    case 'math':
      return ops.math(n.op, of(n.a), where);
    case 'unary':
      return unary(n.op, of(n.a), where);
    case 'cast':
      return ops.castTo(n.to, of(n.a), where);
    case 'calendar':
      return calendarPart(n.part, of(n.a), where);
    case 'text':
      return textCall(n.call, of(n.a), where);
    case 'fillNull':
      return fillNull(of(n.a), of(n.b), where);
    case 'isIn':
      return isIn(of(n.a), n.options.map(literal), where);
    case 'between':
      return between(of(n.a), of(n.low), of(n.high), where);
    case 'when':
      return choose(of(n.cond), of(n.a), of(n.b), where);
    case 'aggregate':
    case 'holistic':
      return env.aggregate(n);
    case 'ordered':
      return ordered(n, env.inOrder(n, of(n.a)), where);
    default:
      return n satisfies never;
  }
}

const RUNNING = { cumSum: 'cumsum', cumProd: 'cumprod', cumMin: 'cummin', cumMax: 'cummax' } as const;

function ordered({ call }: OrderedNode, column: LazyColumn, where: Where): Operand {
  if (call.name !== 'rank') return runningColumn(RUNNING[call.name], column, where);
  if (!RANK_METHODS.includes(call.method)) {
    refuse(where, 'W8006', `a method is one of ${RANK_METHODS.join(', ')}, found ${describe(call.method)}`);
  }
  return rankColumn(column, call.method, call.descending, where);
}

function unary(op: Extract<ExprNode, { kind: 'unary' }>['op'], a: Operand, where: Where): Operand {
  switch (op) {
    case 'not':
      return ops.not(a, where);
    case 'neg':
      return ops.neg(a, where);
    case 'abs':
      return ops.abs(a, where);
    case 'isNull':
      return ops.isNullOf(a);
    case 'isNotNull':
      return ops.isNotNullOf(a);
    case 'isNaN':
      return ops.isNaNOf(a, where);
    default:
      return op satisfies never;
  }
}

/** Refuses a name that no column has. */
export function unknownColumn(name: string, names: readonly string[], site: Site): never {
  const near = typeof name === 'string' ? suggest(name, names) : null;
  return refuse(site, 'W8003', `there is no column ${describe(name)}`, {
    help: near === null ? null : `did you mean ${JSON.stringify(near)}?`,
    notes: [names.length === 0 ? 'the frame has no columns' : `the columns are ${names.map(quote).join(', ')}`],
  });
}
const quote = (name: string): string => JSON.stringify(name);
