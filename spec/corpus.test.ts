/**
 * The corpus: random programs of every sort, and for each of them the interpreter on the program as it is, the
 * interpreter on the optimized program, and machine code without and with all passes, which must agree bit for bit.
 * Programs with float sums are compared by the interpreter alone (`numerics.md`).
 *
 * The deep suite tries 20,000 or `WELD_DEEP` of them and asks that every pass, every rewrite of a pass and every line of
 * the algebra had something to do in one program of a hundred: a rule that no program needs is not tested. To share a
 * large number out, give each part a `WELD_SEED` of its own:
 *
 *     WELD_DEEP=25000 WELD_SEED=1 npx vitest run spec/corpus.test.ts
 */

import { afterAll, expect, test } from 'vitest';
import { type Program, paramTypes } from '../compiler/core/program.ts';
import { isFloat, partsOf, type Type } from '../compiler/core/types.ts';
import { verify } from '../compiler/core/verify.ts';
import { forEachLet } from '../compiler/core/walk.ts';
import { InternalError } from '../compiler/diag/diagnostic.ts';
import { ALL_PASSES } from '../compiler/pipeline.ts';
import { type ProgramOptions, programOf, type TestCase } from '../compiler/testing/arb-program.ts';
import { Firings } from '../compiler/testing/firings.ts';
import { Health } from '../compiler/testing/health.ts';
import { damage } from '../compiler/testing/meaning.ts';
import { DEEP_RUNS, DEEP_SEED, DEEP_TIMEOUT, isDeep } from '../compiler/testing/runs.ts';
import { numbersFrom } from '../compiler/testing/tape.ts';
import { Machine } from './every-way.ts';

/** Sorts of programs, in turn. */
const SORTS: readonly ProgramOptions[] = [
  { rich: false, nestedVecs: false, floatSums: false },
  { nestedVecs: false, cudf: true, floatSums: false },
  { cudf: true, errors: true, floatSums: false },
  { nearMisses: true, cudf: true, floatSums: false },
  { cudf: true },
];
/** One program in so many is of vectors of several parts. */
const LONG = 500;
const LENGTHS: ProgramOptions['lengths'] = [16384, 16383, 16385, 33000];
const LONGEST_TAPE = 1000;
const FUEL = 50_000_000;

const machine = new Machine({ threads: 2 });
afterAll(() => machine.dispose());
/** Everything that is counted on the way. */
interface Counts {
  readonly health: Health;
  /** What the passes did, and what they did with rules that hold for real numbers only. */
  readonly exact: Firings;
  readonly fast: Firings;
}

async function check(c: TestCase, fast: boolean, counts: Counts): Promise<void> {
  const fail = (what: string): never => {
    throw new InternalError(`${what}\n${c}`);
  };
  const want = counts.health.run(c, FUEL, false);
  const { program } = counts.exact.optimize(c.program, { check: true });
  const found = damage(program, c, false);
  if (found !== null) fail(found);
  if (fast) {
    const { program: faster, inexact } = counts.fast.optimize(c.program, { fastMath: true });
    verify(faster);
    const other = inexact ? null : damage(faster, c, false);
    if (other !== null) fail(other);
  }
  if (sumsFloats(c.program)) return;
  for (const [way, run, o] of [
    ['as it is, in scalar code', c, { threads: 1, disable: [...ALL_PASSES.map((p) => p.name), 'vectorize'] }],
    ['optimized, with SIMD', { ...c, program }, { threads: 2, disable: ALL_PASSES.map((p) => p.name) }],
  ] as const) {
    const difference = await machine.difference(run, want, o);
    if (difference !== null) fail(`${way}: ${difference}`);
  }
}

/** Whether the last bits of a program depend on the order of what it merges. */
function sumsFloats(p: Program): boolean {
  const types: Type[] = [...paramTypes(p)];
  forEachLet(p.body, ({ op }) => {
    if (op.kind === 'builder') types.push(op.ty);
  });
  return types.some((t) => 'op' in t && (t.op === '+' || t.op === '*') && holdsFloat(t));
}
const holdsFloat = (t: Type): boolean => isFloat(t) || partsOf(t).some(holdsFloat);

test(
  'the interpreter and machine code agree, with and without passes, and every rule of the passes is needed',
  async () => {
    const [count, seed] = isDeep ? [DEEP_RUNS, DEEP_SEED] : [40, 5];
    const counts: Counts = { health: new Health(), exact: new Firings(), fast: new Firings() };
    const next = numbersFrom(seed);
    const start = performance.now();
    for (let n = 0; n < count; n++) {
      const cells = Array.from({ length: next() % LONGEST_TAPE }, () => next() % 65536);
      const sort = { ...SORTS[n % SORTS.length], algebra: true };
      const options = n % LONG === LONG - 1 ? { ...sort, lengths: LENGTHS } : sort;
      await check(programOf(cells, options), n % 2 === 1, counts);
      if (isDeep && (n + 1) % 1000 === 0) {
        console.log(
          `seed ${seed}: ${n + 1} programs, ${((1000 * (n + 1)) / (performance.now() - start)).toFixed(1)} a second`,
        );
      }
    }
    if (isDeep) console.log([counts.health.report(), counts.exact.report(), counts.fast.report()].join('\n\n'));
    // A fast-math rule has half of the programs.
    const rare = counts.exact
      .rare(count / 100)
      .filter((key) => counts.exact.of(key) + counts.fast.of(key) < count / 100);
    if (count >= 10_000) expect(rare).toEqual([]);
    // A sample of a few programs shows that things are counted: most passes had something to do.
    expect(ALL_PASSES.filter((p) => counts.exact.of(p.name) > 0).length).toBeGreaterThan(ALL_PASSES.length / 2);
  },
  DEEP_TIMEOUT,
);
