/**
 * The order of a column: sorted, its first elements, ranks, places, what is different in it. By primitives, since no one
 * loop does these well.
 *
 * What comes first is what `sort-keys.ts` says: NaN last in both directions. Missing elements are behind all others where
 * a result has them, have no rank and are not among the different ones.
 */

import { F64, I64, type ScalarType } from '../../compiler/index.ts';
import type { Cell } from './cell.ts';
import * as cell from './cell.ts';
import { unify } from './choose.ts';
import { filterColumns, type LazyColumn, single, store } from './column.ts';
import { gatherColumns } from './gather.ts';
import type { FieldRef, PrimArg } from './node.ts';
import { type Operand, operand } from './operand.ts';
import { mismatch, type Where } from './ops.ts';
import * as prim from './prim.ts';
import { lengthOf } from './reduce-columns.ts';
import { runningCount } from './running.ts';
import { inOrder, sortedRows, sortKeys } from './sort-keys.ts';
import type { Site } from './trail.ts';

/** How equal elements are ranked, by SciPy's names. */
export const RANK_METHODS = ['average', 'min', 'max', 'dense', 'ordinal'] as const;
export type RankMethod = (typeof RANK_METHODS)[number];

/** The output of a primitive as a column of its own rows. */
function columnOf(ref: FieldRef, ty: ScalarType, like: Operand, from: LazyColumn, length: number | null): LazyColumn {
  const space = { length, anchor: ref };
  return { ...like, weak: null, value: cell.input(ref, ty), valid: null, space, session: from.session };
}
const rowsColumn = (ref: FieldRef, from: LazyColumn, length: number | null): LazyColumn =>
  columnOf(ref, I64, operand('i64', cell.zero(I64), null), from, length);

/** The elements in order. */
export function sortColumn(c: LazyColumn, descending: boolean, site: Site): LazyColumn {
  if (c.valid !== null) return single(gather(c, argsortColumn(c, descending, site), site));
  const ordered = single(store([inOrder(c, site)], c.space, c.session, site));
  const { ty } = ordered.value;
  const sorted = prim.call('sort', [prim.flag(descending), prim.column(ordered.value.ref)], ty, site);
  return columnOf(sorted, ty, ordered, c, c.space.length);
}

/** The rows in the order of their elements, equal ones as they come. */
export const argsortColumn = (c: LazyColumn, descending: boolean, site: Site): LazyColumn =>
  rowsColumn(sortedRows(sortKeys(c, descending, true, site), c, null, site), c, c.space.length);

/** The rows of the `k` first elements in their order, of all if there are fewer. */
export function argtopkColumn(c: LazyColumn, k: number, descending: boolean, site: Site): LazyColumn {
  const { length } = c.space;
  const rows = sortedRows(sortKeys(c, descending, true, site), c, cell.given(I64, BigInt(k)), site);
  return rowsColumn(rows, c, length === null ? null : Math.min(k, length));
}

/** The elements of a column at rows. */
export const gather = (c: LazyColumn, rows: LazyColumn, site: Site): readonly LazyColumn[] =>
  gatherColumns([c], rows.value, rows.space, site);

/** The rank of each element among those that are present, from 1 on. */
export function rankColumn(c: LazyColumn, method: RankMethod, descending: boolean, site: Site): LazyColumn {
  const dtype = method === 'average' ? 'f64' : 'i64';
  const ty = dtype === 'f64' ? F64 : I64;
  const present = presentOnly(c, site);
  const ordered = single(store([inOrder(present, site)], present.space, c.session, site));
  const ranks = prim.call(`rank_${method}`, [prim.flag(descending), prim.column(ordered.value.ref)], ty, site);
  if (c.valid === null) return columnOf(ranks, ty, operand(dtype, cell.zero(ty), null), c, c.space.length);
  // The ranks stand side by side: how many elements are present up to a row says which one is its own.
  const place = cell.bin('-', runningCount(c, site), cell.lit(I64, 1n));
  const value = cell.guard(c.valid, cell.at(ranks, ty, place), cell.zero(ty));
  return single(store([operand(dtype, value, c.valid)], c.space, c.session, site));
}

/** The different elements that are present, in order. */
export function uniqueColumn(c: LazyColumn, site: Site): LazyColumn {
  const present = presentOnly(c, site);
  const ordered = single(store([inOrder(present, site)], present.space, c.session, site));
  const { ty } = ordered.value;
  const different = prim.call('unique', [prim.column(ordered.value.ref)], ty, site);
  return columnOf(different, ty, ordered, c, null);
}

/** How many different elements there are, i64; missing ones are one. */
export function uniqueCount(c: LazyColumn, site: Site): Operand {
  const different = lengthOf(uniqueColumn(c, site).space, site);
  if (c.valid === null) return operand('i64', different, null);
  const isMissing = cell.bin('<', lengthOf(presentOnly(c, site).space, site), lengthOf(c.space, site));
  return operand('i64', cell.bin('+', different, cell.cast(I64, isMissing)), null);
}

/** Where values would stand in a sorted column: a cell over `values`' rows, or a scalar where these are one. */
export function searchColumn(
  sorted: LazyColumn,
  values: Operand,
  rows: Pick<LazyColumn, 'space' | 'session'> | null,
  right: boolean,
  where: Where,
): LazyColumn | Operand {
  if (sorted.valid !== null) {
    const help = 'leave missing elements out first: x.compress(x.isNull().not())';
    mismatch(where, 'places are looked for among elements that are all there', [sorted], help);
  }
  const [a, b] = unify(sorted, values, where, 'searchsorted needs values like those of the sorted array');
  const [from, of] = [inOrder(a, where), inOrder(b, where)];
  const table = prim.column(single(store([from], sorted.space, sorted.session, where)).value.ref);
  const search = (these: PrimArg): FieldRef => prim.call('searchsorted', [prim.flag(right), table, these], I64, where);
  if (rows === null) {
    return operand('i64', cell.element(search(prim.list(of.value.ty, [of.value])), I64, 0), of.valid);
  }
  const stored = single(store([of], rows.space, rows.session, where));
  const places: Cell = cell.input(search(prim.column(stored.value.ref)), I64);
  return single(store([operand('i64', places, stored.valid)], rows.space, rows.session, where));
}

/** The elements that are not missing, as a space of their own. */
export const presentOnly = (c: LazyColumn, site: Site): LazyColumn =>
  c.valid === null ? c : single(filterColumns([c], c.valid, c.space, site));
