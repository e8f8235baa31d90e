/**
 * Groups that are only reduced are not kept: each key gets the partial results instead of its elements.
 *
 *     d = result(for(x, groupmerger[i64,f64], |b,i,e| merge(b, {k(e), e})));
 *     for(tovec(d), out, |b,i,row| .. row.$0 ..
 *         .. result(for(row.$1, merger[f64,+], |b,i,e| merge(b, f(e)))) .. len(row.$1) ..)
 *       ->
 *     d = result(for(x, dictmerger[i64,{f64,i64},+], |b,i,e| merge(b, {k(e), {f(e), 1L}})));
 *     for(tovec(d), out, |b,i,row| .. row.$0 .. 0.0 + row.$1.$0 .. row.$1.$1 ..)
 *
 * A dictmerger has one operator: reductions by others get a dictmerger each, in the same loop. These see the same keys
 * in the same order, so their entries are walked side by side. An iteration that merges nothing merges the identity of
 * the operator (-0 for a float sum), which changes no value.
 *
 * Sums and products of floats keep every rounding: a dictmerger takes the first value as it is and folds in input
 * order, as the merger over the group does from its zero, which is added here at the end for the sign of a sum of -0.
 */

import { MAX_COPIED_LETS } from '../analysis/cost.ts';
import { type GroupReads, type Reduction, readsOfGroups } from '../analysis/groups.ts';
import { mergeSitesOf } from '../analysis/sites.ts';
import { blockSize } from '../analysis/size.ts';
import { type BlockIndex, type FreshLoop, hasOneSymbol, indexBlock } from '../analysis/uses.ts';
import { i64 } from '../core/build.ts';
import type { Atom, Block, Iter, Let, Op, Sym } from '../core/op.ts';
import { isSym } from '../core/op.ts';
import type { SymTab } from '../core/program.ts';
import { dictmerger, I64, type MergeOp, struct, type Type } from '../core/types.ts';
import { freeSyms, freeSymsOfOp, substitute } from '../core/walk.ts';
import { invariant } from '../diag/diagnostic.ts';
import { profit, sound } from './need.ts';
import { contributionOf, started } from './partial-results.ts';
import type { Asking, Pass } from './pass.ts';
import { onlyFields, rebuildLoop } from './rebuild-loop.ts';
import type { Component } from './rethread.ts';
import { makeLet, mapAtoms, mapBlocks, mapProgramBlocks } from './rewrite.ts';

const NEEDS = [
  sound('one-symbol', 'the groupmerger belongs to a fresh loop in this block, and its dictionary has one symbol'),
  // Of a loop over a group.
  sound('into-mergers', 'it is a fresh loop that merges into mergers'),
  sound('group-alone', 'it walks the group alone'),
  sound(
    'exact-start',
    'it starts a sum of floats from a zero and a product from 1, if it says from what: the start is added last, and only \
then is every rounding the same',
  ),
  sound(
    'no-failure',
    'it cannot fail, so that it may be computed for groups that were not asked for, in another order',
  ),
  sound('one-merge-an-iteration', 'it merges at most once an iteration into each merger'),
  sound('index-unread', 'it does not read its index'),
  sound(
    'known-before',
    'it reads its element, the key of the same entry, and what is known before the groups are made',
  ),
  // Of all that is read.
  sound('only-reductions', 'nothing but keys, lengths and reductions is read of the groups'),
  sound('alone-for-several', 'for several operators, the groupmerger is the only builder of its loop'),
  sound('taken-apart', 'the values of a loop with several builders are only taken apart'),
  profit('small-copies', 'what the reductions compute is copied into several merge sites only while that stays small'),
];
type Context = Asking<typeof NEEDS>;

export const groupReduce: Pass = {
  name: 'group-reduce',
  doc: 'keep partial results of groups instead of their elements',
  needs: NEEDS,
  run: (p, cx) => mapProgramBlocks(p, (b) => reduceGroups(b, p.syms, cx)),
};

