/**
 * What a program means, for tests of passes: its value or error, and the calls of externs that are not pure, in order.
 * A program that a pass made must mean the same, but for what `spec/semantics.md` leaves open: a value that is not
 * needed need not be computed, and of several errors any may come first.
 */

import { interpret } from '../core/interp.ts';
import { printProgram } from '../core/print.ts';
import { type Program, resultType } from '../core/program.ts';
import { freshPrims, type TestCase } from './arb-program.ts';
import { compareOutcomes, type Outcome, outcomeOf } from './differential.ts';

/** These may drop a value that is not needed, and its error with it; all others keep every error. */
export const DROPPING: readonly string[] = [
  'inline',
  'dce',
  'project',
  'unroll',
  'push-window',
  'inline-window',
  'top-k',
];

/** Lets and rounds that a run may take: many times what generated programs need. */
const FUEL = 5_000_000;

interface Run {
  readonly end: Outcome;
  readonly ticks: readonly bigint[];
}
function run(p: Program, c: TestCase): Run {
  const { prims, ticks } = freshPrims();
  return { end: outcomeOf(() => interpret(p, c.args, { prims, fuel: FUEL })), ticks };
}

/** What the program of a case means, found once, when it is first asked for. */
export interface Meaning {
  /** What is wrong with `after` in the place of the program, or null. */
  damage(after: Program, keepsErrors: boolean): string | null;
}

export function meaningOf(c: TestCase): Meaning {
  let want: Run | null = null;
  return {
    damage(after, keepsErrors) {
      if (after === c.program) return null;
      want ??= run(c.program, c);
      const diff = difference(resultType(c.program), want, run(after, c), keepsErrors);
      return diff === null ? null : `${diff}\nbefore:\n${c.toString()}\nafter:\n${printProgram(after)}`;
    },
  };
}

/** What is wrong with `after` in the place of the program of a case, or null. */
export const damage = (after: Program, c: TestCase, keepsErrors: boolean): string | null =>
  meaningOf(c).damage(after, keepsErrors);

function difference(ty: ReturnType<typeof resultType>, want: Run, got: Run, keepsErrors: boolean): string | null {
  if (!('error' in want.end)) {
    const diff = compareOutcomes(ty, want.end, got.end);
    if (diff !== null) return diff;
    const [w, g] = [want.ticks.join(' '), got.ticks.join(' ')];
    return w === g ? null : `expected calls ${w}, found ${g}`;
  }
  // An assertion happens, needed or not. Of several errors any may come first.
  const kept = keepsErrors || want.end.error === 'AssertionError';
  return kept && !('error' in got.end) ? `expected ${want.end.error}, found a value` : null;
}
