/** The page of results and its plots, from small made-up figures. */

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, it } from 'vitest';
import type { Row } from '../suites/compare.ts';
import { report } from './main.ts';
import { readResults } from './results.ts';

const folder = mkdtempSync(join(tmpdir(), 'weld-report-'));
afterAll(() => rmSync(folder, { recursive: true }));

const row = (workload: string, impl: string, n: number, ms: number, threads = 1): Row => ({
  suite: 'weld',
  workload,
  impl,
  version: '1.0',
  threads,
  n,
  median_ms: ms,
  min_ms: ms,
  spread: 0,
  runs: 5,
  compile_ms: null,
  peak_mb: 10,
  checked: true,
});
const file = (suite: string, rows: readonly Row[]): string =>
  JSON.stringify({
    suite,
    machine: { cpu: 'a processor', cores: 2, node: '20', v8: '11' },
    commit: '0123456789abcdef',
    rows,
    missing: [{ workload: 'q6', name: 'numba', reason: 'not installed' }],
  });

it('writes a page with a table and a plot for each file', async () => {
  mkdirSync(join(folder, 'results'));
  writeFileSync(
    join(folder, 'results', 'weld.json'),
    file('weld', [row('q6', 'weld', 100, 2), row('q6', 'js', 100, 5)]),
  );
  const sizes = [row('sum', 'weld', 10, 1), row('sum', 'weld', 10, 0.8, 2), row('sum', 'weld', 100, 2)];
  writeFileSync(join(folder, 'results', 'scaling.json'), file('scaling', sizes));
  const written = await report(folder);
  expect(written.map((f) => f.slice(folder.length + 1))).toEqual(['plots/scaling.svg', 'plots/weld.svg', 'RESULTS.md']);
  const page = readFileSync(join(folder, 'RESULTS.md'), 'utf8');
  expect(page).toContain('| workload | rows | weld |          js |');
  expect(page).toContain('| q6       |  100 | 2.00 | 5.00 (2.50) |');
  expect(page).toContain('weld, 2 threads');
  expect(page).toContain('a processor, 2 cores; weld 1.0, js 1.0; commit 0123456789');
  expect(page).toContain('Missing, not installed: numba (q6).');
  for (const name of ['weld', 'scaling']) {
    const svg = readFileSync(join(folder, 'plots', `${name}.svg`), 'utf8');
    expect(svg).toMatch(/^<svg [^>]*>/);
    expect(svg).not.toContain('NaN');
  }
});

it('refuses a file of another kind', () => {
  expect(() => readResults('loops.json', '{"suite":"loops"}')).toThrow('loops.json has no machine');
});
