/**
 * The story of a compilation as data: what each pass did and what it saved, the fused program, and what lowering
 * decided and why. `explain/text.ts` tells it to people, `explain/html.ts` as a page.
 */

import { bytesMoved } from './analysis/bytes.ts';
import { countLoops } from './analysis/size.ts';
import { checkPassNames, lowerForWasm } from './compile.ts';
import { printProgram, versionPrinter } from './core/print.ts';
import type { Program } from './core/program.ts';
import type { PassOptions } from './options.ts';
import type { PassRecord, Trace } from './passes/pass.ts';
import { ALL_PASSES, optimize } from './pipeline.ts';
import type { Decision } from './sir/plan.ts';
import { kernelText } from './sir/print.ts';

/** A run of a pass that changed the program. */
export interface ExplainedStep {
  readonly pass: PassRecord;
  /** What the pass is for, in one line. */
  readonly doc: string;
  readonly bytesBefore: number;
  readonly bytesAfter: number;
  /** The program as Weld text. A symbol has one name in the texts of all steps, so they compare line by line. */
  readonly before: string;
  readonly after: string;
}

/** A need that refuses rewrites of the program that is left. */
export interface Missed {
  readonly pass: string;
  readonly need: string;
  /** How many rewrites the last run of the pass did not make for it. */
  readonly times: number;
  /** What would have to hold. */
  readonly text: string;
}

export interface Explanation {
  /** Every `for`, at any depth. */
  readonly loopsBefore: number;
  readonly loopsAfter: number;
  /** Bytes that a run moves, estimated for parameters of 1,000,000 elements (`analysis/bytes.ts`). */
  readonly bytesBefore: number;
  readonly bytesAfter: number;
  /** All runs of passes, in order; `steps` has more about those that changed something. */
  readonly passes: readonly PassRecord[];
  readonly steps: readonly ExplainedStep[];
  readonly missed: readonly Missed[];
  /** The program as it came in and as the passes left it, in Weld text. */
  readonly initial: string;
  readonly final: string;
  readonly lowering: readonly Decision[];
  /** The kernels in readable form. */
  readonly kernels: readonly string[];
}

export function explain(p: Program, options: Partial<PassOptions> = {}): Explanation {
  checkPassNames(options);
  const versions: Version[] = [];
  const print = versionPrinter();
  const note = (version: Program): void => {
    versions.push({ text: print(version), bytes: bytesMoved(version) });
  };
  note(p);
  const { program, trace } = optimize(p, {
    ...options,
    onDump(pass, changed) {
      options.onDump?.(pass, changed);
      note(changed);
    },
  });
  const plan = lowerForWasm(program, options);
  return {
    loopsBefore: countLoops(p),
    loopsAfter: countLoops(program),
    bytesBefore: versions[0]?.bytes ?? 0,
    bytesAfter: versions.at(-1)?.bytes ?? 0,
    passes: trace,
    steps: stepsOf(trace, versions),
    missed: missedIn(trace),
    initial: printProgram(p),
    final: printProgram(program),
    lowering: plan.decisions,
    kernels: plan.kernels.map(kernelText),
  };
}

interface Version {
  readonly text: string;
  readonly bytes: number;
}

/** There is one version more than runs that changed something. */
function stepsOf(trace: readonly PassRecord[], versions: readonly Version[]): readonly ExplainedStep[] {
  const docs = new Map(ALL_PASSES.map((pass) => [pass.name, pass.doc]));
  const changed = trace.filter((r) => r.changed);
  return changed.flatMap((pass, k): readonly ExplainedStep[] => {
    const [before, after] = [versions[k], versions[k + 1]];
    if (before === undefined || after === undefined) return [];
    return [
      {
        pass,
        doc: docs.get(pass.name) ?? '',
        bytesBefore: before.bytes,
        bytesAfter: after.bytes,
        before: before.text,
        after: after.text,
      },
    ];
  });
}

/** What the last run of each pass refused: earlier runs may have been asked for what has happened since. */
function missedIn(trace: Trace): readonly Missed[] {
  const last = new Map(trace.map((r) => [r.name, r]));
  return ALL_PASSES.flatMap(({ name: pass, needs = [] }) =>
    needs.flatMap(({ name: need, text }): readonly Missed[] => {
      const times = last.get(pass)?.refused[need];
      return times === undefined ? [] : [{ pass, need, times, text }];
    }),
  );
}

/** The explanation as plain JSON, in the spelling that `weldc explain --json` prints. */
export function explainJson(x: Explanation): object {
  return {
    loops_before: x.loopsBefore,
    loops_after: x.loopsAfter,
    bytes_before: x.bytesBefore,
    bytes_after: x.bytesAfter,
    passes: x.passes.map(({ name, changed, ms, fired, refused }) => ({
      name,
      changed,
      ms: Math.round(ms * 1000) / 1000,
      fired,
      refused,
    })),
    final: x.final,
    lowering: x.lowering,
  };
}
