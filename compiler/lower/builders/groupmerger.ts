/**
 * groupmerger: the values of each key, in input order.
 *
 * The loop counts the values of each key (a dictmerger) and writes its pairs down (an appender). A second loop finds the
 * entry of every pair. The host then knows from the counts where each group begins in one column of all values, and moves
 * every value to the next place of its group: the groups are views of that column, and nothing depends on threads.
 *
 * Law: init = no groups (or those before the loop), merge = count and append, combine = that of the two, result = the move.
 */

import { type MergeCount, ONE } from '../../analysis/merges.ts';
import { appender, dict, dictmerger, type GroupMergerType, I32, refersToMemory, struct } from '../../core/types.ts';
import { KernelBuilder, lit } from '../../sir/build.ts';
import type { HostAtom, HostReg } from '../../sir/plan.ts';
import { LoopContext, leavesOf } from '../context.ts';
import type { FinishKernel } from '../loop.ts';
import type { Sink } from '../sink.ts';
import { type DictVal, type KVal, scalarVal, structVal } from '../values.ts';
import { appenderSink } from './appender.ts';
import { probe } from './dict-table.ts';
import { dictmergerSink } from './dictmerger.ts';
import { partitionedSink } from './partitioned.ts';

/** Where the two outputs of a groupmerger go. */
export interface GroupRegs {
  readonly counts: HostReg;
  readonly pairs: HostReg;
}

export function groupmergerSink(
  { key, value, ...ty }: GroupMergerType,
  count: MergeCount,
  regs: GroupRegs,
  output: number,
  form: 'partitioned' | 'plain',
  partition: boolean,
  cx: LoopContext,
): Sink {
  const fresh = { init: null, size: null, dense: false, partition, idle: false };
  const counter = dictmerger(key, I32, '+');
  const counts =
    form === 'partitioned'
      ? partitionedSink(counter, false, regs.counts, output, cx)
      : dictmergerSink(counter, fresh, regs.counts, output, cx);
  const pairs = appenderSink(appender(struct([key, value])), count, null, regs.pairs, output + 1, cx);
  const one: KVal = scalarVal(lit('i32', 1));
  return {
    ty: { key, value, ...ty },
    outputs: [...counts.outputs, ...pairs.outputs],
    local: null,
    keepsMemory: refersToMemory(key) || refersToMemory(value),
    merge(pair) {
      counts.merge(structVal([pair.v === 'struct' ? (pair.fields[0] ?? pair) : pair, one]));
      pairs.merge(pair);
    },
  };
}

/** Adds the second loop and the move behind the first loop; `before` are the groups that there were before it. */
export function finishGroups(
  { key, value }: GroupMergerType,
  { counts, pairs }: GroupRegs,
  before: HostAtom | null,
  dst: HostReg,
  outer: LoopContext,
  finish: FinishKernel,
): void {
  const { host, origin } = outer;
  const kb = new KernelBuilder(host.kernelName(`entries${dst}`));
  const cx = new LoopContext(kb, outer.syms, host, outer.target, origin);
  const rows: HostAtom = { reg: pairs };
  const elem = struct([key, value]);
  const keys = leavesOf(key, origin).map((_, leaf) => kb.load(cx.column(rows, elem, leaf), kb.index));
  const known: DictVal = { v: 'dict', dict: { reg: counts }, ty: dict(key, I32), dense: false };
  const entries = host.reg();
  const sink = appenderSink(appender(I32), ONE, null, entries, 0, cx);
  sink.merge(scalarVal(probe(known, keys, cx).entry));
  const { kernel, note } = finish(kb.finish(), 'loop');
  host.decide(kernel.name, `the group of every pair; ${note}`, 'a groupmerger');
  host.state.kernels.push(kernel);
  const { bufs, scalars, sites } = cx;
  const space = [{ of: 'vec', vec: rows }] as const;
  const refers = [{ values: [], region: false }];
  const launch = { kernel, space, bufs, scalars, outputs: sink.outputs, refers, origin, sites };
  host.push({ step: 'launch', launch }, origin);
  const [groups, places] = [{ reg: counts }, { reg: entries }];
  host.push({ step: 'group', dst, key, value, counts: groups, pairs: rows, entries: places, before }, origin);
}
