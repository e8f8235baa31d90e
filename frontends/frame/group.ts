/**
 * groupBy(..).agg(..): one row for each distinct key, in order of first appearance.
 *
 * Keys are strings (by dictionary code), integers, bool and timestamps; a null is a group of its own, as in Polars.
 * Aggregates become slots of one GroupNode, equal ones shared; what is computed from them (a mean divides a sum by a
 * count) is one loop over the groups. A single key that is a string (bounded by its dictionary) or a part of a date is
 * grouped by in a table instead of a hash table.
 */

import { BOOL, I32, I64, invariant } from '../../compiler/index.ts';
import type { Cell } from '../core/cell.ts';
import * as cell from '../core/cell.ts';
import { type LazyColumn, type Space, store } from '../core/column.ts';
import { isIntType, storageType } from '../core/dtype.ts';
import { type GroupNode, groupNode } from '../core/node.ts';
import { type Operand, operand } from '../core/operand.ts';
import { mismatch } from '../core/ops.ts';
import { Slots } from '../core/reduce.ts';
import { originOf, refuse, type Site } from '../core/trail.ts';
import type { Expr } from './expr.ts';
import { type AggregateNode, aggregatesOf, type ExprNode, type OrderedNode, textOf } from './expr-node.ts';
import { counted, ofGroups } from './group-ordered.ts';
import { resolve } from './resolve.ts';
import { lateAggregates, plainEnvironment, resolveRows, type State, sessionOf } from './state.ts';

/** A key as the cells that are grouped by, and how to read it back from the groups. */
interface KeyPlan {
  readonly cells: readonly Cell[];
  /** The number of different values of the only cell, when the dictionary bounds it. */
  readonly bound: number | null;
  read(fields: readonly Cell[]): Operand;
}

/** Groups the rows of `state` by `keys` and computes named aggregates. */
export function aggregate(state: State, keys: readonly Expr[], aggs: readonly Expr[], site: Site): State {
  const keyNodes = keys.map((k) => k.node);
  const aggNodes = aggs.map((a) => a.node);
  const names = [...keys, ...aggs].map((e) => e.name);
  const twice = names.find((name, k) => names.indexOf(name) !== k);
  if (twice !== undefined) {
    refuse(site, 'W8006', `two results are called ${JSON.stringify(twice)}`, {
      help: 'name one of them with alias(..)',
    });
  }
  const plans = resolveRows(state, keyNodes, site).map((o, k) => planKey(o, keyNodes[k], site));
  const only = plans.length === 1 ? plans[0] : undefined;
  const slots = new Slots(null, true);
  const env = { ...plainEnvironment(state, site), inOrder: notInGroups(site) };
  const late = lateAggregates(env, aggNodes, slots, site);
  const holistic = aggNodes.flatMap(aggregatesOf).filter((n) => n.kind === 'holistic');
  const counts = holistic.map((n) => counted(n, env, slots, site));
  const all = slots.all;
  const node = groupNode({
    kind: 'group',
    keys: plans.flatMap((p) => p.cells),
    bound: only?.bound == null ? null : cell.given(I64, BigInt(only.bound)),
    slots: all,
    anchor: state.space.anchor,
    origin: originOf(site),
  });
  const made = new Map<AggregateNode, Operand>();
  const width = node.keys.length;
  const read = (slot: number): Cell => fieldOf(node, width + slot, all[slot]?.value);
  for (const [agg, make] of late) made.set(agg, make(read));
  const space: Space = { length: null, anchor: { node, index: 0 } };
  const keyRefs = node.keys.map((_, index) => ({ node, index }));
  const inGroups = ofGroups(counts, { state, space, rowKeys: node.keys, keys: keyRefs, read }, site);
  for (const [k, agg] of holistic.entries()) {
    const found = inGroups[k];
    if (found !== undefined) made.set(agg, found);
  }
  const groups = readKeys(plans, node);
  const session = sessionOf(state, [...keyNodes, ...aggNodes], site);
  const results = aggNodes.map((n) => resolve(n, groupEnvironment(keys, groups, made, site), site));
  const stored = store([...groups, ...results], space, session, site);
  const columns = new Map<string, LazyColumn>();
  for (const [k, name] of names.entries()) {
    const column = stored[k];
    if (column !== undefined) columns.set(name, column);
  }
  return { columns, space, session, trail: site.trail };
}

