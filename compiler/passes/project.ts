/**
 * Columns that nobody reads are not made.
 *
 *     v = result(for(x, appender[{f64,i64}], |b,i,e| merge(b, {e, i})));  .. for(v, .., |b,i,e| .. e.$0 ..) ..
 *         ->  v = result(for(x, appender[{f64}], |b,i,e| merge(b, {e})));  .. for(v, .., |b,i,e| .. e.$0 ..) ..
 *
 * Fusion removes most vectors of structs with all their fields; this is for those that have to be in memory, such as a
 * filtered frame with readers that depend on each other.
 *
 * Must not: drop the last field. The length would be lost.
 */

import { type BlockIndex, type FreshLoop, hasOneSymbol, indexBlock } from '../analysis/uses.ts';
import type { Atom, Block, Let, Op, Sym } from '../core/op.ts';
import { isSym } from '../core/op.ts';
import type { SymTab } from '../core/program.ts';
import { appender, type StructType, struct, type Type } from '../core/types.ts';
import { forEachLet } from '../core/walk.ts';
import { sound } from './need.ts';
import type { Asking, Pass } from './pass.ts';
import { type Component, keptComponent, rethread } from './rethread.ts';
import { makeLet, mapAtoms, mapBlocks, mapProgramBlocks } from './rewrite.ts';

const NEEDS = [
  sound('an-appender', "the vector is an appender's of a fresh loop"),
  sound('plain-builder', 'the builder stands in no struct alone: `dce` makes it plain first'),
  sound('one-symbol', 'the vector has one symbol: `cse` sees to it'),
  sound('taken-apart', 'the values of a loop with several builders are only taken apart'),
  sound('by-elements', 'all that is read of it is its length, its elements by loops, and elements by `lookup`'),
  sound('by-fields', 'all that is read of these elements are fields'),
];
type Context = Asking<typeof NEEDS>;

export const project: Pass = {
  name: 'project',
  doc: 'do not make the fields of vectors that nobody reads',
  needs: NEEDS,
  run: (p, cx) =>
    mapProgramBlocks(p, (b) => {
      // A vector whose elements go into another one as a whole is read by field when that one is narrow.
      for (let block = b; ; ) {
        const ix = indexBlock(block);
        const plan = planFor(ix, p.syms, cx);
        if (plan.size === 0 || !cx.enabled('unread-fields')) return block;
        for (const _ of plan) cx.fired('unread-fields');
        block = apply(ix, plan, p.syms);
      }
    }),
};

/** The fields to keep of each vector, ascending. */
type Plan = ReadonlyMap<Sym, readonly number[]>;

function planFor(ix: BlockIndex, syms: SymTab, cx: Context): Plan {
  const seen = new Map<Sym, { readonly ty: StructType; reads: number; readonly fields: Set<number>; ok: boolean }>();
  for (const [v, { loop, component }] of ix.products) {
    const ty = elemStruct(syms.type(v));
    if (ty === null || ty.fields.length < 2) continue;
    if (!cx.holds('an-appender', syms.type(loop.builders[component] ?? v).kind === 'appender')) continue;
    if (!cx.holds('plain-builder', loop.gather === null || loop.builders.length > 1)) continue;
    if (
      !cx.holds('one-symbol', hasOneSymbol({ loop, component }, ix)) ||
      !cx.holds('taken-apart', onlyFields(loop, ix))
    )
      continue;
    seen.set(v, { ty, reads: 0, fields: new Set(), ok: true });
  }
  if (seen.size === 0) return new Map();
  // Elements of the vectors: params of loops and results of lookups.
  const elems = new Map<Sym, Sym>();
  const fieldReads = new Map<Sym, number>();
  forEachLet(ix.block, ({ sym, op }) => {
    for (const { vec, elem } of readsOf(sym, op)) {
      const v = seen.get(vec);
      if (v === undefined) continue;
      v.reads++;
      if (elem !== null) elems.set(elem, vec);
    }
    const vec = op.kind === 'field' && isSym(op.of) ? elems.get(op.of) : undefined;
    if (vec === undefined || op.kind !== 'field' || !isSym(op.of)) return;
    seen.get(vec)?.fields.add(op.index);
    fieldReads.set(op.of, (fieldReads.get(op.of) ?? 0) + 1);
  });
  for (const [elem, vec] of elems) {
    const v = seen.get(vec);
    if (v !== undefined && (ix.uses.get(elem) ?? 0) !== (fieldReads.get(elem) ?? 0)) v.ok = false;
  }
  const plan = new Map<Sym, readonly number[]>();
  for (const [vec, v] of seen) {
    if (v.fields.size === v.ty.fields.length || !cx.holds('by-elements', v.reads === ix.uses.get(vec))) continue;
    if (!cx.holds('by-fields', v.ok)) continue;
    plan.set(vec, v.fields.size === 0 ? [0] : [...v.fields].sort((x, y) => x - y));
  }
  return plan;
}

const elemStruct = (t: Type): StructType | null => (t.kind === 'vec' && t.elem.kind === 'struct' ? t.elem : null);

/** True when the result of a loop with several builders is only taken apart. */
function onlyFields(loop: FreshLoop, ix: BlockIndex): boolean {
  if (loop.gather === null) return true;
  const fields = ix.block.lets.filter((l) => l.op.kind === 'field' && l.op.of === loop.result).length;
  return fields === ix.uses.get(loop.result);
}

