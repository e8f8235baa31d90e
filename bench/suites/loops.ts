/**
 * The loops of each workload: as it is written, as one fuses it by hand, and as the passes leave it; and how many bytes
 * it moves as it is written and as the passes leave it, by the estimate of `weldc explain`.
 */

import { bytesMoved } from '../../compiler/analysis/bytes.ts';
import { bytesText } from '../../compiler/explain/text.ts';
import { countLoops, optimize } from '../../compiler/pipeline.ts';
import type { Suite } from '../suite.ts';
import { WORKLOADS } from '../workloads/index.ts';
import { programOf, type Workload } from '../workloads/workload.ts';
import { markdownTable } from './format.ts';

export const loopsSuite: Suite = {
  name: 'loops',
  about: 'count the loops of workloads before and after the passes; nothing is timed',
  workloads: WORKLOADS,
  run: async ({ workloads, markdown }, io) => {
    const results = workloads.map(loopsOf);
    io.out(markdown ? loopsMarkdown(results) : loopsText(results));
    return loopsJson(results);
  },
};

export interface LoopsResult {
  readonly workload: Workload;
  readonly asWritten: number;
  readonly fused: number;
  readonly bytesAsWritten: number;
  readonly bytes: number;
}

export function loopsOf(w: Workload): LoopsResult {
  const program = programOf(w);
  const optimized = optimize(program).program;
  return {
    workload: w,
    asWritten: countLoops(program),
    fused: countLoops(optimized),
    bytesAsWritten: bytesMoved(program),
    bytes: bytesMoved(optimized),
  };
}

export function loopsText(results: readonly LoopsResult[]): string {
  const lines = results.map(({ workload: w, asWritten, fused, ...r }) => {
    const gap = fused === w.handFused.loops ? '' : `  ${w.gap?.why ?? ''}`;
    const bytes = [bytesText(r.bytesAsWritten), bytesText(r.bytes)];
    return `${w.name.padEnd(18)} ${numbers(asWritten, w.handFused.loops, fused, ...bytes)}${gap}`.trimEnd();
  });
  return [`${''.padEnd(18)} ${numbers('as written', 'by hand', 'ours', 'bytes', 'ours')}`, ...lines, ''].join('\n');
}
const numbers = (...cells: readonly (number | string)[]): string => cells.map((c) => String(c).padStart(10)).join(' ');

export function loopsMarkdown(results: readonly LoopsResult[]): string {
  const table = markdownTable(
    ['workload', 'what', '>as written', '>by hand', '>ours', '>bytes as written', '>bytes, ours', 'which, by hand'],
    results.map(({ workload: w, asWritten, fused, bytesAsWritten, bytes }) => [
      w.name,
      w.about,
      String(asWritten),
      String(w.handFused.loops),
      String(fused),
      bytesText(bytesAsWritten),
      bytesText(bytes),
      w.handFused.why,
    ]),
  );
  const gaps = results.flatMap(({ workload: w }) => (w.gap === undefined ? [] : [`- ${w.name}: ${w.gap.why}`]));
  return gaps.length === 0 ? table : [table, 'Where ours are more:', '', ...gaps, ''].join('\n');
}

export function loopsJson(results: readonly LoopsResult[]): object {
  return {
    suite: 'loops',
    workloads: results.map(({ workload: w, asWritten, fused, bytesAsWritten, bytes }) => ({
      name: w.name,
      loops_as_written: asWritten,
      loops_by_hand: w.handFused.loops,
      loops: fused,
      bytes_as_written: bytesAsWritten,
      bytes,
      gap: w.gap?.why ?? null,
    })),
  };
}
