/** Functions of one array that are more than a loop: what they take, and how they stand in messages. */

import type { TypedArray } from '../../compiler/index.ts';
import type { ColumnLike, LazyColumn } from '../core/column.ts';
import { columnFrom, NDArray, whereOf } from '../core/ndarray.ts';
import type { Where } from '../core/ops.ts';
import { refuse } from '../core/trail.ts';
import { describe } from '../core/values.ts';

/** An array, a tensor of one column, or a typed array. */
export type Vector = ColumnLike | TypedArray;

/** The column of an array and the place of the call `name(x, argument)`. */
export function columnAnd(
  name: string,
  x: Vector,
  argument = '',
): { readonly column: LazyColumn; readonly where: Where } {
  const where = whereOf(name, x instanceof NDArray ? x.trail : [], [], argument);
  return { column: columnFrom(x, where), where };
}

/** An array from the column of another. */
export function derived(
  name: string,
  x: Vector,
  argument: string,
  f: (c: LazyColumn, w: Where) => LazyColumn,
): NDArray {
  const { column, where } = columnAnd(name, x, argument);
  return new NDArray(f(column, where), where.trail);
}

/** A whole number from `least` on; anything else is refused (W8006). */
export function wholeOf(what: string, n: unknown, least: number, where: Where): number {
  if (typeof n === 'number' && Number.isSafeInteger(n) && n >= least) return n;
  const needed = least === Number.MIN_SAFE_INTEGER ? 'a whole number' : `a whole number from ${least} on`;
  return refuse(where, 'W8006', `${what} is ${needed}, found ${describe(n)}`);
}
