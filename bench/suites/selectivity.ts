/**
 * The suite `selectivity`: what it gains to jump over blocks of rows that a condition leaves out, by the share of rows
 * that meet it. Plain JavaScript, all rows computed under masks, and what the session chooses, in turns on one thread.
 */

import { init, type Session } from '../../runtime/index.ts';
import { commit, machine } from '../machine.ts';
import { GUARDED } from '../micro/guarded.ts';
import { progressLine } from '../progress.ts';
import { mad, median } from '../stats.ts';
import type { Suite } from '../suite.ts';
import { timesByTurns } from '../turns.ts';
import { leavesOf } from '../workloads/near.ts';
import { argumentsOf, instanceOf, programOf, type Workload } from '../workloads/workload.ts';
import { requireSame } from './ablation.ts';
import { fixed, markdownTable } from './format.ts';

const WARMUP = 2;

interface Result {
  readonly name: string;
  readonly rows: number;
  readonly js: readonly number[];
  readonly masked: readonly number[];
  readonly ours: readonly number[];
  /** What the session chose, and why. */
  readonly choice: string;
}

export const selectivitySuite: Suite = {
  name: 'selectivity',
  about: 'time dear work behind a condition, by the share of rows that meet it; on one thread',
  workloads: GUARDED,
  async run({ workloads, rows, runs, markdown }, io) {
    const progress = progressLine();
    const session = await init({ threads: 1 });
    const results: Result[] = [];
    try {
      for (const w of workloads) {
        progress.show(w.name);
        results.push(await measure(w, rows ?? w.rows, runs, session));
        progress.clear();
      }
    } finally {
      progress.clear();
      await session.dispose();
    }
    io.out(table(results, markdown));
    return { suite: 'selectivity', runs, machine: machine(), commit: commit(), workloads: results.map(figures) };
  },
};

async function measure(w: Workload, rows: number, runs: number, session: Session): Promise<Result> {
  const program = programOf(w);
  const instance = instanceOf(w, rows);
  const args = argumentsOf(program, instance.inputs, session.heap);
  const evaluate = (disable: readonly string[]) => session.evaluate(program, args, { disable });
  for (const disable of [['skip'], []]) {
    requireSame(w, `without ${disable.join()}`, leavesOf(await evaluate(disable)), instance.js(), instance);
  }
  const [chosen] = session.lastRun?.launches[0]?.choices ?? [];
  const variants = [
    { name: 'JavaScript', run: async () => instance.js() },
    { name: 'masked', run: async () => session.release(await evaluate(['skip'])) },
    { name: 'chosen', run: async () => session.release(await evaluate([])) },
  ];
  const [js = [], masked = [], ours = []] = await timesByTurns(variants, { rounds: runs, warmup: WARMUP });
  for (const a of args) session.release(a);
  const choice = chosen === undefined ? 'none' : `${chosen.choice} (${chosen.reason})`;
  return { name: w.name, rows, js, masked, ours, choice };
}

function table(results: readonly Result[], markdown: boolean): string {
  const ms = (times: readonly number[]): string => fixed(median(times), 2);
  const heads = ['workload', '>JavaScript, ms', '>masked, ms', '>chosen, ms', 'choice'];
  const rows = results.map((r) => [r.name, ms(r.js), ms(r.masked), ms(r.ours), r.choice]);
  if (markdown) return markdownTable(heads, rows);
  return rows.map((cells) => `${cells.map((c, k) => (k === 0 ? c.padEnd(16) : c.padStart(10))).join(' ')}\n`).join('');
}

function figures({ name, rows, js, masked, ours, choice }: Result): object {
  const of = (times: readonly number[]): object => ({ median_ms: median(times), mad_ms: mad(times) });
  return { name, rows, js: of(js), masked: of(masked), chosen: of(ours), choice };
}
