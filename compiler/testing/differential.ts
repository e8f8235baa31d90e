/** Comparing two runs of one program: values by type (`core/compare.ts`), and errors by kind. */

import { compareValues, EXACT, type FloatMatch } from '../core/compare.ts';
import type { IValue } from '../core/ivalue.ts';
import type { Type } from '../core/types.ts';
import type { ErrorKind } from '../diag/codes.ts';
import { WeldError } from '../diag/diagnostic.ts';

/** What a run ended with. */
export type Outcome = { readonly value: IValue } | { readonly error: ErrorKind };

/** Runs `f`; a WeldError is an outcome, anything else passes through. */
export function outcomeOf(f: () => IValue): Outcome {
  try {
    return { value: f() };
  } catch (e) {
    if (e instanceof WeldError) return { error: e.kind };
    throw e;
  }
}

/** Where two outcomes differ, or null when they agree. */
export function compareOutcomes(t: Type, want: Outcome, got: Outcome, floats: FloatMatch = EXACT): string | null {
  if ('error' in want || 'error' in got) {
    const [w, g] = ['error' in want ? want.error : 'a value', 'error' in got ? got.error : 'a value'];
    return w === g ? null : `expected ${w}, found ${g}`;
  }
  return compareValues(t, want.value, got.value, floats);
}
