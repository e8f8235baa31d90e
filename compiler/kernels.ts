/**
 * The third door of the compiler: kernels that are written by hand, for primitives that are no single fused loop. Whoever
 * only calls them does not import it.
 *
 * A kernel is built with `KernelBuilder`, one statement after the other. A plain one is written for one row, and gets a
 * form for several rows at once where that pays, as loops of programs do; a packed one uses whole registers as it likes
 * (`sir/kernel.ts`).
 */

import type { Kernel } from './sir/kernel.ts';
import { expandMath } from './sir/passes/expand-math.ts';
import { interleave } from './sir/passes/interleave.ts';
import { vectorize } from './sir/passes/vectorize.ts';
import { verifyKernel } from './sir/verify.ts';
import { compileWasm, type WasmOptions } from './target/wasm/emit.ts';

export type { Get, Lanes } from './sir/build.ts';
export {
  any,
  bin,
  bitcast,
  cast,
  cmp,
  KernelBuilder,
  lane,
  lanes,
  lit,
  sel,
  splat,
  un,
  whole,
} from './sir/build.ts';
export type { Kernel, SExpr } from './sir/kernel.ts';

/** A WebAssembly module with these kernels, which have different names. InternalError for one that breaks the rules. */
export async function compileKernels(
  kernels: readonly Kernel[],
  options: Pick<WasmOptions, 'sink' | 'memory64'> = {},
): Promise<Uint8Array> {
  const finished = kernels.map((k) => (k.packed ? expandMath(k) : interleave(expandMath(vectorize(k).kernel))));
  finished.forEach(verifyKernel);
  return (await compileWasm(finished, options)).bytes;
}
