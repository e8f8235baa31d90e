import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { interpret } from '../core/interp.ts';
import { printProgram, programKey } from '../core/print.ts';
import { type Program, resultType } from '../core/program.ts';
import { DEFAULT_PASS_OPTIONS } from '../options.ts';
import { ALL_PASSES, optimize } from '../pipeline.ts';
import { arbProgram, type TestCase, testPrims } from '../testing/arb-program.ts';
import { compareOutcomes, type Outcome, outcomeOf } from '../testing/differential.ts';
import { type Pass, runPasses } from './pass.ts';

const RUNS = { numRuns: 200, seed: 20240607 };

/** These may drop a value that is not needed, and its error with it; all others keep every error. */
const DROPPING = ['inline', 'dce', 'project'];
/** A second run of these finds nothing to do. */
const IDEMPOTENT = ['cse', 'merge-ifs', 'fuse-vertical', 'fuse-horizontal', 'motion'];

const run = (p: Program, c: TestCase): Outcome => outcomeOf(() => interpret(p, c.args, { prims: testPrims }));

/** What is wrong with `after` in the place of the original program, or null. */
function damage(after: Program, c: TestCase, keepsErrors: boolean): string | null {
  if (after === c.program) return null;
  const [want, got] = [run(c.program, c), run(after, c)];
  let diff: string | null = null;
  if (!('error' in want)) diff = compareOutcomes(resultType(c.program), want, got);
  else if (keepsErrors && !('error' in got)) diff = `expected ${want.error}, found a value`;
  return diff === null ? null : `${diff}\nbefore:\n${printProgram(c.program)}\nafter:\n${printProgram(after)}`;
}

const apply = (pass: Pass, p: Program): Program =>
  runPasses(p, [pass], { ...DEFAULT_PASS_OPTIONS, check: true }).program;

describe.each(ALL_PASSES.map((p) => [p.name, p] as const))('pass %s', (name, pass) => {
  test('keeps the meaning and the invariants of random programs', () => {
    fc.assert(
      fc.property(arbProgram({ errors: true, cudf: true }), (c) => {
        const after = apply(pass, c.program);
        expect(damage(after, c, !DROPPING.includes(name))).toBeNull();
        if (IDEMPOTENT.includes(name)) expect(apply(pass, after)).toBe(after);
      }),
      RUNS,
    );
  });
});

describe('the pipeline', () => {
  test('keeps the meaning of random programs, leaves the original as it was, and is done after one run', () => {
    fc.assert(
      fc.property(arbProgram({ errors: true, cudf: true }), (c) => {
        const before = programKey(c.program);
        const { program } = optimize(c.program, { check: true });
        expect(damage(program, c, false)).toBeNull();
        expect(programKey(c.program)).toBe(before);
        expect(programKey(optimize(program).program)).toBe(programKey(program));
      }),
      RUNS,
    );
  });
  test('every pass may be disabled', () => {
    fc.assert(
      fc.property(arbProgram(), fc.subarray(ALL_PASSES.map((p) => p.name)), (c, disable) => {
        expect(damage(optimize(c.program, { disable }).program, c, false)).toBeNull();
      }),
      RUNS,
    );
  });
});
