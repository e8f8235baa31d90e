/**
 * The math library: what the functions of SIR are, written once in SIR for both formats and every lane count. This
 * code is their meaning: `passes/expand-math.ts` puts it into kernels, `evaluate.ts` runs it for the interpreters, so
 * every engine gives the same bits.
 */

import type { SBin, SExpr, SUn } from '../kernel.ts';
import { acos, asin, atan, atan2 } from './arc.ts';
import { erfc, normcdf } from './erfc.ts';
import { exp } from './exp.ts';
import { cosh, expm1, sinh } from './hyperbolic.ts';
import { log, log1p, log2, log10 } from './log.ts';
import type { MathFunction, MathFunction2, MathScope } from './ops.ts';
import { pow } from './pow.ts';
import { erf, tanh } from './sigmoid.ts';
import { cos, sin, tan } from './trig.ts';

export type { MathScope } from './ops.ts';

const UNARY = {
  exp,
  expm1,
  log,
  log1p,
  log2,
  log10,
  sin,
  cos,
  tan,
  asin,
  acos,
  atan,
  sinh,
  cosh,
  tanh,
  erf,
  erfc,
  normcdf,
} as const satisfies Readonly<Partial<Record<SUn, MathFunction>>>;
const BINARY = { pow, atan2 } as const satisfies Readonly<Partial<Record<SBin, MathFunction2>>>;

/** The functions of one float, and of two. */
export type UnaryMath = keyof typeof UNARY;
export type BinaryMath = keyof typeof BINARY;
export type MathName = UnaryMath | BinaryMath;

export const isUnaryMath = (op: SUn): op is UnaryMath => op in UNARY;
export const isBinaryMath = (op: SBin): op is BinaryMath => op in BINARY;
export const UNARY_MATH: readonly UnaryMath[] = Object.keys(UNARY).filter((f): f is UnaryMath => f in UNARY);
export const BINARY_MATH: readonly BinaryMath[] = Object.keys(BINARY).filter((f): f is BinaryMath => f in BINARY);

type Un = Extract<SExpr, { readonly x: 'un' }>;
type Bin = Extract<SExpr, { readonly x: 'bin' }>;
export type MathCall = (Un & { readonly op: UnaryMath }) | (Bin & { readonly op: BinaryMath });

/** Is `e` a call of the library? */
export const isMathCall = (e: SExpr): e is MathCall =>
  (e.x === 'un' && isUnaryMath(e.op)) || (e.x === 'bin' && isBinaryMath(e.op));

/** The code of a call, whose operands are bound. */
export const mathCode = (s: MathScope, e: MathCall): SExpr =>
  e.x === 'un' ? UNARY[e.op](s, e.a) : BINARY[e.op](s, e.a, e.b);