/** The vectors that an operation reads element by element (or by length: no element), with the elements' symbols. */
function readsOf(sym: Sym, op: Op): readonly { readonly vec: Sym; readonly elem: Sym | null }[] {
  if (op.kind === 'len' && isSym(op.of)) return [{ vec: op.of, elem: null }];
  if (op.kind === 'lookup' && isSym(op.of)) return [{ vec: op.of, elem: sym }];
  if (op.kind !== 'for') return [];
  return op.iters.flatMap((it, k) => {
    const elem = op.body.params[2 + k];
    return it.kind === 'scan' && isSym(it.vec) && elem !== undefined ? [{ vec: it.vec, elem }] : [];
  });
}

function apply(ix: BlockIndex, plan: Plan, syms: SymTab): Block {
  const r: Retype = { plan, syms, subst: new Map(), kept: new Map() };
  const replaced = new Map<Sym, readonly Let[]>();
  for (const loop of new Set([...plan.keys()].flatMap((v) => ix.products.get(v)?.loop ?? []))) {
    narrow(loop, ix, r, replaced);
  }
  const lets = ix.block.lets.flatMap((l) => replaced.get(l.sym) ?? [l]);
  return retype({ params: ix.block.params, lets, result: ix.block.result }, r);
}

interface Retype {
  readonly plan: Plan;
  readonly syms: SymTab;
  /** New symbols for those whose type changes. */
  readonly subst: Map<Sym, Atom>;
  /** The fields that are kept of an element, by its old symbol. */
  readonly kept: Map<Sym, readonly number[]>;
}

/** The producing loop with the narrow elements. */
function narrow(loop: FreshLoop, ix: BlockIndex, r: Retype, replaced: Map<Sym, readonly Let[]>): void {
  const { syms } = r;
  const products = [...ix.products].filter(([, p]) => p.loop === loop);
  const keptOf = (k: number): readonly number[] | undefined =>
    products.map(([v, p]) => (p.component === k ? r.plan.get(v) : undefined)).find((kept) => kept !== undefined);
  const components: Component[] = [];
  const builders = loop.builders.map((s, k) => {
    const kept = keptOf(k);
    const made = ix.block.lets[ix.at.get(s) ?? -1];
    const ty = syms.type(s);
    const elem = ty.kind === 'appender' && ty.elem.kind === 'struct' ? ty.elem : null;
    if (kept === undefined || elem === null || made?.op.kind !== 'builder') {
      components.push(keptComponent(ty, syms));
      return s;
    }
    const narrowTy = appender(pick(elem, kept));
    components.push({ ty: narrowTy, merge: (b, value, out) => mergePicked(b, value, kept, syms, out) });
    const fresh = makeLet({ ...made.op, ty: narrowTy }, syms, s);
    replaced.set(s, [fresh]);
    return fresh.sym;
  });
  const gather = loop.gather === null ? null : makeLet({ kind: 'struct', fields: builders }, syms, loop.gather);
  const builder = gather?.sym ?? builders[0];
  if (builder === undefined) return;
  const body = rethread(loop.op.body, components, loop.gather === null, syms);
  const made = makeLet({ ...loop.op, builder, body }, syms, loop.sym);
  const result = makeLet({ kind: 'result', builder: made.sym }, syms, loop.result);
  if (loop.gather !== null && gather !== null) replaced.set(loop.gather, [gather]);
  replaced.set(loop.sym, [made]);
  replaced.set(loop.result, [result]);
  if (loop.gather === null) {
    r.subst.set(loop.result, result.sym);
    return;
  }
  for (const [v, p] of products) {
    const field = makeLet({ kind: 'field', of: result.sym, index: p.component }, syms, v);
    replaced.set(v, [field]);
    r.subst.set(v, field.sym);
  }
}

const pick = (t: StructType, kept: readonly number[]): StructType => struct(kept.flatMap((k) => t.fields[k] ?? []));

function mergePicked(b: Atom, value: Atom, kept: readonly number[], syms: SymTab, out: Let[]): Atom {
  const fields = kept.map((index) => makeLet({ kind: 'field', of: value, index }, syms, null, 'f'));
  const narrow = makeLet({ kind: 'struct', fields: fields.map((f) => f.sym) }, syms, null, 's');
  const merged = makeLet({ kind: 'merge', builder: b, value: narrow.sym }, syms, isSym(b) ? b : null, 'b');
  out.push(...fields, narrow, merged);
  return merged.sym;
}

/** Gives new symbols to elements of narrow vectors and renumbers the fields that are read of them. */
function retype(b: Block, r: Retype): Block {
  const find = (a: Atom): Atom => (isSym(a) ? (r.subst.get(a) ?? a) : a);
  const lets = b.lets.map((l): Let => {
    let { sym } = l;
    let op = l.op;
    for (const { vec, elem } of readsOf(l.sym, l.op)) {
      const kept = r.plan.get(vec);
      if (kept === undefined || elem === null) continue;
      const ty = r.syms.type(elem);
      if (ty.kind !== 'struct') continue;
      const fresh = r.syms.fresh(pick(ty, kept), r.syms.hint(elem), r.syms.origin(elem));
      r.subst.set(elem, fresh);
      r.kept.set(elem, kept);
      if (elem === l.sym) sym = fresh;
    }
    if (op.kind === 'field' && isSym(op.of)) {
      const kept = r.kept.get(op.of);
      if (kept !== undefined) op = { ...op, index: kept.indexOf(op.index) };
    }
    op = mapBlocks(mapAtoms(op, find), (inner) => retype(inner, r));
    return { sym, op };
  });
  const params = b.params.map((p) => {
    const s = find(p);
    return isSym(s) ? s : p;
  });
  return { params, lets, result: find(b.result) };
}
