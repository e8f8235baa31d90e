/**
 * The joined loop of a group, and the new order of the block. The legality is decided in `fuse-horizontal`.
 *
 * Bodies are moved one behind the other. Each finds its builder under the symbol that was its param, now a field of
 * the joined struct, so nothing inside changes; `inline` and `cse` simplify afterwards.
 */

import { callsBefore } from '../analysis/depends.ts';
import { type BlockIndex, type FreshLoop, iterKey } from '../analysis/uses.ts';
import type { Annotations, Atom, Block, Iter, Let, OpOf, Sym } from '../core/op.ts';
import { isSym } from '../core/op.ts';
import type { SymTab } from '../core/program.ts';
import { I64, struct } from '../core/types.ts';
import { freeSymsOfOp, substitute } from '../core/walk.ts';
import { invariant } from '../diag/diagnostic.ts';
import { makeLet, resolved } from './rewrite.ts';

/** The block with each group (its members in order) as one loop. */
export function joinLoops(groups: readonly (readonly FreshLoop[])[], ix: BlockIndex, syms: SymTab): Block {
  const replaced = new Map<Sym, readonly Let[]>();
  for (const members of groups) {
    const joined = joinGroup(members, ix, syms);
    for (const m of members) for (const s of [m.sym, m.gather, m.result]) if (s !== null) replaced.set(s, []);
    const [first] = members;
    if (first !== undefined) replaced.set(first.sym, joined);
  }
  const units = ix.block.lets.map((l) => replaced.get(l.sym) ?? [l]).filter((u) => u.length > 0);
  return { params: ix.block.params, lets: inOrder(units), result: ix.block.result };
}

/** The struct of builders, the loop, its result, and each member's result under its old symbol. */
function joinGroup(members: readonly FreshLoop[], ix: BlockIndex, syms: SymTab): readonly Let[] {
  const builders = members.flatMap((m) => m.builders);
  const gather = makeLet({ kind: 'struct', fields: builders }, syms, null, 'b');
  const loop = makeLet(joinedFor(members, gather.sym, ix, syms), syms, members[0]?.sym ?? null);
  const whole = makeLet({ kind: 'result', builder: loop.sym }, syms, null, 'r');
  const out: Let[] = [gather, loop, whole];
  let base = 0;
  for (const m of members) {
    if (m.gather === null) {
      out.push({ sym: m.result, op: { kind: 'field', of: whole.sym, index: base } });
    } else {
      const fields = takeFields(whole.sym, base, m.builders.length, syms, out);
      out.push({ sym: m.result, op: { kind: 'struct', fields } });
    }
    base += m.builders.length;
  }
  return out;
}

function joinedFor(members: readonly FreshLoop[], builder: Sym, ix: BlockIndex, syms: SymTab): OpOf<'for'> {
  const b = syms.fresh(struct(members.flatMap((m) => m.builders.map((s) => syms.type(s)))), 'b');
  const i = syms.fresh(I64, 'i');
  const sources = new Map<string, { readonly iter: Iter; readonly elem: Sym }>();
  const subst = new Map<Sym, Atom>();
  const lets: Let[] = [];
  const results: Atom[] = [];
  const own = new Set(members);
  let base = 0;
  for (const m of members) {
    const [mb, mi, ...elems] = m.op.body.params;
    invariant(mb !== undefined && mi !== undefined, () => 'a loop body has a builder and an index');
    subst.set(mi, i);
    for (const [k, iter] of m.op.iters.entries()) {
      const elem = elems[k];
      if (elem === undefined) continue;
      const key = iterKey(iter);
      const same = mapOfMember(iter, own, ix) ?? sources.get(key)?.elem;
      if (same === undefined) sources.set(key, { iter, elem });
      else subst.set(elem, same);
    }
    const n = m.builders.length;
    if (m.gather === null) {
      lets.push({ sym: mb, op: { kind: 'field', of: b, index: base } }, ...m.op.body.lets);
      results.push(m.op.body.result);
    } else {
      const fields = takeFields(b, base, n, syms, lets);
      lets.push({ sym: mb, op: { kind: 'struct', fields } }, ...m.op.body.lets);
      results.push(...takeFields(m.op.body.result, 0, n, syms, lets));
    }
    base += n;
  }
  const all = makeLet({ kind: 'struct', fields: results }, syms, null, 'b');
  lets.push(all);
  const params = [b, i, ...[...sources.values()].map((s) => s.elem)];
  const body = substitute({ params, lets, result: all.sym }, resolved(subst));
  const notes: Annotations = Object.assign({}, ...members.map((m) => m.op.notes));
  return { kind: 'for', iters: [...sources.values()].map((s) => s.iter), builder, body, notes };
}

/** The value that a member merges into the vector that `iter` walks; undefined for a vector from elsewhere. */
function mapOfMember(iter: Iter, members: ReadonlySet<FreshLoop>, ix: BlockIndex): Atom | undefined {
  const made = iter.kind === 'scan' && isSym(iter.vec) ? ix.products.get(iter.vec) : undefined;
  if (made === undefined || !members.has(made.loop)) return undefined;
  return made.loop.maps[made.component] ?? undefined;
}

function takeFields(of: Atom, base: number, n: number, syms: SymTab, out: Let[]): readonly Sym[] {
  const fields = Array.from({ length: n }, (_, k) => makeLet({ kind: 'field', of, index: base + k }, syms, null, 'b'));
  out.push(...fields);
  return fields.map((f) => f.sym);
}

/** The units' lets, each unit after those that bind what it reads, otherwise in the given order; so are calls that are not
 *  pure in any case. */
export function inOrder(units: readonly (readonly Let[])[]): readonly Let[] {
  const unitOf = new Map<Sym, number>();
  for (const [u, lets] of units.entries()) for (const l of lets) unitOf.set(l.sym, u);
  const callers = callsBefore(units);
  const out: Let[] = [];
  const state = new Uint8Array(units.length);
  const [NEW, OPEN, DONE] = [0, 1, 2];
  for (const start of units.keys()) {
    // An explicit stack: dependence chains are as long as programs.
    const stack = [start];
    for (let u = stack.at(-1); u !== undefined; u = stack.at(-1)) {
      if (state[u] === NEW) {
        state[u] = OPEN;
        const caller = callers.get(u);
        for (const v of [...reads(units[u] ?? [], unitOf), ...(caller === undefined ? [] : [caller])]) {
          invariant(v === u || state[v] !== OPEN, () => 'joined loops do not depend on each other');
          if (state[v] === NEW) stack.push(v);
        }
        if (stack.at(-1) !== u) continue;
      }
      stack.pop();
      if (state[u] === DONE) continue;
      state[u] = DONE;
      out.push(...(units[u] ?? []));
    }
  }
  return out;
}

function reads(lets: readonly Let[], unitOf: ReadonlyMap<Sym, number>): readonly number[] {
  const found = new Set<number>();
  for (const l of lets) {
    for (const s of freeSymsOfOp(l.op)) {
      const u = unitOf.get(s);
      if (u !== undefined) found.add(u);
    }
  }
  return [...found].sort((x, y) => y - x);
}
