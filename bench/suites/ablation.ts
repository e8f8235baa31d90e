/**
 * The ablation: each workload by a plain JavaScript loop, with all passes, without any, and without each one. What
 * every variant gives is compared with the JavaScript loop's answer before anything is timed; variants take turns.
 *
 * A pass without which the program comes out as with it changes nothing, so that variant is the one with all passes
 * and is not timed again. Compilation is reported apart.
 */

import { type Program, programKey, WeldError } from '../../compiler/index.ts';
import { countLoops } from '../../compiler/pipeline.ts';
import type { Session } from '../../runtime/index.ts';
import { mad, median } from '../stats.ts';
import { WrongAnswer } from '../suite.ts';
import { timesByTurns } from '../turns.ts';
import { difference, type Leaf, leavesOf } from '../workloads/near.ts';
import { argumentsOf, type Instance, instanceOf, programOf, type Workload } from '../workloads/workload.ts';
import { EVERY_PASS, KERNEL_SWITCHES } from './switches.ts';

export interface AblationOptions {
  readonly session: Session;
  readonly threads: number;
  /** Rows; null for the workload's own number. */
  readonly rows: number | null;
  readonly runs: number;
  readonly onProgress: (text: string) => void;
}

/** What became of a variant of the program. */
export type Outcome =
  | { readonly kind: 'timed'; readonly medianMs: number; readonly madMs: number }
  /** The code is that of all passes. */
  | { readonly kind: 'same' }
  /** Generated code does not support the program as it is without that pass. */
  | { readonly kind: 'unsupported'; readonly reason: string };

export interface VariantResult {
  /** The pass that is off, or `none` where all are. */
  readonly without: string;
  /** Null where the program is not supported. */
  readonly loops: number | null;
  readonly outcome: Outcome;
}

export interface AblationResult {
  readonly workload: Workload;
  readonly rows: number;
  readonly loopsAsWritten: number;
  /** Loops with all passes. */
  readonly loops: number;
  readonly compileMs: number;
  readonly js: Timing;
  readonly all: Timing;
  /** First without any pass, then without each one. */
  readonly variants: readonly VariantResult[];
}
export interface Timing {
  readonly medianMs: number;
  readonly madMs: number;
}

const WARMUP = 2;

/** A way to get the answer by generated code. */
interface Coded {
  readonly name: string;
  readonly loops: number;
  /** The program after the passes. */
  readonly key: string;
  readonly compileMs: number;
  readonly disable: readonly string[];
}

export async function ablation(w: Workload, o: AblationOptions): Promise<AblationResult> {
  const rows = o.rows ?? w.rows;
  o.onProgress(`${w.name}: making data`);
  const program = programOf(w);
  const instance = instanceOf(w, rows);
  const args = argumentsOf(program, instance.inputs, o.session.heap);
  const evaluate = (disable: readonly string[]) =>
    o.session.evaluate(program, args, { target: 'wasm', threads: o.threads, disable });

  o.onProgress(`${w.name}: compiling`);
  // All passes last: what the first compilation has to load is no part of its time.
  const codes: { readonly without: string; readonly coded: Coded | string }[] = [];
  for (const without of ['all', ...EVERY_PASS]) {
    const disable = without === 'all' ? EVERY_PASS : [without];
    codes.push({ without, coded: await codeOrReason(o.session, program, without, disable) });
  }
  const all = await code(o.session, program, 'all passes', []);
  const others = codes.flatMap(({ coded }) => (typeof coded === 'string' || isSame(coded, all) ? [] : [coded]));

  const want = instance.js();
  for (const c of [all, ...others]) {
    o.onProgress(`${w.name}: checking the answer of ${c.name}`);
    const value = await evaluate(c.disable);
    requireSame(w, c.name, leavesOf(value), want, instance);
    o.session.release(value);
  }

  const coded = [all, ...others].map((c) => ({
    name: c.name,
    run: async () => o.session.release(await evaluate(c.disable)),
  }));
  const times = await timesByTurns([{ name: 'JavaScript', run: async () => instance.js() }, ...coded], {
    rounds: o.runs,
    warmup: WARMUP,
    onRound: (round, of) => o.onProgress(`${w.name}: round ${round} of ${of}`),
  });
  const timing = (k: number): Timing => ({ medianMs: median(times[k] ?? []), madMs: mad(times[k] ?? []) });
  for (const a of args) o.session.release(a);

  return {
    workload: w,
    rows,
    loopsAsWritten: countLoops(program),
    loops: all.loops,
    compileMs: all.compileMs,
    js: timing(0),
    all: timing(1),
    variants: codes.map(({ without, coded: c }): VariantResult => {
      if (typeof c === 'string') return { without, loops: null, outcome: { kind: 'unsupported', reason: c } };
      const place = others.indexOf(c);
      return {
        without,
        loops: c.loops,
        outcome: place < 0 ? { kind: 'same' } : { kind: 'timed', ...timing(2 + place) },
      };
    }),
  };
}

/** What is done to the kernels comes after the passes, so a program tells nothing about it. */
const isSame = (c: Coded, all: Coded): boolean =>
  c.key === all.key && !c.disable.some((name) => KERNEL_SWITCHES.includes(name));

async function code(session: Session, p: Program, name: string, disable: readonly string[]): Promise<Coded> {
  const began = performance.now();
  const { compiled } = await session.compile(p, { disable });
  const compileMs = performance.now() - began;
  if (compiled === null) throw new Error('ablation: a session with a cache folder');
  const { optimized } = compiled;
  return { name, loops: countLoops(optimized), key: programKey(optimized), compileMs, disable };
}

/** The code, or why there is none. */
async function codeOrReason(
  session: Session,
  p: Program,
  without: string,
  disable: readonly string[],
): Promise<Coded | string> {
  try {
    return await code(session, p, `without ${without}`, disable);
  } catch (e) {
    if (!(e instanceof WeldError) || e.kind !== 'Unsupported') throw e;
    return e.diagnostics[0]?.message ?? e.message;
  }
}

/** Throws WrongAnswer where an answer is not that of the JavaScript loop. */
export function requireSame(
  w: Workload,
  name: string,
  got: readonly Leaf[],
  want: readonly Leaf[],
  data: Instance,
): void {
  const found = difference(got, want, data.near);
  if (found !== null) throw new WrongAnswer(`${w.name}, ${name}, gives another answer than JavaScript: ${found}`);
}
