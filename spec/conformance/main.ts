/**
 * The conformance runner: reads a file of cases, runs them on a target and reports. Exit status 0: none failed; 1: some
 * failed; 2: the command line or the case file is wrong.
 */

import { readFileSync } from 'node:fs';
import { didYouMean, WeldError } from '../../compiler/index.ts';
import { type CommandLine, parseCommandLine, USAGE, UsageError } from './arguments.ts';
import { type Case, readCases } from './cases.ts';
import { ownDeviations } from './deviations.ts';
import { CaseError } from './fields.ts';
import { reportJson, reportText } from './report.ts';
import { countsOf, runSuite } from './suite.ts';

/** Where the runner writes to. */
export interface Io {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
}

/** Runs the command and gives the exit status. */
export async function main(argv: readonly string[], io: Io): Promise<0 | 1 | 2> {
  try {
    const line = parseCommandLine(argv);
    if (line === 'help') {
      io.out(USAGE);
      return 0;
    }
    return await run(line, io);
  } catch (e) {
    if (e instanceof UsageError) io.err(`conformance: ${e.message}\n${USAGE}`);
    else if (e instanceof CaseError) io.err(`conformance: ${e.message}\n`);
    // A switch of the environment that makes no sense.
    else if (e instanceof WeldError && e.kind === 'UsageError') io.err(`conformance: ${e.message}\n`);
    else throw e;
    return 2;
  }
}

async function run(line: CommandLine, io: Io): Promise<0 | 1> {
  const { file, target, threads, json } = line;
  const cases = selected(readCases(textOf(file), file), line);
  const results = await runSuite(cases, { target, threads, deviations: ownDeviations() });
  io.out(json ? `${JSON.stringify(reportJson(results, { target, threads }))}\n` : reportText(results));
  return countsOf(results).failed === 0 ? 0 : 1;
}

function textOf(file: string): string {
  try {
    return readFileSync(file, 'utf8').replace(/^\uFEFF/, '');
  } catch (e) {
    throw new UsageError(`cannot read ${file}: ${e instanceof Error ? e.message : String(e)}`);
  }
}

/** The cases that the command line asks for. A selection of nothing is a slip, and no success. */
function selected(cases: readonly Case[], { tag, only, file }: CommandLine): readonly Case[] {
  const found = cases.filter((c) => (tag === null || c.tags.includes(tag)) && (only === null || c.name.includes(only)));
  if (found.length > 0) return found;
  const tags = [...new Set(cases.flatMap((c) => c.tags))].sort();
  if (tag !== null && !tags.includes(tag)) {
    const help = didYouMean(tag, tags);
    throw new UsageError(`no case has the tag ${tag}${help === null ? '' : `; ${help}`}`);
  }
  if (only !== null)
    throw new UsageError(`no case${tag === null ? '' : ` with the tag ${tag}`} has ${only} in its name`);
  throw new CaseError(`${file} has no cases`);
}
