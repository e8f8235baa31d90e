/**
 * One top-level loop becomes one kernel and its launch.
 *
 * The builders of the loop get their strategies first (from merge counts and notes), then the elements that the body
 * reads are loaded, then the body is lowered.
 */

import { type MergeCount, mergeCounts } from '../analysis/merges.ts';
import { amountText } from '../core/amount.ts';
import { isSym, type OpOf, type Sym } from '../core/op.ts';
import type { SymTab } from '../core/program.ts';
import { type BuilderType, refersToMemory, typeText } from '../core/types.ts';
import { freeSyms } from '../core/walk.ts';
import type { Origin } from '../diag/diagnostic.ts';
import { InternalError, invariant } from '../diag/diagnostic.ts';
import { KernelBuilder } from '../sir/build.ts';
import type { Kernel } from '../sir/kernel.ts';
import type { SkippingKernel } from '../sir/passes/vectorize.ts';
import type { BufBinding, HostAtom, HostReg, Launch, Output, SpaceIter } from '../sir/plan.ts';
import { SCATTER } from '../sir/scatter.ts';
import { castVal } from './arith.ts';
import { lowerBlock } from './body.ts';
import { appenderSink } from './builders/appender.ts';
import { dictmergerSink, isDense } from './builders/dictmerger.ts';
import { finishGroups, type GroupRegs, groupmergerSink } from './builders/groupmerger.ts';
import { mergerSink } from './builders/merger.ts';
import { partitionedSink } from './builders/partitioned.ts';
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

export interface LowerOptions {
  readonly target: LowerTarget;
  readonly finish: FinishKernel;
  /** May rows be partitioned, where keys are many? Default: yes, for WASM. */
  readonly partition?: boolean;
  /** May tables have places for keys that lie near each other? Default: yes, for WASM. */
  readonly nearKeys?: boolean;
  /** Makes the second forms of loops that this takes now; else whoever runs the plan asks for them. */
  readonly ahead?: boolean;
}
/** A loop as it is, or with the rows of its dictionaries partitioned. */
type LoopForm = 'plain' | 'partitioned';

/** A top-level loop, whatever form its kernel has. */
interface Loop {
  readonly op: OpOf<'for'>;
  readonly syms: SymTab;
  readonly host: HostScope;
  readonly target: LowerTarget;
  readonly finish: FinishKernel;
  readonly origin: Origin | null;
  readonly name: string;
  readonly space: readonly SpaceIter[];
  /** Its builders by path. */
  readonly builders: ReadonlyMap<string, LoopBuilder>;
}

/** A builder of the loop: what it starts from, what is known of its merges, and where its value goes. */
interface LoopBuilder {
  readonly ty: BuilderType;
  readonly size: HostAtom | null;
  readonly init: HostAtom | null;
  readonly dense: boolean;
  readonly partition: boolean;
  /** Of a dictmerger: does nobody read the values? */
  readonly idle: boolean;
  readonly count: MergeCount;
  readonly dst: HostReg;
  /** Of a groupmerger. */
  readonly regs: GroupRegs;
}

/** Lowers `op`, adds its launch to the scope and gives the filled builders. */
export function lowerLoop(
  sym: Sym,
  op: OpOf<'for'>,
  syms: SymTab,
  host: HostScope,
  { target, finish, partition = true, ahead = false }: LowerOptions,
  origin: Origin | null,
): HostVal {
  const name = host.kernelName(`loop${host.state.kernels.length}`);
  const opened = host.valueOf(op.builder);
  const counts = mergeCounts(op.body, syms);
  /** By path; that of a plain builder, the only component, is empty. */
  const isIdle = (path: string): boolean => host.state.idle.get(sym)?.has(Number(path)) ?? false;
  const builders = new Map<string, LoopBuilder>();
  const done = eachBuilder(opened, '', (path, b) => {
    const count = counts.get(path);
    if (count === undefined) throw new InternalError('lower: a loop builder without count');
    const init = stateOf(b, host, origin);
    const dst = host.reg();
    // What merges outside loops put in has not been held to the promise of a dense table.
    const dense = b.ty.kind === 'dictmerger' && init === null && isDense(b.ty, b.size, b.notes);
    if (dense) host.state.dense.add(dst);
    const regs = { counts: host.reg(), pairs: host.reg() };
    const { ty, size } = b;
    const known = { ty, size, init, dense, count, dst, regs, idle: isIdle(path) };
    builders.set(path, { ...known, partition: partition && target === 'wasm' && mayPartition(known) });
    return { h: 'builder', builder: { ...b, state: { reg: dst }, merges: [] } };
  });
  const space = op.iters.map((it) => spaceIter(it, host));
  const loop: Loop = { op, syms, host, target, finish, origin, name, space, builders };
  const { launch, cx } = lowerForm(loop, opened, 'plain');
  const many = ahead && [...builders.values()].some((b) => b.partition);
  host.push({ step: 'launch', launch: many ? { ...launch, partitioned: secondForm(loop, opened) } : launch }, origin);
  for (const { ty, regs, init, dst } of builders.values()) {
    if (ty.kind === 'groupmerger') finishGroups(ty, regs, init, dst, cx, finish);
  }
  return done;
}

/** Can the rows of a builder be partitioned, should its keys be many? */
function mayPartition({ ty, size, init, dense, count }: Omit<LoopBuilder, 'partition'>): boolean {
  if (count.max > 1) return false;
  if (ty.kind === 'groupmerger') return !refersToMemory(ty.key);
  return ty.kind === 'dictmerger' && init === null && size === null && !dense && !refersToMemory(ty.key);
}

