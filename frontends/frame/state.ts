/**
 * What a frame is inside: named lazy columns over one space of rows, and how expressions are resolved against them.
 *
 * A frame copies nothing: selecting, renaming and passing columns through only make new lists of references.
 */

import type { Session } from '../../runtime/index.ts';
import { commonSession, type LazyColumn, type Space } from '../core/column.ts';
import type { Operand } from '../core/operand.ts';
import { literal } from '../core/operand.ts';
import { type Late, reduction, Slots } from '../core/reduce.ts';
import { readSlots } from '../core/reduce-columns.ts';
import { Scalar } from '../core/scalar.ts';
import { refuse, type Site, type Trail } from '../core/trail.ts';
import { type AggregateNode, aggregatesOf, type ExprNode, partsOf, textOf } from './expr-node.ts';
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
  const late = lateAggregates(state, nodes, slots, site);
  const made = new Map<AggregateNode, Operand>();
  if (late.size > 0) {
    const read = readSlots(slots, state.space, site);
    for (const [node, make] of late) made.set(node, make(read));
  }
  return nodes.map((n) => resolve(n, aggregateEnvironment(state, made, site), site));
}

/** Adds the slots of all aggregates in `nodes`; each gives its operand once the loop of the slots is there. */
export function lateAggregates(
  state: State,
  nodes: readonly ExprNode[],
  slots: Slots,
  site: Site,
): ReadonlyMap<AggregateNode, Late<Operand>> {
  const env = plainEnvironment(state, site);
  const late = new Map<AggregateNode, Late<Operand>>();
  for (const node of nodes.flatMap(aggregatesOf)) {
    const of = node.a === null ? literal(0) : resolve(node.a, env, site);
    late.set(node, reduction(node.op, of, slots, { ...site, text: () => textOf(node) }));
  }
  return late;
}

/** Columns by name; aggregates are refused. */
export function plainEnvironment(state: State, site: Site): Environment {
  return {
    column: (name) => columnNamed(state, name, site),
    aggregate: (node) =>
      refuse(site, 'W8006', `${textOf(node)}: an aggregate cannot stand inside another`, {
        help: 'compute the inner one first, with withColumns(..)',
      }),
  };
}

/** Columns by name; aggregates as they were computed. */
export function aggregateEnvironment(state: State, made: ReadonlyMap<AggregateNode, Operand>, site: Site): Environment {
  const plain = plainEnvironment(state, site);
  return { column: plain.column, aggregate: (node) => made.get(node) ?? plain.aggregate(node) };
}
