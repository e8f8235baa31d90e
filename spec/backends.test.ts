/**
 * The backends agree: the reference interpreter, machine code without passes, machine code with all passes, on one
 * thread and on several, written by either sink, bit for bit, on random well-typed programs. Float sums are left out
 * here because their last bits are allowed to differ (`numerics.md`); they have tests of their own.
 *
 * Every program runs. Those with a step that the interpreter runs in the place of code are counted: of the programs that
 * frontends emit there are none, of the others only loops that call externs.
 */

import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { EXACT } from '../compiler/core/compare.ts';
import { fromColumns, paramTypes, plainMemory, resultType, toColumns, WeldError } from '../compiler/index.ts';
import { ALL_PASSES } from '../compiler/pipeline.ts';
import { arbProgram, freshPrims, type ProgramOptions, type TestCase } from '../compiler/testing/arb-program.ts';
import { compareOutcomes, type Outcome } from '../compiler/testing/differential.ts';
import { Health } from '../compiler/testing/health.ts';
import { DEEP_TIMEOUT, isDeep, runs } from '../compiler/testing/runs.ts';
import { type EvaluateOptions, readEnv, Session } from '../runtime/index.ts';

const { prims, ticks, restart } = freshPrims();
const options = { threads: 3, prims: [...prims.values()] };
const session = new Session(options);
const binaryen = new Session(options, { ...readEnv(), sink: 'binaryen' });
afterAll(() => Promise.all([session.dispose(), binaryen.dispose()]));

/** Long enough for the interpreter on vectors of several parts. */
const FUEL = 50_000_000;
/** The ways to run a program that must agree with the interpreter. */
const WAYS: Readonly<Record<string, EvaluateOptions & { readonly session?: Session }>> = {
  'no passes, 1 thread': { threads: 1, disable: [...ALL_PASSES.map((p) => p.name), 'vectorize'] },
  'no passes, SIMD, 2 threads': { threads: 2, disable: ALL_PASSES.map((p) => p.name) },
  'all passes, 1 thread': { threads: 1 },
  'all passes, 3 threads': { threads: 3 },
  'all passes, 1 thread, through binaryen': { threads: 1, session: binaryen },
};

async function run(c: TestCase, { session: by = session, ...options }: (typeof WAYS)[string]): Promise<Outcome> {
  restart();
  try {
    const types = paramTypes(c.program);
    const args = c.args.map((a, k) => {
      const ty = types[k];
      if (ty === undefined) throw new Error('more arguments than parameters');
      return toColumns(ty, a, plainMemory);
    });
    const value = await by.evaluate(c.program, args, { ...options, target: 'wasm' });
    return { value: fromColumns(resultType(c.program), value) };
  } catch (e) {
    if (!(e instanceof WeldError)) throw e;
    return { error: e.kind };
  }
}

/** Why the interpreter runs something of a program in the place of code. */
async function interpretedFor(c: TestCase, { disable = [] }: EvaluateOptions): Promise<readonly string[]> {
  const { compiled } = await session.compile(c.program, { disable });
  if (compiled === null) throw new Error('not compiled here');
  return compiled.plan.decisions.filter((d) => d.choice.startsWith('the reference interpreter')).map((d) => d.reason);
}
const CALLS = 'generated code does not support a call of an extern inside a loop yet';

/** Runs programs every way and gives the share that is code alone. */
async function agree(options: ProgramOptions, scale: number, seed: number): Promise<number> {
  const health = new Health();
  await fc.assert(
    fc.asyncProperty(arbProgram({ ...options, floatSums: false }), async (c) => {
      const want = health.run(c, FUEL, false);
      for (const [way, o] of Object.entries(WAYS)) {
        const got = await run(c, o);
        const reasons = await interpretedFor(c, o);
        expect(reasons.filter((r) => r !== CALLS)).toEqual([]);
        health.note(way, reasons.length === 0 ? 'code' : 'interpreted');
        // Of several errors any may come first, and one in a value that nobody needs may be dropped by a pass.
        if ('error' in want.end) {
          const asserted = want.end.error === 'AssertionError';
          expect(asserted && !('error' in got) ? `${way}: a value in place of an AssertionError` : null).toBeNull();
          continue;
        }
        expect(compareOutcomes(resultType(c.program), want.end, got, EXACT), way).toBeNull();
        expect(ticks.join(), way).toBe(want.ticks.join());
      }
    }),
    { ...runs(seed, scale), endOnFailure: true },
  );
  if (isDeep) console.log(health.report());
  const counts = Object.keys(WAYS).map((way) => [health.noted(way, 'code'), health.noted(way, 'interpreted')] as const);
  const code = counts.reduce((sum, [c]) => sum + c, 0);
  return code / counts.reduce((sum, [c, i]) => sum + c + i, 0);
}

const PLAIN: ProgramOptions = { rich: false, nestedVecs: false };

describe('random programs', () => {
  it('of plain loops over columns', async () => expect(await agree(PLAIN, 0.25, 20)).toBe(1), DEEP_TIMEOUT);
  it(
    'over several parts',
    async () => {
      const lengths = [16384, 16383, 16385, 33000] as const;
      expect(await agree({ ...PLAIN, lengths }, 0.05, 21)).toBe(1);
    },
    DEEP_TIMEOUT,
  );
  it('that may fail', async () => expect(await agree({ ...PLAIN, errors: true }, 0.12, 22)).toBe(1), DEEP_TIMEOUT);
  it(
    'of the whole language, over columns',
    async () => expect(await agree({ nestedVecs: false }, 0.12, 23)).toBe(1),
    DEEP_TIMEOUT,
  );
  it(
    'of the whole language',
    async () => expect(await agree({ cudf: true, errors: true }, 0.12, 24)).toBeGreaterThan(0.7),
    DEEP_TIMEOUT,
  );
});
