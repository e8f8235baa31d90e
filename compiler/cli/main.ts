/**
 * `weldc`: Weld programs from the command line. Exit status 0: a result; 1: the program is wrong or failed; 2: the
 * command line is wrong (or its file cannot be read). With `--json` the answer, also an error, is one JSON object on
 * standard output. A stack trace appears only for faults of ours with WELD_DEBUG set.
 */

import { type Diagnostic, WeldError } from '../diag/diagnostic.ts';
import { placeOf, renderError, type Source } from '../diag/render.ts';
import { type CommandLine, parseCommandLine, USAGE, UsageError } from './arguments.ts';
import { COMMANDS } from './commands.ts';
import { readSource, version } from './files.ts';

/** What the command writes to and reads from. */
export interface Io {
  readonly out: (text: string) => void;
  readonly err: (text: string) => void;
  /** All of standard input. */
  readonly stdin: () => string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/** Runs one command and gives the exit status. */
export async function main(argv: readonly string[], io: Io): Promise<number> {
  let source: Source | null = null;
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
      case 'command':
        source = readSource(line.file, io.stdin);
        io.out(await runCommand(line, source, io));
        return 0;
      default:
        return line satisfies never;
    }
  } catch (e) {
    return report(e, argv.includes('--json'), source, io);
  }
}

async function runCommand(line: Extract<CommandLine, { do: 'command' }>, source: Source, io: Io): Promise<string> {
  const command = COMMANDS[line.name];
  if (command === undefined) throw new UsageError(`unknown command ${line.name}`);
  const { json, args, target, threads } = line;
  const { env } = io;
  return command.run({ text: source.text, json, args, target, threads, env, now: () => performance.now() });
}

function report(e: unknown, json: boolean, source: Source | null, io: Io): number {
  if (e instanceof UsageError) {
    if (json) io.out(errorLine({ code: null, kind: 'UsageError', message: e.message, span: null }));
    else io.err(`weldc: ${e.message}\n`);
    return 2;
  }
  if (e instanceof WeldError) {
    const [first] = e.diagnostics;
    const span = spanJson(first, source);
    if (json) io.out(errorLine({ code: e.code, kind: e.kind, message: first?.message ?? e.message, span }));
    else io.err(`${renderError(e, source)}\n`);
    return e.kind === 'UsageError' ? 2 : 1;
  }
  const fault = e instanceof Error ? e : new Error(String(e));
  if (json) io.out(errorLine({ code: null, kind: fault.name, message: fault.message, span: null }));
  const debug = (io.env['WELD_DEBUG'] ?? '0') !== '0';
  const detail = debug ? (fault.stack ?? fault.message) : fault.message;
  const advice = debug ? '' : '; WELD_DEBUG=1 shows where it happened';
  io.err(`weldc: internal fault: ${detail}\nThis is a mistake of weldc, please report it with the program${advice}.\n`);
  return 1;
}

interface ErrorJson {
  readonly code: string | null;
  readonly kind: string;
  readonly message: string;
  readonly span: object | null;
}
const errorLine = (error: ErrorJson): string => `${JSON.stringify({ error })}\n`;

function spanJson(d: Diagnostic | undefined, source: Source | null): object | null {
  if (d?.origin?.kind !== 'text' || source === null) return null;
  const { start, end } = d.origin.span;
  const { line, column } = placeOf(source.text, start);
  return { start, end, line, column };
}
