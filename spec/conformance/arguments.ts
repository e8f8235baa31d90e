/** From the words of the command line to what is to be run; whatever is wrong with them is a UsageError. */

import { parseArgs } from 'node:util';
import { suggest } from '../../compiler/index.ts';
import type { TargetName } from './suite.ts';

export const USAGE = `usage: npm run conformance -- CASES.json [options]

options
  --target TARGET   interp, the reference interpreter (default), or wasm, generated code
  --threads N       threads of generated code; default: what a case asks for, else 1
  --tag TAG         only cases with this tag
  --only TEXT       only cases with this text in their name
  --json            print one JSON object
  -h, --help        this text
`;

/** A wrong command line. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export interface CommandLine {
  readonly file: string;
  readonly target: TargetName;
  readonly threads: number | null;
  readonly tag: string | null;
  readonly only: string | null;
  readonly json: boolean;
}

const OPTIONS = {
  target: { type: 'string' },
  threads: { type: 'string' },
  tag: { type: 'string' },
  only: { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;

/** Reads a command line; `help` where that is what is asked for. */
export function parseCommandLine(argv: readonly string[]): CommandLine | 'help' {
  const { values, positionals } = words(argv);
  if (values.help === true) return 'help';
  const [file, ...extra] = positionals;
  if (file === undefined) throw new UsageError('a file of cases is needed');
  if (extra.length > 0) throw new UsageError(`one file at a time, found also ${extra.join(' ')}`);
  return {
    file,
    target: targetOf(values.target ?? 'interp'),
    threads: values.threads === undefined ? null : threadsOf(values.threads),
    tag: values.tag ?? null,
    only: values.only ?? null,
    json: values.json === true,
  };
}

function words(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options: OPTIONS, allowPositionals: true });
  } catch (e) {
    const message = e instanceof Error ? (e.message.split('. ')[0] ?? e.message) : String(e);
    const unknown = /^Unknown option '(--?[^']*)'/.exec(message)?.[1];
    if (unknown === undefined) throw new UsageError(message);
    const near = suggest(unknown.replace(/^-+/, ''), Object.keys(OPTIONS));
    throw new UsageError(`unknown option ${unknown}${near === null ? '' : `, did you mean --${near}?`}`);
  }
}

function targetOf(text: string): TargetName {
  if (text === 'interp' || text === 'wasm') return text;
  throw new UsageError(`--target must be interp or wasm, found ${text === '' ? 'nothing' : text}`);
}

function threadsOf(text: string): number {
  const n = Number(text);
  if (text.trim() !== '' && Number.isInteger(n) && n >= 1 && n <= 256) return n;
  throw new UsageError(`--threads must be a whole number from 1 to 256, found ${text === '' ? 'nothing' : text}`);
}
