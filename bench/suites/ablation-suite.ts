/** The suite `ablation`: one session for all workloads, and text workload by workload, as a whole run takes minutes. */

import { init } from '../../runtime/index.ts';
import type { CommandLine } from '../arguments.ts';
import { commit, machine } from '../machine.ts';
import { progressLine } from '../progress.ts';
import type { Io, Suite } from '../suite.ts';
import { WORKLOADS } from '../workloads/index.ts';
import { type AblationResult, ablation } from './ablation.ts';
import { type AblationReport, ablationJson, ablationMarkdown, conditions, workloadText } from './ablation-report.ts';

export const ablationSuite: Suite = {
  name: 'ablation',
  about: 'time workloads with all passes, without each one, without any, and as plain JavaScript',
  workloads: WORKLOADS,
  run,
};

async function run(line: CommandLine, io: Io): Promise<object> {
  const { threads, runs, rows, markdown } = line;
  const progress = progressLine();
  const results: AblationResult[] = [];
  const session = await init({ threads });
  try {
    await session.warmUp();
    for (const w of line.workloads) {
      const result = await ablation(w, { session, threads, rows, runs, onProgress: (text) => progress.show(text) });
      progress.clear();
      results.push(result);
      if (!markdown) io.out(`${workloadText(result)}\n`);
    }
  } finally {
    progress.clear();
    await session.dispose();
  }
  const report: AblationReport = { results, runs, threads, machine: machine(), commit: commit() };
  io.out(markdown ? ablationMarkdown(report) : `${conditions(report)}\n`);
  return ablationJson(report);
}