function reduceGroups(b: Block, syms: SymTab, cx: Context): Block {
  if (!b.lets.some((l) => syms.type(l.sym).kind === 'groupmerger' && l.op.kind === 'builder')) return b;
  for (let done = b; ; ) {
    const ix = indexBlock(done);
    const plan = firstPlan(ix, syms, cx);
    if (plan === null || !cx.enabled('reduced-groups')) return done;
    cx.fired('reduced-groups');
    done = apply(plan, ix, syms);
  }
}

/** A dictmerger of the new loop: the values that it holds for each key, by their place among all of them. */
interface Table {
  readonly op: MergeOp;
  readonly values: readonly number[];
  readonly ty: Type;
}
interface Plan {
  readonly d: Sym;
  readonly loop: FreshLoop;
  readonly component: number;
  /** The let of the block that the new loop is put in front of. */
  readonly place: number;
  readonly reads: GroupReads;
  readonly tables: readonly Table[];
}

function firstPlan(ix: BlockIndex, syms: SymTab, cx: Context): Plan | null {
  for (const [d, { loop, component }] of ix.products) {
    const builder = loop.builders[component];
    if (builder === undefined || syms.type(builder).kind !== 'groupmerger') continue;
    if (!cx.holds('one-symbol', hasOneSymbol({ loop, component }, ix))) continue;
    const plan = planFor(d, loop, component, ix, syms, cx);
    if (plan !== null) return plan;
  }
  return null;
}

function planFor(d: Sym, loop: FreshLoop, component: number, ix: BlockIndex, syms: SymTab, cx: Context): Plan | null {
  // A loop with this builder alone can wait until somebody asks for the dictionary: more is known then.
  const reader = ix.block.lets.findIndex((l) => freeSymsOfOp(l.op).has(d));
  const place = loop.gather === null && reader >= 0 ? reader : loop.at;
  const outside = new Set([...ix.block.params, ...freeSyms(ix.block)]);
  const isEarly = (s: Sym): boolean => outside.has(s) || (ix.at.get(s) ?? place) < place;
  const reads = readsOfGroups(d, ix, syms, isEarly, cx.holds);
  if (!cx.holds('only-reductions', reads.complete)) return null;
  const tables = tablesFor(reads);
  if (!cx.holds('alone-for-several', loop.gather === null || tables.length === 1)) return null;
  if (!cx.holds('taken-apart', onlyFields(loop, ix))) return null;
  const sites = mergeSitesOf(loop.op.body, syms).get(loop.gather === null ? '' : `${component}`) ?? [];
  const copied = reads.reductions.reduce((n, r) => n + blockSize(r.loop.op.body), 0);
  if (!cx.holds('small-copies', (sites.length - 1) * copied <= MAX_COPIED_LETS)) return null;
  return { d, loop, component, place, reads, tables };
}

/** What is merged for each element: the partial results of all reductions in turn, then the count. */
function tablesFor({ reductions, counted }: GroupReads): readonly Table[] {
  const values: { readonly op: MergeOp; readonly ty: Type }[] = reductions.flatMap((r) => r.partials);
  // Without any value the keys are what is asked for: a count is the least a dictmerger can do.
  if (counted || values.length === 0) values.push({ op: '+', ty: I64 });
  return [...new Set(values.map((v) => v.op))].map((op) => {
    const own = [...values.keys()].filter((k) => values[k]?.op === op);
    const types = own.flatMap((k) => values[k]?.ty ?? []);
    const [only] = types;
    return { op, values: own, ty: types.length === 1 && only !== undefined ? only : struct(types) };
  });
}

