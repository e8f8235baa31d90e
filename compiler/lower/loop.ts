/**
 * One top-level loop becomes one kernel and its launch.
 *
 * The builders of the loop get their strategies first (from merge counts and notes), then the elements that the body
 * reads are loaded, then the body is lowered.
 */

import { type MergeCount, mergeCounts } from '../analysis/merges.ts';
import { amountText } from '../core/amount.ts';
import { isSym, type OpOf } from '../core/op.ts';
import type { SymTab } from '../core/program.ts';
import { type BuilderType, refersToMemory, typeText } from '../core/types.ts';
import { freeSyms } from '../core/walk.ts';
import type { Origin } from '../diag/diagnostic.ts';
import { InternalError } from '../diag/diagnostic.ts';
import { KernelBuilder } from '../sir/build.ts';
import type { Kernel } from '../sir/kernel.ts';
import type { SkippingKernel } from '../sir/passes/vectorize.ts';
import type { BufBinding, HostReg, Launch, Output } from '../sir/plan.ts';
import { castVal } from './arith.ts';
import { lowerBlock } from './body.ts';
import { appenderSink } from './builders/appender.ts';
import { dictmergerSink, isDense } from './builders/dictmerger.ts';
import { finishGroups, groupmergerSink } from './builders/groupmerger.ts';
import { mergerSink } from './builders/merger.ts';
import { vecmergerSink } from './builders/vecmerger.ts';
import { LoopContext, type LowerTarget, unsupported } from './context.ts';
import { sameSinks } from './handing-on.ts';
import type { HostBuilder, HostScope, HostVal } from './host.ts';
import { stateOf } from './host-builder.ts';
import { keepingRow, scoped } from './memory.ts';
import { outputTypes, refersOf } from './refers.ts';
import type { Sink } from './sink.ts';
import { rowElement, spaceIter } from './space.ts';
import { type KVal, structVal } from './values.ts';

/** Target passes over a finished kernel, with a sentence for explain. */
export type FinishKernel = (
  kernel: Kernel,
  /** A loop of the program may get scratch buffers; the kernels that combine partial states may not. */
  role: 'loop' | 'combine',
) => {
  readonly kernel: Kernel;
  readonly note: string;
  /** The loop in another form, which the runtime may take for any rows. */
  readonly skipping?: SkippingKernel;
};

/** Lowers `op`, adds its launch to the scope and gives the filled builders. */
export function lowerLoop(
  op: OpOf<'for'>,
  syms: SymTab,
  host: HostScope,
  target: LowerTarget,
  finish: FinishKernel,
  origin: Origin | null,
): HostVal {
  const kb = new KernelBuilder(host.kernelName(`loop${host.state.kernels.length}`));
  const cx = new LoopContext(kb, syms, host, target, origin);
  const [b, i, ...elems] = op.body.params;
  if (b === undefined || i === undefined) throw new InternalError('lower: a loop body without builder or index');

  const outputs: Output[] = [];
  const afterwards: (() => void)[] = [];
  const counts = mergeCounts(op.body, syms);
  const { value, done } = openSinks(host.valueOf(op.builder), '', (path, builder) => {
    const dst = host.reg();
    const count = counts.get(path);
    if (count === undefined) throw new InternalError('lower: a loop builder without count');
    const { ty } = builder;
    if (ty.kind === 'groupmerger') {
      const before = stateOf(builder, host, origin);
      const regs = { counts: host.reg(), pairs: host.reg() };
      const sink = groupmergerSink(ty, count, regs, outputs.length, cx);
      outputs.push(...sink.outputs);
      afterwards.push(() => finishGroups(ty, regs, before, dst, cx, finish));
      return { sink, dst };
    }
    const sink = sinkOf(builder, ty, count, dst, outputs.length, cx);
    outputs.push(...sink.outputs);
    for (const o of sink.outputs) describe(o, count, cx);
    return { sink, dst };
  });
  cx.env.set(b, value);

  const free = freeSyms({ params: [], lets: op.body.lets, result: op.body.result });
  const space = op.iters.map((it) => spaceIter(it, host));
  const body = (): void => {
    if (free.has(i)) cx.env.set(i, castVal(kb.index, 'i64', cx));
    for (const [k, iter] of space.entries()) {
      const e = elems[k];
      if (e !== undefined && free.has(e)) cx.env.set(e, rowElement(iter, syms.type(e), e, op, cx));
    }
    const out = lowerBlock(op.body, cx);
    if (!sameSinks(out, value)) unsupported('a loop body that hands its builders on in other places', origin);
  };
  if (outputs.some((o) => outputTypes(o).some(refersToMemory))) keepingRow(body, cx);
  else scoped(body, cx);

  const made = kb.finish();
  const refers = refersOf(made, cx.bufs, cx.scalars, outputs);
  const { kernel, note, skipping = null } = finish(made, 'loop');
  host.decide(
    kernel.name,
    note,
    `${outputs.length} output${outputs.length === 1 ? '' : 's'} from one pass over the data`,
  );
  const finished = outputs.map((o) => finishOutput(o, finish, host));
  host.state.kernels.push(kernel);
  const { scalars, sites } = cx;
  const bufsOf = (k: Kernel): readonly BufBinding[] => [...cx.bufs, ...scratchOf(k)];
  const nested = outputs.every((o) => o.out === 'direct') && kernel.body.some((s) => s.s === 'while');
  const launch: Launch = {
    kernel,
    space,
    bufs: bufsOf(kernel),
    scalars,
    outputs: finished,
    refers,
    origin,
    sites,
    ...(nested ? { nested } : {}),
  };
  if (skipping === null) host.push({ step: 'launch', launch }, origin);
  else {
    host.state.kernels.push(skipping.kernel);
    const tried = { ...skipping, bufs: bufsOf(skipping.kernel) };
    host.push({ step: 'launch', launch: { ...launch, skipping: tried } }, origin);
  }
  for (const f of afterwards) f();
  return done;
}

