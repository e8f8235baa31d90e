/**
 * The suite `startup`: what a program waits for before its first result. Every figure is the median of fresh processes,
 * which take turns, by the Node.js that runs the suite: `npx -p node@26 node dist/bench/main.js --suite startup` is
 * another one's. It needs what `npm run build` makes.
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { commit, machine } from '../machine.ts';
import { built, type Measured, measure, type Probe, probeTable } from '../probes.ts';
import { progressLine } from '../progress.ts';
import type { Suite } from '../suite.ts';
import { WORKLOADS } from '../workloads/index.ts';
import type { Workload } from '../workloads/workload.ts';

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
    ...probeTable('first result of a small pipeline, ms', RESULT, 0, results),
    '',
    ...probeTable('from Core to kernels that can be called, ms', KERNEL, 1, kernels),
    '',
  ].join('\n');
}
