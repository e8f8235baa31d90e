/**
 * How far the math library is from exact results, in units of the last place: what is promised of each function, and
 * the largest error over sample points of the whole domain. `spec/numerics.md` shows both.
 */

import { binaryMath, unaryMath } from '../sir/lib/evaluate.ts';
import { BINARY_MATH, type MathName, UNARY_MATH } from '../sir/lib/index.ts';
import { exactMath, ulpError } from './exact-math.ts';
import { isBinary, type Point, points } from './math-points.ts';

export type FloatKind = 'f64' | 'f32';

export const MATH_NAMES: readonly MathName[] = [...UNARY_MATH, ...BINARY_MATH];

/** What is promised, in units of the last place. */
export const BOUNDS: Readonly<Record<MathName, number>> = {
  exp: 1,
  expm1: 2,
  log: 1,
  log1p: 1,
  log2: 1,
  log10: 1,
  sin: 2,
  cos: 2,
  tan: 4,
  asin: 2,
  acos: 2,
  atan: 2,
  atan2: 2,
  sinh: 2,
  cosh: 2,
  tanh: 2,
  erf: 2,
  erfc: 4,
  normcdf: 4,
  pow: 2,
};

/** The library's f(x), or f(x, y), by its code. */
export const library = (f: MathName, kind: FloatKind, [x, y]: Point): number =>
  isBinary(f) ? binaryMath(f, kind, x, y) : unaryMath(f, kind, x);

/** How far the library is from the exact value at a point. */
export const errorAt = (f: MathName, kind: FloatKind, at: Point): number =>
  ulpError(kind, library(f, kind, at), exactMath(f, at[0], at[1]));

export interface Worst {
  readonly at: Point;
  readonly error: number;
  readonly points: number;
}

/** The largest error over about `count` points of each region of the domain. */
export function worstOf(f: MathName, kind: FloatKind, count: number, seed = 0): Worst {
  let worst: Worst = { at: [0, 0], error: -1, points: 0 };
  const all = points(f, kind, count, seed);
  for (const at of all) {
    const error = errorAt(f, kind, at);
    if (error > worst.error) worst = { at, error, points: all.length };
  }
  return worst;
}
