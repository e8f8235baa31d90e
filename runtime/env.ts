/**
 * The only reader of WELD_* environment variables outside the command line tool; `spec/debugging.md` documents them.
 * They are read when a session starts. Options given to `init` or `evaluate` win over them.
 */

import { availableParallelism } from 'node:os';
import { fail, type SinkName } from '../compiler/index.ts';

export type TargetName = 'wasm' | 'interp';

export interface Env {
  /** WELD_THREADS: most threads of a launch. */
  readonly threads: number;
  /** WELD_DEBUG: 0 nothing ... 5 everything, on standard error. */
  readonly debug: number;
  /** WELD_DEBUG from 2 on: the file that gets a trace of the process. */
  readonly trace: string | null;
  /** WELD_CHECK: verify programs and kernels after every step of the compiler. */
  readonly check: boolean;
  /** WELD_DISABLE: names of passes that are switched off. */
  readonly disable: readonly string[];
  /** WELD_STOP_AFTER: the pass after whose first run the optimizer stops. */
  readonly stopAfter: string | null;
  /** WELD_BISECT: the rewrites after which the optimizer begins no other. */
  readonly bisect: number | null;
  /** WELD_DUMP: the folder that the program is written to after every pass that changed it. */
  readonly dump: string | null;
  /** WELD_CACHE: the folder that keeps compiled programs for later processes. */
  readonly cache: string | null;
  /** WELD_TARGET: where programs run. */
  readonly target: TargetName;
  /** WELD_SINK: who writes the bytes of WASM modules. */
  readonly sink: SinkName;
}

/** Reads the switches; W8006 for a value that makes no sense. */
export function readEnv(vars: Readonly<Record<string, string | undefined>> = process.env): Env {
  const debug = wholeNumber(vars, 'WELD_DEBUG', 0) ?? 0;
  return {
    threads: wholeNumber(vars, 'WELD_THREADS', 1) ?? availableParallelism(),
    debug,
    trace: debug >= 2 ? `weld-trace-${process.pid}.json` : null,
    check: flag(vars, 'WELD_CHECK'),
    disable: (vars['WELD_DISABLE'] ?? '')
      .split(',')
      .map((s) => s.trim())
      .filter((s) => s !== ''),
    stopAfter: text(vars, 'WELD_STOP_AFTER'),
    bisect: wholeNumber(vars, 'WELD_BISECT', 0),
    dump: text(vars, 'WELD_DUMP'),
    cache: text(vars, 'WELD_CACHE'),
    target: choice(vars, 'WELD_TARGET', ['wasm', 'interp']),
    sink: choice(vars, 'WELD_SINK', ['direct', 'binaryen']),
  };
}

function wholeNumber(vars: Readonly<Record<string, string | undefined>>, name: string, least: number): number | null {
  const text = vars[name];
  if (text === undefined || text === '') return null;
  const n = Number(text);
  if (Number.isInteger(n) && n >= least) return n;
  return fail('W8006', `${name} must be a whole number of at least ${least}, found "${text}"`);
}

function text(vars: Readonly<Record<string, string | undefined>>, name: string): string | null {
  const value = (vars[name] ?? '').trim();
  return value === '' ? null : value;
}

function flag(vars: Readonly<Record<string, string | undefined>>, name: string): boolean {
  const text = vars[name] ?? '';
  if (text === '' || text === '0') return false;
  if (text === '1') return true;
  return fail('W8006', `${name} must be 0 or 1, found "${text}"`);
}

/** One of some words, the first where there is none. */
function choice<T extends string>(
  vars: Readonly<Record<string, string | undefined>>,
  name: string,
  words: readonly [T, ...T[]],
): T {
  const text = vars[name] ?? '';
  if (text === '') return words[0];
  return words.find((w) => w === text) ?? fail('W8006', `${name} must be ${words.join(' or ')}, found "${text}"`);
}
