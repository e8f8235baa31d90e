/**
 * Every pass alone, and all of them together, keep what random programs of the whole language mean: values, errors,
 * and the calls of externs that are not pure, their order included.
 */

import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { programKey } from '../core/print.ts';
import type { Program } from '../core/program.ts';
import { DEFAULT_PASS_OPTIONS } from '../options.ts';
import { ALL_PASSES, optimize } from '../pipeline.ts';
import { arbProgram } from '../testing/arb-program.ts';
import { DROPPING, damage, meaningOf } from '../testing/meaning.ts';
import { DEEP_TIMEOUT, runs } from '../testing/runs.ts';
import { type Pass, runPasses } from './pass.ts';

const apply = (pass: Pass, p: Program): Program =>
  runPasses(p, [pass], { ...DEFAULT_PASS_OPTIONS, check: true }).program;

test(
  'every pass alone keeps the meaning and the invariants of random programs',
  () => {
    fc.assert(
      fc.property(arbProgram({ errors: true, cudf: true }), (c) => {
        const means = meaningOf(c);
        for (const pass of ALL_PASSES) {
          const after = apply(pass, c.program);
          expect(means.damage(after, !DROPPING.includes(pass.name)), pass.name).toBeNull();
          if (pass.unsettled === undefined) expect(apply(pass, after), pass.name).toBe(after);
        }
      }),
      runs(20240607),
    );
  },
  DEEP_TIMEOUT,
);

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
    'keeps the meaning with its passes in any order, each once or twice',
    () => {
      const some = fc.shuffledSubarray([...ALL_PASSES, ...ALL_PASSES]);
      fc.assert(
        fc.property(arbProgram({ errors: true, cudf: true }), some, (c, steps) => {
          const { program } = runPasses(c.program, steps, { ...DEFAULT_PASS_OPTIONS, check: true });
          expect(damage(program, c, false)).toBeNull();
        }),
        runs(20240609),
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
