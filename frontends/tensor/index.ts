/** `weld-ts/tensor`: lazy tensors of rows and few features, for models over columns. */

export type { ColumnLike } from '../core/column.ts';
export type { LazyProgram } from '../core/evaluate.ts';
export type { ValueExplanation } from '../core/explain.ts';
export { NDArray } from '../core/ndarray.ts';
export { Scalar } from '../core/scalar.ts';
export type { Lazy, Results } from '../core/together.ts';
export { evaluate, explain } from '../core/together.ts';
export type { TensorOptions } from './create.ts';
export { stack, tensor } from './create.ts';
export type { FloatKind, Numbers, Shape } from './shape.ts';
export type { TensorInput } from './tensor.ts';
export { Tensor } from './tensor.ts';
