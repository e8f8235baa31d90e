/**
 * Joins by a primitive, which reads the keys of both sides whole: any number of rows, computed or here already, with keys
 * that may be there many times. Pairs of rows come out, and one loop reads the columns that are asked for.
 */

import { I64 } from '../../compiler/index.ts';
import * as cell from '../core/cell.ts';
import { type Cell, FALSE, TRUE } from '../core/cell.ts';
import { type LazyColumn, type Space, store } from '../core/column.ts';
import type { Operand } from '../core/operand.ts';
import * as prim from '../core/prim.ts';
import type { Joining } from './join.ts';
import { inOneType, sidesOf, storeKeys } from './join-keys.ts';
import type { Row } from './join-lookup.ts';
import type { State } from './state.ts';

/** The first right row of each left row. */
export function matchRows(j: Joining): Row {
  const row = cell.input(prim.call('match', sidesOf(storedSides(j)), I64, j.site), I64);
  return { row, found: isRow(row) };
}

const isRow = (row: Cell): Cell => cell.bin('>=', row, cell.zero(I64));

function storedSides({ left, right, keys, unique, site }: Joining) {
  const pairs = keys.map((key) => inOneType(key, site));
  const of = (side: 0 | 1): readonly Operand[] => pairs.map((pair) => pair[side]);
  return {
    left: storeKeys(of(0), left, unique.left, site),
    right: storeKeys(of(1), right, unique.right, site),
  };
}

/** The pairs of rows, and the columns of both sides read through them. */
export function joinRows(j: Joining): State {
  const { left, how, site, session, keys, added } = j;
  const sides = storedSides(j);
  const [lefts, rights] = prim.callForTwo(`join_${how}`, sidesOf(sides), [I64, I64], site);
  const [leftRow, rightRow] = [cell.input(lefts, I64), cell.input(rights, I64)];
  // Which rows a pair may lack.
  const hasLeft = how === 'right' || how === 'full' ? isRow(leftRow) : TRUE;
  const hasRight = how === 'left' || how === 'full' ? isRow(rightRow) : TRUE;
  const space: Space = { length: null, anchor: lefts };

  const operands: Operand[] = [];
  const names: string[] = [];
  const place = (name: string, o: Operand): void => {
    names.push(name);
    operands.push(o);
  };
  for (const [name, column] of left.columns) {
    const k = hasLeft === TRUE ? -1 : keys.findIndex((key) => key.leftOn === name);
    const [own, other] = [sides.left.columns[k], sides.right.columns[k]];
    if (own === undefined || other === undefined) place(name, readAt(column, leftRow, hasLeft));
    else place(name, eitherAt(own, leftRow, hasLeft, other, rightRow));
  }
  for (const { name, column } of added) place(name, readAt(column, rightRow, hasRight));
  const stored = store(operands, space, session, site);
  return { columns: new Map(stored.map((column, k) => [names[k] ?? '', column])), space, session, trail: site.trail };
}

/** A column at the row of a pair, missing where the pair has none. */
function readAt(column: LazyColumn, row: Cell, has: Cell): Operand {
  const read = (of: LazyColumn['value']): Cell => at(of, row, has, cell.zero(of.ty));
  if (column.valid !== null) return { ...column, value: read(column.value), valid: at(column.valid, row, has, FALSE) };
  return { ...column, value: read(column.value), valid: has === TRUE ? null : has };
}

/** The left column at the row of a pair, or where the pair has none the right one: a pair has one of them. */
function eitherAt(left: LazyColumn, leftRow: Cell, hasLeft: Cell, right: LazyColumn, rightRow: Cell): Operand {
  const value = at(left.value, leftRow, hasLeft, at(right.value, rightRow, TRUE, FALSE));
  if (left.valid === null && right.valid === null) return { ...left, value, bound: null };
  const validAt = (of: LazyColumn['valid'], row: Cell): Cell => (of === null ? TRUE : at(of, row, TRUE, TRUE));
  const valid = cell.guard(hasLeft, validAt(left.valid, leftRow), validAt(right.valid, rightRow));
  return { ...left, value, valid, bound: null };
}

function at(of: LazyColumn['value'], row: Cell, has: Cell, otherwise: Cell): Cell {
  const read = cell.at(of.ref, of.ty, row);
  return has === TRUE ? read : cell.guard(has, read, otherwise);
}
