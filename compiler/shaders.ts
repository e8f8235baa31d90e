/**
 * A program's loops as WGSL: optimise -> lower for the GPU -> print. The same SIR kernels serve both machines; what
 * differs is chosen in lowering (a dense dictionary is a plain table there) and in `target/wgsl`. Nothing runs here:
 * the shaders are checked by tests against a validating adapter until the GPU device exists.
 */

import type { Program } from './core/program.ts';
import { lower } from './lower/lower.ts';
import type { PassOptions } from './options.ts';
import { optimize } from './pipeline.ts';
import type { Launch, PlanBlock } from './sir/plan.ts';
import { emitWgsl, type Refusal, type WgslModule, type WgslOptions } from './target/wgsl/index.ts';

export interface LoopShader {
  readonly kernel: string;
  readonly shader: WgslModule | Refusal;
}

/** One shader a top-level loop, or the reason why the loop stays on the CPU. */
export function shadersOf(p: Program, wgsl: WgslOptions, options: Partial<PassOptions> = {}): readonly LoopShader[] {
  const { program } = optimize(p, options);
  const plan = lower(program, { target: 'wgsl', finish: (kernel) => ({ kernel, note: 'wgsl' }) });
  return launches(plan.body).map(({ kernel }) => ({ kernel: kernel.name, shader: emitWgsl(kernel, wgsl) }));
}

function launches(block: PlanBlock): readonly Launch[] {
  return block.steps.flatMap((s) => {
    if (s.step === 'launch') return [s.launch];
    if (s.step === 'iterate') return launches(s.body);
    return s.step === 'branch' ? [...launches(s.then), ...launches(s.else)] : [];
  });
}
