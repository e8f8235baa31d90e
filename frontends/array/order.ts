/**
 * NumPy's functions of the order of an array: `sort(x)`, `rankdata(x)`, `unique(x)`.
 *
 * NaN is after all other numbers, in both directions; -0 and +0 are equal, though `sort` puts -0 in front; strings are in the
 * order of code units, false is before true. Missing elements come last; where that makes no sense, a function says so.
 */

import { I64 } from '../../compiler/index.ts';
import * as cell from '../core/cell.ts';
import { commonSession, type LazyColumn, single, store } from '../core/column.ts';
import { isIntType } from '../core/dtype.ts';
import { gatherColumns, sliceColumns } from '../core/gather.ts';
import { type ArrayLike, argumentText, columnFrom, NDArray, resolve, whereOf } from '../core/ndarray.ts';
import { bothValid } from '../core/operand.ts';
import { arith, mismatch, type Where } from '../core/ops.ts';
import { checkOptions } from '../core/options.ts';
import * as order from '../core/order.ts';
import { lengthOf } from '../core/reduce-columns.ts';
import { Scalar } from '../core/scalar.ts';
import { refuse, type Site } from '../core/trail.ts';
import { describe } from '../core/values.ts';
import { columnAnd, derived, type Vector, wholeOf } from './call.ts';

export interface OrderOptions {
  /** Default false. */
  readonly descending?: boolean;
}

/** The elements in order (NumPy's `sort`, which is a copy). Missing ones come last. */
export const sort = (x: Vector, options: OrderOptions = {}): NDArray =>
  derived('sort', x, '', (c, w) => order.sortColumn(c, isDescending(options, w), w));

/** The rows of the elements in their order, i64, equal ones as they come; missing ones last. */
export const argsort = (x: Vector, options: OrderOptions = {}): NDArray =>
  derived('argsort', x, '', (c, w) => order.argsortColumn(c, isDescending(options, w), w));

/**
 * The `k` greatest elements, from the greatest down; the `-k` smallest, from the smallest up, where `k` is negative (Dask's
 * `topk`). All of them where there are fewer. NaN and missing elements come last in both cases, not first as in NumPy.
 */
export const topk = (x: Vector, k: number): NDArray =>
  derived('topk', x, String(k), (c, w) => single(order.gather(c, firstRows(c, k, w), w)));

/** The rows of `topk`, i64; of equal elements the first ones. */
export const argtopk = (x: Vector, k: number): NDArray =>
  derived('argtopk', x, String(k), (c, w) => firstRows(c, k, w));

function firstRows(c: LazyColumn, k: number, where: Where): LazyColumn {
  wholeOf('k', k, Number.MIN_SAFE_INTEGER, where);
  return order.argtopkColumn(c, Math.abs(k), k >= 0, where);
}

/**
 * The rank of each element, from 1 on; equal ones have the mean of their places (`average`, f64), the first (`min`), the last
 * (`max`), count as one (`dense`), or are ranked as they come (`ordinal`): SciPy's `rankdata`. Missing elements are not
 * counted and have no rank. NaN are equal and rank last; SciPy makes all ranks NaN.
 */
export function rankdata(x: Vector, method: order.RankMethod = 'average', options: OrderOptions = {}): NDArray {
  return derived('rankdata', x, `'${method}'`, (c, w) => {
    if (!order.RANK_METHODS.includes(method)) {
      const known = order.RANK_METHODS.map((m) => `'${m}'`).join(', ');
      refuse(w, 'W8006', `a method is one of ${known}, found ${describe(method)}`);
    }
    return order.rankColumn(c, method, isDescending(options, w), w);
  });
}

/** The different elements in order. Missing ones are left out; NaN are one, -0 and +0 are +0. */
export const unique = (x: Vector): NDArray => derived('unique', x, '', order.uniqueColumn);

/**
 * Where values would stand in an array that is sorted upwards, i64: in front of equal elements (`left`), or behind them.
 * Of an array an array, of a number or a lazy scalar a scalar; missing where the value is. W8004 for a sorted array that may
 * have missing elements. In one that is not sorted the places mean nothing.
 */
export function searchsorted(sorted: Vector, values: Vector, side?: 'left' | 'right'): NDArray;
export function searchsorted(sorted: Vector, value: Exclude<ArrayLike, Vector>, side?: 'left' | 'right'): Scalar;
export function searchsorted(sorted: Vector, values: ArrayLike, side: 'left' | 'right' = 'left'): NDArray | Scalar {
  const where = whereOf(
    'searchsorted',
    sorted instanceof NDArray ? sorted.trail : [],
    [],
    `${argumentText(values)}, '${side}'`,
  );
  if (side !== 'left' && side !== 'right')
    refuse(where, 'W8006', `a side is 'left' or 'right', found ${describe(side)}`);
  const column = columnFrom(sorted, where);
  const { operands, columns } = resolve([values], where);
  const session = commonSession([column, ...columns, ...(values instanceof Scalar ? [values] : [])], where);
  const [rows] = columns;
  const found = order.searchColumn(column, single(operands), rows ?? null, side === 'right', where);
  return 'space' in found ? new NDArray({ ...found, session }, where.trail) : new Scalar(found, session, where.trail);
}

/**
 * The elements at rows (NumPy's `take`): negative ones count from the end. W6001 for a row that is not there; missing where
 * the row or the element is.
 */
export function take(x: Vector, rows: Vector): NDArray {
  const { column, where } = columnAnd('take', x, 'rows');
  const at = columnFrom(rows, where);
  if (!isIntType(at.dtype)) mismatch(where, 'rows are integers', [at]);
  const session = commonSession([column, at], where);
  const row = cell.cast(I64, at.value);
  const fromEnd = cell.bin('+', row, lengthOf(column.space, where));
  const index = cell.select(cell.bin('<', row, cell.zero(I64)), fromEnd, row);
  if (at.valid === null) {
    const taken = single(gatherColumns([column], index, at.space, where));
    return new NDArray({ ...taken, session }, where.trail);
  }
  const { valid } = at;
  const read = (of: cell.InputCell): cell.Cell => cell.guard(valid, cell.at(of.ref, of.ty, index), cell.zero(of.ty));
  const taken = {
    ...column,
    value: read(column.value),
    valid: bothValid(valid, column.valid === null ? null : read(column.valid)),
  };
  return new NDArray(single(store([taken], at.space, session, where)), where.trail);
}

/** Each element less the one before it, `n` times: an array that is `n` shorter. Missing where one of both is. */
export function diff(x: Vector, n = 1): NDArray {
  return derived('diff', x, n === 1 ? '' : String(n), (c, w) => {
    wholeOf('n', n, 0, w);
    let result = c;
    for (let k = 0; k < n; k++) result = stepsOf(result, w);
    return result;
  });
}

function stepsOf(c: LazyColumn, where: Where): LazyColumn {
  const { columns, space } = sliceColumns([c], 1, null, c.space.length, where);
  const next = single(columns);
  // Row i of the slice is row i + 1: the one before it is row i.
  const before = {
    ...c,
    value: cell.at(c.value.ref, c.value.ty, cell.row()),
    valid: c.valid === null ? null : cell.at(c.valid.ref, c.valid.ty, cell.row()),
  };
  return single(store([arith('sub', next, before, where)], space, c.session, where));
}

function isDescending(options: OrderOptions, site: Site): boolean {
  checkOptions(options, ['descending'], site);
  const { descending = false } = options;
  if (typeof descending === 'boolean') return descending;
  return refuse(site, 'W8006', `descending is true or false, found ${describe(descending)}`);
}
