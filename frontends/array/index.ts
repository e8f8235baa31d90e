/** `weld-ts/array`: lazy one-dimensional arrays with NumPy's names. */

export type { DType } from '../../runtime/index.ts';
export type { ColumnLike } from '../core/column.ts';
export type { LazyProgram } from '../core/evaluate.ts';
export type { ValueExplanation } from '../core/explain.ts';
export type { ArrayLike } from '../core/ndarray.ts';
export { NDArray } from '../core/ndarray.ts';
export type { ScalarLike } from '../core/scalar.ts';
export { Scalar } from '../core/scalar.ts';
export type { Lazy, Results } from '../core/together.ts';
export { evaluate, explain } from '../core/together.ts';
export type { Item } from '../core/values.ts';
export type { Vector } from './call.ts';
export type { ArrayOptions } from './create.ts';
export { arange, array, full, linspace, ones, zeros } from './create.ts';
export type { OrderOptions } from './order.ts';
export { argsort, argtopk, diff, rankdata, searchsorted, sort, take, topk, unique } from './order.ts';
export { median, percentile, quantile } from './quantile.ts';
export type { FloatOptions } from './random.ts';
export { defaultRng, RandomGenerator } from './random.ts';
export { count, max, mean, min, sum } from './reduce.ts';
export { cummax, cummin, cumprod, cumsum } from './running.ts';
export * from './ufunc.ts';
