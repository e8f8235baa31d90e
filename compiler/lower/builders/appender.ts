/**
 * appender: columns written in input order.
 *
 * Exactly one merge a row: row i goes to place i (direct). At most one: each part compacts its rows at its cursor and
 * the plan closes the gaps in part order (compact). Anything else: each part has some places, stores what fits and
 * counts the rest; when that was not enough the loop runs again with the places that it is known to need (grow). Where
 * something outside the loop says how many merges a row makes, or how many at most, the parts have those places at once.
 *
 * Law: init = no rows (or those before the loop), merge = write one row, combine = concatenation in part order,
 * result = the columns.
 */

import type { MergeCount } from '../../analysis/merges.ts';
import { mapAmount } from '../../core/amount.ts';
import { type AppenderType, refersToMemory } from '../../core/types.ts';
import { bin, cmp, lit } from '../../sir/build.ts';
import type { HostAtom, HostReg, Output } from '../../sir/plan.ts';
import { type LoopContext, leavesOf, unsupported } from '../context.ts';
import { leafExprs } from '../leaves.ts';
import type { Sink } from '../sink.ts';
import type { KVal } from '../values.ts';

export function appenderSink(
  ty: AppenderType,
  count: MergeCount,
  init: HostAtom | null,
  dst: HostReg,
  output: number,
  cx: LoopContext,
): Sink {
  const { kb } = cx;
  const { elem } = ty;
  const bufs = leavesOf(elem, cx.origin).map((kind, leaf) =>
    cx.buf(`out${output}_${leaf}`, kind, 'write', false, { bind: 'output', output, leaf }),
  );
  const sink = (out: Output, merge: (value: KVal) => void): Sink => ({
    ty,
    outputs: [out],
    local: null,
    keepsMemory: refersToMemory(elem),
    merge(value) {
      if (refersToMemory(elem)) cx.keepRow();
      merge(value);
    },
  });
  const storeAt = (value: KVal, at: Parameters<typeof kb.store>[1]): void => {
    for (const [k, e] of leafExprs(value, cx).entries()) {
      const buf = bufs[k];
      if (buf !== undefined) kb.store(buf, at, e);
    }
  };
  if (count.min === 1 && count.max === 1) {
    return sink({ out: 'direct', dst, elem, init }, (value) => storeAt(value, kb.index));
  }
  if (count.max <= 1) {
    const cursor = kb.cursor();
    return sink({ out: 'compact', dst, elem, cursor, init }, (value) => {
      const rows = leafExprs(value, cx);
      kb.push(
        cursor,
        bufs.map((buf, k) => [buf, rows[k] ?? unsupported('this value', cx.origin)] as const),
      );
    });
  }
  if (cx.target === 'wgsl') return unsupported('an appender with several merges in one iteration', cx.origin);
  const places = cx.buf(`places${output}`, 'i32', 'readwrite', true, { bind: 'output', output, leaf: bufs.length });
  const most = count.most === null ? null : mapAmount(count.most, (a) => cx.host.atomOf(cx.host.valueOf(a)));
  return sink({ out: 'grow', dst, elem, most, exact: count.exact, init }, (value) => {
    const [next, end] = [kb.load(places, lit('i32', 0)), kb.load(places, lit('i32', 1))];
    kb.fail('TableFull', kb.let(cmp('==', next, lit('i32', MOST_PLACES))));
    kb.if(cmp('<', next, end), () => storeAt(value, next));
    kb.store(places, lit('i32', 0), bin('+', next, lit('i32', 1)));
  });
}

/** Places are counted in i32. */
const MOST_PLACES = 0x7fffffff;
