/**
 * Compilers with a fault: one need of one pass always holds (`passes/need.ts`). Whoever looks for faults must find one.
 * What shows it: another value, an error too few or too many, calls in another order, or a pass that breaks down.
 */

import type { Program } from '../core/program.ts';
import { DEFAULT_PASS_OPTIONS, type PassOptions } from '../options.ts';
import { type BrokenNeed, type Pass, runPasses, type Step, type Trace } from '../passes/pass.ts';
import { ALL_PASSES } from '../pipeline.ts';
import { arbValue } from './arb-data.ts';
import type { TestCase } from './arb-program.ts';
import { caseText } from './arb-program.ts';
import { DROPPING, damage } from './meaning.ts';
import { numbersFrom, Tape } from './tape.ts';

/** A need that is broken, with its pass. */
export interface Mutant extends BrokenNeed {
  readonly kind: 'sound' | 'profit';
}
export const mutants = (pass: Pass): readonly Mutant[] =>
  (pass.needs ?? []).map(({ name, kind }) => ({ pass: pass.name, need: name, kind }));
export const MUTANTS: readonly Mutant[] = ALL_PASSES.flatMap(mutants);

/** A broken pass may not know when to end. */
const MOST_REWRITES = 100;
const OPTIONS: PassOptions = { ...DEFAULT_PASS_OPTIONS, check: true, bisect: MOST_REWRITES };

/** The trace of sound passes: what they refuse, a mutant might not. */
export const traceOf = (p: Program, steps: readonly Step[]): Trace => runPasses(p, steps, DEFAULT_PASS_OPTIONS).trace;
export const isRefused = (trace: Trace, { pass, need }: BrokenNeed): boolean =>
  trace.some((r) => r.name === pass && r.refused[need] !== undefined);

/** What is wrong with a case after some passes of which one is broken, or null. */
export function faultOf(c: TestCase, steps: readonly Step[], broken: BrokenNeed | null): string | null {
  const [only, ...others] = steps;
  const keepsErrors = only !== undefined && 'name' in only && others.length === 0 && !DROPPING.includes(only.name);
  try {
    return damage(runPasses(c.program, steps, OPTIONS, broken).program, c, keepsErrors);
  } catch (e) {
    return e instanceof Error ? `${e.name}: ${e.message}` : String(e);
  }
}

/** Lengths of the vectors of a program: all alike, and not. */
const LENGTHS: readonly (readonly [number, ...number[]])[] = [[5], [1], [0], [12], [5, 3], [2, 9], [33]];

/** A program with arguments made up, some sets of them. */
export function withArguments(program: Program): readonly TestCase[] {
  return LENGTHS.map((lengths, seed): TestCase => {
    const next = numbersFrom(seed);
    const args = program.body.params.map((s, k) =>
      arbValue(program.syms.type(s), new Tape([next(), seed % 2]), lengths[k % lengths.length] ?? lengths[0]),
    );
    return { program, args, toString: () => caseText(program, args) };
  });
}
