/**
 * A program becomes runnable: optimise -> lower -> SIR passes -> WASM. This file tells the story; the steps live in
 * `pipeline.ts`, `lower/`, `sir/passes/` and `target/wasm/`.
 */

import { MOST_WIDE, SKIPPED_WORK } from './analysis/cost.ts';
import type { Program } from './core/program.ts';
import { fail } from './diag/diagnostic.ts';
import { didYouMean } from './diag/suggest.ts';
import type { FinishKernel } from './lower/loop.ts';
import { lower } from './lower/lower.ts';
import type { PassOptions } from './options.ts';
import type { Trace } from './passes/pass.ts';
import { ALL_PASSES, optimize } from './pipeline.ts';
import type { Kernel } from './sir/kernel.ts';
import { expandMath } from './sir/passes/expand-math.ts';
import { interleave } from './sir/passes/interleave.ts';
import { narrow } from './sir/passes/narrow.ts';
import { strength } from './sir/passes/strength.ts';
import { type Vectorized, vectorize } from './sir/passes/vectorize.ts';
import type { Plan } from './sir/plan.ts';
import { statementCount } from './sir/shape.ts';
import { verifyKernel } from './sir/verify.ts';
import { span, spanAsync } from './spans.ts';
import { compileWasm, type SinkName, type WasmModule } from './target/wasm/emit.ts';

export interface CompileOptions extends Partial<PassOptions> {
  /** Keep the text of the emitted module, for dumps. */
  readonly wasmText?: boolean;
  /** Run binaryen's optimiser over the machine code (`weldc build -O`). */
  readonly optimizeCode?: boolean;
  /** Who writes the module's bytes; default: our encoder. */
  readonly sink?: SinkName;
  /** Compile all that a run may ask for after a look at the data: for artifacts, which compile nothing later. */
  readonly ahead?: boolean;
  /** Emit relaxed multiply-adds: with `fastMath`, where the engine has them. */
  readonly relaxedMadd?: boolean;
  /** For a session whose memory has 64-bit addresses. */
  readonly memory64?: boolean;
}

export interface Compiled {
  /** The program after the passes. */
  readonly optimized: Program;
  readonly trace: Trace;
  readonly plan: Plan;
  readonly wasm: WasmModule;
}

/** Optimises and lowers a program and emits its kernels. Throws W5001 for what generated code does not support. */
export async function compile(p: Program, options: CompileOptions = {}): Promise<Compiled> {
  checkPassNames(options);
  const { spans = null } = options;
  const { program, trace } = span(spans, 'compile', 'passes', () => optimize(p, options));
  const plan = span(spans, 'compile', 'lower', () => lowerForWasm(program, options));
  const emit = (): Promise<WasmModule> =>
    compileWasm(plan.kernels, {
      text: options.wasmText ?? false,
      sink: options.sink ?? 'direct',
      optimize: options.optimizeCode ?? false,
      relaxedMadd: options.relaxedMadd ?? false,
      memory64: options.memory64 ?? false,
    });
  const wasm = await spanAsync(spans, 'compile', 'encode', emit, ({ bytes }) => ({ bytes: bytes.length }));
  return { optimized: program, trace, plan, wasm };
}

/** What may be switched off beside the passes: wide code, inner loops that are done for several rows at once, the form
 *  that jumps over blocks of rows, the one for dictionaries of many keys, and places for keys that lie near each other. */
export const KERNEL_SWITCHES: readonly string[] = ['vectorize', 'tile-loops', 'skip', 'partition', 'near-keys'];

/** Refuses a pass or rule that does not exist (W8006): a switch that does nothing would be believed. */
export function checkPassNames(options: Partial<PassOptions>): void {
  const passes = [...ALL_PASSES.map((pass) => pass.name), ...KERNEL_SWITCHES];
  const switches = [...passes, ...ALL_PASSES.flatMap((pass) => pass.rules ?? [])];
  const { disable = [], stopAfter = null } = options;
  const check = (name: string, known: readonly string[]): void => {
    if (!known.includes(name)) fail('W8006', `there is no pass '${name}'`, { help: didYouMean(name, known) });
  };
  for (const name of disable) check(name, switches);
  if (stopAfter !== null) check(stopAfter, passes);
}

/** Lowers an optimised program with its kernels finished for WASM. */
export function lowerForWasm(p: Program, options: Partial<PassOptions> & Pick<CompileOptions, 'ahead'> = {}): Plan {
  const { spans = null, disable = [], ahead = false } = options;
  const finish: FinishKernel = (kernel, role) =>
    span(spans, 'kernel', kernel.name, () => finishKernel(kernel, role, options));
  const isOn = (name: string): boolean => !disable.includes(name);
  return lower(p, { target: 'wasm', finish, partition: isOn('partition'), nearKeys: isOn('near-keys'), ahead });
}

/** Wide code where it pays, then the math library. */
function finishKernel(
  kernel: Kernel,
  role: Parameters<FinishKernel>[1],
  { disable = [], check = false }: Partial<PassOptions>,
): ReturnType<FinishKernel> {
  const isOn = (name: string): boolean => !disable.includes(name);
  const loops = isOn('tile-loops');
  const lean = narrow(strength(kernel));
  const wide: Vectorized = !isOn('vectorize')
    ? { kernel: lean, reason: 'scalar: vectorize is off', skipping: null }
    : statementCount(lean.body) > MOST_WIDE
      ? { kernel: lean, reason: 'scalar: the body is too long for a wide copy', skipping: null }
      : role === 'loop'
        ? vectorize(lean, { loops, ...(isOn('skip') ? { skip: SKIPPED_WORK } : {}) })
        : vectorize(lean, { apart: false, loops });
  const finished = interleave(expandMath(wide.kernel));
  if (check) verifyKernel(finished);
  const together = finished.wide === null ? 1 : finished.wide.step / finished.wide.lanes;
  const note = together === 1 ? wide.reason : `${wide.reason}; ${together} iterations together`;
  if (wide.skipping === null) return { kernel: finished, note };
  const skipping = { ...wide.skipping, kernel: interleave(expandMath(wide.skipping.kernel)) };
  // Which of the two runs depends on the data; floats are added in the same order.
  if (skipping.kernel.wide?.step !== finished.wide?.step) return { kernel: finished, note };
  if (check) verifyKernel(skipping.kernel);
  return { kernel: finished, note: `${note}; or jumping over blocks that no row takes`, skipping };
}
