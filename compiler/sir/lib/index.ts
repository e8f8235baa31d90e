/**
 * The math library: functions of one float argument, written once in SIR for both formats and every lane count.
 * Which functions it has decides what `passes/expand-math.ts` replaces; the others stay one library call a lane.
 */

import type { SUn } from '../kernel.ts';
import { acos, asin, atan } from './arc.ts';
import { exp } from './exp.ts';
import { log } from './log.ts';
import type { MathFunction } from './ops.ts';
import { erf, tanh } from './sigmoid.ts';
import { cos, sin } from './trig.ts';

export type { MathFunction, MathScope } from './ops.ts';

const FUNCTIONS: Readonly<Partial<Record<SUn, MathFunction>>> = {
  exp,
  log,
  sin,
  cos,
  asin,
  acos,
  atan,
  tanh,
  erf,
};

/** The library code of `op` for f32 and f64, or null if it is an instruction or a call of the target's library. */
export const mathFunction = (op: SUn): MathFunction | null => FUNCTIONS[op] ?? null;
