/**
 * One top-level loop becomes one kernel and its launch.
 *
 * The builders of the loop get their strategies first (from merge counts and notes), then the columns that the body
 * reads are loaded, then the body is lowered. Unread fields of a vector of structs are never loaded: struct-of-arrays
 * makes them free.
 */

import { mergeCounts } from '../analysis/merges.ts';
import { isSym, type OpOf, type Sym } from '../core/op.ts';
import type { SymTab } from '../core/program.ts';
import { atomsOf } from '../core/shape.ts';
import { leaves, type Type, typeText } from '../core/types.ts';
import { forEachLet, freeSyms } from '../core/walk.ts';
import type { Origin } from '../diag/diagnostic.ts';
import { InternalError } from '../diag/diagnostic.ts';
import { bin, cast, KernelBuilder, lit } from '../sir/build.ts';
import type { Kernel, SExpr } from '../sir/kernel.ts';
import type { BufBinding, HostAtom, HostReg, Launch, Output } from '../sir/plan.ts';
import { castVal } from './arith.ts';
import { lowerBlock, sameSinks } from './body.ts';
import { appenderSink } from './builders/appender.ts';
import { dictmergerSink, isDense } from './builders/dictmerger.ts';
import { mergerSink } from './builders/merger.ts';
import { vecmergerSink } from './builders/vecmerger.ts';
import { LoopContext, type LowerTarget, leavesOf, unsupported } from './context.ts';
import type { HostBuilder, HostScope, HostVal } from './host.ts';
import type { Sink } from './sink.ts';
import { type KVal, scalarVal, structVal, valueOfLeaves } from './values.ts';

/** Target passes over a finished kernel, with a sentence for explain. */
export type FinishKernel = (
  kernel: Kernel,
  /** A loop of the program may get scratch buffers; the kernels that combine partial states may not. */
  role: 'loop' | 'combine',
) => { readonly kernel: Kernel; readonly note: string };

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
  const counts = mergeCounts(op.body, syms);
  const { value, done } = openSinks(host.valueOf(op.builder), '', (path, builder) => {
    if (builder.filled !== null) unsupported('a second loop into the same builder', origin);
    const dst = host.reg();
    const sink = sinkOf(builder, counts.get(path) ?? { min: 0, max: 0 }, dst, outputs.length, cx);
    if (sink.output === null) throw new InternalError('lower: a loop builder without output');
    outputs.push(sink.output);
    describe(sink.output, host, kb.name);
    return { sink, dst };
  });
  cx.env.set(b, value);

  const free = freeSyms({ params: [], lets: op.body.lets, result: op.body.result });
  const space = spaceOf(op, host, origin);
  if (free.has(i)) cx.env.set(i, castVal(kb.index, 'i64', cx));
  for (const [k, it] of op.iters.entries()) {
    const e = elems[k];
    if (e === undefined || !free.has(e)) continue;
    if (it.kind === 'range') {
      const [start, stride] = [it.start, it.stride].map((a) => rangeBound(host.valueOf(a), cx));
      if (start === undefined || stride === undefined) throw new InternalError('lower: a range without bounds');
      cx.env.set(e, scalarVal(kb.let(bin('+', start, bin('*', cast(kb.index, 'i64'), stride)))));
    } else {
      cx.env.set(e, loadElement(host.atomOf(host.valueOf(it.vec)), elemType(it.vec, syms), e, op, cx));
    }
  }
  const out = lowerBlock(op.body, cx);
  if (!sameSinks(out, value)) unsupported('a loop body that hands its builders on in other places', origin);

  const { kernel, note } = finish(kb.finish(), 'loop');
  host.decide(
    kernel.name,
    note,
    `${outputs.length} output${outputs.length === 1 ? '' : 's'} from one pass over the data`,
  );
  const finished = outputs.map((o) => finishOutput(o, finish, host));
  host.state.kernels.push(kernel);
  const { scalars, sites } = cx;
  const bufs = [...cx.bufs, ...scratchOf(kernel)];
  const launch: Launch = { kernel, space, bufs, scalars, outputs: finished, origin, sites };
  host.steps.push({ step: 'launch', launch });
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
  return { value: { v: 'builder', sink }, done: { h: 'builder', builder: { ...v.builder, filled: dst } } };
}

