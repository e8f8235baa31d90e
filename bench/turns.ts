/**
 * Timing by turns: every variant runs once in each round, so that what else the machine does hits all of them alike.
 */

import { median } from './stats.ts';

export interface Variant<K extends string> {
  readonly name: K;
  run(): Promise<unknown>;
}

/** Median milliseconds of each variant over `rounds` rounds, after `warmup` rounds that do not count. */
export async function byTurns<K extends string>(
  variants: readonly Variant<K>[],
  options: { readonly rounds: number; readonly warmup: number; onRound?(round: number, of: number): void },
): Promise<Readonly<Record<K, number>>> {
  const times = new Map<K, number[]>(variants.map((v) => [v.name, []]));
  const total = options.warmup + options.rounds;
  for (let round = 0; round < total; round++) {
    options.onRound?.(round + 1, total);
    for (const v of variants) {
      const start = performance.now();
      await v.run();
      const ms = performance.now() - start;
      if (round >= options.warmup) times.get(v.name)?.push(ms);
    }
  }
  const entries = [...times].map(([name, ms]) => [name, median(ms)]);
  return Object.fromEntries(entries) as Record<K, number>;
}
