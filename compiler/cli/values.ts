/** The values of options: numbers, sizes, targets. The repl reads those of its commands here, too. */

import type { Vars } from './arguments.ts';
import type { Target } from './evaluator.ts';
import { UsageError } from './report.ts';

/** A target by its name; `WELD_TARGET` where none is given, else `otherwise`. */
export function parseTarget(option: string | undefined, env: Vars, otherwise: Target, who = '--target'): Target {
  const fromEnv = option === undefined && (env['WELD_TARGET'] ?? '') !== '';
  const text = option ?? (fromEnv ? env['WELD_TARGET'] : otherwise);
  if (text === 'wasm' || text === 'interp') return text;
  throw new UsageError(`${fromEnv ? 'WELD_TARGET' : who} must be wasm or interp, found ${shown(text)}`);
}

/** A whole number in a range; `who` is what the message calls it. */
export function parseWhole(text: string | undefined, who: string, least: number, most: number): number | null {
  if (text === undefined) return null;
  const n = wholeNumber(text);
  if (n !== null && n >= least && n <= most) return n;
  const range = `${least} to ${most.toLocaleString('en-US')}`;
  throw new UsageError(`${who} must be a whole number from ${range}, found ${shown(text)}`);
}

/** A number of threads; `who` is what the message calls it. */
export function parseThreads(text: string | undefined, who: string): number | null {
  return parseWhole(text, who, 1, 256);
}

/** How many lets and iterations a run may take. Generated code does not count them. */
export function parseFuel(text: string | undefined, target: Target): number | null {
  if (text === undefined) return null;
  const n = wholeNumber(text);
  if (n === null) throw new UsageError(`--fuel must be a whole number of at least 0, found ${shown(text)}`);
  if (target !== 'interp') throw new UsageError('--fuel is counted by the interpreter only: add --target interp');
  return n;
}

const UNITS: Readonly<Record<string, number>> = { '': 1, K: 1024, M: 1024 ** 2, G: 1024 ** 3 };

/** A number of bytes, with K, M or G for powers of 1024. */
export function parseMemory(text: string | undefined): number | null {
  if (text === undefined) return null;
  const [, digits = '', unit = ''] = /^(\d+)([KMG]?)$/i.exec(text) ?? [];
  const bytes = Number(digits) * (UNITS[unit.toUpperCase()] ?? 0);
  if (digits !== '' && bytes >= 1 && Number.isSafeInteger(bytes)) return bytes;
  throw new UsageError(`--memory must be a number of bytes such as 65536, 64K, 16M or 2G, found ${shown(text)}`);
}

/** Digits only: neither `1e3` nor `0x10` nor a sign. */
const wholeNumber = (text: string): number | null =>
  /^\d+$/.test(text) && Number.isSafeInteger(Number(text)) ? Number(text) : null;
const shown = (text: string | undefined): string => (text === undefined || text === '' ? 'nothing' : text);