/** The loop with partitioned rows. It needs nothing that the first form has not got: plans with it and without it agree. */
function secondForm(loop: Loop, opened: HostVal): Launch {
  const { state, steps } = loop.host;
  const before = [state.nextReg, steps.length];
  const { launch } = lowerForm(loop, opened, 'partitioned');
  invariant(state.nextReg === before[0] && steps.length === before[1], () => 'lower: a second form with other steps');
  return launch;
}

/** One form of the loop: its kernel and how it is launched. */
function lowerForm(
  { op, syms, host, target, finish, origin, name, space, builders }: Loop,
  opened: HostVal,
  form: LoopForm,
): { readonly launch: Launch; readonly cx: LoopContext } {
  const kb = new KernelBuilder(form === 'plain' ? name : host.kernelName(`${name}_partitioned`));
  const kernels = form === 'plain' ? host.state.kernels : host.state.aheadKernels;
  const cx = new LoopContext(kb, syms, host, target, origin);
  const [b, i, ...elems] = op.body.params;
  if (b === undefined || i === undefined) throw new InternalError('lower: a loop body without builder or index');

  const outputs: Output[] = [];
  const value = sinksOf(opened, '', (path) => {
    const builder = builders.get(path);
    if (builder === undefined) throw new InternalError('lower: a loop over no builder');
    const sink = sinkOf(builder, form, outputs.length, cx);
    outputs.push(...sink.outputs);
    if (builder.ty.kind !== 'groupmerger') for (const o of sink.outputs) describe(o, builder, cx);
    return sink;
  });
  cx.env.set(b, value);

  const free = freeSyms({ params: [], lets: op.body.lets, result: op.body.result });
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
  const finished = outputs.map((o) => finishOutput(o, finish, kernels));
  kernels.push(kernel);
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
  if (skipping === null) return { launch, cx };
  kernels.push(skipping.kernel);
  return { launch: { ...launch, skipping: { ...skipping, bufs: bufsOf(skipping.kernel) } }, cx };
}

/** Bindings of the scratch buffers that a target pass has added. */
function scratchOf(kernel: Kernel): readonly BufBinding[] {
  const length = kernel.wide?.rows?.batch ?? 0;
  return kernel.bufs.filter((b) => b.access === 'scratch').map(() => ({ bind: 'scratch', length }));
}

function finishOutput(o: Output, finish: FinishKernel, kernels: Kernel[]): Output {
  const finished = (made: Kernel): Kernel => {
    const { kernel } = finish(made, 'combine');
    kernels.push(kernel);
    return kernel;
  };
  if (o.out === 'table' || o.out === 'dict') return { ...o, combine: finished(o.combine) };
  if (o.out !== 'partitioned') return o;
  const { merge, mergeMany, order, index } = o.kernels;
  const last = index === null ? null : finished(index);
  const [few, many] = [finished(merge), finished(mergeMany)];
  return { ...o, kernels: { merge: few, mergeMany: many, order: finished(order), index: last } };
}

/** A struct of builders with what `f` makes of each. */
function eachBuilder(v: HostVal, path: string, f: (path: string, b: HostBuilder) => HostVal): HostVal {
  if (v.h === 'struct') return { h: 'struct', fields: v.fields.map((x, k) => eachBuilder(x, below(path, k), f)) };
  if (v.h !== 'builder') throw new InternalError('lower: a loop over no builder');
  return f(path, v.builder);
}
const below = (path: string, field: number): string => (path === '' ? `${field}` : `${path}.${field}`);

/** The sinks of a struct of builders as one value. */
function sinksOf(v: HostVal, path: string, open: (path: string) => Sink): KVal {
  if (v.h !== 'struct') return { v: 'builder', sink: open(path) };
  return structVal(v.fields.map((f, k) => sinksOf(f, below(path, k), open)));
}

function sinkOf(
  { ty, size, init, dense, partition, idle, count, dst, regs }: LoopBuilder,
  form: LoopForm,
  output: number,
  cx: LoopContext,
): Sink {
  switch (ty.kind) {
    case 'merger':
      return mergerSink(ty, init, dst, cx);
    case 'appender':
      return appenderSink(ty, count, init, dst, output, cx);
    case 'vecmerger':
      if (init === null) throw new InternalError('lower: a vecmerger without initial vector');
      return vecmergerSink(ty, init, dst, output, cx);
    case 'dictmerger':
      if (partition && form === 'partitioned') return partitionedSink(ty, idle, dst, output, cx);
      return dictmergerSink(ty, { init, size, dense, partition, idle }, dst, output, cx);
    case 'groupmerger':
      return groupmergerSink(ty, count, regs, output, partition ? form : 'plain', partition, cx);
    default:
      return ty satisfies never;
  }
}

function describe(o: Output, { count, idle }: LoopBuilder, cx: LoopContext): void {
  const [choice, reason] = strategyOf(o, count, cx);
  const values = idle ? '; nobody reads the values, so they are merged once a key' : '';
  cx.host.decide(`${cx.kb.name} output r${o.dst}`, choice, `${reason}${values}`);
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
        : [
            [
              `open addressing${o.near ? ', or a place for each key if keys lie near each other' : ''}`,
              `one table a part${o.partition ? ', or a partition if keys are many' : ''}`,
            ].join('; '),
            `keys of ${typeText(o.key)}, range unknown; ${merges(count, cx)}`,
          ];
    case 'partitioned':
      return [`rows in ${SCATTER.partitions} partitions by hash, one table a partition`, 'for many keys'];
    default:
      return o satisfies never;
  }
}
