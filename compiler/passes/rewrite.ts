/**
 * The forward rewriter: one walk over a program that offers every operation to a visitor, with its operands already
 * rewritten and with the definitions seen so far at hand. Rules that look at one operation and its definitions
 * (`inline`, `fold`) are written on top of it.
 *
 * Unchanged blocks come back as the same object, so "nothing to do" is visible by reference. Symbols are unique in a
 * program, so one table of definitions and one substitution serve all scopes.
 */

import type { Atom, Block, Let, Op, Sym } from '../core/op.ts';
import { isSym } from '../core/op.ts';
import type { Program, SymTab } from '../core/program.ts';
import { atomsOf, blocksOf, mapOp } from '../core/shape.ts';
import { typeOfOp } from '../core/typing.ts';
import { invariant } from '../diag/diagnostic.ts';

/** What a visitor makes of an operation: another operation, or an atom and the lets that lead to it. */
export type Verdict = { readonly op: Op } | { readonly atom: Atom; readonly lets?: readonly Let[] };

export interface Forward {
  readonly syms: SymTab;
  /** The (rewritten) definition of an atom, if a let defines it. */
  def(a: Atom): Op | undefined;
  /** What stands for an atom now. Operands are rewritten already, but blocks are not. */
  find(a: Atom): Atom;
}

export interface Visitor {
  /**
   * Called before the inner blocks are walked, and again if that changed them; undefined keeps the operation. A new
   * operation is visited again.
   */
  visit(op: Op, sym: Sym, fw: Forward): Verdict | undefined;
  /** What is known inside branch `k` of `op`: a symbol and the literal it equals there. */
  assume?(op: Op, k: number): readonly [Sym, Atom] | undefined;
  /** Called for every let that stays, after its blocks. */
  kept?(l: Let, fw: Forward): void;
}

/** A rule that keeps making new operations is a fault; this many in a row is more than any chain of rules needs. */
const MAX_REWRITES = 64;

export function rewriteForward(p: Program, v: Visitor): Program {
  const subst = new Map<Sym, Atom>();
  const defs = new Map<Sym, Op>();
  const assumed = new Map<Sym, Atom>();
  const find = (a: Atom): Atom => {
    const now = isSym(a) ? (subst.get(a) ?? a) : a;
    return isSym(now) ? (assumed.get(now) ?? now) : now;
  };
  const fw: Forward = { syms: p.syms, find, def: (a) => (isSym(a) ? defs.get(a) : undefined) };

  const walkLet = (l: Let, out: Let[]): void => {
    let op = mapAtoms(l.op, find);
    let walked: Op | null = null;
    for (let tries = 0; ; tries++) {
      const verdict = tries < MAX_REWRITES ? v.visit(op, l.sym, fw) : undefined;
      if (verdict === undefined) {
        // What became of the blocks may be what a rule waits for, so a changed operation is visited once more.
        const outer = op;
        if (outer !== walked) op = mapBlocks(outer, (b, k) => walkBranch(outer, b, k));
        if (op === outer) break;
        walked = op;
      } else if ('op' in verdict) {
        op = verdict.op;
      } else {
        for (const inner of verdict.lets ?? []) walkLet(inner, out);
        subst.set(l.sym, find(verdict.atom));
        return;
      }
    }
    const kept = op === l.op ? l : { sym: l.sym, op };
    defs.set(l.sym, op);
    v.kept?.(kept, fw);
    out.push(kept);
  };
  const walkBranch = (op: Op, b: Block, k: number): Block => {
    const known = v.assume?.(op, k);
    if (known === undefined) return walkBlock(b);
    assumed.set(known[0], known[1]);
    const done = walkBlock(b);
    assumed.delete(known[0]);
    return done;
  };
  const walkBlock = (b: Block): Block => {
    const lets: Let[] = [];
    for (const l of b.lets) walkLet(l, lets);
    return rebuilt(b, lets, find(b.result));
  };

  const body = walkBlock(p.body);
  return body === p.body ? p : { syms: p.syms, body };
}

/** The block with these lets and result: the same object when they are the same. */
export function rebuilt(b: Block, lets: readonly Let[], result: Atom): Block {
  const same = result === b.result && lets.length === b.lets.length && lets.every((l, k) => l === b.lets[k]);
  return same ? b : { params: b.params, lets, result };
}

/** The operation with its own atoms mapped; the same object when none changed. */
export function mapAtoms(op: Op, f: (a: Atom) => Atom): Op {
  return atomsOf(op).some((a) => f(a) !== a) ? mapOp(op, f, (b) => b) : op;
}

/** The operation with its blocks mapped; the same object when none changed. */
export function mapBlocks(op: Op, f: (b: Block, k: number) => Block): Op {
  const blocks = blocksOf(op);
  if (blocks.length === 0) return op;
  const mapped = blocks.map(f);
  if (mapped.every((b, k) => b === blocks[k])) return op;
  let k = 0;
  return mapOp(
    op,
    (a) => a,
    (b) => mapped[k++] ?? b,
  );
}

/** Applies `f` to every block of a program, outer before inner. */
export function mapProgramBlocks(p: Program, f: (b: Block) => Block): Program {
  const visit = (b: Block): Block => {
    const done = f(b);
    const lets = done.lets.map((l) => {
      const op = mapBlocks(l.op, visit);
      return op === l.op ? l : { sym: l.sym, op };
    });
    return rebuilt(done, lets, done.result);
  };
  const body = visit(p.body);
  return body === p.body ? p : { syms: p.syms, body };
}

/** A typed let with a fresh symbol; hint and origin are taken from `like`, if given. */
export function makeLet(op: Op, syms: SymTab, like: Sym | null = null, hint = 't'): Let {
  const origin = like === null ? null : syms.origin(like);
  return { sym: syms.fresh(typeOfOp(op, syms, origin), like === null ? hint : syms.hint(like), origin), op };
}

/** `subst` with chains followed to their end, so that one application is enough. */
export function resolved(subst: ReadonlyMap<Sym, Atom>): ReadonlyMap<Sym, Atom> {
  const done = new Map<Sym, Atom>();
  for (const start of subst.keys()) {
    const path: Sym[] = [];
    let end: Atom = start;
    while (isSym(end) && !done.has(end)) {
      const next = subst.get(end);
      if (next === undefined) break;
      invariant(path.length < subst.size, () => 'nothing stands for itself');
      path.push(end);
      end = next;
    }
    const target = isSym(end) ? (done.get(end) ?? end) : end;
    for (const s of path) done.set(s, target);
  }
  return done;
}
