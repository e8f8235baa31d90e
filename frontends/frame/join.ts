/**
 * join: looks up each left row in a right table whose keys are unique (m:1). Inner keeps the rows that are found, left
 * keeps all, with nulls where nothing is found. Rows stay in the order of the left side.
 *
 * The right side must be data that is here (read, made, or collected). Strings are matched by dictionary: a table from
 * each left code to a right row is made at the call, so that the loop only reads `rows[code]`. Other keys are found in a
 * dictionary that the program builds from the right key column. Null keys match nothing.
 */

import { BOOL, I64, invariant } from '../../compiler/index.ts';
import type { DataColumn as Column } from '../../runtime/index.ts';
import type { Cell } from '../core/cell.ts';
import * as cell from '../core/cell.ts';
import { commonSession, hostColumn, type LazyColumn, type Space, store } from '../core/column.ts';
import { isIntType } from '../core/dtype.ts';
import { indexNode, loopNode } from '../core/node.ts';
import type { Operand } from '../core/operand.ts';
import { typeName } from '../core/operand.ts';
import { checkOptions } from '../core/options.ts';
import { NO_CODE, throughTable } from '../core/strings.ts';
import { originOf, refuse, type Site } from '../core/trail.ts';
import { itemAt } from '../core/values.ts';
import { columnNamed, type State } from './state.ts';

export interface JoinOptions {
  /** The key column, when both sides call it the same. */
  readonly on?: string;
  readonly leftOn?: string;
  readonly rightOn?: string;
  /** Default `inner`. */
  readonly how?: 'inner' | 'left';
  /** Appended to right columns whose name the left side has. Default `_right`. */
  readonly suffix?: string;
}

export function join(left: State, right: State, options: JoinOptions, site: Site): State {
  checkOptions(options, ['on', 'leftOn', 'rightOn', 'how', 'suffix'], site);
  const { how = 'inner', suffix = '_right' } = options;
  const leftOn = options.leftOn ?? options.on;
  const rightOn = options.rightOn ?? options.on;
  if (leftOn === undefined || rightOn === undefined) {
    refuse(site, 'W8006', 'join needs the key columns', {
      help: `give { on: 'key' } or { leftOn: 'a', rightOn: 'b' }`,
    });
  }
  if (how !== 'inner' && how !== 'left')
    refuse(site, 'W8006', `join: how is 'inner' or 'left', found '${String(how)}'`);
  const session = commonSession([left, right], site);
  const leftKey = columnNamed(left, leftOn, site);
  const rightKey = columnNamed(right, rightOn, site);
  const rightData = hostColumn(rightKey);
  if (rightData === null || ![...right.columns.values()].every((c) => hostColumn(c) !== null)) {
    refuse(site, 'W8006', 'the right side of a join must be data, and this frame is not computed yet', {
      help: 'collect() it first: left.join(await right.collect(), ..)',
    });
  }
  const matching = { leftOn, leftKey, rightOn, rightKey, rightData };
  const row = leftKey.dtype === 'string' ? rowByString(matching, site) : rowByNumber(matching, site);
  const hit = cell.bin('>=', row, cell.zero(row.ty));
  const found = leftKey.valid === null ? hit : cell.and(leftKey.valid, hit);
  const added = rightColumns(left, right, rightOn, suffix, site);
  return how === 'inner'
    ? innerJoin(left, added, row, found, site, session)
    : leftJoin(left, added, row, found, site, session);
}

interface Matching {
  readonly leftOn: string;
  readonly leftKey: LazyColumn;
  readonly rightOn: string;
  readonly rightKey: LazyColumn;
  readonly rightData: Column;
}

/** The right row of each left code, through a table made here; -1 where there is none. */
function rowByString(m: Matching, site: Site): Cell {
  const right = m.rightData;
  if (right.dtype !== 'string') unlikeKeys(m, site);
  const rows = new Map(
    uniqueRows(right, m.rightOn, site).map(([code, row]) => [right.dictionary?.[Number(code)], row]),
  );
  const table = Int32Array.from(m.leftKey.dictionary ?? [], (text) => rows.get(text) ?? NO_CODE);
  return throughTable(m.leftKey.value, table, site);
}

/** The right row of each left key, by a dictionary that the program builds; -1 where there is none. */
function rowByNumber(m: Matching, site: Site): Cell {
  const keyed = (o: Operand): boolean => o.dtype === 'timestamp' || isIntType(o.dtype);
  if (
    !keyed(m.leftKey) ||
    !keyed(m.rightKey) ||
    (m.leftKey.dtype === 'timestamp') !== (m.rightKey.dtype === 'timestamp')
  ) {
    unlikeKeys(m, site);
  }
  uniqueRows(m.rightData, m.rightOn, site);
  const node = indexNode({
    kind: 'index',
    key: cell.cast(I64, m.rightKey.value),
    keep: m.rightKey.valid,
    anchor: m.rightKey.space.anchor,
    origin: originOf(site),
  });
  return cell.find(node, cell.cast(I64, m.leftKey.value));
}

function unlikeKeys(m: Matching, site: Site): never {
  const found = `${m.leftOn} is ${typeName(m.leftKey)} and ${m.rightOn} is ${typeName(m.rightKey)}`;
  return refuse(site, 'W8004', `join keys are two strings, two integers or two timestamps; ${found}`);
}

/** Each present key of the right side with its row; refuses a key that is there twice. */
function uniqueRows(right: Column, name: string, site: Site): readonly [number | bigint, number][] {
  const rows = new Map<number | bigint, number>();
  for (let row = 0; row < right.length; row++) {
    const key = right.data[row];
    if (key === undefined || (right.validity !== null && right.validity[row] === 0)) continue;
    const before = rows.get(key);
    if (before !== undefined) {
      const shown = itemAt(right, row);
      const text = typeof shown === 'string' ? JSON.stringify(shown) : String(shown);
      refuse(site, 'W8006', `the right key ${JSON.stringify(name)} has ${text} in rows ${before} and ${row}`, {
        help: 'a join looks up unique keys on the right: group the right side by its key first, or swap the sides',
      });
    }
    rows.set(key, row);
  }
  return [...rows];
}

interface Added {
  readonly name: string;
  readonly column: LazyColumn;
}

function rightColumns(left: State, right: State, rightOn: string, suffix: string, site: Site): readonly Added[] {
  const names = new Set(left.columns.keys());
  return [...right.columns].flatMap(([own, column]) => {
    if (own === rightOn) return [];
    const name = names.has(own) ? own + suffix : own;
    if (names.has(name)) {
      refuse(site, 'W8006', `join would give two columns the name ${JSON.stringify(name)}`, {
        help: 'pass another suffix',
      });
    }
    names.add(name);
    return [{ name, column }];
  });
}

/** One loop that keeps the rows that are found and reads the right columns for those only. */
function innerJoin(
  left: State,
  added: readonly Added[],
  row: Cell,
  found: Cell,
  site: Site,
  session: State['session'],
): State {
  const index = cell.cast(I64, row);
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
      value: out(cell.at(column.value.ref, column.value.ty, index)),
      valid: column.valid === null ? null : out(cell.at(column.valid.ref, BOOL, index)),
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
function leftJoin(
  left: State,
  added: readonly Added[],
  row: Cell,
  found: Cell,
  site: Site,
  session: State['session'],
): State {
  const index = cell.cast(I64, row);
  const read = (table: LazyColumn['value']): Cell =>
    cell.guard(found, cell.at(table.ref, table.ty, index), cell.zero(table.ty));
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
