/**
 * A merger whose life is one iteration of the outer loop: its leaves are variables, its result their values.
 */

import { identityOf } from '../../core/scalar.ts';
import { type BuilderType, typeText } from '../../core/types.ts';
import { bin, lit } from '../../sir/build.ts';
import { type LoopContext, leavesOf, unsupported } from '../context.ts';
import type { Sink } from '../sink.ts';
import { type KVal, leafExprs, valueOfLeaves } from '../values.ts';

export function localSink(ty: BuilderType, init: KVal | null, cx: LoopContext): Sink {
  if (ty.kind !== 'merger') return unsupported(`${typeText(ty)} made inside a loop`, cx.origin);
  const { kb } = cx;
  const kinds = leavesOf(ty.elem, cx.origin);
  const start = init === null ? kinds.map((k) => lit(k, identityOf(ty.op, k))) : leafExprs(init);
  const cells = start.map((e) => kb.var(e));
  return {
    ty,
    output: null,
    merge(value) {
      for (const [k, e] of leafExprs(value).entries()) {
        const cell = cells[k];
        if (cell !== undefined) kb.set(cell, bin(ty.op, cell, e));
      }
    },
    result() {
      let k = 0;
      return valueOfLeaves(ty.elem, () => cells[k++] ?? unsupported(typeText(ty), cx.origin));
    },
  };
}
