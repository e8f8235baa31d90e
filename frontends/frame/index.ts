/** `weld-ts/frame`: lazy dataframes with expressions, in the manner of Polars. */

export type { DType } from '../../runtime/index.ts';
export type { LazyProgram } from '../core/evaluate.ts';
export type { ValueExplanation } from '../core/explain.ts';
export { NDArray } from '../core/ndarray.ts';
export { Scalar } from '../core/scalar.ts';
export type { Lazy, Results } from '../core/together.ts';
export { evaluate, explain } from '../core/together.ts';
export type { Item } from '../core/values.ts';
export type { InBatches, ReadCSVOptions, ReadNDJSONOptions, ReadParquetOptions, WithSession } from './create.ts';
export { fromArrow, fromColumns, readCSV, readNDJSON, readParquet, scanCSV, scanNDJSON } from './create.ts';
export type { ExprInput } from './expr.ts';
export { Calendar, col, Expr, len, lit, when } from './expr.ts';
export type { ColumnArg, ColumnsArg } from './frame.ts';
export { Frame, GroupBy } from './frame.ts';
export type { JoinOptions } from './join.ts';
export type { AsofOptions } from './join-asof.ts';
export type { ColumnInput } from './project.ts';
export type { SortOptions } from './sort.ts';
export type { PrintOptions } from './table.ts';
export { DataTable } from './table.ts';
export { Text } from './text.ts';
