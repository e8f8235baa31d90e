/**
 * Every pass alone, and all of them together, keep what random programs of the whole language mean: values, errors,
 * and the calls of externs that are not pure, their order included.
 */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { interpret } from '../core/interp.ts';
import { printProgram, programKey } from '../core/print.ts';
import { type Program, resultType } from '../core/program.ts';
import { DEFAULT_PASS_OPTIONS } from '../options.ts';
import { ALL_PASSES, optimize } from '../pipeline.ts';
import { arbProgram, freshPrims, type TestCase } from '../testing/arb-program.ts';
import { compareOutcomes, type Outcome, outcomeOf } from '../testing/differential.ts';
import { DEEP_TIMEOUT, runs } from '../testing/runs.ts';
import { type Pass, runPasses } from './pass.ts';

/** These may drop a value that is not needed, and its error with it; all others keep every error. */
const DROPPING = ['inline', 'dce', 'project', 'unroll', 'push-window'];
/** A second run of these finds nothing to do. */
const IDEMPOTENT = [
  'cse',
  'merge-ifs',
  'fuse-vertical',
  'fuse-horizontal',
  'motion',
  'group-reduce',
  'filter-count',
  'dense-dict',
];

interface Run {
  readonly end: Outcome;
  readonly ticks: readonly bigint[];
}
function run(p: Program, c: TestCase): Run {
  const { prims, ticks } = freshPrims();
  return { end: outcomeOf(() => interpret(p, c.args, { prims })), ticks };
}

/** What is wrong with `after` in the place of the original program, or null. */
function damage(after: Program, c: TestCase, keepsErrors: boolean): string | null {
  if (after === c.program) return null;
  const [want, got] = [run(c.program, c), run(after, c)];
  const diff = difference(resultType(c.program), want, got, keepsErrors);
  return diff === null ? null : `${diff}\nbefore:\n${c.toString()}\nafter:\n${printProgram(after)}`;
}

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

const apply = (pass: Pass, p: Program): Program =>
  runPasses(p, [pass], { ...DEFAULT_PASS_OPTIONS, check: true }).program;

describe.each(ALL_PASSES.map((p) => [p.name, p] as const))('pass %s', (name, pass) => {
  test(
    'keeps the meaning and the invariants of random programs',
    () => {
      fc.assert(
        fc.property(arbProgram({ errors: true, cudf: true }), (c) => {
          const after = apply(pass, c.program);
          expect(damage(after, c, !DROPPING.includes(name))).toBeNull();
          if (IDEMPOTENT.includes(name)) expect(apply(pass, after)).toBe(after);
        }),
        runs(20240607),
      );
    },
    DEEP_TIMEOUT,
  );
});

describe('the pipeline', () => {
  test(
    'keeps the meaning of random programs, leaves the original as it was, and is done after one run',
    () => {
      fc.assert(
        fc.property(arbProgram({ errors: true, cudf: true }), (c) => {
          const before = programKey(c.program);
          const { program } = optimize(c.program, { check: true });
          expect(damage(program, c, false)).toBeNull();
          expect(programKey(c.program)).toBe(before);
          expect(programKey(optimize(program).program)).toBe(programKey(program));
        }),
        runs(20240607),
      );
    },
    DEEP_TIMEOUT,
  );
  test(
    'keeps the meaning of the plain programs that frontends emit',
    () => {
      fc.assert(
        fc.property(arbProgram({ rich: false }), (c) => {
          expect(damage(optimize(c.program, { check: true }).program, c, false)).toBeNull();
        }),
        runs(20240608, 0.5),
      );
    },
    DEEP_TIMEOUT,
  );
  test(
    'every pass may be disabled',
    () => {
      fc.assert(
        fc.property(arbProgram(), fc.subarray(ALL_PASSES.map((p) => p.name)), (c, disable) => {
          expect(damage(optimize(c.program, { disable }).program, c, false)).toBeNull();
        }),
        runs(20240607),
      );
    },
    DEEP_TIMEOUT,
  );
});
