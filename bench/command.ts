/**
 * The bench command: reads the command line, runs a suite, reports. Exit status 0: done; 1: a variant gave a wrong
 * answer or none; 2: the command line is wrong.
 */

import { closeSync, openSync, writeFileSync } from 'node:fs';
import { WeldError } from '../compiler/index.ts';
import { init } from '../runtime/index.ts';
import { type CommandLine, parseCommandLine, SUITES, USAGE, UsageError } from './arguments.ts';
import { commit, machine } from './machine.ts';
import { progressLine } from './progress.ts';
import { type AblationResult, ablation, WrongAnswer } from './suites/ablation.ts';
import {
  type AblationReport,
  ablationJson,
  ablationMarkdown,
  conditions,
  workloadText,
} from './suites/ablation-report.ts';
import { fixed } from './suites/format.ts';
import { loopsJson, loopsMarkdown, loopsOf, loopsText } from './suites/loops.ts';
import { WORKLOADS } from './workloads/index.ts';

/** Where the command writes to. */
export interface Io {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

/** Runs the command and gives the exit status. */
export async function bench(argv: readonly string[], io: Io): Promise<0 | 1 | 2> {
  try {
    const line = parseCommandLine(argv);
    if (line === 'help') io.out(USAGE);
    else if (line === 'list') io.out(listText());
    else await run(line, io);
    return 0;
  } catch (e) {
    if (e instanceof UsageError) io.err(`bench: ${e.message}\n${USAGE}`);
    // Of the runtime: too many threads, a program that has no generated code, memory that runs out.
    else if (e instanceof WrongAnswer || e instanceof WeldError) io.err(`bench: ${e.message}\n`);
    else throw e;
    const usage = e instanceof UsageError || (e instanceof WeldError && e.kind === 'UsageError');
    return usage ? 2 : 1;
  }
}

async function run(line: CommandLine, io: Io): Promise<void> {
  if (line.json !== null) requireWritable(line.json);
  const json = line.suite === 'loops' ? runLoops(line, io) : await runAblation(line, io);
  if (line.json !== null) writeFileSync(line.json, `${JSON.stringify(json, null, 2)}\n`);
}

/** Better known before the measuring than after it. */
function requireWritable(file: string): void {
  try {
    closeSync(openSync(file, 'a'));
  } catch (e) {
    throw new UsageError(`cannot write the --json file: ${e instanceof Error ? e.message : String(e)}`);
  }
}

function runLoops({ workloads, markdown }: CommandLine, io: Io): object {
  const results = workloads.map(loopsOf);
  io.out(markdown ? loopsMarkdown(results) : loopsText(results));
  return loopsJson(results);
}

/** Text comes workload by workload, as a whole suite takes minutes. */
async function runAblation(line: CommandLine, io: Io): Promise<object> {
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

function listText(): string {
  const suites = Object.entries(SUITES).map(([name, what]) => `  ${name.padEnd(16)}${what}`);
  const workloads = WORKLOADS.map((w) => `  ${w.name.padEnd(16)}${w.about}; ${fixed(w.rows, 0)} ${w.unit}`);
  return ['suites', ...suites, '', 'workloads', ...workloads, ''].join('\n');
}
