/** The loops of each workload: as it is written, as one fuses it by hand, and as the passes leave it. */

import { countLoops, optimize } from '../../compiler/pipeline.ts';
import { programOf, type Workload } from '../workloads/workload.ts';
import { markdownTable } from './format.ts';

export interface LoopsResult {
  readonly workload: Workload;
  readonly asWritten: number;
  readonly fused: number;
}

export function loopsOf(w: Workload): LoopsResult {
  const program = programOf(w);
  return { workload: w, asWritten: countLoops(program), fused: countLoops(optimize(program).program) };
}

export function loopsText(results: readonly LoopsResult[]): string {
  const lines = results.map(({ workload: w, asWritten, fused }) => {
    const gap = fused === w.handFused.loops ? '' : `  ${w.gap?.why ?? ''}`;
    return `${w.name.padEnd(16)} ${numbers(asWritten, w.handFused.loops, fused)}${gap}`.trimEnd();
  });
  return [`${''.padEnd(16)} ${numbers('as written', 'by hand', 'ours')}`, ...lines, ''].join('\n');
}
const numbers = (...cells: readonly (number | string)[]): string => cells.map((c) => String(c).padStart(10)).join(' ');

export function loopsMarkdown(results: readonly LoopsResult[]): string {
  const table = markdownTable(
    ['workload', 'what', '>as written', '>by hand', '>ours', 'which, by hand'],
    results.map(({ workload: w, asWritten, fused }) => [
      w.name,
      w.about,
      String(asWritten),
      String(w.handFused.loops),
      String(fused),
      w.handFused.why,
    ]),
  );
  const gaps = results.flatMap(({ workload: w }) => (w.gap === undefined ? [] : [`- ${w.name}: ${w.gap.why}`]));
  return gaps.length === 0 ? table : [table, 'Where ours are more:', '', ...gaps, ''].join('\n');
}

export function loopsJson(results: readonly LoopsResult[]): object {
  return {
    suite: 'loops',
    workloads: results.map(({ workload: w, asWritten, fused }) => ({
      name: w.name,
      loops_as_written: asWritten,
      loops_by_hand: w.handFused.loops,
      loops: fused,
      gap: w.gap?.why ?? null,
    })),
  };
}
