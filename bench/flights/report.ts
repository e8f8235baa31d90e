/** The demo's figures as text for people and as JSON for programs. */

import type { Machine } from '../machine.ts';
import type { Measurement, VariantName } from './measure.ts';

export interface Report extends Measurement {
  readonly readMs: number;
  readonly machine: Machine;
}

export function reportText(r: Report): string {
  const { medianMs: ms } = r;
  const rows: readonly (readonly [VariantName, string])[] = [
    ['js', 'plain JavaScript loop, fused by hand'],
    ['unfused', 'weld-ts, fusion off, 1 thread'],
    ['fused_1', 'weld-ts, fused, 1 thread'],
    ['fused_n', `weld-ts, fused, ${r.threads} thread${r.threads === 1 ? '' : 's'}`],
  ];
  const number = (x: number, digits = 0): string =>
    x.toLocaleString('en-US', { maximumFractionDigits: digits, minimumFractionDigits: digits });
  const lines = [
    'The ten airports with the longest mean delay, of those with at least 1,000 flights whose recorded distance is',
    'within 5 % of the great circle:',
    '',
    `  ${'origin'.padEnd(6)} ${'flights'.padStart(8)} ${'mean delay'.padStart(11)} ${'over 1 h'.padStart(9)} ${'score'.padStart(7)}`,
    ...r.answer.map(
      (a) =>
        `  ${a.origin.padEnd(6)} ${number(Number(a.flights)).padStart(8)} ${`${number(a.mean_delay, 2)} min`.padStart(11)} ` +
        `${`${number(100 * a.late_share, 1)} %`.padStart(9)} ${number(a.mean_score, 4).padStart(7)}`,
    ),
    '',
    `loops over data: ${r.loopsBefore} as written, ${r.loopsAfter} after fusion`,
    `read ${number(r.readMs)} ms, compile ${number(r.compileMs)} ms (once), ${number(r.rows)} rows`,
    '',
    `  ${'the same answer by'.padEnd(38)} ${'median'.padStart(9)} ${'rows/s'.padStart(8)}  against JavaScript`,
    ...rows.map(
      ([name, what]) =>
        `  ${what.padEnd(38)} ${`${number(ms[name], 1)} ms`.padStart(9)} ${`${number(r.rows / ms[name] / 1000, 1)} M`.padStart(8)}` +
        `  ${number(ms.js / ms[name], 2)} x`,
    ),
    '',
    `fused against unfused ${number(ms.unfused / ms.fused_1, 2)} x, ${r.threads} threads against 1 ${number(ms.fused_1 / ms.fused_n, 2)} x`,
    `${r.runs} rounds in turn; ${r.machine.cpu}, ${r.machine.cores} cores, Node ${r.machine.node}`,
    '',
  ];
  return lines.join('\n');
}

export function reportJson(r: Report): object {
  return {
    rows: r.rows,
    loops_before: r.loopsBefore,
    loops_after: r.loopsAfter,
    read_ms: r.readMs,
    compile_ms: r.compileMs,
    median_ms: r.medianMs,
    threads: r.threads,
    runs: r.runs,
    machine: r.machine,
    answer: r.answer.map((a) => ({ ...a, flights: Number(a.flights) })),
  };
}
