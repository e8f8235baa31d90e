/**
 * The suite `startup`: what a program waits for before its first result. Every figure is the median of fresh processes,
 * which take turns, by the Node.js that runs the suite: `npx -p node@26 node dist/bench/main.js --suite startup` is
 * another one's. It needs what `npm run build` makes.
 */

import { execFileSync } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath, pathToFileURL } from 'node:url';
import { commit, machine } from '../machine.ts';
import { progressLine } from '../progress.ts';
import { median } from '../stats.ts';
import type { Suite } from '../suite.ts';
import { WORKLOADS } from '../workloads/index.ts';
import type { Workload } from '../workloads/workload.ts';
import { fixed } from './format.ts';

/** A process to start, which prints numbers by name. */
interface Probe {
  readonly name: string;
  readonly script: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}
/** The medians of a probe's numbers. */
export interface Measured {
  readonly name: string;
  readonly figures: Readonly<Record<string, number>>;
}

const built = (path: string): string => fileURLToPath(new URL(`../../${path}`, import.meta.url));
const first = (name: string, door: string, env: Readonly<Record<string, string>> = {}): Probe => ({
  name,
  script: 'bench/startup/first.mjs',
  args: [pathToFileURL(built(door)).href],
  env,
});
const firstResults = (cache: string): readonly Probe[] => [
  first('as published', 'lib/frame.js'),
  first('from a cache folder', 'lib/frame.js', { WELD_CACHE: cache }),
  first('through binaryen', 'lib/frame.js', { WELD_SINK: 'binaryen' }),
  first('a file a module', 'frontends/frame/index.js'),
];
const compiling = ({ name }: Workload): readonly Probe[] =>
  ['direct', 'binaryen'].map((sink) => ({
    name: `${name}, ${sink}`,
    script: 'bench/startup/compile.js',
    args: [name, sink],
    env: {},
  }));

export const startupSuite: Suite = {
  name: 'startup',
  about: 'fresh processes: importing, the first result of a small pipeline, compiling typical kernels',
  workloads: WORKLOADS.filter((w) => w.name === 'tpch_q6' || w.name === 'black_scholes'),
  async run({ workloads, runs }, io) {
    const progress = progressLine();
    const cache = mkdtempSync(join(tmpdir(), 'weld-startup-'));
    try {
      const firsts = firstResults(cache);
      const onRound = (round: number): void => progress.show(`round ${round} of ${runs}`);
      const found = measure([...firsts, ...workloads.flatMap(compiling)], runs, onRound);
      progress.clear();
      const [results, kernels] = [found.slice(0, firsts.length), found.slice(firsts.length)];
      io.out(startupText(results, kernels));
      return { suite: 'startup', runs, ...machine(), commit: commit(), results, kernels };
    } finally {
      progress.clear();
      rmSync(cache, { recursive: true });
    }
  },
};

/** A round that does not count comes first: it fills caches. */
function measure(probes: readonly Probe[], runs: number, onRound: (round: number) => void): readonly Measured[] {
  const samples = probes.map((): Readonly<Record<string, number>>[] => []);
  for (let round = 0; round <= runs; round++) {
    onRound(round);
    for (const [k, { script, args, env }] of probes.entries()) {
      const options = { encoding: 'utf8', env: { ...process.env, ...env } } as const;
      const printed = JSON.parse(execFileSync(process.execPath, [built(script), ...args], options));
      if (round > 0) samples[k]?.push(printed);
    }
  }
  return probes.map(({ name }, k) => {
    const own = samples[k] ?? [];
    const keys = Object.keys(own[0] ?? {});
    return { name, figures: Object.fromEntries(keys.map((key) => [key, median(own.map((s) => s[key] ?? 0))])) };
  });
}

const RESULT = { import: 'importMs', result: 'resultMs', 'from start': 'wholeMs', cpu: 'cpuMs', 'peak MB': 'peakMb' };
const KERNEL = {
  first: 'firstMs',
  least: 'leastMs',
  later: 'medianMs',
  passes: 'passesMs',
  lowering: 'lowerMs',
  writing: 'encodeMs',
  loading: 'loadMs',
};

/** Two tables, in milliseconds. */
export function startupText(results: readonly Measured[], kernels: readonly Measured[]): string {
  return [
    ...table('first result of a small pipeline, ms', RESULT, 0, results),
    '',
    ...table('from Core to kernels that can be called, ms', KERNEL, 1, kernels),
    '',
  ].join('\n');
}

/** `columns` are the figures by the names of their columns. */
function table(
  title: string,
  columns: Readonly<Record<string, string>>,
  digits: number,
  rows: readonly Measured[],
): readonly string[] {
  const line = (name: string, cells: readonly string[]): string =>
    name.padEnd(44) + cells.map((c) => c.padStart(11)).join('');
  const cells = ({ figures }: Measured): readonly string[] =>
    Object.values(columns).map((key) => fixed(figures[key] ?? Number.NaN, digits));
  return [line(title, Object.keys(columns)), ...rows.map((r) => line(`  ${r.name}`, cells(r)))];
}
