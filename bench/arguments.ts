/** From the words of the command line to what is to be measured; whatever is wrong with them is a UsageError. */

import { parseArgs } from 'node:util';
import { suggest } from '../compiler/index.ts';
import { FAST } from './peers/ours.ts';
import { IMPLEMENTATIONS, PEERS } from './peers/peers.ts';
import type { Suite } from './suite.ts';
import { SUITES } from './suites/index.ts';
import type { Workload } from './workloads/workload.ts';

export const USAGE = `usage: npm run bench -- --suite SUITE [options]

suites
${SUITES.map((s) => `  ${s.name.padEnd(18)}${s.about}`).join('\n')}

options
  --only NAME       only this workload; may be given several times
  --n N             rows, instead of what each workload has by itself
  --runs N          timed rounds (default 10, with --quick 3)
  --quick           a tenth of the rows, few rounds
  --peers A,B       only these besides our own and plain JavaScript; none for no other (suite weld)
  --gb N            gigabytes of rows (suite stream)
  --fast-math       also our code with fastMath (suites weld, micro, maths)
  --threads N       threads of generated code (default 1)
  --json FILE       also write the figures to FILE
  --markdown        print tables for bench/README.md
  --list            list suites and workloads
  -h, --help        this text
`;

/** A wrong command line. */
export class UsageError extends Error {
  override readonly name = 'UsageError';
}

export interface CommandLine {
  readonly suite: Suite;
  readonly workloads: readonly Workload[];
  /** Rows; null for each workload's own number. */
  readonly rows: number | null;
  /** Gigabytes; null for the suite's own. */
  readonly gb: number | null;
  readonly runs: number;
  readonly quick: boolean;
  /** What is timed side by side, by name. */
  readonly implementations: readonly string[];
  readonly threads: number;
  readonly json: string | null;
  readonly markdown: boolean;
}

const OPTIONS = {
  suite: { type: 'string' },
  only: { type: 'string', multiple: true },
  n: { type: 'string' },
  gb: { type: 'string' },
  runs: { type: 'string' },
  quick: { type: 'boolean' },
  peers: { type: 'string' },
  'fast-math': { type: 'boolean' },
  threads: { type: 'string' },
  json: { type: 'string' },
  markdown: { type: 'boolean' },
  list: { type: 'boolean' },
  help: { type: 'boolean', short: 'h' },
} as const;
const DEFAULT_RUNS = 10;
const QUICK_RUNS = 3;

/** Reads a command line; `help` or `list` where that is what is asked for. */
export function parseCommandLine(argv: readonly string[]): CommandLine | 'help' | 'list' {
  const values = valuesOf(argv);
  if (values.help === true) return 'help';
  if (values.list === true) return 'list';
  const quick = values.quick === true;
  const suite = suiteOf(values.suite);
  return {
    suite,
    workloads: workloadsOf(suite, values.only ?? []),
    rows: values.n === undefined ? null : whole('--n', values.n, 100_000_000),
    gb: values.gb === undefined ? null : whole('--gb', values.gb, 1_000_000),
    runs: values.runs === undefined ? (quick ? QUICK_RUNS : DEFAULT_RUNS) : whole('--runs', values.runs, 1_000),
    quick,
    implementations: implementationsOf(values.peers, values['fast-math'] === true),
    threads: values.threads === undefined ? 1 : whole('--threads', values.threads, 256),
    json: values.json ?? null,
    markdown: values.markdown === true,
  };
}

function valuesOf(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options: OPTIONS }).values;
  } catch (e) {
    const message = e instanceof Error ? (e.message.split('. ')[0] ?? e.message) : String(e);
    const unknown = /^Unknown option '(--?[^']*)'/.exec(message)?.[1];
    if (unknown === undefined) throw new UsageError(message);
    throw new UsageError(`unknown option ${unknown}${hint(unknown.replace(/^-+/, ''), Object.keys(OPTIONS), '--')}`);
  }
}

function suiteOf(name: string | undefined): Suite {
  const names = SUITES.map((s) => s.name);
  if (name === undefined) throw new UsageError(`--suite is missing: ${names.join(' or ')}`);
  const found = SUITES.find((s) => s.name === name);
  if (found === undefined) throw new UsageError(`there is no suite '${name}'${hint(name, names)}`);
  return found;
}

function workloadsOf({ workloads }: Suite, names: readonly string[]): readonly Workload[] {
  const known = workloads.map((w) => w.name);
  for (const name of names) {
    if (!known.includes(name)) throw new UsageError(`there is no workload '${name}'${hint(name, known)}; see --list`);
  }
  return names.length === 0 ? workloads : workloads.filter((w) => names.includes(w.name));
}

/** Our own, and the peers of a list. */
function implementationsOf(list: string | undefined, fast: boolean): readonly string[] {
  const all = fast ? IMPLEMENTATIONS : IMPLEMENTATIONS.filter((i) => i !== FAST);
  if (list === undefined) return all;
  const names = list === 'none' ? [] : list.split(',');
  for (const name of names) {
    if (PEERS.includes(name)) continue;
    throw new UsageError(`there is no peer '${name}'${hint(name, PEERS)}; --peers takes ${PEERS.join(', ')} or none`);
  }
  return all.filter((i) => names.includes(i) || !PEERS.includes(i));
}

function hint(name: string, known: readonly string[], before = ''): string {
  const near = suggest(name, known);
  return near === null ? '' : `, did you mean ${before}${near}?`;
}

function whole(option: string, text: string, most: number): number {
  const n = Number(text);
  if (text.trim() !== '' && Number.isInteger(n) && n >= 1 && n <= most) return n;
  const found = text === '' ? 'nothing' : text;
  throw new UsageError(`${option} must be a whole number from 1 to ${most.toLocaleString('en-US')}, found ${found}`);
}
