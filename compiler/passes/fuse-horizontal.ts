/**
 * Horizontal fusion: loops over the same elements become one loop with a struct of builders.
 *
 *     {result(for(x, merger[f64,+], |b,i,e| merge(b, e))), result(for(x, appender[f64], |b,i,e| merge(b, -e)))}
 *         ->  R = result(for(x, {merger[f64,+], appender[f64]}, |b,i,e| {merge(b.$0, e), merge(b.$1, -e)})); {R.$0, R.$1}
 *
 * A loop may also join the one that makes its vector, when that is a map: it takes the value where it is merged,
 *
 *     v = result(for(x, appender[f64], |b,i,e| merge(b, exp(e)))); {v, result(for(v, merger[f64,+], |b,i,e| merge(b, e)))}
 *         ->  R = result(for(x, {appender[f64],merger[f64,+]}, |b,i,e| t = exp(e); {merge(b.$0, t), merge(b.$1, t)}))
 *
 * Two loops are over the same elements when they share an iterator (a zip has one length, and fails otherwise), so the
 * joined loop walks all their iterators and goes on checking all lengths. What two bodies have in common is left to
 * `cse` and `merge-ifs`.
 *
 * The lets of the block are put in a new order afterwards, each one as early as it was or after what it now needs.
 */

import { MAX_JOINED_BUILDERS, MAX_JOINED_LETS } from '../analysis/cost.ts';
import { type Dependencies, dependencies, positions } from '../analysis/depends.ts';
import { blockSize } from '../analysis/size.ts';
import { type BlockIndex, type FreshLoop, indexBlock, iterKey } from '../analysis/uses.ts';
import type { Block, Sym } from '../core/op.ts';
import { isSym } from '../core/op.ts';
import type { SymTab } from '../core/program.ts';
import { iterAtoms } from '../core/shape.ts';
import { freeSyms } from '../core/walk.ts';
import { joinLoops } from './join-loops.ts';
import { profit, sound } from './need.ts';
import type { Asking, Pass } from './pass.ts';
import { mapProgramBlocks } from './rewrite.ts';

const NEEDS = [
  sound('pure-loops', 'the loops call no extern that is not pure: calls would come in another order, or more often'),
  sound('independent', 'neither needs what the other makes, but for maps of the other that are only iterated over'),
  profit('within-limits', 'the joined loop stays within the limits above, which keep functions of machine code short'),
];
type Context = Asking<typeof NEEDS>;

export const fuseHorizontal: Pass = {
  name: 'fuse-horizontal',
  doc: 'make one loop of loops over the same elements',
  needs: NEEDS,
  run: (p, cx) => mapProgramBlocks(p, (b) => joinBlock(b, p.syms, cx)),
};

/** Loops that become one. */
interface Group {
  readonly members: FreshLoop[];
  /** The iterators of the members, and those that walk their maps: a loop over any of them has the same length. */
  readonly keys: Set<string>;
  lets: number;
  builders: number;
}

function joinBlock(b: Block, syms: SymTab, cx: Context): Block {
  // Builders that were merged into before may stand beside others.
  const ix = indexBlock(b, (need, met) => (need === 'pure-loops' ? cx.holds(need, met) : met));
  if (ix.loops.size < 2) return b;
  const groups = formGroups(ix, cx).filter((members) => members.length > 1);
  return groups.length === 0 ? b : joinLoops(groups, ix, syms);
}

