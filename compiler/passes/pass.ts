/**
 * What a pass is, and the runner. A pass is a pure function from program to program; the same reference means
 * "unchanged". The runner skips disabled passes, times, verifies, dumps, and records what happened in a trace.
 *
 * A pass that breaks an invariant is a fault of ours: the InternalError names it, the switch that avoids it, and shows
 * the program before and after.
 */

import { blockSize, countLoops } from '../analysis/size.ts';
import { printProgram } from '../core/print.ts';
import type { Program } from '../core/program.ts';
import { verify } from '../core/verify.ts';
import { InternalError } from '../diag/diagnostic.ts';
import type { PassOptions } from '../options.ts';
import { span } from '../spans.ts';
import type { Holds, NameOf, Need } from './need.ts';

export interface Pass {
  /** A verb, kebab-case: `fuse-vertical`. */
  readonly name: string;
  /** One line for `weldc explain`. */
  readonly doc: string;
  /** The rules that may be switched off one by one, beside the pass as a whole. */
  readonly rules?: readonly string[];
  /** The preconditions of its rewrites (`need.ts`). */
  readonly needs?: readonly Need[];
  /**
   * Why a second run in a row may find more to do. All other passes are idempotent: of their own result they give back
   * the same object.
   */
  readonly unsettled?: string;
  run(p: Program, cx: PassContext<string>): Program;
}

/** What a pass may do besides rewriting; `N` are the names of its needs. */
export interface PassContext<N extends string = never> {
  /** Counts that a rule was applied: one rewrite. */
  fired(rule: string): void;
  /**
   * False when the rule of this name is to be skipped, and when no rewrite is to be begun any more (`bisect`). Passes
   * ask before each rewrite that leaves a whole program behind, so that a bisection can stop between any two of them.
   */
  enabled(rule: string): boolean;
  /** Whether a need is met; one that is not refuses the rewrite, which is counted. Asked of likely candidates only. */
  readonly holds: Holds<N>;
  /** Rules that hold over the real numbers only may be applied to floats. */
  readonly fastMath: boolean;
}
/** The context of a pass with this list of needs. */
export type Asking<L extends readonly Need[]> = PassContext<NameOf<L>>;

export interface PassRecord {
  readonly name: string;
  readonly changed: boolean;
  readonly ms: number;
  readonly letsBefore: number;
  readonly letsAfter: number;
  readonly loopsBefore: number;
  readonly loopsAfter: number;
  /** How often each rule was applied. */
  readonly fired: Readonly<Record<string, number>>;
  /** How often each need refused a rewrite. */
  readonly refused: Readonly<Record<string, number>>;
}
export type Trace = readonly PassRecord[];

/** Passes in order, and groups of steps that are repeated until none of them changes the program. */
export type Step = Pass | { readonly repeat: readonly Step[]; readonly rounds: number };

/** A need of a pass that always holds: a compiler with a fault, for tests that look for it. */
export interface BrokenNeed {
  readonly pass: string;
  readonly need: string;
}

/** Runs the steps in order. */
export function runPasses(
  p: Program,
  steps: readonly Step[],
  options: PassOptions,
  broken: BrokenNeed | null = null,
): { readonly program: Program; readonly trace: Trace } {
  const run: Run = {
    program: p,
    trace: [],
    options,
    broken,
    disabled: new Set(options.disable),
    settled: new Map(),
    size: sizeOf(p),
    rewrites: 0,
    stopped: options.bisect === 0,
  };
  runSteps(steps, run);
  return { program: run.program, trace: run.trace };
}

interface Run {
  program: Program;
  readonly trace: PassRecord[];
  readonly options: PassOptions;
  readonly broken: BrokenNeed | null;
  readonly disabled: ReadonlySet<string>;
  /** The program that each pass has nothing to do in. */
  readonly settled: Map<string, Program>;
  /** Of the program now: counted once for all passes that leave it as it is. */
  size: Size;
  /** The rewrites so far. */
  rewrites: number;
  stopped: boolean;
}

interface Size {
  readonly lets: number;
  readonly loops: number;
}
const sizeOf = (p: Program): Size => ({ lets: blockSize(p.body), loops: countLoops(p) });

/** The rewrites of one run of a pass: a pass that changes the program without saying how makes one. */
export function rewritesOf(r: PassRecord): number {
  if (!r.changed) return 0;
  return Math.max(
    1,
    Object.values(r.fired).reduce((sum, n) => sum + n, 0),
  );
}

function runSteps(steps: readonly Step[], run: Run): void {
  for (const step of steps) {
    if (run.stopped) return;
    if ('repeat' in step) {
      for (let round = 0; round < step.rounds && !run.stopped; round++) {
        const before = run.program;
        runSteps(step.repeat, run);
        if (run.program === before) break;
      }
    } else if (!run.disabled.has(step.name) && run.settled.get(step.name) !== run.program) {
      runPass(step, run);
    }
  }
}

function runPass(pass: Pass, run: Run): void {
  const { options, program: before } = run;
  const fired: Record<string, number> = {};
  const refused: Record<string, number> = {};
  const broken = run.broken?.pass === pass.name ? run.broken.need : null;
  const most = options.bisect ?? Number.POSITIVE_INFINITY;
  let rewrites = run.rewrites;
  const cx: PassContext<string> = {
    fired: (rule) => {
      fired[rule] = (fired[rule] ?? 0) + 1;
      rewrites++;
    },
    enabled: (rule) => rewrites < most && !run.disabled.has(rule),
    holds: (need, met) => {
      if (met || need === broken) return true;
      refused[need] = (refused[need] ?? 0) + 1;
      return false;
    },
    fastMath: options.fastMath,
  };
  const start = options.now?.() ?? 0;
  const after = span(
    options.spans,
    'pass',
    pass.name,
    () => pass.run(before, cx),
    (made) => ({ changed: made !== before, fired, refused }),
  );
  const ms = (options.now?.() ?? 0) - start;
  const changed = after !== before;
  if (!changed || pass.unsettled === undefined) run.settled.set(pass.name, after);
  const was = run.size;
  if (changed) run.size = sizeOf(after);
  run.program = after;
  const record: PassRecord = {
    name: pass.name,
    changed,
    ms,
    letsBefore: was.lets,
    letsAfter: run.size.lets,
    loopsBefore: was.loops,
    loopsAfter: run.size.loops,
    fired,
    refused,
  };
  run.trace.push(record);
  run.rewrites += rewritesOf(record);
  if (changed && options.check) checkAfter(pass, before, after);
  if (changed) options.onDump?.(pass.name, after);
  if (options.stopAfter === pass.name || run.rewrites >= most) run.stopped = true;
}

function checkAfter(pass: Pass, before: Program, after: Program): void {
  try {
    verify(after);
  } catch (e) {
    if (!(e instanceof InternalError)) throw e;
    throw new InternalError(
      `pass ${pass.name} broke an invariant: ${e.message}\n` +
        `to go on without it: WELD_DISABLE=${pass.name}\n` +
        `before:\n${textOf(before)}\nafter:\n${textOf(after)}`,
    );
  }
}

/** The text of a program that may be too broken to have one. */
function textOf(p: Program): string {
  try {
    return printProgram(p);
  } catch (e) {
    return e instanceof InternalError ? `(not printable: ${e.message})` : String(e);
  }
}
