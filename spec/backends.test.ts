/**
 * The backends agree: the reference interpreter, machine code without passes, machine code with all passes, on one
 * thread and on several, bit for bit, on random well-typed programs. Float sums and math functions are left out here
 * because their last bits are allowed to differ (`numerics.md`); they have tests of their own.
 *
 * A program that generated code does not support yet must say so with W5001; how many did is checked to stay few.
 */

import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import {
  fromColumns,
  interpret,
  paramTypes,
  plainMemory,
  resultType,
  toColumns,
  WeldError,
} from '../compiler/index.ts';
import { ALL_PASSES } from '../compiler/pipeline.ts';
import { arbProgram, type TestCase } from '../compiler/testing/arb-program.ts';
import { compareOutcomes, EXACT, type Outcome, outcomeOf } from '../compiler/testing/differential.ts';
import { type EvaluateOptions, Session } from '../runtime/index.ts';

const DEEP = process.env['WELD_DEEP'] === '1';
const session = new Session({ threads: 3 });
afterAll(() => session.dispose());

/** The ways to run a program that must agree with the interpreter. */
const WAYS: Readonly<Record<string, EvaluateOptions>> = {
  'no passes, 1 thread': { threads: 1, disable: [...ALL_PASSES.map((p) => p.name), 'vectorize'] },
  'no passes, SIMD, 3 threads': { threads: 3, disable: ALL_PASSES.map((p) => p.name) },
  'all passes, 1 thread': { threads: 1 },
  'all passes, 3 threads': { threads: 3 },
};

async function run(c: TestCase, options: EvaluateOptions): Promise<Outcome | 'unsupported'> {
  const types = paramTypes(c.program);
  const args = c.args.map((a, k) => {
    const ty = types[k];
    if (ty === undefined) throw new Error('more arguments than parameters');
    return toColumns(ty, a, plainMemory);
  });
  try {
    const value = await session.evaluate(c.program, args, options);
    return { value: fromColumns(resultType(c.program), value) };
  } catch (e) {
    if (!(e instanceof WeldError)) throw e;
    return e.kind === 'Unsupported' ? 'unsupported' : { error: e.kind };
  }
}

/** Runs `cases` programs every way and gives the share that generated code could run. */
async function agree(options: Parameters<typeof arbProgram>[0], cases: number, seed: number): Promise<number> {
  let runs = 0;
  let supported = 0;
  await fc.assert(
    fc.asyncProperty(arbProgram({ ...options, math: false, floatSums: false, nestedVecs: false }), async (c) => {
      const want = outcomeOf(() => interpret(c.program, c.args));
      for (const [way, o] of Object.entries(WAYS)) {
        const got = await run(c, o);
        runs++;
        if (got === 'unsupported') continue;
        supported++;
        // Of several errors any may come first, and one in a value that nobody needs may be dropped by a pass.
        if ('error' in want) continue;
        expect(compareOutcomes(resultType(c.program), want, got, EXACT), way).toBeNull();
      }
    }),
    { numRuns: cases, seed, endOnFailure: true },
  );
  return supported / runs;
}

const seed = DEEP ? Date.now() & 0x7fffffff : 20;

describe(`random programs, seed ${seed}`, () => {
  it(
    'short vectors',
    async () => {
      expect(await agree({}, DEEP ? 5000 : 120, seed)).toBeGreaterThan(0.6);
    },
    DEEP ? 3_600_000 : 60_000,
  );

  it(
    'vectors over several parts',
    async () => {
      expect(await agree({ lengths: [16384, 16383, 16385, 33000] }, DEEP ? 500 : 15, seed)).toBeGreaterThan(0.5);
    },
    DEEP ? 3_600_000 : 60_000,
  );

  it(
    'programs that may fail',
    async () => {
      expect(await agree({ errors: true }, DEEP ? 3000 : 60, seed)).toBeGreaterThan(0.6);
    },
    DEEP ? 3_600_000 : 60_000,
  );
});
