/**
 * sort, head, tail and slice: operators that move rows.
 *
 * A sort computes one permutation with the `argsort` primitive and gathers the columns through it in one loop. Strings
 * sort by code unit order, through the ranks of their dictionary; false sorts before true; NaN sorts after every number.
 * The sort is stable. Nulls come last whatever the direction, unless `nullsLast` is false.
 */

import { I64 } from '../../compiler/index.ts';
import * as cell from '../core/cell.ts';
import type { LazyColumn, Space } from '../core/column.ts';
import { gatherColumns, sliceColumns } from '../core/gather.ts';
import { checkOptions } from '../core/options.ts';
import { sortedRows, sortKeys } from '../core/sort-keys.ts';
import { refuse, type Site } from '../core/trail.ts';
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
  const rows = sortedRows(keys, { space: state.space, session }, null, site);
  const space: Space = { length: state.space.length, anchor: rows };
  const columns = gatherColumns([...state.columns.values()], cell.input(rows, I64), space, site);
  return { ...named(state, columns), space, session, trail: site.trail };
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
  const { columns, space } = sliceColumns([...state.columns.values()], start, size, state.space.length, site);
  return { ...named(state, columns), space, trail: site.trail };
}

/** The frame with these columns in the place of its own. */
const named = (state: State, columns: readonly LazyColumn[]): State => ({
  ...state,
  columns: new Map([...state.columns.keys()].flatMap((name, k) => (columns[k] ? [[name, columns[k]]] : []))),
});
