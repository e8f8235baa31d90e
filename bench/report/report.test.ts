/** The page of results and its plots, from small made-up figures. */

import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { IMPLEMENTATIONS } from '../peers/peers.ts';
import type { Row } from '../suites/compare.ts';
import { SUITES } from '../suites/index.ts';
import { type Asked, TARGETS } from '../targets.ts';
import { report } from './main.ts';
import { type Results, readResults } from './results.ts';
import { measured, targetsTable } from './targets.ts';

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
  cpu_ms: ms,
  runs: 5,
  compile_ms: null,
  peak_mb: 10,
  base_mb: null,
  data_mb: null,
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
  const { files, targets } = await report(folder);
  expect(files.map((f) => f.slice(folder.length + 1))).toEqual(['plots/scaling.svg', 'plots/weld.svg', 'RESULTS.md']);
  const page = readFileSync(join(folder, 'RESULTS.md'), 'utf8');
  expect(page).toContain(targets);
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

describe('targets', () => {
  const results = (node: string, rows: readonly Row[]): Results => ({
    ...readResults('a.json', file('weld', rows)),
    machine: { cpu: '', cores: 2, node, v8: '' },
  });
  const runs = [
    results('20', [
      row('q6', 'weld', 10, 5),
      row('q6', 'js', 10, 10),
      row('q6', 'weld', 20, 4, 2),
      row('q6', 'weld', 20, 6),
    ]),
    results('20', [row('q6', 'weld', 10, 7), row('q6', 'js', 10, 10), row('q6', 'js', 20, 100)]),
    results('26', [{ ...row('q6', 'weld', 10, 3), peak_mb: 70, base_mb: 20, data_mb: 40 }, row('q6', 'numpy', 10, 4)]),
  ];

  it.each<[Asked, string, string]>([
    [{ of: 'js', most: 0.6 }, '0.70 not met', 'not measured'],
    [{ of: 'js', most: 0.7 }, '0.70 met', 'not measured'],
    [{ of: 'numpy', most: 0.7 }, 'not measured', '0.75 not met'],
    [{ of: 'one thread', least: 1.5 }, '1.50 met', 'not measured'],
    [{ of: 'one thread', least: 1.6 }, '1.50 not met', 'not measured'],
    [{ of: 'data', most: 1.2 }, 'not measured', '1.25 not met'],
  ])('are held against figures of one run: %j', (asked, on20, on26) => {
    const [, , line = ''] = targetsTable([{ workload: 'q6', asked }], runs).split('\n');
    expect(line.split('|').map((cell) => cell.trim())).toEqual(expect.arrayContaining(['q6', 'any', on20, on26]));
  });

  it('count only measurements of their size', () => {
    const asked = { of: 'js', most: 1 } as const;
    expect(measured({ workload: 'q6', rows: 20, asked }, runs)).toBeNull();
    expect(measured({ workload: 'q6', rows: 10, asked }, runs)).toBe(0.7);
    expect(measured({ workload: 'q7', asked }, runs)).toBeNull();
  });

  it('are about workloads and implementations that there are', () => {
    const workloads = SUITES.flatMap((s) => s.workloads.map((w) => w.name));
    for (const { workload, asked } of TARGETS) {
      expect(workloads).toContain(workload);
      expect(['one thread', 'data', ...IMPLEMENTATIONS]).toContain(asked.of);
    }
  });
});

it('refuses a file of another kind', () => {
  expect(() => readResults('loops.json', '{"suite":"loops"}')).toThrow('loops.json has no machine');
});
