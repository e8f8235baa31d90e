/**
 * From a SIR kernel to one that the printer can write down as it is: the decisions of this target, in order.
 *
 *  1. f64: refused, or demoted to f32 when the caller says so.
 *  2. Rewrites of what WGSL cannot spell (`rewrite.ts`).
 *  3. Buffers that rows share: atomic merges, or a refusal (`sharing.ts`).
 *  4. Compaction: the counting body (`counting.ts`).
 *
 * The result says also what will differ from the CPU, as notes for explain.
 */

import type { Kernel } from '../../sir/kernel.ts';
import { isMathCall } from '../../sir/lib/index.ts';
import { exprsOf, walkExpr, walkStmts } from '../../sir/shape.ts';
import { countingBody } from './counting.ts';
import { type Refusal, refuse } from './info.ts';
import { demote, f64Use, spellable } from './rewrite.ts';
import { type GpuStmt, type Sharing, shareBuffers } from './sharing.ts';

export interface LegalKernel {
  readonly ok: true;
  /** Declarations are those of the device: no f64. */
  readonly kernel: Kernel;
  readonly sharing: Sharing;
  /** What decides on pushes; null for a kernel without cursors. */
  readonly counting: readonly GpuStmt[] | null;
  readonly notes: readonly string[];
}

export function legalize(kernel: Kernel, f64: 'refuse' | 'f32'): LegalKernel | Refusal {
  const use = f64Use(kernel);
  if (use === 'bits') {
    return refuse('TYPE_F64', `kernel ${kernel.name} looks at the bits of an f64, which the GPU does not have`);
  }
  if (use === 'values' && f64 === 'refuse') {
    return refuse('TYPE_F64', `kernel ${kernel.name} computes in f64, which the GPU does not have`);
  }
  const legal = spellable(use === 'values' ? demote(kernel) : kernel);
  const sharing = shareBuffers(legal);
  if (!sharing.ok) return sharing;
  return {
    ok: true,
    kernel: legal,
    sharing,
    counting: legal.cursors > 0 ? countingBody(sharing.body) : null,
    notes: [
      ...(use === 'values' ? ['TYPE_F64: f64 is stored and computed as f32 on the device, as asked'] : []),
      ...differences(legal, sharing),
    ],
  };
}

function differences(kernel: Kernel, sharing: Sharing): readonly string[] {
  const notes: string[] = [];
  for (const [buf, op] of sharing.merges) {
    const param = kernel.bufs[buf];
    if (param?.elem === 'f32' && (op === '+' || op === '*')) {
      notes.push(`ORDER_F32: rows are merged into ${param.name} in any order, so float results vary in the last bits`);
    }
  }
  for (const r of kernel.reductions) {
    if (r.kind === 'f32' && (r.op === '+' || r.op === '*')) {
      notes.push(`TREE_F32: ${r.name} is combined in a fixed tree, which rounds differently from the CPU's order`);
    }
  }
  const called = new Set<string>();
  walkStmts(kernel.body, (s) => {
    for (const e of exprsOf(s)) {
      walkExpr(e, (x) => {
        if (isMathCall(x)) called.add(x.op);
      });
    }
  });
  if (called.size > 0) notes.push(`MATH_F32: ${[...called].join(', ')} in f32, within a few ulp`);
  return notes;
}
