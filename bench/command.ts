/**
 * The bench command: reads the command line, runs a suite, reports. Exit status 0: done; 1: a variant gave a wrong
 * answer or none; 2: the command line is wrong.
 */

import { closeSync, openSync, writeFileSync } from 'node:fs';
import { WeldError } from '../compiler/index.ts';
import { type CommandLine, parseCommandLine, USAGE, UsageError } from './arguments.ts';
import { PeerError } from './peers/implementation.ts';
import { type Io, WrongAnswer } from './suite.ts';
import { fixed } from './suites/format.ts';
import { SUITES } from './suites/index.ts';

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
    else if (e instanceof WrongAnswer || e instanceof PeerError || e instanceof WeldError)
      io.err(`bench: ${e.message}\n`);
    else throw e;
    const usage = e instanceof UsageError || (e instanceof WeldError && e.kind === 'UsageError');
    return usage ? 2 : 1;
  }
}

async function run(line: CommandLine, io: Io): Promise<void> {
  if (line.json !== null) requireWritable(line.json);
  const json = await line.suite.run(line, io);
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

/** The longest name. */
const widthOf = (named: readonly { readonly name: string }[]): number => Math.max(...named.map((n) => n.name.length));

/** Suites, then workloads under the suites that have them. */
function listText(): string {
  const suites = SUITES.map((s) => `  ${s.name.padEnd(18)}${s.about}`);
  const sets = [...new Set(SUITES.map((s) => s.workloads))].filter((set) => set.length > 0);
  const lists = sets.flatMap((set) => [
    '',
    `workloads of ${SUITES.filter((s) => s.workloads === set)
      .map((s) => s.name)
      .join(', ')}`,
    ...set.map((w) => `  ${w.name.padEnd(widthOf(set) + 2)}${w.about}; ${fixed(w.rows, 0)} ${w.unit}`),
  ]);
  return ['suites', ...suites, ...lists, ''].join('\n');
}
