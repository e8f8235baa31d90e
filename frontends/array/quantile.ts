/**
 * Median, quantiles and percentiles by NumPy's names, without sorting: between neighbours on a straight line, in f64.
 *
 * Missing elements are skipped. NaN if an element is NaN, and of no elements. W8004 for what is no number, W8006 for a share
 * that is not in range.
 */

import { single } from '../core/column.ts';
import { NDArray } from '../core/ndarray.ts';
import type { Where } from '../core/ops.ts';
import { quantileColumn, quantileScalars } from '../core/quantiles.ts';
import { Scalar } from '../core/scalar.ts';
import { refuse } from '../core/trail.ts';
import { describe } from '../core/values.ts';
import { columnAnd, type Vector } from './call.ts';

/** The middle element, or the mean of the two in the middle. */
export function median(x: Vector): Scalar {
  const { column, where } = columnAnd('median', x);
  return new Scalar(single(quantileScalars(column, [0.5], where)), column.session, where.trail);
}

/** The values below which shares of 0 to 1 lie: of one share a scalar, of a list an array. */
export function quantile(x: Vector, q: number): Scalar;
export function quantile(x: Vector, q: readonly number[]): NDArray;
export function quantile(x: Vector, q: number | readonly number[]): Scalar | NDArray {
  return quantiles('quantile', x, q, 1);
}

/** The same by percentages of 0 to 100. */
export function percentile(x: Vector, q: number): Scalar;
export function percentile(x: Vector, q: readonly number[]): NDArray;
export function percentile(x: Vector, q: number | readonly number[]): Scalar | NDArray {
  return quantiles('percentile', x, q, 100);
}

function quantiles(name: string, x: Vector, q: number | readonly number[], whole: number): Scalar | NDArray {
  const { column, where } = columnAnd(name, x, Array.isArray(q) ? `[${q}]` : String(q));
  const { session } = column;
  if (!isList(q)) {
    const share = single(quantileScalars(column, [shareOf(name, q, whole, where)], where));
    return new Scalar(share, session, where.trail);
  }
  const shares = q.map((one) => shareOf(name, one, whole, where));
  return new NDArray(quantileColumn(column, shares, where), where.trail);
}

const isList = (q: number | readonly number[]): q is readonly number[] => Array.isArray(q);

function shareOf(name: string, q: unknown, whole: number, where: Where): number {
  if (typeof q === 'number' && q >= 0 && q <= whole) return q / whole;
  return refuse(where, 'W8006', `${name} takes numbers from 0 to ${whole}, found ${describe(q)}`);
}
