/**
 * sort, head, tail and slice: operators that move rows.
 *
 * A sort computes one permutation with the `argsort` primitive and gathers the columns through it in one loop. Strings
 * sort by code unit order, through the ranks of their dictionary; false sorts before true; NaN sorts after every number.
 * The sort is stable. Nulls come last whatever the direction, unless `nullsLast` is false.
 */

import { I64 } from '../../compiler/index.ts';
import type { Cell } from '../core/cell.ts';
import * as cell from '../core/cell.ts';
import { type LazyColumn, type Space, store } from '../core/column.ts';
import { type FieldRef, loopNode, sliceNode } from '../core/node.ts';
import { type Operand, operand } from '../core/operand.ts';
import { checkOptions } from '../core/options.ts';
import * as prim from '../core/prim.ts';
import { stringRanks, throughTable } from '../core/strings.ts';
import { originOf, refuse, type Site } from '../core/trail.ts';
import { describe } from '../core/values.ts';
import type { ExprNode } from './expr-node.ts';
import { resolveRows, type State, sessionOf } from './state.ts';

export interface SortOptions {
  /** One flag for all keys, or one for each. */
  readonly descending?: boolean | readonly boolean[];
  /** Default true. */
  readonly nullsLast?: boolean;
}

export function sort(state: State, by: readonly ExprNode[], options: SortOptions, site: Site): State {
  checkOptions(options, ['descending', 'nullsLast'], site);
  const { descending = false, nullsLast = true } = options;
  const flags = typeof descending === 'boolean' ? by.map(() => descending) : descending;
  if (by.length === 0) refuse(site, 'W8006', 'sort needs at least one key');
  if (!Array.isArray(flags) || flags.some((flag) => typeof flag !== 'boolean')) {
    refuse(site, 'W8006', `descending is true, false or a list of them, found ${describe(descending)}`);
  }
  if (flags.length !== by.length) {
    refuse(site, 'W8006', `sort has ${by.length} keys and ${flags.length} descending flags`);
  }
  const keys = resolveRows(state, by, site).flatMap((o, k) => sortKeys(o, flags[k] ?? false, nullsLast, site));
  const session = sessionOf(state, by, site);
  const stored = store(
    keys.map((k) => k.key),
    state.space,
    session,
    site,
  );
  const order = [prim.flags(keys.map((k) => k.descending)), ...stored.map((c) => prim.column(c.value.ref))];
  const perm = prim.call('argsort', order, I64, site);
  return { ...gather(state, cell.input(perm, I64), { length: state.space.length, anchor: perm }, site), session };
}

/** The sort keys of one expression: where values may be missing, whether they are comes first. */
function sortKeys(
  o: Operand,
  descending: boolean,
  nullsLast: boolean,
  site: Site,
): readonly { readonly key: Operand; readonly descending: boolean }[] {
  const value =
    o.dtype === 'string' ? operand('i32', throughTable(o.value, stringRanks(o.dictionary ?? []), site), null) : o;
  // Comparing missing values with each other must not tell them apart: they hold one value.
  const settled: Cell = o.valid === null ? value.value : cell.select(o.valid, value.value, cell.zero(value.value.ty));
  const key = { key: operand(value.dtype, settled, null), descending };
  if (o.valid === null) return [key];
  const missing = { key: operand('bool', cell.not(o.valid), null), descending: !nullsLast };
  return [missing, key];
}

/** The columns' rows at `index`, in its space. */
function gather(state: State, index: Cell, space: Space, site: Site): State {
  const outs: Cell[] = [];
  const out = (ref: FieldRef, ty: Cell['ty']): number => outs.push(cell.at(ref, ty, index)) - 1;
  const placed = [...state.columns].map(([name, c]) => ({
    name,
    column: c,
    value: out(c.value.ref, c.value.ty),
    valid: c.valid === null ? null : out(c.valid.ref, c.valid.ty),
  }));
  const node = loopNode({ kind: 'loop', keep: null, outs, anchor: space.anchor, origin: originOf(site) });
  const columns = placed.map(({ name, column, value, valid }): [string, LazyColumn] => [
    name,
    {
      ...column,
      value: cell.input({ node, index: value }, column.value.ty),
      valid: valid === null || column.valid === null ? null : cell.input({ node, index: valid }, column.valid.ty),
      space,
    },
  ]);
  return { ...state, columns: new Map(columns), space, trail: site.trail };
}

/** Rows start .. start+size; a negative start counts from the end, a null size takes the rest. */
export function slice(state: State, start: number, size: number | null, site: Site): State {
  if (!Number.isSafeInteger(start) || (size !== null && (!Number.isSafeInteger(size) || size < 0))) {
    refuse(
      site,
      'W8006',
      `slice takes whole numbers and a length of 0 or more, found ${start} and ${size ?? 'no length'}`,
    );
  }
  const ins: FieldRef[] = [];
  const into = (ref: FieldRef): number => ins.push(ref) - 1;
  const placed = [...state.columns].map(([name, c]) => ({
    name,
    column: c,
    value: into(c.value.ref),
    valid: c.valid === null ? null : into(c.valid.ref),
  }));
  const node = sliceNode({ kind: 'slice', ins, start, size, origin: originOf(site) });
  const space: Space = { length: slicedLength(state.space.length, start, size), anchor: { node, index: 0 } };
  const columns = placed.map(({ name, column, value, valid }): [string, LazyColumn] => [
    name,
    {
      ...column,
      value: cell.input({ node, index: value }, column.value.ty),
      valid: valid === null || column.valid === null ? null : cell.input({ node, index: valid }, column.valid.ty),
      space,
    },
  ]);
  return { ...state, columns: new Map(columns), space, trail: site.trail };
}

function slicedLength(n: number | null, start: number, size: number | null): number | null {
  if (n === null) return null;
  const from = start < 0 ? Math.max(n + start, 0) : Math.min(start, n);
  return Math.min(size ?? n, n - from);
}
