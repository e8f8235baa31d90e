/**
 * NumPy's universal functions as functions: `add(a, b)`, `exp(x)`. The same operators as the methods of NDArray, with a
 * number or a lazy scalar allowed on either side.
 *
 * Promotion (`core/dtype.ts`): i32 + i64 is i64; int + f64 is f64; f32 + f64 is f64; int / int is f64; a JavaScript
 * number takes the kind of the array where it fits (f32 + 1.5 is f32, i32 + 1.5 is f64).
 */

import { type ArrayLike, arithmetic, chosen, comparison, mathematics, type NDArray } from '../core/ndarray.ts';

type Unary = (x: ArrayLike) => NDArray;
type Binary = (a: ArrayLike, b: ArrayLike) => NDArray;

export const add: Binary = (a, b) => arithmetic('add', a, b);
export const subtract: Binary = (a, b) => arithmetic('sub', a, b);
export const multiply: Binary = (a, b) => arithmetic('mul', a, b);
/** Real division: integers give f64. */
export const divide: Binary = (a, b) => arithmetic('div', a, b);
/** Floored remainder, with the sign of the divisor. */
export const mod: Binary = (a, b) => arithmetic('mod', a, b);
export const power: Binary = (a, b) => arithmetic('pow', a, b);
export const minimum: Binary = (a, b) => arithmetic('min', a, b);
export const maximum: Binary = (a, b) => arithmetic('max', a, b);
export const sub = subtract;
export const mul = multiply;
export const div = divide;
export const pow = power;

export const equal: Binary = (a, b) => comparison('eq', a, b);
export const notEqual: Binary = (a, b) => comparison('ne', a, b);
export const less: Binary = (a, b) => comparison('lt', a, b);
export const lessEqual: Binary = (a, b) => comparison('le', a, b);
export const greater: Binary = (a, b) => comparison('gt', a, b);
export const greaterEqual: Binary = (a, b) => comparison('ge', a, b);
export const logicalAnd = (a: NDArray, b: ArrayLike): NDArray => a.and(b);
export const logicalOr = (a: NDArray, b: ArrayLike): NDArray => a.or(b);
export const logicalNot = (a: NDArray): NDArray => a.not();

/** `a` where `cond` holds, else `b`. */
export const where = (cond: ArrayLike, a: ArrayLike, b: ArrayLike): NDArray => chosen(cond, a, b);
/** `x` held between `low` and `high`; null leaves a side open. */
export const clip = (x: NDArray, low: ArrayLike | null, high: ArrayLike | null): NDArray => x.clip(low, high);

export const exp: Unary = (x) => mathematics('exp', 'exp', x);
/** e^x - 1, accurate near zero. */
export const expm1: Unary = (x) => mathematics('expm1', 'expm1', x);
export const log: Unary = (x) => mathematics('log', 'log', x);
/** log(1 + x), accurate near zero. */
export const log1p: Unary = (x) => mathematics('log1p', 'log1p', x);
export const log2: Unary = (x) => mathematics('log2', 'log2', x);
export const log10: Unary = (x) => mathematics('log10', 'log10', x);
export const sqrt: Unary = (x) => mathematics('sqrt', 'sqrt', x);
export const sin: Unary = (x) => mathematics('sin', 'sin', x);
export const cos: Unary = (x) => mathematics('cos', 'cos', x);
export const tan: Unary = (x) => mathematics('tan', 'tan', x);
export const arcsin: Unary = (x) => mathematics('asin', 'arcsin', x);
export const arccos: Unary = (x) => mathematics('acos', 'arccos', x);
export const arctan: Unary = (x) => mathematics('atan', 'arctan', x);
/** The angle of the point (x, y), from -pi to pi; y comes first. */
export const arctan2: Binary = (y, x) => arithmetic('atan2', y, x, 'arctan2');
export const sinh: Unary = (x) => mathematics('sinh', 'sinh', x);
export const cosh: Unary = (x) => mathematics('cosh', 'cosh', x);
export const tanh: Unary = (x) => mathematics('tanh', 'tanh', x);
/** The error function. */
export const erf: Unary = (x) => mathematics('erf', 'erf', x);
/** 1 - erf(x), accurate in the tail. */
export const erfc: Unary = (x) => mathematics('erfc', 'erfc', x);
/** The distribution function of the standard normal distribution (SciPy's `ndtr`). */
export const normcdf: Unary = (x) => mathematics('normcdf', 'normcdf', x);

// To whole numbers. Integers and bool stay what they are.
export const floor: Unary = (x) => mathematics('floor', 'floor', x);
export const ceil: Unary = (x) => mathematics('ceil', 'ceil', x);
/** Towards zero. */
export const trunc: Unary = (x) => mathematics('trunc', 'trunc', x);
/** To the nearest, from the middle to the even one. */
export const rint: Unary = (x) => mathematics('round', 'rint', x);
/** The same: there is no number of digits. */
export const round: Unary = (x) => mathematics('round', 'round', x);

/** Degrees to radians. */
export const radians: Unary = (x) => arithmetic('mul', x, Math.PI / 180, 'radians');
export const deg2rad = radians;
/** Radians to degrees. */
export const degrees: Unary = (x) => arithmetic('mul', x, 180 / Math.PI, 'degrees');
export const rad2deg = degrees;

export const abs = (x: NDArray): NDArray => x.abs();
export const negative = (x: NDArray): NDArray => x.neg();
export const isnan = (x: NDArray): NDArray => x.isNaN();