/** The block with the new loop, and with everything that read the groups reading partial results. */
function apply(plan: Plan, ix: BlockIndex, syms: SymTab): Block {
  const { d, loop, component, place } = plan;
  const old = loop.builders[component];
  const key = old === undefined ? null : syms.type(old);
  invariant(old !== undefined && key?.kind === 'groupmerger', () => 'group-reduce is about a groupmerger');
  const types = plan.tables.map((t) => dictmerger(key.key, t.ty, t.op));
  const builders = types.map((ty) => makeLet({ kind: 'builder', ty, arg: null, notes: {} }, syms, old));
  const gather = builders.length === 1 ? null : makeLet({ kind: 'struct', fields: builders.map((l) => l.sym) }, syms);
  const [first] = builders;
  invariant(first !== undefined, () => 'there is a value to keep');
  const { replaced, values } = rebuildLoop(
    loop,
    new Map([
      [
        component,
        {
          lets: gather === null ? builders : [...builders, gather],
          builder: (gather ?? first).sym,
          component: partialResults(plan, types, syms),
        },
      ],
    ]),
    ix,
    syms,
  );
  const whole = values.get(d);
  invariant(whole !== undefined, () => 'the dictionary is a value of the loop');
  const fields = gather === null ? [] : types.map((_, index) => makeLet({ kind: 'field', of: whole, index }, syms, d));
  const to = new Retarget(plan, gather === null ? [whole] : fields.map((l) => l.sym), syms);
  // A loop of its own is moved as a whole, others stay where they are.
  const moved = loop.gather === null ? [old, loop.sym, loop.result] : [];
  const lets: Let[] = [];
  for (const [k, l] of ix.block.lets.entries()) {
    if (k === place) lets.push(...moved.flatMap((s) => replaced.get(s) ?? []), ...(moved.length > 0 ? fields : []));
    if (moved.includes(l.sym)) continue;
    const own = replaced.get(l.sym);
    if (own === undefined) to.let(l, lets);
    else lets.push(...own);
  }
  return substitute({ params: ix.block.params, lets, result: ix.block.result }, to.subst);
}

/** The groupmerger's component: a merge of an element becomes merges of what it adds to each partial result. */
function partialResults(plan: Plan, types: readonly Type[], syms: SymTab): Component {
  const { tables, reads } = plan;
  const contributions = reads.reductions.map((r) => contributionOf(r, syms));
  const [only] = types;
  const merge = (b: Atom, value: Atom, out: Let[]): Atom => {
    const emit = (op: Op, hint = 't'): Sym => {
      const l = makeLet(op, syms, null, hint);
      out.push(l);
      return l.sym;
    };
    const key = emit({ kind: 'field', of: value, index: 0 }, 'k');
    const elem = emit({ kind: 'field', of: value, index: 1 }, 'e');
    const values = contributions.flatMap((c) => c(key, elem, out));
    values.push(i64(1));
    const merged = tables.map((t, index) => {
      const own = t.values.flatMap((k) => values[k] ?? []);
      const [sole] = own;
      const packed = own.length === 1 && sole !== undefined ? sole : emit({ kind: 'struct', fields: own }, 's');
      const pair = emit({ kind: 'struct', fields: [key, packed] }, 's');
      const builder = tables.length === 1 ? b : emit({ kind: 'field', of: b, index }, 'b');
      return emit({ kind: 'merge', builder, value: pair }, 'b');
    });
    const [first] = merged;
    return merged.length === 1 && first !== undefined ? first : emit({ kind: 'struct', fields: merged }, 'b');
  };
  return { ty: types.length === 1 && only !== undefined ? only : struct(types), merge };
}

/** Lets that read the old dictionary, made to read the new ones. */
class Retarget {
  readonly subst = new Map<Sym, Atom>();
  readonly #plan: Plan;
  readonly #syms: SymTab;
  /** For each dictionary, vector of entries or entry the new ones, one a table. */
  readonly #parts = new Map<Sym, readonly Sym[]>();
  /** For each group its partial results, one value a table. */
  readonly #groups = new Map<Sym, readonly Sym[]>();
  readonly #reductions: ReadonlyMap<Sym, Reduction>;
  readonly #gone: ReadonlySet<Sym>;

