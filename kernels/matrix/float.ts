/** The kinds of elements of matrices. */

export type Float = 'f32' | 'f64';

/** Elements of a register. */
export const LANES: Readonly<Record<Float, 2 | 4>> = { f32: 4, f64: 2 };
