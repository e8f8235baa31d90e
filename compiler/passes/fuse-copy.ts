/**
 * Computing again instead of keeping: producers that several loops read, when those loops cannot be one.
 *
 *     v = result(for(x, appender[f64], |b,i,e| merge(b, e * 2.0)));  m = sum(v);
 *     result(for(v, appender[f64], |b,i,e| merge(b, e - m)))
 *         ->  v is not made: both loops read x and double it themselves                       (a cheap map)
 *
 *     v = result(for(x, appender[f64], |b,i,e| if(p(e), merge(b, e), b)));  {sum(v), v}
 *         ->  {result(for(x, merger[f64,+], |b,i,e| if(p(e), merge(b, e), b))), v}            (a filter read on its way)
 *
 * Runs when `fuse-vertical` and `fuse-horizontal` have nothing left to do, so a map's readers are here because they
 * depend on each other, as a normalisation depends on its mean.
 */

import { CHEAP_FILTER, CHEAP_MAP, COPY_BUDGET, MAX_FILTER_LETS, MAX_FILTER_READERS } from '../analysis/cost.ts';
import { type Dependencies, dependencies } from '../analysis/depends.ts';
import { blockCost } from '../analysis/price.ts';
import { blockSize } from '../analysis/size.ts';
import { type BlockIndex, indexBlock } from '../analysis/uses.ts';
import type { Atom, Block, Let, OpOf, Sym } from '../core/op.ts';
import { isSym } from '../core/op.ts';
import type { SymTab } from '../core/program.ts';
import { cloneBlock, freeSyms } from '../core/walk.ts';
import {
  type Candidate,
  closeDraft,
  type Draft,
  latestProducer,
  mergeSites,
  neededFor,
  openDraft,
  pullFilter,
  pullMap,
  type Source,
} from './draft.ts';
import { profit, sound } from './need.ts';
import type { Asking, Pass } from './pass.ts';
import { DROPPED, keptComponent, rethread } from './rethread.ts';
import { mapProgramBlocks } from './rewrite.ts';

const NEEDS = [
  sound('own-builders', 'the builders of a loop are made for it: nothing was merged before'),
  sound('pure-loops', 'the loops call no extern that is not pure: calls would come in another order, or more often'),
  sound('an-appender', "the vector is an appender's of a fresh loop in the same block"),
  // Of a map.
  profit('vanishes', 'every read of the vector is an iterator of a loop in this block, so that it need not be made'),
  sound(
    'cheap-map',
    'its price is small, alone and in sum for one consumer; a dear map stays in memory, and so does what builders inside \
make, of which a part might be copied',
  ),
  // Of a filter.
  sound('index-unread', 'the consumer does not read its index: positions in the vector are not those in the source'),
  sound('walked-alone', 'the consumer walks nothing else'),
  profit('short', 'the body of the filter is not long'),
  // Joined next, the two share the copied work again, by `cse` and `merge-ifs`. More readers would all walk what a filter
  // throws away.
  profit(
    'shared-or-cheap',
    'the consumer needs nothing else of the producing loop, or the filter is cheap and two loops are all that reads it',
  ),
  profit('one-merge', 'the filter merges in one place'),
];
type Context = Asking<typeof NEEDS>;

export const fuseCopy: Pass = {
  name: 'fuse-copy',
  doc: 'compute cheap maps again in every loop that reads them; read filters on their way',
  unsettled: 'a map that has taken in a filter is one, and may be copied in turn: after the other fusions had their go',
  needs: NEEDS,
  run: (p, cx) => mapProgramBlocks(p, (b) => copyIntoReaders(b, p.syms, cx)),
};

function copyIntoReaders(b: Block, syms: SymTab, cx: Context): Block {
  const ix = indexBlock(b, cx.holds);
  if (ix.products.size === 0) return b;
  const facts: Facts = { ix, scans: countScans(b), deps: dependencies(ix), syms, cx };
  let changed = false;
  const lets = b.lets.toReversed().map((l): Let => {
    if (
      l.op.kind !== 'for' ||
      !l.op.iters.some((it) => it.kind === 'scan' && isSym(it.vec) && ix.products.has(it.vec))
    ) {
      return l;
    }
    const d = openDraft(l.op);
    if (!copyAll(d, l.op, facts)) return l;
    changed = true;
    return { sym: l.sym, op: closeDraft(d) };
  });
  return changed ? { params: b.params, lets: lets.reverse(), result: b.result } : b;
}

