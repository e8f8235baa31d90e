/**
 * Mutation: every need of every pass is broken in turn, so that its check always answers yes. Without a `sound` need
 * something must go wrong with the programs of the pass's text tests that the need refuses, and, in the deep suite, with
 * random programs alone, by the property of `properties.test.ts`. Without a `profit` need nothing may.
 */

import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ALL_PASSES, PIPELINE } from '../pipeline.ts';
import { arbProgram, type TestCase } from '../testing/arb-program.ts';
import { faultOf, isRefused, MUTANTS, type Mutant, mutants, traceOf, withArguments } from '../testing/broken.ts';
import { readFileTests } from '../testing/filetest.ts';
import { DEEP_TIMEOUT, isDeep, runs } from '../testing/runs.ts';
import { parseProgram } from '../text.ts';
import type { Pass } from './pass.ts';

/** The programs of the text tests of a pass, with arguments, and the needs that they say are refused. */
function textTests(
  pass: Pass,
): readonly { readonly refused: readonly string[]; readonly cases: readonly TestCase[] }[] {
  const { cases } = readFileTests(readFileSync(`spec/programs/passes/${pass.name}.weld`, 'utf8'));
  return cases
    .filter((c) => [`pass(${pass.name})`, `unchanged(${pass.name})`].includes(c.command))
    .map((c) => ({ refused: c.refused, cases: withArguments(parseProgram(c.source)) }));
}

describe.each(ALL_PASSES.filter((p) => p.needs !== undefined))('$name', (pass) => {
  const tests = textTests(pass);
  /** The cases that a need refuses: on others a mutant does what the pass does. */
  const refusedBy = (m: Mutant): readonly TestCase[] =>
    tests.filter((t) => t.refused.includes(m.need)).flatMap((t) => t.cases);

  test.each(mutants(pass).filter((m) => m.kind === 'sound'))('without $need something is wrong', (m) => {
    for (const c of refusedBy(m)) expect(faultOf(c, [pass], null)).toBeNull();
    expect(refusedBy(m).some((c) => faultOf(c, [pass], m) !== null)).toBe(true);
  });
  test.each(mutants(pass).filter((m) => m.kind === 'profit'))('without $need nothing is wrong', (m) => {
    for (const c of refusedBy(m)) expect(faultOf(c, [pass], m)).toBeNull();
  });
});

describe('random programs', () => {
  // Short ones: one error hides whatever else a program would show.
  const almost = arbProgram({ errors: true, cudf: true, nearMisses: true }, 200);
  /** The faults of mutants on a case, each alone with its pass. */
  function* faults(c: TestCase, mutants: readonly Mutant[]): Generator<readonly [Mutant, string | null]> {
    for (const pass of ALL_PASSES) {
      const own = mutants.filter((m) => m.pass === pass.name);
      const trace = own.length === 0 ? [] : traceOf(c.program, [pass]);
      for (const m of own) if (isRefused(trace, m)) yield [m, faultOf(c, [pass], m)];
    }
  }

  test(
    'show nothing wrong with passes as they are',
    () => {
      fc.assert(
        fc.property(almost, (c) => {
          for (const pass of ALL_PASSES) expect(faultOf(c, [pass], null), pass.name).toBeNull();
          expect(faultOf(c, PIPELINE, null), 'the pipeline').toBeNull();
        }),
        runs(20241121, 0.08),
      );
    },
    DEEP_TIMEOUT,
  );

  test(
    'show nothing wrong without a need that is for profit',
    () => {
      const profit = MUTANTS.filter((m) => m.kind === 'profit');
      fc.assert(
        fc.property(almost, (c) => {
          for (const [m, fault] of faults(c, profit)) expect(fault, `${m.pass} without ${m.need}`).toBeNull();
        }),
        runs(20241122, 0.1),
      );
    },
    DEEP_TIMEOUT,
  );

  // It takes some thousand programs to meet every need by chance, and so the deep suite; in the quick one the test above
  // by the texts of `passes/` catches each of them.
  test.skipIf(!isDeep)(
    'show every other need, of which the deep suite meets all by chance',
    () => {
      const alive = new Set(MUTANTS.filter((m) => m.kind === 'sound'));
      const killed = fc.property(almost, (c) => {
        for (const [m, fault] of faults(c, [...alive])) if (fault !== null) alive.delete(m);
        return alive.size > 0;
      });
      fc.check(killed, { ...runs(20241122), endOnFailure: true });
      expect([...alive].map((m) => `${m.pass}/${m.need}`)).toEqual([]);
    },
    DEEP_TIMEOUT,
  );
});
