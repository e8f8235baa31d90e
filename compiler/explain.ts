/**
 * The story of a compilation: what the passes did, how many loops were left, the fused program, and what lowering
 * decided and why. Data first (`explain`), text second (`explainText`).
 */

import { countLoops } from './analysis/size.ts';
import { checkPassNames, lowerForWasm } from './compile.ts';
import { printProgram } from './core/print.ts';
import type { Program } from './core/program.ts';
import { type Diagnostic, WeldError } from './diag/diagnostic.ts';
import type { PassOptions } from './options.ts';
import type { PassRecord } from './passes/pass.ts';
import { optimize } from './pipeline.ts';
import type { Decision } from './sir/plan.ts';
import { kernelText } from './sir/print.ts';

export interface Explanation {
  readonly loopsBefore: number;
  readonly loopsAfter: number;
  readonly passes: readonly PassRecord[];
  /** The program as it came in and as the passes left it, in Weld text. */
  readonly initial: string;
  readonly final: string;
  readonly lowering: readonly Decision[];
  /** The kernels in readable form. */
  readonly kernels: readonly string[];
  /** Why generated code cannot run the program, if it cannot. */
  readonly unsupported: Diagnostic | null;
}

export function explain(p: Program, options: Partial<PassOptions> = {}): Explanation {
  checkPassNames(options);
  const { program, trace } = optimize(p, options);
  const story = {
    loopsBefore: countLoops(p),
    loopsAfter: countLoops(program),
    passes: trace,
    initial: printProgram(p),
    final: printProgram(program),
  };
  try {
    const plan = lowerForWasm(program, options);
    return { ...story, lowering: plan.decisions, kernels: plan.kernels.map(kernelText), unsupported: null };
  } catch (e) {
    // Passes and text are worth showing even where only the interpreter can run the program.
    if (!(e instanceof WeldError) || e.kind !== 'Unsupported') throw e;
    return { ...story, lowering: [], kernels: [], unsupported: e.diagnostics[0] ?? null };
  }
}

/** The explanation for people. */
export function explainText(x: Explanation): string {
  return [
    `loops: ${x.loopsBefore} before, ${x.loopsAfter} after`,
    '',
    'passes',
    ...passTable(x.passes),
    '',
    'program after the passes',
    x.final.trimEnd(),
    '',
    'lowering',
    ...(x.unsupported === null
      ? x.lowering.map((d) => `  ${d.what}: ${d.choice} (${d.reason})`)
      : [`  ${x.unsupported.code}: ${x.unsupported.message}`]),
    '',
  ].join('\n');
}

/** One line for every run of a pass that changed something, and one that counts the others. */
function passTable(passes: readonly PassRecord[]): string[] {
  const changed = passes.filter((r) => r.changed);
  const width = Math.max(4, ...changed.map((r) => r.name.length));
  const lines = changed.map((r) => `  ${passLine(r, width)}`);
  const idle = passes.length - changed.length;
  return idle === 0 ? lines : [...lines, `  ${idle} more runs changed nothing`];
}

/** What a run of a pass changed: its name in at least `width` columns, numbers, rules. */
export function passLine(r: PassRecord, width: number): string {
  const fired = Object.entries(r.fired).map(([rule, n]) => (n === 1 ? rule : `${rule} x${n}`));
  const lets = `lets ${r.letsBefore} -> ${r.letsAfter}`;
  const loops = r.loopsBefore === r.loopsAfter ? '' : `, loops ${r.loopsBefore} -> ${r.loopsAfter}`;
  return `${r.name.padEnd(width)}  ${lets}${loops}${fired.length > 0 ? `  [${fired.join(', ')}]` : ''}`;
}

/** The explanation as plain JSON, in the spelling that `weldc explain --json` prints. */
export function explainJson(x: Explanation): object {
  return {
    loops_before: x.loopsBefore,
    loops_after: x.loopsAfter,
    passes: x.passes.map(({ name, changed, ms, fired }) => ({
      name,
      changed,
      ms: Math.round(ms * 1000) / 1000,
      fired,
    })),
    final: x.final,
    lowering: x.lowering,
    ...(x.unsupported === null ? {} : { unsupported: x.unsupported }),
  };
}
