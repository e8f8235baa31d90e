/**
 * Where only the length of a vector is read, it is counted and not made.
 *
 *     v = result(for(x, appender[f64], |b,i,e| if(e > 0.0, merge(b, e), b))); len(v)
 *         ->  result(for(x, merger[i64,+], |b,i,e| if(e > 0.0, merge(b, 1L), b)))
 *
 * `lengths` does without the vector where it is a map of one vector, or has other readers that it will be fused with.
 * This is for the rest: filters, flattening loops and zips of which only the length is wanted. The values that were
 * appended are left to `dce`.
 */

import { type BlockIndex, type FreshLoop, indexBlock } from '../analysis/uses.ts';
import { i64 } from '../core/build.ts';
import type { Atom, Block, Let, Sym } from '../core/op.ts';
import { isSym } from '../core/op.ts';
import type { SymTab } from '../core/program.ts';
import { I64, merger } from '../core/types.ts';
import { forEachLet, substitute } from '../core/walk.ts';
import { sound } from './need.ts';
import type { Asking, Pass } from './pass.ts';
import { type Change, onlyFields, rebuildLoop } from './rebuild-loop.ts';
import { keptComponent } from './rethread.ts';
import { makeLet, mapBlocks, mapProgramBlocks, rebuilt } from './rewrite.ts';

const NEEDS = [
  sound('an-appender', "the vector is an appender's of a fresh loop in this block"),
  sound('only-length', 'all that is read of it is its length'),
  sound('taken-apart', 'the values of a loop with several builders are only taken apart'),
];
type Context = Asking<typeof NEEDS>;

export const filterCount: Pass = {
  name: 'filter-count',
  doc: 'count where only the length of a vector is read',
  needs: NEEDS,
  run: (p, cx) => mapProgramBlocks(p, (b) => countLengths(b, p.syms, cx)),
};

const COUNTER = merger(I64, '+');

function countLengths(b: Block, syms: SymTab, cx: Context): Block {
  const ix = indexBlock(b);
  if (ix.products.size === 0) return b;
  const lens = new Map<Sym, number>();
  forEachLet(b, ({ op }) => {
    if (op.kind === 'len' && isSym(op.of)) lens.set(op.of, (lens.get(op.of) ?? 0) + 1);
  });
  if (lens.size === 0) return b;
  const replaced = new Map<Sym, readonly Let[]>();
  const counts = new Map<Sym, Sym>();
  for (const loop of ix.loops.values()) {
    const changes = changesOf(loop, lens, ix, syms, cx);
    if (changes.size === 0 || !cx.enabled('len-only')) continue;
    for (const _ of changes) cx.fired('len-only');
    const made = rebuildLoop(loop, changes, ix, syms);
    for (const [s, lets] of made.replaced) replaced.set(s, lets);
    for (const [s, count] of made.values) counts.set(s, count);
  }
  if (replaced.size === 0) return b;
  const lets = b.lets.flatMap((l) => replaced.get(l.sym) ?? [l]);
  return withCounts({ params: b.params, lets, result: b.result }, counts);
}

/** The appenders of a loop that become counters. */
function changesOf(
  loop: FreshLoop,
  lens: ReadonlyMap<Sym, number>,
  ix: BlockIndex,
  syms: SymTab,
  cx: Context,
): ReadonlyMap<number, Change> {
  const changes = new Map<number, Change>();
  const products = [...ix.products].filter(([, p]) => p.loop === loop);
  for (const [component, builder] of loop.builders.entries()) {
    const own = products.filter(([, p]) => p.component === component);
    if (!own.some(([v]) => lens.has(v)) || !cx.holds('an-appender', syms.type(builder).kind === 'appender')) continue;
    const onlyLength = own.every(([v]) => (lens.get(v) ?? 0) === (ix.uses.get(v) ?? 0));
    if (!cx.holds('only-length', onlyLength) || !cx.holds('taken-apart', onlyFields(loop, ix))) continue;
    const made = makeLet({ kind: 'builder', ty: COUNTER, arg: null, notes: {} }, syms, builder);
    const { ty, merge } = keptComponent(COUNTER, syms);
    changes.set(component, {
      lets: [made],
      builder: made.sym,
      component: { ty, merge: (b, _value, out) => merge(b, i64(1), out) },
    });
  }
  return changes;
}

/** The block with each length of a vector that is counted now replaced by the count. */
function withCounts(b: Block, counts: ReadonlyMap<Sym, Sym>): Block {
  const subst = new Map<Sym, Atom>();
  const visit = (inner: Block): Block => {
    const lets = inner.lets.flatMap((l): readonly Let[] => {
      const count = l.op.kind === 'len' && isSym(l.op.of) ? counts.get(l.op.of) : undefined;
      if (count !== undefined) {
        subst.set(l.sym, count);
        return [];
      }
      const op = mapBlocks(l.op, visit);
      return [op === l.op ? l : { sym: l.sym, op }];
    });
    return rebuilt(inner, lets, inner.result);
  };
  return substitute(visit(b), subst);
}
