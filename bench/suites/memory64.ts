/**
 * The suite `memory64`: what addresses of 64 bits cost. The same programs in a session of 4 GiB, whose memory has 32-bit
 * addresses, and in one of more, in turns on one thread. Engines without memory64 have nothing to compare.
 */

import { init, type Session } from '../../runtime/index.ts';
import { commit, machine } from '../machine.ts';
import { MICRO } from '../micro/index.ts';
import { progressLine } from '../progress.ts';
import { mad, median } from '../stats.ts';
import type { Suite } from '../suite.ts';
import { timesByTurns } from '../turns.ts';
import { blackScholes } from '../workloads/black-scholes.ts';
import { leavesOf } from '../workloads/near.ts';
import { tpchQ6 } from '../workloads/tpch-q6.ts';
import { argumentsOf, instanceOf, programOf, type Workload } from '../workloads/workload.ts';
import { requireSame } from './ablation.ts';
import { fixed, markdownTable } from './format.ts';

const NAMES: readonly string[] = ['sum_f64', 'filter_i32_10', 'group_sum_1k', 'group_sum_1m'];
const WORKLOADS: readonly Workload[] = [...MICRO.filter((w) => NAMES.includes(w.name)), tpchQ6, blackScholes];
const LIMIT = 6 * 2 ** 30;
const WARMUP = 3;

interface Result {
  readonly name: string;
  readonly rows: number;
  readonly short: readonly number[];
  readonly long: readonly number[];
}

export const memory64Suite: Suite = {
  name: 'memory64',
  about: 'the same programs with addresses of 32 and of 64 bits, on one thread',
  workloads: WORKLOADS,
  async run({ workloads, rows, runs, markdown }, io) {
    const progress = progressLine();
    const sessions = await Promise.all([{}, { memoryLimitBytes: LIMIT }].map((o) => init({ threads: 1, ...o })));
    const results: Result[] = [];
    try {
      for (const w of workloads) {
        progress.show(w.name);
        results.push(await measured(w, rows ?? w.rows, runs, sessions));
      }
    } finally {
      progress.clear();
      for (const s of sessions) await s.dispose();
    }
    io.out(table(results, markdown));
    return { suite: 'memory64', runs, machine: machine(), commit: commit(), workloads: results.map(figures) };
  },
};

async function measured(w: Workload, rows: number, runs: number, sessions: readonly Session[]): Promise<Result> {
  const program = programOf(w);
  const instance = instanceOf(w, rows);
  const variants = [];
  for (const session of sessions) {
    const args = argumentsOf(program, instance.inputs, session.heap);
    const value = await session.evaluate(program, args);
    requireSame(w, `in a memory of ${session.heap.limit} bytes`, leavesOf(value), instance.js(), instance);
    const run = async (): Promise<void> => session.release(await session.evaluate(program, args));
    variants.push({ name: String(session.heap.limit), run, args, session });
  }
  const [short = [], long = []] = await timesByTurns(variants, { rounds: runs, warmup: WARMUP });
  for (const { args, session } of variants) for (const a of args) session.release(a);
  return { name: w.name, rows, short, long };
}

function table(results: readonly Result[], markdown: boolean): string {
  const heads = ['workload', '>rows', '>32 bits, ms', '>64 bits, ms', '>medians', '>least'];
  const rows = results.map(({ name, rows: n, short, long }) => [
    name,
    fixed(n, 0),
    fixed(median(short), 2),
    fixed(median(long), 2),
    fixed(median(long) / median(short), 2),
    fixed(Math.min(...long) / Math.min(...short), 2),
  ]);
  if (markdown) return markdownTable(heads, rows);
  return [heads.map((h) => h.replace('>', '')), ...rows]
    .map((cells) => `${cells.map((c, k) => (k === 0 ? c.padEnd(16) : c.padStart(13))).join(' ')}\n`)
    .join('');
}

function figures({ name, rows, short, long }: Result): object {
  const of = (times: readonly number[]): object => ({
    median_ms: median(times),
    mad_ms: mad(times),
    min_ms: Math.min(...times),
  });
  return { name, rows, bits32: of(short), bits64: of(long) };
}
