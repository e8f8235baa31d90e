/**
 * merger: one reduction cell a leaf. The target keeps cells in registers (lane accumulators in wide code); the plan
 * combines the parts in order, starting from the initial value.
 *
 * Law: init = identity cells, merge = accum, combine = op leaf by leaf, result = init op part0 op part1 ...
 */

import type { MergerType } from '../../core/types.ts';
import type { HostAtom, HostReg } from '../../sir/plan.ts';
import { type LoopContext, leavesOf } from '../context.ts';
import { leafExprs } from '../leaves.ts';
import type { Sink } from '../sink.ts';

export function mergerSink(ty: MergerType, init: HostAtom | null, dst: HostReg, cx: LoopContext): Sink {
  const cells = leavesOf(ty.elem, cx.origin).map((kind, k) => cx.kb.reduction(`r${dst}_${k}`, kind, ty.op));
  return {
    ty,
    outputs: [{ out: 'reduce', dst, ty: ty.elem, op: ty.op, cells, init }],
    local: null,
    keepsMemory: false,
    merge(value) {
      for (const [k, e] of leafExprs(value, cx).entries()) {
        const cell = cells[k];
        if (cell !== undefined) cx.kb.accum(cell, e);
      }
    },
  };
}
