/**
 * The suites `weld`, the workloads of the papers, and `micro`, single operations: beside plain JavaScript and the
 * libraries that people use for them.
 */

import type { CommandLine } from '../arguments.ts';
import { KERNEL_WORKLOADS } from '../kernels/index.ts';
import { commit, machine } from '../machine.ts';
import { MATHS } from '../maths/index.ts';
import { MICRO } from '../micro/index.ts';
import { progressLine } from '../progress.ts';
import type { Io, Suite } from '../suite.ts';
import { WORKLOADS } from '../workloads/index.ts';
import type { Workload } from '../workloads/workload.ts';
import { type Comparison, compare, onThreads } from './compare.ts';
import { compareJson, comparisonText, conditionsText } from './compare-report.ts';

const sideBySide = (name: string, about: string, workloads: readonly Workload[]): Suite => ({
  name,
  about,
  workloads,
  run: (line, io) => run(name, line, io),
});

export const weldSuite = sideBySide(
  'weld',
  'time workloads by our code, fused and not, plain JavaScript, and the peers that are installed',
  WORKLOADS,
);
export const microSuite = sideBySide(
  'micro',
  'the same for single operations over ten million rows: sum, triad, filter, group-by',
  MICRO,
);
export const kernelsSuite = sideBySide(
  'kernels',
  'the same for primitives: orders, joins, matrices, random numbers, pixels, strings; and for reading CSV',
  KERNEL_WORKLOADS,
);
export const mathsSuite = sideBySide('maths', 'the same for each math function in f64 and f32', MATHS);

/** A quick look takes this share of the rows. */
const QUICK = 0.1;

async function run(suite: string, line: CommandLine, io: Io): Promise<object> {
  const progress = progressLine();
  const comparisons: Comparison[] = [];
  try {
    for (const w of line.workloads) {
      const result = await compare(w, {
        suite,
        implementations: onThreads(line.implementations, line.threads),
        rows: line.rows ?? Math.round(w.rows * (line.quick ? QUICK : 1)),
        runs: line.runs,
        onProgress: (text) => progress.show(text),
      });
      progress.clear();
      io.out(`${comparisonText(result)}\n`);
      comparisons.push(result);
    }
  } finally {
    progress.clear();
  }
  const report = { suite, comparisons, machine: machine(), commit: commit() };
  io.out(conditionsText(report));
  return compareJson(report);
}