/** How often loops of this block iterate over each vector. */
function countScans(b: Block): ReadonlyMap<Sym, number> {
  const scans = new Map<Sym, number>();
  for (const { op } of b.lets) {
    if (op.kind !== 'for') continue;
    for (const it of op.iters) {
      if (it.kind === 'scan' && isSym(it.vec)) scans.set(it.vec, (scans.get(it.vec) ?? 0) + 1);
    }
  }
  return scans;
}

interface Facts {
  readonly ix: BlockIndex;
  readonly scans: ReadonlyMap<Sym, number>;
  readonly deps: Dependencies;
  readonly syms: SymTab;
  readonly cx: Context;
}

function copyAll(d: Draft, consumer: OpOf<'for'>, facts: Facts): boolean {
  const { ix, scans, syms, cx } = facts;
  const seen = new Set<Sym>();
  let budget = COPY_BUDGET;
  let any = false;
  for (;;) {
    const next = latestProducer(d, ix, seen);
    if (next === null) return any;
    seen.add(next.vec);
    const { loop, component } = next.product;
    if (!cx.holds('an-appender', syms.type(loop.builders[component] ?? next.vec).kind === 'appender')) continue;
    const value = loop.maps[component] ?? null;
    if (value === null) {
      if (!cx.enabled('copy-filter') || !copyFilter(d, next, consumer, facts)) continue;
      cx.fired('copy-filter');
      any = true;
      continue;
    }
    if (!cx.holds('vanishes', scans.get(next.vec) === ix.uses.get(next.vec))) continue;
    const lets = neededFor(value, loop.op.body);
    const cost = blockCost({ params: [], lets, result: value }, syms);
    if (!cx.holds('cheap-map', cost <= CHEAP_MAP && cost <= budget) || !cx.enabled('copy-map')) continue;
    budget -= cost;
    copyMap(d, next.source, loop.op, lets, value, syms);
    cx.fired('copy-map');
    any = true;
  }
}

function copyMap(d: Draft, source: Source, op: OpOf<'for'>, lets: readonly Let[], value: Atom, syms: SymTab): void {
  const copy = cloneBlock({ params: op.body.params.slice(1), lets, result: value }, syms, syms);
  const [index, ...elems] = copy.params;
  if (index === undefined) return;
  pullMap(d, source, { iters: op.iters, index, elems, lets: copy.lets, value: copy.result });
}

function copyFilter(d: Draft, { source, vec, product }: Candidate, consumer: OpOf<'for'>, facts: Facts): boolean {
  const { syms, deps, scans, ix, cx } = facts;
  const { loop, component } = product;
  if (!cx.holds('index-unread', !d.readsIndex)) return false;
  // With nothing pulled in yet the consumer still is what the block says it is.
  const isAlone = d.sources.size === 1 && consumer.iters.every((it) => it.kind === 'scan' && it.vec === vec);
  if (!cx.holds('walked-alone', isAlone) || !cx.holds('short', blockSize(loop.op.body) <= MAX_FILTER_LETS))
    return false;
  const others = [...freeSyms(consumer.body), ...(isSym(consumer.builder) ? [consumer.builder] : [])];
  const reads = scans.get(vec) ?? 0;
  const vanishes = reads === ix.uses.get(vec) && reads <= MAX_FILTER_READERS;
  const again = vanishes && blockCost(loop.op.body, syms) <= CHEAP_FILTER;
  if (!cx.holds('shared-or-cheap', again || !deps.reaches(others, loop.sym))) return false;
  const copy = cloneBlock(loop.op.body, syms, syms);
  const components = loop.builders.map((s, k) => (k === component ? keptComponent(syms.type(s), syms) : DROPPED));
  const body = loop.gather === null ? copy : rethread(copy, components, false, syms);
  if (!cx.holds('one-merge', mergeSites(body) === 1)) return false;
  pullFilter(d, source, { ...loop.op, body }, syms);
  return true;
}
