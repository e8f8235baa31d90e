/**
 * The suite `scaling`: from ten thousand rows to a hundred million, on one thread and on two. What a call costs shows at
 * one end, what memory gives at the other; peaks are of whole processes.
 */

import type { CommandLine } from '../arguments.ts';
import { gemmOf } from '../kernels/gemm.ts';
import { commit, machine } from '../machine.ts';
import { MICRO } from '../micro/index.ts';
import { progressLine } from '../progress.ts';
import type { Io, Suite } from '../suite.ts';
import { blackScholes } from '../workloads/black-scholes.ts';
import { haversine } from '../workloads/haversine.ts';
import type { Workload } from '../workloads/workload.ts';
import { type Comparison, compare, type Row } from './compare.ts';
import { compareJson, conditionsText } from './compare-report.ts';
import { fixed } from './format.ts';

const SIZES = [1e4, 1e5, 1e6, 1e7, 1e8];
/** Streams through memory and a table, whose columns fit in 4 GiB at the largest size. */
const STREAMS = MICRO.filter((w) => ['sum_f64', 'triad_f64', 'filter_i32_10', 'group_sum_1k'].includes(w.name));
/** Work in the registers, with so many columns that there are ten times fewer rows. */
const COMPUTING: readonly Workload[] = [blackScholes, haversine];
/** Products of matrices of 128, 362 and 1,024 rows: the work grows faster than they do. */
const PRODUCTS: readonly Workload[] = [gemmOf('f32'), gemmOf('f64')];
const PRODUCT_SIZES = [2 ** 14, 2 ** 17, 2 ** 20];
const WORKLOADS = [...STREAMS, ...COMPUTING, ...PRODUCTS];
const THREADS = [1, 2];

export const scalingSuite: Suite = {
  name: 'scaling',
  about: 'the same code from 10,000 rows to 100,000,000 (--quick: 1,000,000), on one thread and on two',
  workloads: WORKLOADS,
  run,
};

async function run(line: CommandLine, io: Io): Promise<object> {
  const progress = progressLine();
  const comparisons: Comparison[] = [];
  const most = line.rows ?? (line.quick ? 1e6 : 1e8);
  const sizesOf = (w: Workload): readonly number[] =>
    PRODUCTS.includes(w) ? PRODUCT_SIZES : SIZES.filter((n) => n <= (COMPUTING.includes(w) ? most / 10 : most));
  try {
    for (const w of line.workloads) {
      const bySize: Comparison[] = [];
      for (const rows of sizesOf(w)) {
        const implementations = [{ name: 'js', threads: 1 }, ...THREADS.map((threads) => ({ name: 'weld', threads }))];
        const onProgress = (text: string): void => progress.show(`${fixed(rows, 0)} rows, ${text}`);
        bySize.push(await compare(w, { suite: scalingSuite.name, implementations, rows, runs: line.runs, onProgress }));
      }
      progress.clear();
      io.out(`${scalingText(bySize)}\n`);
      comparisons.push(...bySize);
    }
  } finally {
    progress.clear();
  }
  const report = { suite: scalingSuite.name, comparisons, machine: machine(), commit: commit() };
  io.out(conditionsText(report));
  return compareJson(report);
}

/** A line a size: nanoseconds a row, and how much faster two threads are. */
export function scalingText(bySize: readonly Comparison[]): string {
  const name = bySize[0]?.workload.name ?? '';
  const columns = ['rows', 'js', 'weld, 1', 'weld, 2', '2 threads', 'peak'];
  const lines = bySize.map(({ rows }) => {
    const find = (impl: string, threads: number): Row | undefined =>
      rows.find((r) => r.impl === impl && r.threads === threads);
    const [js, one, two] = [find('js', 1), find('weld', 1), find('weld', 2)];
    const perRow = (r: Row | undefined): string => (r === undefined ? '' : `${fixed((r.median_ms * 1e6) / r.n, 2)} ns`);
    const gain = one === undefined || two === undefined ? '' : `${fixed(one.median_ms / two.median_ms, 2)} x`;
    const peak = one === undefined ? '' : `${fixed(one.peak_mb, 0)} MB`;
    return [fixed(one?.n ?? 0, 0), perRow(js), perRow(one), perRow(two), gain, peak];
  });
  const cells = (c: readonly string[]): string => c.map((text) => text.padStart(12)).join('');
  return [`${name}, a row`, cells(columns), ...lines.map(cells), ''].join('\n');
}
