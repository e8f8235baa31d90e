/** The ablation's figures: as text for people, as a Markdown table, as JSON for programs. */

import type { Machine } from '../machine.ts';
import type { AblationResult, Outcome, VariantResult } from './ablation.ts';
import { fixed, markdownTable } from './format.ts';

export interface AblationReport {
  readonly results: readonly AblationResult[];
  readonly runs: number;
  readonly threads: number;
  readonly machine: Machine;
  readonly commit: string | null;
}

const nameOf = (v: VariantResult): string => (v.without === 'all' ? 'no passes' : `without ${v.without}`);

export function ablationText(r: AblationReport): string {
  return [...r.results.map(workloadText), conditions(r), ''].join('\n');
}

export const conditions = ({ runs, threads, machine, commit }: AblationReport): string =>
  `${runs} rounds in turn, ${threads} thread${threads === 1 ? '' : 's'}; ${machine.cpu}, ${machine.cores} cores, ` +
  `Node ${machine.node}${commit === null ? '' : `, commit ${shortCommit(commit)}`}`;
const shortCommit = (commit: string): string => commit.replace(/^(.{10})[0-9a-f]*/, '$1');

/** One workload; `x` is how many times as long as with all passes. */
export function workloadText(r: AblationResult): string {
  const { workload: w, all } = r;
  const line = (name: string, loops: number | null, figures: string): string =>
    `  ${name.padEnd(26)} ${(loops === null ? '' : String(loops)).padStart(5)}  ${figures}`.trimEnd();
  const timed = (t: { readonly medianMs: number; readonly madMs: number }): string =>
    `${fixed(t.medianMs, 2).padStart(9)} ms ${`±${fixed(t.madMs, 2)}`.padStart(8)} ${fixed(t.medianMs / all.medianMs, 2).padStart(7)} x`;
  const figures = (o: Outcome): string => {
    if (o.kind === 'timed') return timed(o);
    return o.kind === 'same' ? 'the same code' : `not supported: ${o.reason}`;
  };
  return [
    `${w.name}: ${w.about}`,
    `  ${fixed(r.rows, 0)} ${w.unit}; loops: ${r.loopsAsWritten} as written, ${w.handFused.loops} by hand; compiled in ${fixed(r.compileMs, 1)} ms`,
    '',
    `  ${''.padEnd(26)} loops  ${'median'.padStart(12)} ${'spread'.padStart(8)}   all passes = 1`,
    line('plain JavaScript', null, timed(r.js)),
    line('all passes', r.loops, timed(all)),
    ...r.variants.map((v) => line(nameOf(v), v.loops, figures(v.outcome))),
    '',
  ].join('\n');
}

/** A variant is named in the table when it takes so many times as long, or less than the inverse. */
const WORTH_NAMING = 1.1;

/** A row a workload: milliseconds with all passes, how many times as long others take, and which passes matter. */
export function ablationMarkdown(r: AblationReport): string {
  const ratioOf = ({ outcome }: VariantResult, { all }: AblationResult): number =>
    outcome.kind === 'timed' ? outcome.medianMs / all.medianMs : 1;
  const named = (result: AblationResult, holds: (ratio: number) => boolean): string =>
    result.variants
      .map((v) => ({ name: v.without, ratio: ratioOf(v, result) }))
      .filter((v) => v.name !== 'all' && holds(v.ratio))
      .sort((v, w) => Math.abs(Math.log(w.ratio)) - Math.abs(Math.log(v.ratio)))
      .map((v) => `${v.name} ${fixed(v.ratio, 2)}`)
      .join(', ');
  const without = (result: AblationResult): string => {
    const none = result.variants.find((v) => v.without === 'all');
    return none === undefined ? '' : fixed(ratioOf(none, result), 2);
  };
  const rows = r.results.map((result) => [
    result.workload.name,
    fixed(result.rows, 0),
    fixed(result.all.medianMs, 2),
    fixed(result.js.medianMs / result.all.medianMs, 2),
    without(result),
    named(result, (ratio) => ratio >= WORTH_NAMING),
    named(result, (ratio) => ratio <= 1 / WORTH_NAMING),
  ]);
  const table = markdownTable(
    ['workload', '>rows', '>all passes, ms', '>JavaScript', '>no passes', 'slower without', 'faster without'],
    rows,
  );
  return `${table}\n${conditions(r)}.\n`;
}

export function ablationJson(r: AblationReport): object {
  const timing = (t: { readonly medianMs: number; readonly madMs: number }): object => ({
    median_ms: t.medianMs,
    mad_ms: t.madMs,
  });
  return {
    suite: 'ablation',
    machine: r.machine,
    node: r.machine.node,
    commit: r.commit,
    threads: r.threads,
    runs: r.runs,
    workloads: r.results.map((x) => ({
      name: x.workload.name,
      rows: x.rows,
      loops_as_written: x.loopsAsWritten,
      loops_by_hand: x.workload.handFused.loops,
      loops: x.loops,
      compile_ms: x.compileMs,
      javascript: timing(x.js),
      all_passes: timing(x.all),
      variants: x.variants.map((v) => ({ without: v.without, loops: v.loops, ...outcomeJson(v.outcome, x) })),
    })),
  };
}

function outcomeJson(o: Outcome, { all }: AblationResult): object {
  switch (o.kind) {
    case 'timed':
      return { median_ms: o.medianMs, mad_ms: o.madMs, ratio: o.medianMs / all.medianMs };
    case 'same':
      return { same_as_all_passes: true };
    case 'unsupported':
      return { unsupported: o.reason };
    default:
      return o satisfies never;
  }
}
