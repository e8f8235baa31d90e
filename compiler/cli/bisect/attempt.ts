/**
 * One optimization that stops after some rewrites, watched: which runs of passes there were and which rules each of
 * them applied, also where a pass fails or leaves a program behind that is none.
 */

import type { Program } from '../../core/program.ts';
import type { PassOptions } from '../../options.ts';
import { type Pass, rewritesOf, runPasses, type Step } from '../../passes/pass.ts';

/** A run of a pass, as far as it came. */
export interface WatchedRun {
  readonly pass: string;
  readonly fired: Map<string, number>;
}

export interface Attempt {
  /** The program that came out; null where a pass failed. */
  readonly program: Program | null;
  /** The message of the failure. */
  readonly fault: string | null;
  readonly rewrites: number;
  readonly runs: readonly WatchedRun[];
}

/** Optimizes with at most `bisect` rewrites; null: with all. */
export function attempt(p: Program, steps: readonly Step[], options: PassOptions, bisect: number | null): Attempt {
  const runs: WatchedRun[] = [];
  try {
    const { program, trace } = runPasses(p, watched(steps, runs), { ...options, bisect });
    return { program, fault: null, rewrites: trace.reduce((sum, r) => sum + rewritesOf(r), 0), runs };
  } catch (e) {
    // Whatever a pass throws is the fault that is looked for.
    return { program: null, fault: e instanceof Error ? e.message : String(e), rewrites: 0, runs };
  }
}

function watched(steps: readonly Step[], runs: WatchedRun[]): readonly Step[] {
  return steps.map((s) => ('repeat' in s ? { ...s, repeat: watched(s.repeat, runs) } : watchedPass(s, runs)));
}

function watchedPass(pass: Pass, runs: WatchedRun[]): Pass {
  return {
    ...pass,
    run(p, cx) {
      const fired = new Map<string, number>();
      runs.push({ pass: pass.name, fired });
      return pass.run(p, {
        ...cx,
        fired(rule) {
          fired.set(rule, (fired.get(rule) ?? 0) + 1);
          cx.fired(rule);
        },
      });
    },
  };
}
