/**
 * vecmerger: every part owns a private copy of the table, so merges are plain read-modify-writes; the plan folds the
 * copies into the initial vector in part order.
 *
 * Law: init = identity table, merge = table[i] op= v, combine = op place by place, result = initial op part0 op ...
 */

import type { VecMergerType } from '../../core/types.ts';
import { bin, KernelBuilder } from '../../sir/build.ts';
import type { Kernel } from '../../sir/kernel.ts';
import type { HostAtom, HostReg } from '../../sir/plan.ts';
import { checkedIndex } from '../access.ts';
import { type LoopContext, leavesOf, unsupported } from '../context.ts';
import { leafExprs } from '../leaves.ts';
import type { Sink } from '../sink.ts';

export function vecmergerSink(ty: VecMergerType, init: HostAtom, dst: HostReg, output: number, cx: LoopContext): Sink {
  const { kb } = cx;
  const kinds = leavesOf(ty.elem, cx.origin);
  const bufs = kinds.map((kind, leaf) =>
    cx.buf(`table${output}_${leaf}`, kind, 'readwrite', true, { bind: 'output', output, leaf }),
  );
  const length = cx.scalar(`table${output}_len`, 'i32', { bind: 'tablelength', output });
  return {
    ty,
    outputs: [{ out: 'table', dst, elem: ty.elem, op: ty.op, init, combine: combineKernel(ty, dst, cx) }],
    local: null,
    keepsMemory: false,
    merge(pair) {
      const [index, value] = pair.v === 'struct' ? pair.fields : [];
      if (index === undefined || value === undefined) return unsupported('this merge', cx.origin);
      const at = checkedIndex(index, length, cx);
      for (const [k, e] of leafExprs(value, cx).entries()) {
        const buf = bufs[k];
        if (buf !== undefined) kb.store(buf, at, bin(ty.op, kb.load(buf, at), e));
      }
    },
  };
}

/** Rows [0, length): table[row] = table[row] op part[row]; one pass a part. */
function combineKernel(ty: VecMergerType, dst: HostReg, cx: LoopContext): Kernel {
  const kb = new KernelBuilder(cx.host.kernelName(`combine_table${dst}`));
  const kinds = leavesOf(ty.elem, cx.origin);
  const tables = kinds.map((kind, k) => kb.buf(`table_${k}`, kind, 'readwrite'));
  const parts = kinds.map((kind, k) => kb.buf(`part_${k}`, kind, 'read'));
  for (const [k, table] of tables.entries()) {
    const part = parts[k];
    if (part === undefined) continue;
    kb.store(table, kb.index, bin(ty.op, kb.load(table, kb.index), kb.load(part, kb.index)));
  }
  return kb.finish();
}
