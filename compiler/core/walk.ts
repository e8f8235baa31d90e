/**
 * Walking and copying blocks. `cloneBlock` is the only way to duplicate code: it renames every binder it copies, so
 * capture cannot happen, and a substitution maps symbols to atoms, so names play no part.
 */

import type { Atom, Block, Let, Op, Sym } from './op.ts';
import { isSym } from './op.ts';
import type { SymTab } from './program.ts';
import { atomsOf, blocksOf, mapOp } from './shape.ts';

/** What each replaced symbol stands for. */
export type Subst = ReadonlyMap<Sym, Atom>;

/** Calls `f` on every let of a block and of the blocks inside, in order of evaluation, outer let first. */
export function forEachLet(b: Block, f: (l: Let, depth: number) => void, depth = 0): void {
  for (const l of b.lets) {
    f(l, depth);
    for (const inner of blocksOf(l.op)) forEachLet(inner, f, depth + 1);
  }
}

/** How often each symbol is read, in the block and the blocks inside. */
export function countUses(b: Block, into: Map<Sym, number> = new Map()): Map<Sym, number> {
  const see = (a: Atom): void => {
    if (isSym(a)) into.set(a, (into.get(a) ?? 0) + 1);
  };
  forEachLet(b, (l) => {
    for (const a of atomsOf(l.op)) see(a);
    for (const inner of blocksOf(l.op)) see(inner.result);
  });
  see(b.result);
  return into;
}

/** The symbols that a block reads but does not bind, in order of first use. */
export function freeSyms(b: Block): ReadonlySet<Sym> {
  const bound = new Set<Sym>(b.params);
  const free = new Set<Sym>();
  const see = (a: Atom): void => {
    if (isSym(a) && !bound.has(a)) free.add(a);
  };
  const visit = (blk: Block): void => {
    for (const p of blk.params) bound.add(p);
    for (const l of blk.lets) {
      for (const a of atomsOf(l.op)) see(a);
      for (const inner of blocksOf(l.op)) visit(inner);
      bound.add(l.sym);
    }
    see(blk.result);
  };
  visit(b);
  return free;
}

/** The free symbols of an operation: those it reads itself and those its blocks read from outside. */
export function freeSymsOfOp(op: Op): ReadonlySet<Sym> {
  const free = new Set<Sym>();
  for (const a of atomsOf(op)) if (isSym(a)) free.add(a);
  for (const b of blocksOf(op)) for (const s of freeSyms(b)) free.add(s);
  return free;
}

/** Replaces symbols by atoms everywhere in a block; binders stay. The same block comes back when nothing changed. */
export function substitute(b: Block, subst: Subst): Block {
  if (subst.size === 0) return b;
  const f = (a: Atom): Atom => (isSym(a) ? (subst.get(a) ?? a) : a);
  let changed = false;
  const lets = b.lets.map((l) => {
    const op = substituteOp(l.op, f, subst);
    if (op === l.op) return l;
    changed = true;
    return { sym: l.sym, op };
  });
  const result = f(b.result);
  return changed || result !== b.result ? { params: b.params, lets, result } : b;
}

function substituteOp(op: Op, f: (a: Atom) => Atom, subst: Subst): Op {
  let hit = atomsOf(op).some((a) => f(a) !== a);
  const inner = blocksOf(op).map((blk) => substitute(blk, subst));
  hit ||= blocksOf(op).some((blk, k) => inner[k] !== blk);
  if (!hit) return op;
  let k = 0;
  return mapOp(op, f, (blk) => inner[k++] ?? blk);
}

/**
 * A copy of `b` with fresh symbols for all its binders (params too) in `to`; free symbols go through `subst`, others
 * stay. `from` is the table that knows the block's types (another program's, or the same).
 */
export function cloneBlock(b: Block, from: SymTab, to: SymTab, subst: Subst = new Map()): Block {
  const map = new Map<Sym, Atom>(subst);
  return cloneInto(b, from, to, map);
}

function cloneInto(b: Block, from: SymTab, to: SymTab, map: Map<Sym, Atom>): Block {
  const rename = (s: Sym): Sym => {
    const s2 = to.fresh(from.type(s), from.hint(s), from.origin(s));
    map.set(s, s2);
    return s2;
  };
  const f = (a: Atom): Atom => (isSym(a) ? (map.get(a) ?? a) : a);
  const params = b.params.map(rename);
  const lets = b.lets.map((l): Let => {
    const op = mapOp(l.op, f, (inner) => cloneInto(inner, from, to, map));
    return { sym: rename(l.sym), op };
  });
  return { params, lets, result: f(b.result) };
}

/** Like cloneBlock, but the params are replaced by `args` and the copied lets come back, to be spliced in place. */
export function inlineBlock(
  b: Block,
  args: readonly Atom[],
  syms: SymTab,
  subst: Subst = new Map(),
): { lets: readonly Let[]; result: Atom } {
  const map = new Map<Sym, Atom>(subst);
  for (const [k, p] of b.params.entries()) {
    const a = args[k];
    if (a !== undefined) map.set(p, a);
  }
  const copy = cloneInto({ params: [], lets: b.lets, result: b.result }, syms, syms, map);
  return { lets: copy.lets, result: copy.result };
}
