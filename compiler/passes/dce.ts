/**
 * Drop what nobody needs.
 *
 *     let u = result(for(x, appender[f64], |b,i,e| merge(b, exp(e))));  7      ->   7
 *     r = result(for(x, {merger[f64,+], appender[f64]}, |b,i,e| {merge(b.$0, e), merge(b.$1, -e)})); r.$0
 *                                       ->   result(for(x, merger[f64,+], |b,i,e| merge(b, e)))
 *
 * 1. A let whose value is read nowhere goes, with what only it needed; so does a whole loop with its builders.
 * 2. A component of a fresh loop with a struct of builders goes when its value is read nowhere.
 * 3. A fresh loop with a struct of one builder becomes a loop with that builder.
 *
 * An operation that could fail goes like any other: an error in a value that is not needed need not be raised. What
 * acts stays: `assert`, and externs that are not pure.
 * Must not: drop merges into a builder whose result is read, or iterators that are not read (they check lengths).
 */

import { acts } from '../analysis/acts.ts';
import { type BlockIndex, type FreshLoop, indexBlock } from '../analysis/uses.ts';
import type { Atom, Block, Let, Op, Sym } from '../core/op.ts';
import { isSym } from '../core/op.ts';
import type { Program, SymTab } from '../core/program.ts';
import { atomsOf, blocksOf } from '../core/shape.ts';
import { isLinear } from '../core/types.ts';
import { countUses, forEachLet, freeSymsOfOp, substitute } from '../core/walk.ts';
import type { Pass, PassContext } from './pass.ts';
import { DROPPED, keptComponent, rethread } from './rethread.ts';
import { makeLet, mapBlocks, mapProgramBlocks, rebuilt } from './rewrite.ts';

export const dce: Pass = {
  name: 'dce',
  doc: 'drop values, loops and builders that nobody reads',
  run(p, cx) {
    const swept = sweepUnused(p, cx, (s) => isLinear(p.syms.type(s)) || cx.enabled('unused-let'));
    const narrowed = mapProgramBlocks(swept, (b) => dropComponents(b, p.syms, cx));
    return narrowed === swept ? swept : dropUnused(narrowed, cx);
  },
};

/** Rule 1 alone; other passes use it to clean up after themselves. */
export function dropUnused(p: Program, cx: PassContext): Program {
  return sweepUnused(p, cx, () => true);
}

/** Drops the unused lets that may go. What makes builders goes with the last let that needs them. */
function sweepUnused(p: Program, cx: PassContext, mayGo: (s: Sym) => boolean): Program {
  const uses = countUses(p.body);
  const kept = actors(p);
  const release = (a: Atom): void => {
    if (isSym(a)) uses.set(a, (uses.get(a) ?? 0) - 1);
  };
  const sweep = (b: Block): Block => {
    const lets: Let[] = [];
    for (const l of b.lets.toReversed()) {
      if ((uses.get(l.sym) ?? 0) > 0 || kept.has(l.sym) || !mayGo(l.sym)) {
        const op = mapBlocks(l.op, sweep);
        lets.push(op === l.op ? l : { sym: l.sym, op });
      } else {
        readAtoms(l.op, release);
        cx.fired('unused-let');
      }
    }
    return rebuilt(b, lets.reverse(), b.result);
  };
  const body = sweep(p.body);
  return body === p.body ? p : { syms: p.syms, body };
}

/**
 * What acts (see `analysis/acts.ts`), and the results of builders that cannot be dropped: those that went through code
 * that acts, and those that the program is given.
 */
function actors(p: Program): ReadonlySet<Sym> {
  const kept = new Set<Sym>();
  // Such builders on their way to a result. Each has a reader, or a pass has put another one in its place.
  const carried = new Set<Sym>(p.body.params.filter((s) => isLinear(p.syms.type(s))));
  const follows = (a: Atom): boolean => isSym(a) && carried.has(a);
  forEachLet(p.body, ({ sym, op }) => {
    const linear = isLinear(p.syms.type(sym));
    // The branches of an `if` take builders from outside; the blocks of other operations get theirs as params.
    const reads = op.kind === 'if' && carried.size > 0 ? [...freeSymsOfOp(op)] : atomsOf(op);
    const does = acts(op);
    const goesOn = reads.some(follows);
    if (linear && (does || goesOn)) carried.add(sym);
    if (does || (goesOn && !linear)) kept.add(sym);
  });
  return kept;
}

