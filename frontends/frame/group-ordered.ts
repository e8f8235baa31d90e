/**
 * Medians, quantiles and numbers of different values of groups: aggregates that need all values of a group at once, in order.
 *
 *     match     the group of each row
 *     argsort   the rows by group, then by value, missing ones behind: a group is a stretch of them
 *     scan_sum  where the stretch of each group begins, from the numbers of their rows
 *
 * What is looked for is then at known places of the stretch.
 */

import { BOOL, F64, I64, isFloatKind } from '../../compiler/index.ts';
import type { Cell } from '../core/cell.ts';
import * as cell from '../core/cell.ts';
import { type LazyColumn, type Space, single, store } from '../core/column.ts';
import { isNumberType } from '../core/dtype.ts';
import type { FieldRef } from '../core/node.ts';
import { type Operand, operand } from '../core/operand.ts';
import { mismatch, type Where } from '../core/ops.ts';
import * as prim from '../core/prim.ts';
import type { Late, ReadSlot, Slots } from '../core/reduce.ts';
import { sortedRows, sortKeys } from '../core/sort-keys.ts';
import type { Site } from '../core/trail.ts';
import { type HolisticNode, textOf } from './expr-node.ts';
import { type Environment, resolve } from './resolve.ts';
import { type State, shareOf, storedIn } from './state.ts';

/** An aggregate, with the number of rows and of values that its groups have. */
export interface Counted {
  readonly node: HolisticNode;
  readonly values: Operand;
  readonly rows: Late<Cell>;
  readonly present: Late<Cell>;
}

export function counted(node: HolisticNode, env: Environment, slots: Slots, site: Site): Counted {
  const values = resolve(node.a, env, site);
  return { node, values, rows: slots.count(null), present: slots.count(values.valid) };
}

/** Groups as they are there. */
export interface Groups {
  readonly state: State;
  /** One row for each group. */
  readonly space: Space;
  /** The keys of rows, and of groups. */
  readonly rowKeys: readonly Cell[];
  readonly keys: readonly FieldRef[];
  readonly read: ReadSlot;
}

/** The aggregates as operands over the groups, in their order. */
export function ofGroups(all: readonly Counted[], g: Groups, site: Site): readonly Operand[] {
  const stretches = new Map<Cell, Stretches>();
  return all.map((c) => {
    const { node, values } = c;
    const s = stretches.get(values.value) ?? stretchesOf(c, g, site);
    stretches.set(values.value, s);
    if (node.call.name === 'nUnique') return differentIn(s, g.state, site);
    const where: Where = { ...site, text: () => textOf(node) };
    if (!isNumberType(values.dtype)) mismatch(where, 'quantiles are of numbers', [values]);
    return quantileOf(s, shareOf(node.call, where), c.present(g.read));
  });
}

/** Values in the order of their groups. */
interface Stretches {
  readonly values: LazyColumn;
  /** The group of each row. */
  readonly group: LazyColumn;
  /** The rows by group and value. */
  readonly order: FieldRef;
  /** Where the rows of a group begin among these, and end. */
  readonly start: Cell;
  readonly end: Cell;
}

function stretchesOf({ values, rows }: Counted, g: Groups, site: Site): Stretches {
  const { state, space, read } = g;
  const group = storedIn(state, operand('i64', groupOfRows(g, site), null), site);
  const column = storedIn(state, values, site);
  const keys = [{ key: group, descending: false }, ...sortKeys(column, false, true, site)];
  const count = rows(read);
  const stored = single(store([operand('i64', count, null)], space, state.session, site));
  const end = cell.input(prim.call('scan_sum', [prim.column(stored.value.ref)], I64, site), I64);
  const start = cell.bin('-', end, count);
  return { values: column, group, order: sortedRows(keys, column, null, site), start, end };
}

function groupOfRows({ state, rowKeys, keys }: Groups, site: Site): Cell {
  const operands = rowKeys.map((c) => operand(c.ty.scalar, c, null));
  const mine = store(operands, state.space, state.session, site).map((c) => prim.column(c.value.ref));
  const none = prim.flags([]);
  return cell.input(prim.call('match', [none, none, ...mine, ...keys.map(prim.column)], I64, site), I64);
}

/** The value at a share of the present ones of each group, on a line between neighbours; missing where there are none. */
function quantileOf({ values, order, start }: Stretches, share: number, present: Cell): Operand {
  const { ref, ty } = values.value;
  const read = (place: Cell): Cell =>
    cell.cast(F64, cell.at(ref, ty, cell.at(order, I64, cell.bin('+', start, place))));
  const last = cell.bin('-', present, ONE);
  const place = cell.bin('*', cell.cast(F64, last), cell.given(F64, share));
  const low = cell.un('floor', place);
  const part = cell.bin('-', place, low);
  const isAt = cell.bin('==', part, cell.zero(F64));
  const at = cell.cast(I64, low);
  const a = read(at);
  const b = cell.guard(isAt, a, read(cell.bin('+', at, ONE)));
  const isInfinite = cell.bin('!=', cell.bin('-', a, a), cell.zero(F64));
  const isFlat = cell.or(cell.or(isAt, cell.bin('==', a, b)), isInfinite);
  const between = cell.bin('+', a, cell.bin('*', cell.bin('-', b, a), part));
  const line = cell.select(isFlat, a, between);
  // NaN are behind the other values.
  const greatest = read(last);
  const hasNaN = isFloatKind(ty.scalar) ? cell.bin('!=', greatest, greatest) : cell.FALSE;
  const some = cell.bin('>', present, cell.zero(I64));
  const value = cell.guard(some, cell.select(hasNaN, cell.lit(F64, Number.NaN), line), cell.zero(F64));
  return operand('f64', value, some);
}

const ONE = cell.lit(I64, 1n);

/** How many different values each group has, a missing one among them. */
function differentIn({ values, group, order, start, end }: Stretches, state: State, site: Site): Operand {
  const row = cell.input(order, I64);
  const before = cell.at(order, I64, cell.bin('-', cell.row(), ONE));
  const differ = ({ ref, ty }: cell.InputCell): Cell => {
    const [a, b] = [cell.at(ref, ty, row), cell.at(ref, ty, before)];
    const differs = cell.bin('!=', a, b);
    if (!isFloatKind(ty.scalar)) return differs;
    const isNumber = cell.or(cell.bin('==', a, a), cell.bin('==', b, b));
    return cell.and(differs, isNumber);
  };
  const { value, valid } = values;
  // What stands under missing values does not tell them apart.
  const other =
    valid === null ? differ(value) : cell.or(differ(valid), cell.and(cell.at(valid.ref, BOOL, row), differ(value)));
  const isFirst = cell.bin('==', cell.row(), cell.zero(I64));
  const isNew = cell.guard(isFirst, cell.TRUE, cell.or(differ(group.value), other));
  const space = { length: state.space.length, anchor: order };
  const flags = single(store([operand('i64', cell.cast(I64, isNew), null)], space, state.session, site));
  const count = prim.call('scan_sum', [prim.column(flags.value.ref)], I64, site);
  const upTo = (place: Cell): Cell => cell.at(count, I64, cell.bin('-', place, ONE));
  const earlier = cell.guard(cell.bin('>', start, cell.zero(I64)), upTo(start), cell.zero(I64));
  return operand('i64', cell.bin('-', upTo(end), earlier), null);
}
