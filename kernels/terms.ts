/** Short names for what kernels are mostly written in: numbers, sums and products of 32 bits, and conditions. */

import { bin, lanes, lit, type SExpr } from '../compiler/kernels.ts';

/** A place, a length or a count. */
export const num = (n: number): SExpr => lit('i32', n);
export const u64 = (n: bigint | number): SExpr => lit('u64', BigInt(n));
export const plus = (a: SExpr, b: SExpr | number): SExpr => bin('+', a, typeof b === 'number' ? num(b) : b);
export const minus = (a: SExpr, b: SExpr | number): SExpr => bin('-', a, typeof b === 'number' ? num(b) : b);
export const times = (a: SExpr, b: SExpr): SExpr => bin('*', a, b);

export const both = (...all: readonly SExpr[]): SExpr => all.reduce((a, b) => bin('&', a, b));
export const either = (...all: readonly SExpr[]): SExpr => all.reduce((a, b) => bin('|', a, b));
export const no = lit('bool', false);
export const yes = lit('bool', true);

/** The numbers of the lanes of bytes. */
export const IOTA = lanes(Array.from({ length: 16 }, (_, l) => lit('u8', l)));