function sinkOf(
  b: HostBuilder,
  count: { min: number; max: number },
  dst: HostReg,
  output: number,
  cx: LoopContext,
): Sink {
  const { ty, arg } = b;
  switch (ty.kind) {
    case 'merger':
      return mergerSink(ty, arg, dst, cx);
    case 'appender':
      return appenderSink(ty, count, dst, output, cx);
    case 'vecmerger':
      if (arg === null) throw new InternalError('lower: a vecmerger without initial vector');
      return vecmergerSink(ty, arg, dst, output, cx);
    case 'dictmerger':
      if (isDense(ty, arg, b.notes)) cx.host.state.dense.add(dst);
      return dictmergerSink(ty, arg, b.notes, dst, output, cx);
    default:
      return ty satisfies never;
  }
}

function describe(o: Output, host: HostScope, loop: string): void {
  const [choice, reason] = strategyOf(o);
  host.decide(`${loop} output r${o.dst}`, choice, reason);
}

function strategyOf(o: Output): readonly [choice: string, reason: string] {
  switch (o.out) {
    case 'reduce':
      return ['registers, one partial a part', 'a merger of scalars'];
    case 'direct':
      return ['direct store at the row', 'exactly one merge a row'];
    case 'compact':
      return ['compaction in each part, gaps closed in part order', 'at most one merge a row'];
    case 'table':
      return ['private table a part', 'a vecmerger'];
    case 'dict':
      return o.dense
        ? ['dense table, slot = key', 'integer keys below the size given: @(dense:true)']
        : ['open addressing, one table a part', `keys of ${typeText(o.key)}, range unknown`];
    default:
      return o satisfies never;
  }
}

function spaceOf(op: OpOf<'for'>, host: HostScope, origin: Origin | null): Launch['space'] {
  const vecs: HostAtom[] = [];
  let range: { start: HostAtom; end: HostAtom; stride: HostAtom } | null = null;
  for (const it of op.iters) {
    if (it.kind === 'scan') vecs.push(host.atomOf(host.valueOf(it.vec)));
    else if (range !== null) unsupported('a zip of several ranges', origin);
    else {
      const [start, end, stride] = [it.start, it.end, it.stride].map((a) => host.atomOf(host.valueOf(a)));
      if (start === undefined || end === undefined || stride === undefined) throw new InternalError('lower: range');
      range = { start, end, stride };
    }
  }
  return range === null ? { of: 'zip', vecs } : { of: 'range', ...range, vecs };
}

function rangeBound(v: HostVal, cx: LoopContext): SExpr {
  const atom = cx.host.atomOf(v);
  if ('lit' in atom) return lit('i64', atom.lit);
  return cx.scalar('bound', 'i64', { bind: 'scalar', value: atom });
}

function elemType(vec: OpOf<'len'>['of'], syms: SymTab): Type {
  const t = syms.typeOf(vec);
  if (t.kind !== 'vec') throw new InternalError(`lower: a loop over ${typeText(t)}`);
  return t.elem;
}

/** Loads the leaves of the element that the body reads. */
function loadElement(vec: HostAtom, elem: Type, sym: Sym, op: OpOf<'for'>, cx: LoopContext): KVal {
  leavesOf(elem, cx.origin);
  const read = readFields(sym, op);
  let leaf = 0;
  const load = (): SExpr => cx.kb.load(cx.column(vec, elem, leaf++), cx.kb.index);
  if (elem.kind !== 'struct' || read === 'all') return valueOfLeaves(elem, load);
  return structVal(
    elem.fields.map((f, k) => {
      if (read.has(k)) return valueOfLeaves(f, load);
      leaf += leaves(f)?.length ?? 0;
      return valueOfLeaves(f, () => lit('bool', false));
    }),
  );
}

/** The fields of a struct element that are read, or `all` when the struct is used as a whole. */
function readFields(sym: Sym, op: OpOf<'for'>): ReadonlySet<number> | 'all' {
  const fields = new Set<number>();
  let whole = op.body.result === sym;
  forEachLet(op.body, (l) => {
    if (l.op.kind === 'field' && l.op.of === sym) fields.add(l.op.index);
    else if (atomsOf(l.op).some((a) => isSym(a) && a === sym)) whole = true;
    if (l.op.kind === 'if' && (l.op.then.result === sym || l.op.else.result === sym)) whole = true;
  });
  return whole ? 'all' : fields;
}
