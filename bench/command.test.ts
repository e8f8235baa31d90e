/** The bench command: what it lists, what it refuses, and a small run of each suite. */

import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { bench } from './command.ts';
import { SUITES } from './suites/index.ts';
import { EVERY_PASS } from './suites/switches.ts';
import { WORKLOADS } from './workloads/index.ts';

const folder = mkdtempSync(join(tmpdir(), 'weld-bench-'));
afterAll(() => rmSync(folder, { recursive: true }));

async function run(...argv: readonly string[]) {
  let [out, err] = ['', ''];
  const status = await bench(argv, {
    out: (text) => {
      out += text;
    },
    err: (text) => {
      err += text;
    },
  });
  return { status, out, err };
}

describe('the command line', () => {
  it('lists suites and workloads', async () => {
    const { status, out } = await run('--list');
    expect(status).toBe(0);
    for (const name of [...SUITES.map((s) => s.name), ...WORKLOADS.map((w) => w.name)])
      expect(out).toContain(`\n  ${name} `);
  });

  it('prints its usage', async () => {
    expect((await run('-h')).out).toMatch(/^usage: npm run bench -- --suite SUITE/);
  });

  it.each([
    [[], '--suite is missing: ablation or loops or weld or micro or kernels or maths or scaling or selectivity'],
    [['--suite', 'ablatoin'], "there is no suite 'ablatoin', did you mean ablation?"],
    [['--suite', 'loops', '--only', 'tpch_q7'], "there is no workload 'tpch_q7', did you mean tpch_q1?; see --list"],
    [['--suite', 'loops', '--markdwn'], 'unknown option --markdwn, did you mean --markdown?'],
    [['--suite', 'ablation', '--n', '0'], '--n must be a whole number from 1 to 100,000,000, found 0'],
    [['--suite', 'ablation', '--runs', '2.5'], '--runs must be a whole number from 1 to 1,000, found 2.5'],
    [['--suite', 'ablation', '--threads='], '--threads must be a whole number from 1 to 256, found nothing'],
    [['--suite', 'loops', '--json', '/nowhere/x.json'], 'cannot write the --json file: ENOENT'],
    [['--suite', 'weld', '--peers', 'numpi'], "there is no peer 'numpi', did you mean numpy?; --peers takes numpy,"],
    [['loops'], 'Unexpected argument'],
  ])('refuses %j', async (argv, message) => {
    const { status, out, err } = await run(...argv);
    expect({ status, out }).toEqual({ status: 2, out: '' });
    expect(err).toContain(`bench: ${message}`);
  });
});

describe('suite loops', () => {
  it('prints the loops of one workload', async () => {
    const { status, out } = await run('--suite', 'loops', '--only', 'vector_sum');
    expect({ status, last: out.split('\n')[1] }).toEqual({
      status: 0,
      last: 'vector_sum                  5          1          1     104 MB    40.0 MB',
    });
  });
});

describe('suite ablation', () => {
  it('times every variant, and writes the figures', async () => {
    const file = join(folder, 'ablation.json');
    const argv = ['--suite', 'ablation', '--only', 'map_reduce', '--n', '100', '--runs', '1', '--json', file];
    const { status, out } = await run(...argv);
    expect(status).toBe(0);
    for (const name of ['plain JavaScript', 'all passes', 'no passes', ...EVERY_PASS.map((p) => `without ${p}`)]) {
      expect(out).toContain(`  ${name} `);
    }
    const json = JSON.parse(readFileSync(file, 'utf8'));
    expect(json).toMatchObject({
      suite: 'ablation',
      node: process.versions.node,
      threads: 1,
      runs: 1,
      workloads: [{ name: 'map_reduce', rows: 100, loops_as_written: 5, loops_by_hand: 1, loops: 1 }],
    });
    expect(json.workloads[0].variants.map((v: { without: string }) => v.without)).toEqual(['all', ...EVERY_PASS]);
    expect(json.workloads[0].variants[0]).toMatchObject({ loops: 5, ratio: expect.any(Number) });
    expect(json.workloads[0].all_passes.median_ms).toBeGreaterThan(0);
  });

  it('prints a Markdown table', async () => {
    const argv = ['--suite', 'ablation', '--only', 'vector_sum', '--n', '10', '--runs', '1', '--markdown'];
    const { status, out } = await run(...argv);
    const [head = '', rule = '', row = ''] = out.split('\n');
    expect(status).toBe(0);
    expect(head).toMatch(/^\| workload +\| +rows \| all passes, ms \| JavaScript \| no passes \|/);
    expect(rule).toMatch(/^\| -+ \| -+: \|/);
    expect(row).toMatch(/^\| vector_sum \| +10 \|/);
  });
});
