/**
 * What a frame is inside: named lazy columns over one space of rows, and how expressions are resolved against them.
 *
 * A frame copies nothing: selecting, renaming and passing columns through only make new lists of references.
 */

import { I64 } from '../../compiler/index.ts';
import type { Session } from '../../runtime/index.ts';
import * as cell from '../core/cell.ts';
import { commonSession, type LazyColumn, type Space, single, store } from '../core/column.ts';
import type { Operand } from '../core/operand.ts';
import { literal } from '../core/operand.ts';
import type { Where } from '../core/ops.ts';
import { presentOnly, uniqueCount } from '../core/order.ts';
import { quantileScalars } from '../core/quantiles.ts';
import { type Late, reduction, Slots } from '../core/reduce.ts';
import { lengthOf, readSlots } from '../core/reduce-columns.ts';
import { Scalar } from '../core/scalar.ts';
import { refuse, type Site, type Trail } from '../core/trail.ts';
import { describe } from '../core/values.ts';
import { type AggregateNode, aggregatesOf, type ExprNode, type HolisticCall, partsOf, textOf } from './expr-node.ts';
import { type Environment, resolve, unknownColumn } from './resolve.ts';

export interface State {
  readonly columns: ReadonlyMap<string, LazyColumn>;
  readonly space: Space;
  readonly session: Session | null;
  readonly trail: Trail;
}

export function columnNamed(state: State, name: string, site: Site): LazyColumn {
  return state.columns.get(name) ?? unknownColumn(name, [...state.columns.keys()], site);
}

/** The session of a frame and of the lazy scalars in expressions. */
export function sessionOf(state: State, nodes: readonly ExprNode[], site: Site): Session | null {
  return commonSession([state, ...nodes.flatMap(scalarsIn)], site);
}
const scalarsIn = (n: ExprNode): readonly Scalar[] =>
  n.kind === 'lit' && n.value instanceof Scalar ? [n.value] : partsOf(n).flatMap(scalarsIn);

/** Resolves expressions for every row. Aggregates in them are over the whole frame, by one loop, and meet every row. */
export function resolveRows(state: State, nodes: readonly ExprNode[], site: Site): readonly Operand[] {
  const slots = new Slots(state.space.length);
  const late = lateAggregates(plainEnvironment(state, site), nodes, slots, site);
  const made = new Map<AggregateNode, Operand>();
  if (late.size > 0) {
    const read = readSlots(slots, state.space, site);
    for (const [node, make] of late) made.set(node, make(read));
  }
  const plain = plainEnvironment(state, site);
  for (const node of nodes.flatMap(aggregatesOf)) {
    if (node.kind !== 'holistic') continue;
    const where = { ...site, text: () => textOf(node) };
    made.set(node, holistic(node.call, storedIn(state, resolve(node.a, plain, site), site), where));
  }
  const aggregate = (node: AggregateNode): Operand => made.get(node) ?? plain.aggregate(node);
  return nodes.map((n) => resolve(n, { ...plain, aggregate }, site));
}

/** Adds the slots of all aggregates in `nodes`; each gives its operand once the loop of the slots is there. */
export function lateAggregates(
  env: Environment,
  nodes: readonly ExprNode[],
  slots: Slots,
  site: Site,
): ReadonlyMap<AggregateNode, Late<Operand>> {
  const late = new Map<AggregateNode, Late<Operand>>();
  for (const node of nodes.flatMap(aggregatesOf)) {
    if (node.kind === 'holistic') continue;
    const of = node.a === null ? literal(0) : resolve(node.a, env, site);
    late.set(node, reduction(node.op, of, slots, { ...site, text: () => textOf(node) }));
  }
  return late;
}

/** An aggregate of all values of a column; missing where there are none. */
function holistic(call: HolisticCall, column: LazyColumn, where: Where): Operand {
  if (call.name === 'nUnique') return uniqueCount(column, where);
  const share = shareOf(call, where);
  const found = single(quantileScalars(column, [share], where));
  const rows = lengthOf(presentOnly(column, where).space, where);
  return { ...found, valid: cell.bin('>', rows, cell.zero(I64)) };
}

/** The share that a quantile is of. */
export function shareOf(call: Exclude<HolisticCall, { readonly name: 'nUnique' }>, where: Where): number {
  const share = call.name === 'median' ? 0.5 : call.share;
  if (typeof share === 'number' && share >= 0 && share <= 1) return share;
  return refuse(where, 'W8006', `a share is a number from 0 to 1, found ${describe(share)}`);
}

/** A value in all rows as a column. */
export const storedIn = (state: State, o: Operand, site: Site): LazyColumn =>
  single(store([o], state.space, state.session, site));

/** Columns by name; aggregates are refused. */
export function plainEnvironment(state: State, site: Site): Environment {
  return {
    column: (name) => columnNamed(state, name, site),
    aggregate: (node) =>
      refuse(site, 'W8006', `${textOf(node)}: an aggregate cannot stand inside another`, {
        help: 'compute the inner one first, with withColumns(..)',
      }),
    inOrder: (_node, values) => storedIn(state, values, site),
  };
}
