/**
 * What rows are ordered by. Strings are ordered by code unit, through the ranks of their dictionary; false is before true;
 * NaN is after every number; missing values are behind all, or in front, whatever the direction.
 */

import { I64 } from '../../compiler/index.ts';
import type { Cell } from './cell.ts';
import * as cell from './cell.ts';
import { type LazyColumn, store } from './column.ts';
import type { FieldRef } from './node.ts';
import { type Operand, operand } from './operand.ts';
import * as prim from './prim.ts';
import { stringRanks, throughTable } from './strings.ts';
import type { Site } from './trail.ts';

/** An operand and its direction. */
interface SortKey {
  readonly key: Operand;
  readonly descending: boolean;
}

/** The sort keys of one expression: where values may be missing, whether they are comes first. */
export function sortKeys(o: Operand, descending: boolean, nullsLast: boolean, site: Site): readonly SortKey[] {
  const value = inOrder(o, site);
  // Comparing missing values with each other must not tell them apart: they hold one value.
  const settled: Cell = o.valid === null ? value.value : cell.select(o.valid, value.value, cell.zero(value.value.ty));
  const key = { key: operand(value.dtype, settled, null), descending };
  if (o.valid === null) return [key];
  const missing = { key: operand('bool', cell.not(o.valid), null), descending: !nullsLast };
  return [missing, key];
}

/** An operand whose values are in order where the elements are: strings get a dictionary that is sorted. */
export function inOrder(o: Operand, site: Site): Operand {
  if (o.dtype !== 'string') return o;
  const ranks = stringRanks(o.dictionary ?? []);
  const dictionary: string[] = [];
  for (const [code, rank] of ranks.entries()) dictionary[rank] = o.dictionary?.at(code) ?? '';
  return { ...o, value: throughTable(o.value, ranks, site), dictionary, bound: null };
}

/** The rows in the order of keys, all of them (`argsort`) or the first `k` (`argtopk`). */
export function sortedRows(
  keys: readonly SortKey[],
  { space, session }: Pick<LazyColumn, 'space' | 'session'>,
  k: Cell | null,
  site: Site,
): FieldRef {
  const stored = store(
    keys.map((key) => key.key),
    space,
    session,
    site,
  );
  const order = [prim.flags(keys.map((key) => key.descending)), ...stored.map((c) => prim.column(c.value.ref))];
  return k === null
    ? prim.call('argsort', order, I64, site)
    : prim.call('argtopk', [prim.scalar(k), ...order], I64, site);
}
