/** From the words of a command line to what is to be done; whatever is wrong with them is a UsageError. */

import { parseArgs } from 'node:util';
import type { Json } from '../core/json.ts';
import { suggest } from '../diag/suggest.ts';
import type { Command } from './command.ts';
import { COMMANDS } from './commands.ts';
import type { Target } from './evaluator.ts';
import { UsageError } from './report.ts';
import { parseFuel, parseMemory, parseTarget, parseThreads, parseWhole } from './values.ts';

/** Environment variables. */
export type Vars = Readonly<Record<string, string | undefined>>;

/** What the options of a command line say; null where nothing is said. */
export interface Options {
  readonly json: boolean;
  /** `--args`: one JSON value a parameter; null where the option is not given. */
  readonly args: readonly Json[] | null;
  readonly compact: boolean;
  /** `--diff`: show the lines that passes change. */
  readonly diff: boolean;
  /** `--html`: the page to write, or null. */
  readonly html: string | null;
  /** `--out`: the folder to write, or null. */
  readonly out: string | null;
  /** `--stream`: the parameters that come in batches, by name or number, or null. */
  readonly stream: string | null;
  /** `--batch`: rows of a batch, or null to run as a whole. */
  readonly batch: number | null;
  /** `-O`: run the optimiser of machine code, too. */
  readonly optimize: boolean;
  /** `--n`, `--seed`, `--runs`: made-up data and how often it is used. */
  readonly n: number | null;
  readonly seed: number | null;
  readonly runs: number | null;
  readonly target: Target;
  readonly threads: number | null;
  readonly fuel: number | null;
  readonly memory: number | null;
  /** `--fast-math`: the passes may use rules that hold over the real numbers only. */
  readonly fastMath: boolean;
}

export type CommandLine =
  | { readonly do: 'help' | 'version' | 'usage' }
  | { readonly do: 'command'; readonly command: Command; readonly file: string; readonly options: Options }
  /** `file` is null where none is given. */
  | { readonly do: 'repl'; readonly file: string | null; readonly options: Options };

const OPTIONS = {
  args: { type: 'string' },
  compact: { type: 'boolean' },
  diff: { type: 'boolean' },
  html: { type: 'string' },
  out: { type: 'string', short: 'o' },
  stream: { type: 'string' },
  optimize: { type: 'boolean', short: 'O' },
  n: { type: 'string' },
  seed: { type: 'string' },
  runs: { type: 'string' },
  batch: { type: 'string' },
  target: { type: 'string' },
  threads: { type: 'string' },
  fuel: { type: 'string' },
  memory: { type: 'string' },
  'fast-math': { type: 'boolean' },
  json: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
  version: { type: 'boolean' },
} as const;
type Values = ReturnType<typeof parseWords>['values'];

/** The options that only some commands take. */
const TAKEN = [
  'args',
  'compact',
  'diff',
  'html',
  'out',
  'stream',
  'optimize',
  'n',
  'seed',
  'runs',
  'batch',
  'target',
  'threads',
  'fuel',
  'memory',
  'fast-math',
] as const;
/** The options of `weldc repl` besides `--json` and `--help`. */
const REPL_OPTIONS: readonly string[] = ['target', 'threads', 'fuel', 'memory', 'fast-math'];
const NAMES: readonly string[] = [...Object.keys(COMMANDS), 'repl', 'help'];

/** Reads a command line. `WELD_TARGET` is the default of `--target`. */
export function parseCommandLine(argv: readonly string[], env: Vars): CommandLine {
  const { values, positionals } = parseWords(argv);
  const [name, file, ...extra] = positionals;
  if (values.help === true || name === 'help') return { do: 'help' };
  if (values.version === true) return { do: 'version' };
  if (name === undefined && values.json === true) throw new UsageError('a command is missing; see weldc --help');
  if (name === undefined) return { do: 'usage' };
  const command = COMMANDS[name];
  if (command === undefined && name !== 'repl') throw new UsageError(unknownCommand(name));
  if (file === undefined && command !== undefined) {
    const what = command.reads === 'text' ? 'a file' : 'a folder';
    throw new UsageError(`${name} needs ${what}: weldc ${name} ${command.reads === 'text' ? 'FILE.weld' : 'DIR'}`);
  }
  if (file === '') throw new UsageError('the name of the file is empty');
  if (extra.length > 0) throw new UsageError(`one file at a time, found also ${extra.join(' ')}`);
  refuseOthers(name, values, command === undefined ? REPL_OPTIONS : command.options);
  const options = optionsOf(values, parseTarget(values.target, env, command === undefined ? 'interp' : 'wasm'));
  if (command !== undefined && file !== undefined) return { do: 'command', command, file, options };
  if (file === '-') throw new UsageError('repl reads its inputs from standard input: give a file, or none');
  return { do: 'repl', file: file ?? null, options };
}

function refuseOthers(name: string, values: Values, taken: readonly string[]): void {
  for (const option of TAKEN) {
    if (values[option] !== undefined && !taken.includes(option)) {
      throw new UsageError(`${name} takes no --${option}; see weldc --help`);
    }
  }
}

function optionsOf(values: Values, target: Target): Options {
  const fuel = parseFuel(values.fuel, target);
  return {
    json: values.json === true,
    args: values.args === undefined ? null : parseArguments(values.args),
    compact: values.compact === true,
    diff: values.diff === true,
    html: values.html ?? null,
    out: values.out ?? null,
    stream: values.stream ?? null,
    batch: parseWhole(values.batch, '--batch', 1, 100_000_000),
    optimize: values.optimize === true,
    n: parseWhole(values.n, '--n', 1, 100_000_000),
    seed: parseWhole(values.seed, '--seed', 0, 2 ** 32 - 1),
    runs: parseWhole(values.runs, '--runs', 1, 10_000),
    target,
    threads: parseThreads(values.threads, '--threads'),
    fuel,
    memory: parseMemory(values.memory),
    fastMath: values['fast-math'] === true,
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
    if (lacking === undefined) throw new UsageError(`${message}; see weldc --help`);
    const next = argv[argv.indexOf(lacking) + 1] ?? '';
    const hint = /^-\d/.test(next) ? `: a value like ${next} is written ${lacking}=${next}` : '';
    throw new UsageError(`${lacking} needs a value${hint}`);
  }
}

function unknownCommand(name: string): string {
  if (/\.weld$|^-$|[/\\]/.test(name)) return `a command comes before the file: weldc run ${name}`;
  const near = suggest(name, NAMES);
  return `unknown command ${name}${near === null ? '' : `, did you mean ${near}?`}; see weldc --help`;
}

const EXAMPLE = `for example --args '[[1, 2, 3], 10]'`;

function parseArguments(text: string): readonly Json[] {
  const shown = text.length > 60 ? `${text.slice(0, 57)}...` : text;
  if (depthOf(text) > MOST_DEPTH) throw new UsageError(`--args nests more than ${MOST_DEPTH} deep: ${shown}`);
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
/** Deeper than any type. */
const MOST_DEPTH = 1000;

/** How deep brackets nest in a JSON text; those in strings do not count. */
function depthOf(text: string): number {
  let [depth, most] = [0, 0];
  for (const [word] of text.matchAll(/"(?:[^"\\]|\\.)*"|[[\]{}]/g)) {
    if (word === '[' || word === '{') depth++;
    else if (word === ']' || word === '}') depth--;
    most = Math.max(most, depth);
  }
  return most;
}
const isArray = (x: Json): x is readonly Json[] => Array.isArray(x);
