/** A comparison as text for people and as rows for programs. */

import type { Machine } from '../machine.ts';
import type { Comparison, Row } from './compare.ts';
import { fixed } from './format.ts';

export interface CompareReport {
  readonly suite: string;
  readonly comparisons: readonly Comparison[];
  readonly machine: Machine;
  readonly commit: string | null;
}

/** One workload; `x` is the time as a multiple of ours. */
export function comparisonText({ workload: w, rows, missing }: Comparison): string {
  const ours = rows.find((r) => r.impl === 'weld')?.median_ms ?? Number.NaN;
  const head = ['', 'threads', 'median', 'least', 'spread', 'cpu', 'weld = 1', 'peak', 'compiled in'];
  const cells = rows.map((r) => [
    r.impl,
    String(r.threads),
    `${fixed(r.median_ms, 2)} ms`,
    `${fixed(r.min_ms, 2)} ms`,
    `±${fixed(r.spread, 2)}`,
    `${fixed(r.cpu_ms, 2)} ms`,
    `${fixed(r.median_ms / ours, 2)} x`,
    `${fixed(r.peak_mb, 0)} MB`,
    r.compile_ms === null ? '' : `${fixed(r.compile_ms, 1)} ms`,
  ]);
  const widths = head.map((h, k) => Math.max(h.length, ...cells.map((c) => c[k]?.length ?? 0)));
  const line = (c: readonly string[]): string =>
    `  ${c.map((text, k) => (k === 0 ? text.padEnd(widths[k] ?? 0) : text.padStart(widths[k] ?? 0))).join('  ')}`;
  return [
    `${w.name}: ${w.about}`,
    `  ${fixed(rows[0]?.n ?? 0, 0)} ${w.unit}`,
    '',
    ...[head, ...cells].map((c) => line(c).trimEnd()),
    ...missing.map((m) => `  ${m.name}: missing, ${m.reason}`),
    '',
  ].join('\n');
}

export function conditionsText({ comparisons, machine, commit }: CompareReport): string {
  const versions = new Map(comparisons.flatMap((c) => c.rows.map((r) => [r.impl, r.version] as const)));
  const list = [...versions].map(([impl, version]) => `${impl} ${version}`).join(', ');
  return `${list}; ${machine.cpu}, ${machine.cores} cores${commit === null ? '' : `, commit ${commit.slice(0, 10)}`}\n`;
}

export function compareJson({ suite, comparisons, machine, commit }: CompareReport): object {
  return {
    suite,
    machine,
    commit,
    rows: comparisons.flatMap((c): readonly Row[] => c.rows),
    missing: comparisons.flatMap((c) => c.missing.map((m) => ({ workload: c.workload.name, ...m }))),
  };
}
