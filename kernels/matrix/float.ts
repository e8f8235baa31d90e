/** The kinds of elements of matrices. */

import type { Value } from '../../compiler/index.ts';
import { columnOf } from '../column.ts';

export type Float = 'f32' | 'f64';

/** Elements of a register. */
export const LANES: Readonly<Record<Float, 2 | 4>> = { f32: 4, f64: 2 };

/** The kind of a matrix that a typing rule let in. */
export const floatOf = (matrix: Value | undefined): Float => (columnOf(matrix).kind === 'f32' ? 'f32' : 'f64');
