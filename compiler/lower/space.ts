/**
 * What a top-level loop walks: the iterators of its launch, which the runtime checks and counts rows of, and the elements
 * that row `index` of the kernel has.
 *
 * A scan reads at the row, an `iter` at start + row * stride, an `nditer` at the offset of the row's index in the shape.
 * Checked bounds put every address below 2^31, so addresses are i32, and arithmetic modulo 2^32 does no harm on the way.
 * Unread fields of a vector of structs are never loaded: struct-of-arrays makes them free.
 */

import { type Atom, type Iter, isSym, type OpOf, type Sym } from '../core/op.ts';
import { atomsOf, blocksOf } from '../core/shape.ts';
import { I64, leaves, type Type } from '../core/types.ts';
import { forEachLet } from '../core/walk.ts';
import { bin, cast, cmp, type KernelBuilder, lit } from '../sir/build.ts';
import type { SExpr } from '../sir/kernel.ts';
import type { HostAtom, SpaceBounds, SpaceIter } from '../sir/plan.ts';
import { type LoopContext, leavesOf } from './context.ts';
import type { HostScope } from './host.ts';
import { type KVal, scalarVal, structVal, valueOfLeaves } from './values.ts';

/** An iterator of a launch. */
export function spaceIter(it: Iter, host: HostScope): SpaceIter {
  const at = (a: Atom): HostAtom => host.atomOf(host.valueOf(a));
  if (it.kind === 'scan') return { of: 'vec', vec: at(it.vec) };
  const bounds: SpaceBounds = { start: at(it.start), end: at(it.end), stride: at(it.stride) };
  switch (it.kind) {
    case 'range':
      return { of: 'range', ...bounds };
    case 'iter':
      return { of: 'iter', vec: at(it.vec), ...bounds };
    case 'nditer':
      return { of: 'nd', vec: at(it.vec), ...bounds, shape: at(it.shape), steps: at(it.steps) };
    default:
      return it satisfies never;
  }
}

/** The element of `space` in the row of the kernel, with the fields that the body of `op` reads of `sym`. */
export function rowElement(space: SpaceIter, ty: Type, sym: Sym, op: OpOf<'for'>, cx: LoopContext): KVal {
  const { kb } = cx;
  switch (space.of) {
    case 'vec':
      return loadElement(space.vec, ty, kb.index, sym, op, cx);
    case 'range': {
      const [start, stride] = [bound64(space.start, cx), bound64(space.stride, cx)];
      return scalarVal(kb.let(bin('+', start, bin('*', cast(kb.index, 'i64'), stride))));
    }
    case 'iter':
      return loadElement(space.vec, ty, strided(space, cx), sym, op, cx);
    case 'nd':
      return loadElement(space.vec, ty, ndRow(space, cx), sym, op, cx);
    default:
      return space satisfies never;
  }
}

function bound64(a: HostAtom, cx: LoopContext): SExpr {
  return 'lit' in a ? lit('i64', a.lit) : cx.scalar('bound', 'i64', { bind: 'scalar', value: a });
}

/** A bound of an iterator over a vector. */
function bound32(a: HostAtom, cx: LoopContext): SExpr {
  if ('lit' in a) return lit('i32', BigInt.asIntN(32, BigInt(a.lit)));
  return cx.scalar('bound', 'i32', { bind: 'bound', value: a });
}

function strided({ start, stride }: SpaceBounds, cx: LoopContext): SExpr {
  const [from, by] = [bound32(start, cx), bound32(stride, cx)];
  const { kb } = cx;
  const steps = isLit(by, 1) ? kb.index : bin('*', kb.index, by);
  return isLit(from, 0) && steps === kb.index ? steps : kb.let(bin('+', steps, from));
}
const isLit = (e: SExpr, value: number): boolean => e.x === 'lit' && e.value === value;

function ndRow({ start, shape, steps }: Extract<SpaceIter, { of: 'nd' }>, cx: LoopContext): SExpr {
  const { kb } = cx;
  const [sizes, ways] = [cx.column(shape, I64, 0), cx.column(steps, I64, 0)];
  return ndOffset(
    kb,
    kb.index,
    bound32(start, cx),
    cx.length(shape),
    (dim) => cast(kb.load(sizes, dim), 'i32'),
    (dim) => cast(kb.load(ways, dim), 'i32'),
  );
}

/** The row number, taken apart into an index of the shape from the last dimension on; all i32. */
export function ndOffset(
  kb: KernelBuilder,
  row: SExpr,
  start: SExpr,
  dims: SExpr,
  sizeAt: (dim: SExpr) => SExpr,
  stepAt: (dim: SExpr) => SExpr,
): SExpr {
  const one = lit('i32', 1);
  const rest = kb.var(row);
  const offset = kb.var(start);
  const dim = kb.var(dims);
  kb.while(cmp('>', dim, lit('i32', 0)), () => {
    kb.set(dim, bin('-', dim, one));
    const size = kb.let(sizeAt(dim));
    const step = stepAt(dim);
    kb.set(offset, bin('+', offset, bin('*', bin('%', rest, size), step)));
    kb.set(rest, bin('/', rest, size));
  });
  return kb.let(offset);
}

/** Loads the leaves of the element at `at` that the body reads. */
function loadElement(vec: HostAtom, elem: Type, at: SExpr, sym: Sym, op: OpOf<'for'>, cx: LoopContext): KVal {
  leavesOf(elem, cx.origin);
  const read = readFields(sym, op);
  let leaf = 0;
  const load = (): SExpr => cx.kb.load(cx.column(vec, elem, leaf++), at);
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
    if (blocksOf(l.op).some((b) => b.result === sym)) whole = true;
  });
  return whole ? 'all' : fields;
}
