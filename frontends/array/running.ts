/**
 * NumPy's running sums, products and extrema: what an array comes to up to each element, itself included. Missing elements
 * are skipped and stay missing; NaN stays from where it is on.
 */

import type { NDArray } from '../core/ndarray.ts';
import { type Running, runningColumn } from '../core/running.ts';
import { derived, type Vector } from './call.ts';

const running =
  (op: Running) =>
  (x: Vector): NDArray =>
    derived(op, x, '', (c, w) => runningColumn(op, c, w));

/** i64 of integers and bool, f32 of f32 (added in f64), else f64; in blocks of 4096, the same for any number of threads. */
export const cumsum = running('cumsum');
/** As `cumsum`. */
export const cumprod = running('cumprod');
/** NumPy's `minimum.accumulate`; numbers and timestamps. */
export const cummin = running('cummin');
/** NumPy's `maximum.accumulate`; numbers and timestamps. */
export const cummax = running('cummax');