/** In `agg`, a key may be named, an aggregate may stand anywhere, and nothing else has one value a group. */
function groupEnvironment(
  keys: readonly Expr[],
  groups: readonly Operand[],
  made: ReadonlyMap<AggregateNode, Operand>,
  site: Site,
) {
  return {
    column: (name: string): Operand => {
      const key = groups[keys.findIndex((k) => k.name === name)];
      return (
        key ??
        refuse(site, 'W8006', `col(${JSON.stringify(name)}) has many values in a group`, {
          help: `aggregate it: col(${JSON.stringify(name)}).sum(), .mean(), .min(), .max() or .count()`,
        })
      );
    },
    aggregate: (node: AggregateNode): Operand =>
      made.get(node) ?? refuse(site, 'W8006', `${textOf(node)}: an aggregate cannot stand inside another`),
    inOrder: notInGroups(site),
  };
}

const notInGroups =
  (site: Site) =>
  (node: OrderedNode): never =>
    refuse(site, 'W8006', `${textOf(node)} goes by all rows, not by those of a group`, {
      help: 'compute it first, with withColumns(..)',
    });

function fieldOf(node: GroupNode, index: number, like: Cell | undefined): Cell {
  invariant(like !== undefined, () => `a group has no slot ${index}`);
  return cell.input({ node, index }, like.ty);
}

function readKeys(plans: readonly KeyPlan[], node: GroupNode): readonly Operand[] {
  let at = 0;
  return plans.map((p) => p.read(p.cells.map((c) => fieldOf(node, at++, c))));
}

function planKey(o: Operand, n: ExprNode | undefined, site: Site): KeyPlan {
  if (o.dtype === 'string') return boundedKey(o, o.dictionary?.length ?? 0);
  if (o.bound !== null) return boundedKey(o, o.bound);
  if (o.weak !== null || !(o.dtype === 'bool' || o.dtype === 'timestamp' || isIntType(o.dtype))) {
    const where = { ...site, text: () => (n === undefined ? 'a key' : textOf(n)) };
    mismatch(where, 'a group key is a string, an integer, a bool or a timestamp', [o], `cast('i64') a float first`);
  }
  const wide = cell.cast(I64, o.value);
  const back = (c: Cell): Cell => {
    const ty = storageType(o.dtype);
    return ty === BOOL ? cell.bin('!=', c, cell.zero(I64)) : cell.cast(ty, c);
  };
  const { valid } = o;
  if (valid === null) return { cells: [wide], bound: null, read: ([c]) => operand(o.dtype, back(some(c)), null) };
  // The group of nulls is (false, 0): whatever stands beside a null must not split it.
  return {
    cells: [valid, cell.select(valid, wide, cell.zero(I64))],
    bound: null,
    read: ([v, c]) => operand(o.dtype, back(some(c)), some(v)),
  };
}

/** An i32 in [0, n): null becomes n, so that the key stays one bounded integer. */
function boundedKey(o: Operand, bound: number): KeyPlan {
  const n = Math.max(bound, 1);
  const like = { ...o, valid: null };
  const { valid } = o;
  if (valid === null) return { cells: [o.value], bound: n, read: ([c]) => ({ ...like, value: some(c) }) };
  const none = cell.given(I32, n);
  return {
    cells: [cell.select(valid, o.value, none)],
    bound: n + 1,
    // The value n must not leave the groups: no table has an entry for it.
    read: ([c]) => {
      const present = cell.bin('!=', some(c), none);
      return { ...like, value: cell.select(present, some(c), cell.zero(I32)), valid: present };
    },
  };
}

function some(c: Cell | undefined): Cell {
  invariant(c !== undefined, () => 'a key reads the fields it made');
  return c;
}
