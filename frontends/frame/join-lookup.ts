/**
 * Joins by look-up: the loop that reads a left row finds its right one. For a right side that is here already, with one key
 * that is there once and not too many rows, so that what is looked in stays in the cache; decision 19 has the figures.
 *
 * Strings are matched by dictionary: a table from each left code to a right row is made at the call, so that the loop only
 * reads `rows[code]`. Integers and timestamps are found in a dictionary that the program builds from the right key column.
 */

import { BOOL, I64, invariant } from '../../compiler/index.ts';
import type { DataColumn as Column } from '../../runtime/index.ts';
import type { Cell } from '../core/cell.ts';
import * as cell from '../core/cell.ts';
import { hostColumn, type LazyColumn, type Space, store } from '../core/column.ts';
import { isIntType } from '../core/dtype.ts';
import { indexNode, loopNode } from '../core/node.ts';
import type { Operand } from '../core/operand.ts';
import { NO_CODE, throughTable } from '../core/strings.ts';
import { originOf, refuse } from '../core/trail.ts';
import { itemAt } from '../core/values.ts';
import type { Joining } from './join.ts';
import type { JoinKey } from './join-keys.ts';
import type { State } from './state.ts';

/** A right row for each left row (i64), and whether there is one. */
export interface Row {
  readonly row: Cell;
  readonly found: Cell;
}

/** More rows on the right are matched by a primitive. */
const MOST_ROWS = 1 << 15;

/** The right row of each left one, where looking it up is the way to join; else null. */
export function lookUp(j: Joining): Row | null {
  const [key, ...others] = j.keys;
  if (key === undefined || others.length > 0 || j.unique.left) return null;
  const { dtype, valid } = key.left;
  if (dtype !== 'string' && dtype !== 'timestamp' && !isIntType(dtype)) return null;
  const right = hostColumn(key.right);
  const isHere = right !== null && j.added.every(({ column }) => hostColumn(column) !== null);
  if (!isHere || right.length > MOST_ROWS) return null;
  const { rows, twice } = rowsByKey(right);
  if (twice !== null && j.unique.right) refuseTwice(key.rightOn, right, twice, j);
  if (twice !== null && (j.how === 'inner' || j.how === 'left')) return null;
  const row = dtype === 'string' ? rowByString(key, right, rows, j) : rowByNumber(key, j);
  const hit = cell.bin('>=', row, cell.zero(row.ty));
  return { row: cell.cast(I64, row), found: valid === null ? hit : cell.and(valid, hit) };
}

interface RowsByKey {
  /** The first row of each key that is there. */
  readonly rows: ReadonlyMap<number | bigint, number>;
  /** The first two rows with the same key. */
  readonly twice: readonly [number, number] | null;
}

function rowsByKey(right: Column): RowsByKey {
  const rows = new Map<number | bigint, number>();
  let twice: RowsByKey['twice'] = null;
  for (let row = 0; row < right.length; row++) {
    const key = right.data[row];
    if (key === undefined || right.validity?.[row] === 0) continue;
    const first = rows.get(key);
    if (first === undefined) rows.set(key, row);
    else twice ??= [first, row];
  }
  return { rows, twice };
}

function refuseTwice(
  name: string,
  right: Column,
  [first, second]: readonly [number, number],
  { site }: Joining,
): never {
  const shown = itemAt(right, second);
  const text = typeof shown === 'string' ? JSON.stringify(shown) : String(shown);
  return refuse(site, 'W8006', `the right key ${JSON.stringify(name)} has ${text} in rows ${first} and ${second}`, {
    help: 'group the right side by its key first, or do not promise that it is unique',
  });
}

/** The right row of each left code, through a table made here; -1 where there is none. */
function rowByString({ left }: JoinKey, right: Column, rows: RowsByKey['rows'], { site }: Joining): Cell {
  const byText = new Map([...rows].map(([code, row]) => [right.dictionary?.at(Number(code)), row]));
  const table = Int32Array.from(left.dictionary ?? [], (text) => byText.get(text) ?? NO_CODE);
  return throughTable(left.value, table, site);
}

/** The right row of each left key, by a dictionary that the program builds; -1 where there is none. */
function rowByNumber({ left, right }: JoinKey, { site }: Joining): Cell {
  const node = indexNode({
    kind: 'index',
    key: cell.cast(I64, right.value),
    keep: right.valid,
    anchor: right.space.anchor,
    origin: originOf(site),
  });
  return cell.find(node, cell.cast(I64, left.value));
}

/** What is read through rows. */
export type Reading = Pick<Joining, 'left' | 'added' | 'session' | 'site'>;

/** The left rows with the columns of their right row: those that have one, or all of them. */
export function readRight(j: Joining, row: Row): State {
  return j.how === 'inner' ? readFound(j, row) : readOrNull(j, row);
}

/** One loop that keeps the rows that are found and reads the right columns for those only. */
function readFound({ left, added, session, site }: Reading, { row, found }: Row): State {
  const outs: Cell[] = [];
  const out = (c: Cell): number => outs.push(c) - 1;
  const placed = [
    ...[...left.columns].map(([name, column]) => ({
      name,
      column,
      value: out(column.value),
      valid: column.valid === null ? null : out(column.valid),
    })),
    ...added.map(({ name, column }) => ({
      name,
      column,
      value: out(cell.at(column.value.ref, column.value.ty, row)),
      valid: column.valid === null ? null : out(cell.at(column.valid.ref, BOOL, row)),
    })),
  ];
  const node = loopNode({ kind: 'loop', keep: found, outs, anchor: left.space.anchor, origin: originOf(site) });
  const space: Space = { length: null, anchor: { node, index: 0 } };
  const columns = placed.map(({ name, column, value, valid }): [string, LazyColumn] => [
    name,
    {
      ...column,
      value: cell.input({ node, index: value }, column.value.ty),
      valid: valid === null ? null : cell.input({ node, index: valid }, BOOL),
      space,
      session,
    },
  ]);
  return { columns: new Map(columns), space, session, trail: site.trail };
}

/** The left columns as they are, beside the right ones that one loop reads where there is a row to read. */
export function readOrNull({ left, added, session, site }: Reading, { row, found }: Row): State {
  const read = (table: LazyColumn['value']): Cell =>
    cell.guard(found, cell.at(table.ref, table.ty, row), cell.zero(table.ty));
  const operands = added.map(
    ({ column }): Operand => ({
      ...column,
      value: read(column.value),
      valid: column.valid === null ? found : read(column.valid),
    }),
  );
  const stored = store(operands, left.space, session, site);
  const columns = new Map(left.columns);
  for (const [k, { name }] of added.entries()) {
    const column = stored[k];
    invariant(column !== undefined, () => 'every operand is stored');
    columns.set(name, column);
  }
  return { columns, space: left.space, session, trail: site.trail };
}
