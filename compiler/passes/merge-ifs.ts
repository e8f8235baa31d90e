/**
 * One branch instead of several, and merges out of branches.
 *
 *     {if(c, merge(b.$0, x), b.$0), if(c, merge(b.$1, y), b.$1)}
 *         ->   p = if(c, {merge(b.$0, x), merge(b.$1, y)}, {b.$0, b.$1}); {p.$0, p.$1}
 *     if(c, merge(b, x), merge(b, y))   ->   v = if(c, x, y); merge(b, v)
 *
 * The first is what two filters on one condition become when their loops are joined; afterwards the condition is
 * tested once. The second makes a conditional map a map, which other loops can be fused with.
 *
 * Only branches that give builders are joined, on the same atom (after `cse`); a branch that goes on with the builder of
 * the one before joins it, too.
 */

import { callsImpure } from '../analysis/acts.ts';
import type { Atom, Block, Let, OpOf, Sym } from '../core/op.ts';
import { isSym } from '../core/op.ts';
import type { SymTab } from '../core/program.ts';
import { isLinear } from '../core/types.ts';
import { freeSymsOfOp, substitute } from '../core/walk.ts';
import { sound } from './need.ts';
import type { Asking, Pass } from './pass.ts';
import { makeLet, mapProgramBlocks } from './rewrite.ts';

const NEEDS = [
  sound('pure', 'no branch calls an extern that is not pure, which would then be called in another place'),
  sound('unread-between', "nothing between the two reads the first one's builder: both then stand where the second is"),
];
type Context = Asking<typeof NEEDS>;

export const mergeIfs: Pass = {
  name: 'merge-ifs',
  doc: 'test one condition once; move merges out of branches',
  needs: NEEDS,
  run(p, cx) {
    // A merge that leaves an inner branch may then leave the outer one. Each round has fewer merges or branches.
    for (let done = p; ; ) {
      const next = mapProgramBlocks(done, (b) => joinBranches(sinkMerges(b, p.syms, cx), p.syms, cx));
      if (next === done) return done;
      done = next;
    }
  },
};

type If = OpOf<'if'>;

/** Both branches end in a merge into one builder from outside: merge behind the branch. */
function sinkMerges(b: Block, syms: SymTab, cx: Context): Block {
  const lets = b.lets.flatMap((l): readonly Let[] => {
    if (l.op.kind !== 'if') return [l];
    const then = finalMerge(l.op.then, syms);
    const other = finalMerge(l.op.else, syms);
    if (then === null || other === null || then.builder !== other.builder) return [l];
    if (!cx.enabled('merge-behind-if')) return [l];
    cx.fired('merge-behind-if');
    const value = makeLet({ kind: 'if', cond: l.op.cond, then: then.block, else: other.block }, syms, null, 'v');
    return [value, { sym: l.sym, op: { kind: 'merge', builder: then.builder, value: value.sym } }];
  });
  return lets.length === b.lets.length ? b : { params: b.params, lets, result: b.result };
}

/** The block without its merge, when merging is the only linear thing it does. */
function finalMerge(b: Block, syms: SymTab): { readonly block: Block; readonly builder: Sym } | null {
  const linear = b.lets.filter((l) => isLinear(syms.type(l.sym)));
  const [only] = linear;
  if (linear.length !== 1 || only?.op.kind !== 'merge' || only.sym !== b.result || !isSym(only.op.builder)) return null;
  const { builder, value } = only.op;
  return { block: { params: b.params, lets: b.lets.filter((l) => l !== only), result: value }, builder };
}

/** Ifs on one condition, in order. */
interface Run {
  readonly cond: Sym;
  readonly members: { readonly sym: Sym; readonly op: If; readonly at: number }[];
  /** Something else reads the builder of a member: no other may join. */
  isRead: boolean;
}

function joinBranches(b: Block, syms: SymTab, cx: Context): Block {
  const last = new Map<Sym, Run>();
  const byMember = new Map<Sym, Run>();
  const runs: Run[] = [];
  for (const [at, l] of b.lets.entries()) {
    const { op } = l;
    const isJoin =
      op.kind === 'if' && isSym(op.cond) && isLinear(syms.type(l.sym)) && cx.holds('pure', !callsImpure(op));
    const cond = isJoin && isSym(op.cond) ? op.cond : null;
    const before = cond === null ? undefined : last.get(cond);
    for (const s of freeSymsOfOp(op)) {
      const read = byMember.get(s);
      if (read !== undefined && read !== before) read.isRead = true;
    }
    if (op.kind !== 'if' || cond === null) continue;
    let run = before;
    if (run === undefined || !cx.holds('unread-between', !run.isRead)) {
      run = { cond, members: [], isRead: false };
      runs.push(run);
      last.set(cond, run);
    }
    run.members.push({ sym: l.sym, op, at });
    byMember.set(l.sym, run);
  }
  const done = runs.filter((r) => r.members.length > 1);
  if (done.length === 0) return b;

  const replaced = new Map<Sym, readonly Let[]>();
  for (const run of done) {
    if (!cx.enabled('same-condition')) break;
    cx.fired('same-condition');
    const joined = joinRun(run, syms);
    for (const m of run.members) replaced.set(m.sym, []);
    const last = run.members.at(-1);
    if (last !== undefined) replaced.set(last.sym, joined);
  }
  if (replaced.size === 0) return b;
  return { params: b.params, lets: b.lets.flatMap((l) => replaced.get(l.sym) ?? [l]), result: b.result };
}

/** The lets that stand for a run, at the place of its last member. */
function joinRun(run: Run, syms: SymTab): readonly Let[] {
  // A member that a later member goes on with is not seen outside.
  const inner = new Set(run.members.flatMap((m) => [...freeSymsOfOp(m.op)]));
  const outputs = run.members.filter((m) => !inner.has(m.sym)).map((m) => m.sym);
  const then = concatBranch(run, (op) => op.then, outputs, syms);
  const other = concatBranch(run, (op) => op.else, outputs, syms);
  const [only] = outputs;
  if (outputs.length === 1 && only !== undefined) {
    return [{ sym: only, op: { kind: 'if', cond: run.cond, then, else: other } }];
  }
  const joined = makeLet({ kind: 'if', cond: run.cond, then, else: other }, syms, null, 'b');
  return [joined, ...outputs.map((sym, index): Let => ({ sym, op: { kind: 'field', of: joined.sym, index } }))];
}

function concatBranch(run: Run, side: (op: If) => Block, outputs: readonly Sym[], syms: SymTab): Block {
  const subst = new Map<Sym, Atom>();
  const lets: Let[] = [];
  for (const m of run.members) {
    const block = substitute(side(m.op), subst);
    lets.push(...block.lets);
    subst.set(m.sym, block.result);
  }
  const results = outputs.map((s) => subst.get(s) ?? s);
  const [only] = results;
  if (results.length === 1 && only !== undefined) return { params: [], lets, result: only };
  const all = makeLet({ kind: 'struct', fields: results }, syms, null, 'b');
  return { params: [], lets: [...lets, all], result: all.sym };
}
