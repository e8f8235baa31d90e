/**
 * One pass on one program, for tests of a pass: what it made of the program, how often its rules were applied, and
 * whether the interpreter still gives the same.
 */

import { interpret } from '../core/interp.ts';
import type { IValue } from '../core/ivalue.ts';
import { printProgram } from '../core/print.ts';
import { type Program, resultType } from '../core/program.ts';
import { DEFAULT_PASS_OPTIONS } from '../options.ts';
import { type Pass, runPasses } from '../passes/pass.ts';
import { compareOutcomes, outcomeOf } from './differential.ts';

/** The program after the pass, verified, and how often its rules were applied. */
export function onePass(pass: Pass, p: Program): { readonly program: Program; readonly fired: number } {
  const { program, trace } = runPasses(p, [pass], { ...DEFAULT_PASS_OPTIONS, check: true });
  const fired = trace.flatMap((r) => Object.values(r.fired)).reduce((sum, n) => sum + n, 0);
  return { program, fired };
}

/** How two programs differ on some arguments, floats bit for bit, with their texts; null when they do not. */
export function difference(before: Program, after: Program, args: readonly IValue[]): string | null {
  const [want, got] = [before, after].map((p) => outcomeOf(() => interpret(p, args)));
  if (want === undefined || got === undefined) return null;
  const found = compareOutcomes(resultType(before), want, got);
  return found === null ? null : `${found}\nbefore:\n${printProgram(before)}\nafter:\n${printProgram(after)}`;
}
