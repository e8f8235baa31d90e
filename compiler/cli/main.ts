/**
 * `weldc`: Weld programs from the command line. Exit status 0: a result; 1: the program is wrong or failed; 2: the
 * command line or the arguments are wrong, or a file cannot be read. With `--json` every answer, also an error, is one
 * JSON object on standard output. A stack trace appears only for faults of ours with WELD_DEBUG set.
 */

import { WeldError } from '../diag/diagnostic.ts';
import type { Source } from '../diag/render.ts';
import { parseCommandLine } from './arguments.ts';
import type { Command } from './command.ts';
import { readSource, version } from './files.ts';
import type { Console } from './repl/lines.ts';
import { countText, faultJson, faultText, reportJson, reportText, UsageError } from './report.ts';
import { USAGE } from './usage.ts';

/** What the command writes to and reads from. */
export interface Io {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** All of standard input. */
  readonly stdin: () => string;
  /** Standard input line by line, for the repl. */
  readonly console: () => Console;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Runs one command and gives the exit status. */
export async function main(argv: readonly string[], io: Io): Promise<number> {
  let source: Source | null = null;
  let command: Command | null = null;
  try {
    const line = parseCommandLine(argv, io.env);
    switch (line.do) {
      case 'help':
        io.out(USAGE);
        return 0;
      case 'version':
        io.out(`weldc ${version()}\n`);
        return 0;
      case 'usage':
        io.err(USAGE);
        return 2;
      case 'command': {
        command = line.command;
        source = command.reads === 'text' ? readSource(line.file, io.stdin) : null;
        const answer = await command.run({
          text: source?.text ?? '',
          name: source?.name ?? line.file,
          options: line.options,
          env: io.env,
          now: () => performance.now(),
        });
        io.out(line.options.json ? jsonLine({ ok: true, ...answer.json }) : answer.text);
        return answer.status ?? 0;
      }
      case 'repl': {
        const { repl } = await import('./repl/repl.ts');
        return await repl(line.file, line.options, io);
      }
      default:
        return line satisfies never;
    }
  } catch (e) {
    return report(e, argv.includes('--json'), source, command, io);
  }
}

const jsonLine = (x: object): string => `${JSON.stringify(x)}\n`;

function report(e: unknown, json: boolean, source: Source | null, command: Command | null, io: Io): number {
  if (e instanceof UsageError) {
    if (json) io.out(jsonLine(faultJson('UsageError', e.message)));
    else io.err(`weldc: ${e.message}\n`);
    return 2;
  }
  if (e instanceof WeldError) {
    const found = e.diagnostics.map((diagnostic) => ({ diagnostic, source }));
    if (json) io.out(jsonLine(reportJson(found)));
    else io.err(`${reportText(found)}${command?.counts === true ? `\n${countText(found.length, 'error')}\n` : ''}`);
    return e.kind === 'UsageError' ? 2 : 1;
  }
  const fault = e instanceof Error ? e : new Error(String(e));
  if (json) io.out(jsonLine(faultJson(fault.name, fault.message)));
  io.err(faultText(fault, io.env));
  return 1;
}
