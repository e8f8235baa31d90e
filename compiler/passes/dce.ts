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
 * An operation that could fail goes like any other: an error in a value that is not needed need not be raised.
 *
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
import { type Holds, type NameOf, sound } from './need.ts';
import type { Asking, Pass, PassContext } from './pass.ts';
import { DROPPED, keptComponent, rethread } from './rethread.ts';
import { makeLet, mapBlocks, mapProgramBlocks, rebuilt } from './rewrite.ts';

const NEEDS = [
  sound('no-action', 'what goes does not act, and no builder in it was handed in or went through code that acts'),
  sound('together', 'values taken out of one struct of builders go together: one alone would drop its builder'),
  sound('taken-apart', 'the values of a loop of which one goes are only taken apart, in its own block'),
  sound('quiet-ways', 'no branch or loop that the builders go through acts: it would go with a builder'),
];
type Context = Asking<typeof NEEDS>;

export const dce: Pass = {
  name: 'dce',
  doc: 'drop values, loops and builders that nobody reads',
  needs: NEEDS,
  run(p, cx) {
    const swept = sweepUnused(p, cx, cx.holds, (s) => isLinear(p.syms.type(s)) || cx.enabled('unused-let'));
    const narrowed = mapProgramBlocks(swept, (b) => dropComponents(b, p.syms, cx));
    // With a component goes what only it needed.
    return narrowed === swept ? swept : dce.run(narrowed, cx);
  },
};

/** Rule 1 alone; other passes use it to clean up after themselves. */
export function dropUnused(p: Program, cx: Pick<PassContext, 'fired'>): Program {
  return sweepUnused(
    p,
    cx,
    (_need, met) => met,
    () => true,
  );
}

/** Drops the unused lets that may go. What makes builders goes with the last let that needs them. */
function sweepUnused(
  p: Program,
  cx: Pick<PassContext, 'fired'>,
  holds: Holds<NameOf<typeof NEEDS>>,
  mayGo: (s: Sym) => boolean,
): Program {
  const uses = countUses(p.body);
  const kept = actors(p);
  const together = takenTogether(p);
  const isUnread = (s: Sym): boolean => (uses.get(s) ?? 0) === 0 && holds('no-action', !kept.has(s));
  // Of results that go together, the last one decides for all.
  const goes = (s: Sym): boolean => {
    const group = together.get(s);
    if (group === undefined) return isUnread(s) && mayGo(s);
    group.goes ??= isUnread(s) && holds('together', [...group.members].every(isUnread)) && mayGo(s);
    return group.goes;
  };
  const release = (a: Atom): void => {
    if (isSym(a)) uses.set(a, (uses.get(a) ?? 0) - 1);
  };
  const sweep = (b: Block): Block => {
    const lets: Let[] = [];
    for (const l of b.lets.toReversed()) {
      if (!goes(l.sym)) {
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

/** Values of builders that were taken out of one struct: dropping one of them alone would drop its builder. */
interface Together {
  readonly members: Set<Sym>;
  goes?: boolean;
}

/** For each such value those that go with it. */
function takenTogether(p: Program): ReadonlyMap<Sym, Together> {
  const groups = new Map<Sym, Together>();
  const structs = new Set<Sym>();
  const readers = new Map<Sym, Sym[]>();
  const read = (a: Atom, reader: Sym): void => {
    if (!isSym(a) || !isLinear(p.syms.type(a))) return;
    const known = readers.get(a);
    if (known === undefined) readers.set(a, [reader]);
    else known.push(reader);
  };
  forEachLet(p.body, ({ sym, op }) => {
    if (op.kind === 'field' && isSym(op.of) && isLinear(p.syms.type(sym))) structs.add(op.of);
    for (const a of atomsOf(op)) read(a, sym);
    for (const b of blocksOf(op)) read(b.result, sym);
  });
  for (const s of structs) {
    const members = valuesBehind(s, readers, p);
    if (members.size < 2) continue;
    // A value may be of several structs, where one is inside the other.
    for (const m of members) for (const more of groups.get(m)?.members ?? []) members.add(more);
    const group: Together = { members };
    for (const m of members) groups.set(m, group);
  }
  return groups;
}

/** What the builders in `s` end in: values, or the result of the program. */
function valuesBehind(s: Sym, readers: ReadonlyMap<Sym, readonly Sym[]>, p: Program): Set<Sym> {
  const values = new Set<Sym>();
  const seen = new Set<Sym>([s]);
  for (const at of seen) {
    if (at === p.body.result) values.add(at);
    for (const next of readers.get(at) ?? []) (isLinear(p.syms.type(next)) ? seen : values).add(next);
  }
  return values;
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
function dropComponents(b: Block, syms: SymTab, cx: Context): Block {
  const ix = indexBlock(b);
  const edit: Edit = { replaced: new Map(), subst: new Map() };
  const fields = fieldReads(ix);
  for (const loop of ix.loops.values()) {
    if (loop.gather === null) continue;
    const reads = fields.get(loop.result) ?? [];
    if (reads.length === 0) continue;
    const read = [...new Set(reads.map((r) => r.component))].sort((x, y) => x - y);
    if (read.length === loop.builders.length && read.length > 1) continue;
    const rule = read.length === loop.builders.length ? 'plain-builder' : 'unused-component';
    // A read of the whole struct, or of a field in an inner block, keeps everything.
    if (!cx.holds('taken-apart', reads.length === ix.uses.get(loop.result))) continue;
    if (rule === 'unused-component' && !cx.holds('quiet-ways', !actsOnTheWay(loop.op.body, syms))) continue;
    if (!cx.enabled(rule)) continue;
    cx.fired(rule);
    narrow(loop, read, reads, syms, edit);
  }
  if (edit.replaced.size === 0) return b;
  const lets = b.lets.flatMap((l) => edit.replaced.get(l.sym) ?? [l]);
  return substitute({ params: b.params, lets, result: b.result }, edit.subst);
}

/** True when branches or loops that a builder goes through act: they would go with a builder. */
const actsOnTheWay = (body: Block, syms: SymTab): boolean =>
  body.lets.some((l) => isLinear(syms.type(l.sym)) && acts(l.op));

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