  constructor(plan: Plan, dicts: readonly Sym[], syms: SymTab) {
    this.#plan = plan;
    this.#syms = syms;
    this.#parts.set(plan.d, dicts);
    const { reductions } = plan.reads;
    this.#reductions = new Map(reductions.map((r) => [r.loop.result, r]));
    this.#gone = new Set(
      reductions.flatMap(({ loop: { builders, gather, sym } }) => [...builders, gather ?? sym, sym]),
    );
  }

  let(l: Let, out: Let[]): void {
    const { sym, op } = l;
    if (this.#gone.has(sym)) return;
    const reduction = this.#reductions.get(sym);
    if (reduction !== undefined) {
      this.#finish(sym, reduction, out);
      return;
    }
    const parts = 'of' in op && isSym(op.of) ? this.#parts.get(op.of) : undefined;
    switch (op.kind) {
      case 'tovec':
        if (parts === undefined) break;
        this.#parts.set(
          sym,
          this.#each(parts, (of) => ({ kind: 'tovec', of }), sym, out),
        );
        return;
      case 'lookup':
        if (parts === undefined) break;
        this.#groups.set(
          sym,
          this.#each(parts, (of) => ({ ...op, of }), sym, out),
        );
        return;
      case 'field':
        if (parts === undefined) break;
        if (op.index === 0) break;
        this.#groups.set(
          sym,
          this.#each(parts, (of) => ({ ...op, of }), sym, out),
        );
        return;
      case 'len': {
        const group = isSym(op.of) ? this.#groups.get(op.of) : undefined;
        if (group === undefined) break;
        const values = this.#plan.tables.flatMap((t) => t.values);
        this.subst.set(sym, this.#value(group, Math.max(...values), out));
        return;
      }
      case 'for':
        out.push({ sym, op: this.#loop(op) });
        return;
      default:
    }
    // The first part stands for the whole where only the keys count.
    const kept = mapAtoms(op, (a) => (isSym(a) ? (this.#parts.get(a)?.[0] ?? a) : a));
    const mapped = mapBlocks(kept, (b) => this.#block(b));
    out.push(mapped === op ? l : { sym, op: mapped });
  }

  #block(b: Block): Block {
    const lets: Let[] = [];
    for (const l of b.lets) this.let(l, lets);
    return { params: b.params, lets, result: b.result };
  }

  #each(parts: readonly Sym[], op: (of: Sym) => Op, like: Sym, out: Let[]): readonly Sym[] {
    return parts.map((of) => {
      const l = makeLet(op(of), this.#syms, like);
      out.push(l);
      return l.sym;
    });
  }

  /** A loop that may walk entries: it walks those of all tables. */
  #loop(op: Extract<Op, { kind: 'for' }>): Op {
    const iters: Iter[] = [];
    const [b, i, ...elems] = op.body.params;
    invariant(b !== undefined && i !== undefined, () => 'a loop body has a builder and an index');
    const params: Sym[] = [b, i];
    for (const [k, it] of op.iters.entries()) {
      const elem = elems[k];
      const entries = it.kind === 'scan' && isSym(it.vec) ? this.#parts.get(it.vec) : undefined;
      if (elem === undefined) continue;
      if (entries === undefined) {
        iters.push(it);
        params.push(elem);
        continue;
      }
      const rows = entries.map((vec) => {
        const ty = this.#syms.type(vec);
        invariant(ty.kind === 'vec', () => 'entries are a vector');
        return this.#syms.fresh(ty.elem, this.#syms.hint(elem), this.#syms.origin(elem));
      });
      this.#parts.set(elem, rows);
      iters.push(...entries.map((vec): Iter => ({ kind: 'scan', vec })));
      params.push(...rows);
    }
    return { ...op, iters, body: { ...this.#block(op.body), params } };
  }

  /** A value of all that is merged, out of a group's partial results. */
  #value(group: readonly Sym[], value: number, out: Let[]): Atom {
    const table = this.#plan.tables.findIndex((t) => t.values.includes(value));
    const of = group[table];
    const values = this.#plan.tables[table]?.values ?? [];
    invariant(of !== undefined, () => 'every value is in a table');
    if (values.length === 1) return of;
    const l = makeLet({ kind: 'field', of, index: values.indexOf(value) }, this.#syms, null, 'f');
    out.push(l);
    return l.sym;
  }

  /** The result of a reduction. */
  #finish(sym: Sym, r: Reduction, out: Let[]): void {
    const group = this.#groups.get(r.group);
    invariant(group !== undefined, () => 'a reduction walks a group');
    const { reductions } = this.#plan.reads;
    const before = reductions.slice(0, reductions.indexOf(r)).reduce((n, o) => n + o.partials.length, 0);
    const values = r.partials.map((p, k) => started(p, this.#value(group, before + k, out), this.#syms, out));
    const [only] = values;
    if (r.loop.gather === null && only !== undefined) this.subst.set(sym, only);
    else out.push({ sym, op: { kind: 'struct', fields: values } });
  }
}