/** Every atom that an operation reads, in its blocks too. */
function readAtoms(op: Op, f: (a: Atom) => void): void {
  for (const a of atomsOf(op)) f(a);
  for (const b of blocksOf(op)) {
    forEachLet(b, (l) => {
      for (const a of atomsOf(l.op)) f(a);
      for (const inner of blocksOf(l.op)) f(inner.result);
    });
    f(b.result);
  }
}

/** Rules 2 and 3, for the fresh loops of one block. */
function dropComponents(b: Block, syms: SymTab, cx: PassContext): Block {
  const ix = indexBlock(b);
  const edit: Edit = { replaced: new Map(), subst: new Map() };
  const fields = fieldReads(ix);
  for (const loop of ix.loops.values()) {
    if (loop.gather === null) continue;
    const reads = fields.get(loop.result) ?? [];
    // A read of the whole struct, or of a field in an inner block, keeps everything.
    if (reads.length === 0 || reads.length !== ix.uses.get(loop.result)) continue;
    const read = [...new Set(reads.map((r) => r.component))].sort((x, y) => x - y);
    if (read.length === loop.builders.length && read.length > 1) continue;
    const rule = read.length === loop.builders.length ? 'plain-builder' : 'unused-component';
    if (!cx.enabled(rule)) continue;
    cx.fired(rule);
    narrow(loop, read, reads, syms, edit);
  }
  if (edit.replaced.size === 0) return b;
  const lets = b.lets.flatMap((l) => edit.replaced.get(l.sym) ?? [l]);
  return substitute({ params: b.params, lets, result: b.result }, edit.subst);
}

interface Edit {
  readonly replaced: Map<Sym, readonly Let[]>;
  readonly subst: Map<Sym, Atom>;
}
interface FieldRead {
  readonly sym: Sym;
  readonly component: number;
}

/** The `field` lets of a block, by the struct that they read. */
function fieldReads(ix: BlockIndex): ReadonlyMap<Sym, readonly FieldRead[]> {
  const reads = new Map<Sym, FieldRead[]>();
  for (const { sym, op } of ix.block.lets) {
    if (op.kind !== 'field' || !isSym(op.of)) continue;
    const known = reads.get(op.of) ?? [];
    known.push({ sym, component: op.index });
    reads.set(op.of, known);
  }
  return reads;
}

/** Rebuilds a loop with the components in `read` only, and renumbers the fields that are taken of its result. */
function narrow(loop: FreshLoop, read: readonly number[], reads: readonly FieldRead[], syms: SymTab, edit: Edit): void {
  const components = loop.builders.map((s, k) => (read.includes(k) ? keptComponent(syms.type(s), syms) : DROPPED));
  const builders = loop.builders.filter((_, k) => read.includes(k));
  const [only] = builders;
  const gather = builders.length === 1 ? null : makeLet({ kind: 'struct', fields: builders }, syms, loop.gather);
  const builder = gather?.sym ?? only;
  if (builder === undefined || loop.gather === null) return;
  const body = rethread(loop.op.body, components, false, syms);
  const made = makeLet({ ...loop.op, builder, body }, syms, loop.sym);
  const result = makeLet({ kind: 'result', builder: made.sym }, syms, loop.result);
  for (const [k, s] of loop.builders.entries()) if (!read.includes(k)) edit.replaced.set(s, []);
  edit.replaced.set(loop.gather, gather === null ? [] : [gather]);
  edit.replaced.set(loop.sym, [made]);
  edit.replaced.set(loop.result, [result]);
  for (const r of reads) {
    if (gather === null) {
      edit.subst.set(r.sym, result.sym);
      edit.replaced.set(r.sym, []);
    } else {
      const field: Op = { kind: 'field', of: result.sym, index: read.indexOf(r.component) };
      edit.replaced.set(r.sym, [{ sym: r.sym, op: field }]);
    }
  }
}
