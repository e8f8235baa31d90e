/**
 * NumPy's reductions as functions: `mean(x)`. Each gives a lazy scalar, which further operators may use; `await
 * s.item()` computes it. Missing elements are skipped.
 */

import type { NDArray } from '../core/ndarray.ts';
import type { Scalar } from '../core/scalar.ts';

/** i64 of integers and bool, f32 of f32 (added in f64), else f64. Of no elements: 0. */
export const sum = (x: NDArray): Scalar => x.sum();
/** In f64. Of no elements: NaN. */
export const mean = (x: NDArray): Scalar => x.mean();
/** NaN if an element is NaN. Of no elements: NaN for floats, an error for integers. */
export const min = (x: NDArray): Scalar => x.min();
export const max = (x: NDArray): Scalar => x.max();
/** The number of elements that are not missing. */
export const count = (x: NDArray): Scalar => x.count();
