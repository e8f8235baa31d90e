/**
 * appender: columns written in input order.
 *
 * Exactly one merge a row: row i goes to place i (direct). At most one: each part compacts its rows at its cursor and
 * the plan closes the gaps in part order (compact). More than one merge a row needs a growing output and has no
 * generated code yet.
 *
 * Law: init = no rows, merge = write one row, combine = concatenation in part order, result = the columns.
 */

import type { MergeCount } from '../../analysis/merges.ts';
import type { AppenderType } from '../../core/types.ts';
import type { HostReg } from '../../sir/plan.ts';
import { type LoopContext, leavesOf, unsupported } from '../context.ts';
import type { Sink } from '../sink.ts';
import { leafExprs } from '../values.ts';

export function appenderSink(ty: AppenderType, count: MergeCount, dst: HostReg, output: number, cx: LoopContext): Sink {
  if (count.max > 1) unsupported('an appender with several merges in one iteration', cx.origin);
  const bufs = leavesOf(ty.elem, cx.origin).map((kind, leaf) =>
    cx.buf(`out${output}_${leaf}`, kind, 'write', false, { bind: 'output', output, leaf }),
  );
  if (count.min === 1) {
    return {
      ty,
      result: null,
      output: { out: 'direct', dst, elem: ty.elem },
      merge(value) {
        for (const [k, e] of leafExprs(value).entries()) {
          const buf = bufs[k];
          if (buf !== undefined) cx.kb.store(buf, cx.kb.index, e);
        }
      },
    };
  }
  const cursor = cx.kb.cursor();
  return {
    ty,
    result: null,
    output: { out: 'compact', dst, elem: ty.elem, cursor },
    merge(value) {
      const rows = leafExprs(value);
      cx.kb.push(
        cursor,
        bufs.map((buf, k) => [buf, rows[k] ?? unsupported('this value', cx.origin)] as const),
      );
    },
  };
}