/** Takes the loops in order; each joins the groups of its space, as far as it may. */
function formGroups(ix: BlockIndex, cx: Context): readonly (readonly FreshLoop[])[] {
  const byKey = new Map<string, Set<Group>>();
  const s: Search = { ix, deps: dependencies(ix), groupOf: new Map(), bodyReads: new Map() };
  const maps = mapKeys(ix);
  for (const loop of [...ix.loops.values()].sort((x, y) => x.at - y.at)) {
    let mine: Group = {
      members: [loop],
      keys: new Set([...loop.op.iters.map(iterKey), ...(maps.get(loop.sym) ?? [])]),
      lets: blockSize(loop.op.body),
      builders: loop.builders.length,
    };
    s.groupOf.set(loop.sym, mine);
    s.bodyReads.set(loop.sym, freeSyms(loop.op.body));
    const near = new Set([...mine.keys].flatMap((k) => [...(byKey.get(k) ?? [])]));
    for (const k of mine.keys) register(byKey, k, mine);
    for (const other of near) {
      const fits = mine.lets + other.lets <= MAX_JOINED_LETS && mine.builders + other.builders <= MAX_JOINED_BUILDERS;
      if (!cx.holds('within-limits', fits)) continue;
      // Nothing that stands before a loop can need it, so a loop that is still alone is checked one way only.
      const apart = needs(mine, other, s) || (mine.members.length > 1 && needs(other, mine, s));
      if (!cx.holds('independent', !apart)) continue;
      if (!cx.enabled('same-space')) continue;
      cx.fired('same-space');
      absorb(other, mine, s.groupOf, byKey);
      mine = other;
    }
  }
  return [...new Set(s.groupOf.values())].map((g) => g.members.sort((x, y) => x.at - y.at));
}

function absorb(into: Group, from: Group, groupOf: Map<Sym, Group>, byKey: Map<string, Set<Group>>): void {
  into.members.push(...from.members);
  into.lets += from.lets;
  into.builders += from.builders;
  for (const m of from.members) groupOf.set(m.sym, into);
  for (const k of from.keys) {
    into.keys.add(k);
    byKey.get(k)?.delete(from);
    register(byKey, k, into);
  }
}

function register(byKey: Map<string, Set<Group>>, key: string, g: Group): void {
  byKey.set(key, (byKey.get(key) ?? new Set<Group>()).add(g));
}

/** The keys of iterators over the maps that each loop makes. */
function mapKeys(ix: BlockIndex): ReadonlyMap<Sym, readonly string[]> {
  const keys = new Map<Sym, string[]>();
  for (const [vec, { loop, component }] of ix.products) {
    if (loop.maps[component] == null) continue;
    const known = keys.get(loop.sym) ?? [];
    known.push(iterKey({ kind: 'scan', vec }));
    keys.set(loop.sym, known);
  }
  return keys;
}

interface Search {
  readonly ix: BlockIndex;
  readonly deps: Dependencies;
  readonly groupOf: Map<Sym, Group>;
  readonly bodyReads: Map<Sym, ReadonlySet<Sym>>;
}

/**
 * True when a member of `from` is computed from a member of `target` in a way that keeps them apart. Iterating over a
 * map of `target` does not: its elements are at hand in the joined body.
 */
function needs(from: Group, target: Group, s: Search): boolean {
  const open = positions(
    s.ix,
    from.members.flatMap((m) => [...outsideReads(m, target, s)]),
  );
  const seen = new Set<number>(open);
  for (let at = open.pop(); at !== undefined; at = open.pop()) {
    const sym = s.ix.block.lets[at]?.sym;
    const group = sym === undefined ? undefined : s.groupOf.get(sym);
    if (group === target) return true;
    // What `from` itself reads was the start; another group is reached as a whole.
    if (group === from) continue;
    const next = group === undefined ? s.deps.operands(at) : group.members.flatMap((m) => s.deps.operands(m.at));
    for (const n of next) {
      if (seen.has(n)) continue;
      seen.add(n);
      open.push(n);
    }
  }
  return false;
}

/** What a loop reads, but for iterators over maps of `target` that its body does not read in another way. */
function outsideReads(m: FreshLoop, target: Group, s: Search): readonly Sym[] {
  const body = s.bodyReads.get(m.sym) ?? new Set<Sym>();
  const reads: Sym[] = [...body, ...m.builders];
  for (const it of m.op.iters) {
    if (it.kind !== 'scan') {
      reads.push(...iterAtoms(it).filter(isSym));
    } else if (isSym(it.vec)) {
      const made = s.ix.products.get(it.vec);
      const direct = made?.loop.maps[made.component] != null && s.groupOf.get(made.loop.sym) === target;
      if (!direct) reads.push(it.vec);
    }
  }
  return reads;
}
