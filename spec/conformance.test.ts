/**
 * The conformance cases on every target. The file of cases lies beside the repository, in `shared/conformance`; without
 * it the tests are skipped, which the report of the test run shows.
 *
 * Every case passes on both targets but the deviations; on generated code with two threads, and with one
 * and seven in the deep suite.
 */

import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { isDeep } from '../compiler/testing/runs.ts';
import { readCases } from './conformance/cases.ts';
import { ownDeviations } from './conformance/deviations.ts';
import { reportText } from './conformance/report.ts';
import { countsOf, runSuite, type SuiteOptions } from './conformance/suite.ts';

const FILE = fileURLToPath(new URL('../../shared/conformance/cases.json', import.meta.url));
const present = existsSync(FILE);

async function counts(options: Pick<SuiteOptions, 'target' | 'threads'>) {
  const deviations = ownDeviations();
  const results = await runSuite(readCases(readFileSync(FILE, 'utf8'), FILE), { ...options, deviations });
  const found = countsOf(results);
  expect(found.failed, reportText(results)).toBe(0);
  expect(results.filter(({ verdict }) => verdict.outcome === 'deviation' && verdict.agrees)).toEqual([]);
  return { ...found, all: results.length };
}

describe.skipIf(!present)(`the cases of ${present ? FILE : 'shared/conformance, which are not here'}`, () => {
  it('pass on the interpreter, with few deviations', async () => {
    const { all, passed, deviation, unsupported } = await counts({ target: 'interp', threads: null });
    expect(unsupported).toBe(0);
    expect(deviation).toBeLessThan(12);
    expect(passed).toBe(all - deviation);
    expect(passed).toBeGreaterThan(0);
  }, 120_000);

  afterEach(() => {
    vi.unstubAllEnvs();
  });
  const deep = [
    [1, 'direct'],
    [7, 'direct'],
    [1, 'binaryen'],
  ] as const;
  it.each([[2, 'direct'], ...(isDeep ? deep : [])] as const)(
    'pass on generated code with %i threads, written by the sink %s',
    async (threads, sink) => {
      vi.stubEnv('WELD_SINK', sink);
      const { all, passed, deviation, unsupported } = await counts({ target: 'wasm', threads });
      expect(unsupported).toBe(0);
      expect(passed).toBe(all - deviation);
    },
    120_000,
  );
});
