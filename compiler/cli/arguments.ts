/** From the words of a command line to what is to be done; whatever is wrong with them is a UsageError. */

import { parseArgs } from 'node:util';
import type { Json } from '../core/json.ts';
import { suggest } from '../diag/suggest.ts';
import { COMMANDS } from './commands.ts';

export const USAGE = `usage: weldc COMMAND FILE.weld [options]

commands
  run      run a program and print its value
  check    say whether a program is right
  fmt      print a program let-normalised
  explain  show the passes, the fused program and the lowering decisions

options
  --args JSON       arguments of the program, a JSON array with one value each (run; default [])
  --target TARGET   wasm or interp, the reference interpreter (run; default wasm, or WELD_TARGET)
  --threads N       threads to use (run; default all cores, or WELD_THREADS)
  --json            print one JSON object
  -h, --help        this text
  --version         the version
  FILE may be - for standard input

example
  weldc run sum.weld --args '[[1, 2, 3], 10]'
`;

/** A wrong command line. */
export class UsageError extends Error {}

export type CommandLine =
  | { readonly do: 'help' | 'version' | 'usage' }
  | {
      readonly do: 'command';
      readonly name: string;
      readonly file: string;
      readonly json: boolean;
      readonly args: readonly Json[];
      readonly target: 'wasm' | 'interp';
      readonly threads: number | null;
    };

const OPTIONS = {
  args: { type: 'string' },
  target: { type: 'string' },
  threads: { type: 'string' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean' },
} as const;

/** Reads a command line. `WELD_TARGET` is the default of `--target`. */
export function parseCommandLine(
  argv: readonly string[],
  env: Readonly<Record<string, string | undefined>>,
): CommandLine {
  const { values, positionals } = parseWords(argv);
  const [name, file, ...extra] = positionals;
  if (values.help === true || name === 'help') return { do: 'help' };
  if (values.version === true) return { do: 'version' };
  if (name === undefined) return { do: 'usage' };
  const command = COMMANDS[name];
  if (command === undefined) throw new UsageError(unknownCommand(name));
  if (file === undefined) throw new UsageError(`${name} needs a file: weldc ${name} FILE.weld`);
  if (extra.length > 0) throw new UsageError(`one file at a time, found also ${extra.join(' ')}`);
  for (const option of ['args', 'target', 'threads'] as const) {
    if (values[option] !== undefined && !command.options.includes(option)) {
      throw new UsageError(`${name} takes no --${option}; see weldc --help`);
    }
  }
  return {
    do: 'command',
    name,
    file,
    json: values.json === true,
    args: parseArguments(values.args ?? '[]'),
    target: parseTarget(values.target, env),
    threads: parseThreads(values.threads),
  };
}

function parseWords(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options: OPTIONS, allowPositionals: true });
  } catch (e) {
    const message = e instanceof Error ? (e.message.split('. ')[0] ?? e.message) : String(e);
    const unknown = /^Unknown option '(--?[^']*)'/.exec(message)?.[1];
    if (unknown !== undefined) {
      const near = suggest(unknown.replace(/^-+/, ''), Object.keys(OPTIONS));
      const hint = near === null ? '' : `, did you mean --${near}?`;
      throw new UsageError(`unknown option ${unknown}${hint}; see weldc --help`);
    }
    const lacking = /^Option '(?:-\w, )?(--\w+)(?: <value>)?' argument/.exec(message)?.[1];
    throw new UsageError(lacking === undefined ? `${message}; see weldc --help` : `${lacking} needs a value`);
  }
}

function unknownCommand(name: string): string {
  if (/\.weld$|^-$|[/\\]/.test(name)) return `a command comes before the file: weldc run ${name}`;
  const near = suggest(name, [...Object.keys(COMMANDS), 'help']);
  return `unknown command ${name}${near === null ? '' : `, did you mean ${near}?`}; see weldc --help`;
}

const EXAMPLE = `for example --args '[[1, 2, 3], 10]'`;

function parseArguments(text: string): readonly Json[] {
  const shown = text.length > 60 ? `${text.slice(0, 57)}...` : text;
  let value: Json;
  try {
    value = JSON.parse(text);
  } catch (e) {
    const why = e instanceof Error ? e.message : String(e);
    throw new UsageError(`--args is not JSON: ${shown} (${why}); ${EXAMPLE}`);
  }
  if (!isArray(value))
    throw new UsageError(`--args must be a JSON array with one value a parameter, found ${shown}; ${EXAMPLE}`);
  return value;
}
const isArray = (x: Json): x is readonly Json[] => Array.isArray(x);

function parseTarget(option: string | undefined, env: Readonly<Record<string, string | undefined>>): 'wasm' | 'interp' {
  const fromEnv = option === undefined && (env['WELD_TARGET'] ?? '') !== '';
  const text = option ?? (fromEnv ? env['WELD_TARGET'] : 'wasm');
  if (text === 'wasm' || text === 'interp') return text;
  throw new UsageError(`${fromEnv ? 'WELD_TARGET' : '--target'} must be wasm or interp, found ${text}`);
}

function parseThreads(text: string | undefined): number | null {
  if (text === undefined) return null;
  const n = Number(text);
  if (text.trim() !== '' && Number.isInteger(n) && n >= 1 && n <= 256) return n;
  throw new UsageError(`--threads must be a whole number from 1 to 256, found ${text === '' ? 'nothing' : text}`);
}