/** Bindings of the scratch buffers that a target pass has added. */
function scratchOf(kernel: Kernel): readonly BufBinding[] {
  const length = kernel.wide?.rows?.batch ?? 0;
  return kernel.bufs.filter((b) => b.access === 'scratch').map(() => ({ bind: 'scratch', length }));
}

function finishOutput(o: Output, finish: FinishKernel, host: HostScope): Output {
  if (o.out !== 'table' && o.out !== 'dict') return o;
  const { kernel } = finish(o.combine, 'combine');
  host.state.kernels.push(kernel);
  return { ...o, combine: kernel };
}

/** The sinks of a struct of builders as one value, and the host value after the loop. */
function openSinks(
  v: HostVal,
  path: string,
  open: (path: string, b: HostBuilder) => { sink: Sink; dst: HostReg },
): { value: KVal; done: HostVal } {
  if (v.h === 'struct') {
    const parts = v.fields.map((f, k) => openSinks(f, path === '' ? `${k}` : `${path}.${k}`, open));
    return {
      value: structVal(parts.map((p) => p.value)),
      done: { h: 'struct', fields: parts.map((p) => p.done) },
    };
  }
  if (v.h !== 'builder') throw new InternalError('lower: a loop over no builder');
  const { sink, dst } = open(path, v.builder);
  const after: HostBuilder = { ...v.builder, state: { reg: dst }, merges: [] };
  return { value: { v: 'builder', sink }, done: { h: 'builder', builder: after } };
}

function sinkOf(
  b: HostBuilder,
  ty: Exclude<BuilderType, { readonly kind: 'groupmerger' }>,
  count: MergeCount,
  dst: HostReg,
  output: number,
  cx: LoopContext,
): Sink {
  const { size, notes } = b;
  const init = stateOf(b, cx.host, cx.origin);
  switch (ty.kind) {
    case 'merger':
      return mergerSink(ty, init, dst, cx);
    case 'appender':
      return appenderSink(ty, count, init, dst, output, cx);
    case 'vecmerger':
      if (init === null) throw new InternalError('lower: a vecmerger without initial vector');
      return vecmergerSink(ty, init, dst, output, cx);
    case 'dictmerger': {
      // What merges outside loops put in has not been held to the promise of a dense table.
      const dense = init === null && isDense(ty, size, notes);
      if (dense) cx.host.state.dense.add(dst);
      return dictmergerSink(ty, { init, size, dense }, dst, output, cx);
    }
    default:
      return ty satisfies never;
  }
}

function describe(o: Output, count: MergeCount, cx: LoopContext): void {
  const [choice, reason] = strategyOf(o, count, cx);
  cx.host.decide(`${cx.kb.name} output r${o.dst}`, choice, reason);
}

/** How many merges a row makes: exactly, at most, or nobody knows. */
function merges({ most, exact }: MergeCount, { syms }: LoopContext): string {
  if (most === null) return 'unknown how many merges a row';
  const text = amountText(most, (a) => (isSym(a) ? syms.hint(a) : String(a.lit)));
  return `${exact ? 'exactly' : 'at most'} ${text} merge${text === '1' ? '' : 's'} a row`;
}

function strategyOf(o: Output, count: MergeCount, cx: LoopContext): readonly [choice: string, reason: string] {
  switch (o.out) {
    case 'reduce':
      return ['registers, one partial a part', 'a merger of scalars'];
    case 'direct':
      return ['direct store at the row', merges(count, cx)];
    case 'compact':
      return ['compaction in each part, gaps closed in part order', merges(count, cx)];
    case 'grow':
      if (o.most === null) return ['some places a part, and once more if they are too few', merges(count, cx)];
      return [
        o.exact ? 'the places of each part' : 'places for the most, gaps closed in part order',
        merges(count, cx),
      ];
    case 'table':
      return ['private table a part', 'a vecmerger'];
    case 'dict':
      return o.dense
        ? ['dense table, slot = key', 'integer keys below the size given: @(dense:true)']
        : ['open addressing, one table a part', `keys of ${typeText(o.key)}, range unknown; ${merges(count, cx)}`];
    default:
      return o satisfies never;
  }
}
