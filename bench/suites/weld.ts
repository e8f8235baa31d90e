/** The suite `weld`: the workloads of the papers, beside plain JavaScript and the libraries that people use for them. */

import type { CommandLine } from '../arguments.ts';
import { commit, machine } from '../machine.ts';
import { progressLine } from '../progress.ts';
import type { Io, Suite } from '../suite.ts';
import { type Comparison, compare } from './compare.ts';
import { compareJson, comparisonText, conditionsText } from './compare-report.ts';

export const weldSuite: Suite = {
  name: 'weld',
  about: 'time workloads by our code, fused and not, plain JavaScript, and the peers that are installed',
  run,
};

/** A quick look takes this share of the rows. */
const QUICK = 0.1;

async function run(line: CommandLine, io: Io): Promise<object> {
  const progress = progressLine();
  const comparisons: Comparison[] = [];
  try {
    for (const w of line.workloads) {
      const result = await compare(w, {
        suite: weldSuite.name,
        implementations: line.implementations,
        rows: line.rows ?? Math.round(w.rows * (line.quick ? QUICK : 1)),
        runs: line.runs,
        threads: line.threads,
        onProgress: (text) => progress.show(text),
      });
      progress.clear();
      io.out(`${comparisonText(result)}\n`);
      comparisons.push(result);
    }
  } finally {
    progress.clear();
  }
  const report = { suite: weldSuite.name, comparisons, machine: machine(), commit: commit() };
  io.out(conditionsText(report));
  return compareJson(report);
}
