/** Short names for what kernels are mostly written in: numbers of 32 bits, sums, differences and products. */

import { bin, lit, type SExpr } from '../compiler/kernels.ts';

export const num = (n: number): SExpr => lit('i32', n);
export const plus = (a: SExpr, b: SExpr): SExpr => bin('+', a, b);
export const minus = (a: SExpr, b: SExpr): SExpr => bin('-', a, b);
export const times = (a: SExpr, b: SExpr): SExpr => bin('*', a, b);
