/**
 * Processes of their own that measure something: started anew for every sample, in turns, by the Node.js that runs the
 * suite. Each prints its figures as JSON, by name. They are what `npm run build` makes.
 */

import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { median } from './stats.ts';
import { fixed } from './suites/format.ts';

/** A process to start. */
export interface Probe {
  readonly name: string;
  /** A file under `dist`. */
  readonly script: string;
  readonly args: readonly string[];
  readonly env: Readonly<Record<string, string>>;
}
/** The medians of a probe's figures. */
export interface Measured {
  readonly name: string;
  readonly figures: Readonly<Record<string, number>>;
}

/** A file or folder under `dist`. */
export const built = (path: string): string => fileURLToPath(new URL(`../${path}`, import.meta.url));

/** The probes' figures. A round that does not count comes first: it fills caches. */
export function measure(probes: readonly Probe[], runs: number, onRound: (round: number) => void): readonly Measured[] {
  const samples = probes.map((): Readonly<Record<string, number>>[] => []);
  for (let round = 0; round <= runs; round++) {
    onRound(round);
    for (const [k, { script, args, env }] of probes.entries()) {
      const options = { encoding: 'utf8', env: { ...process.env, ...env } } as const;
      const printed = JSON.parse(execFileSync(process.execPath, [built(script), ...args], options));
      if (round > 0) samples[k]?.push(printed);
    }
  }
  return probes.map(({ name }, k) => {
    const own = samples[k] ?? [];
    const keys = Object.keys(own[0] ?? {});
    return { name, figures: Object.fromEntries(keys.map((key) => [key, median(own.map((s) => s[key] ?? 0))])) };
  });
}

/** A table, a line a probe; `columns` are the figures by the names of their columns. */
export function probeTable(
  title: string,
  columns: Readonly<Record<string, string>>,
  digits: number,
  rows: readonly Measured[],
): readonly string[] {
  const line = (name: string, cells: readonly string[]): string =>
    name.padEnd(44) + cells.map((c) => c.padStart(11)).join('');
  const cells = ({ figures }: Measured): readonly string[] =>
    Object.values(columns).map((key) => fixed(figures[key] ?? Number.NaN, digits));
  return [line(title, Object.keys(columns)), ...rows.map((r) => line(`  ${r.name}`, cells(r)))];
}
