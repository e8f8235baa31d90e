/**
 * Timing by turns: every variant runs once in each round, so that what else the machine does hits all of them alike. Each
 * round begins with another one: what a variant leaves behind, garbage and cold caches, hits each of the others in turn.
 */

import { median } from './stats.ts';

export interface Variant<K extends string> {
  readonly name: K;
  /** Runs once; may give the milliseconds that count, else those until it is done do. */
  run(): Promise<unknown>;
}

export interface Turns {
  readonly rounds: number;
  /** Rounds before those that count. */
  readonly warmup: number;
  onRound?(round: number, of: number): void;
}

/** Median milliseconds of each variant. */
export async function byTurns<K extends string>(
  variants: readonly Variant<K>[],
  options: Turns,
): Promise<Readonly<Record<K, number>>> {
  const times = await timesByTurns(variants, options);
  const entries = variants.map((v, k) => [v.name, median(times[k] ?? [])]);
  return Object.fromEntries(entries) as Record<K, number>;
}

/** The milliseconds of all rounds of each variant. */
export async function timesByTurns(
  variants: readonly Variant<string>[],
  options: Turns,
): Promise<readonly (readonly number[])[]> {
  const times = variants.map((): number[] => []);
  const total = options.warmup + options.rounds;
  for (let round = 0; round < total; round++) {
    options.onRound?.(round + 1, total);
    for (const at of variants.keys()) {
      const k = (at + round) % variants.length;
      const v = variants[k];
      if (v === undefined) continue;
      const start = performance.now();
      const own = await v.run();
      const ms = typeof own === 'number' ? own : performance.now() - start;
      if (round >= options.warmup) times[k]?.push(ms);
    }
  }
  return times;
}
