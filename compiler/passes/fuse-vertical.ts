/**
 * Vertical fusion: a loop that reads what another loop makes takes over its work, and the vector between them is gone.
 *
 *     v = result(for(x, appender[f64], |b,i,e| merge(b, e * 2.0)));
 *     result(for(v, merger[f64,+], |b,i,e| merge(b, e)))
 *         ->  result(for(x, merger[f64,+], |b,i,e| merge(b, e * 2.0)))                                  (a map)
 *
 *     v = result(for(x, appender[f64], |b,i,e| if(e > 0.0, merge(b, e), b)));
 *     result(for(v, merger[f64,+], |b,i,e| merge(b, e)))
 *         ->  result(for(x, merger[f64,+], |b,i,e| if(e > 0.0, merge(b, e), b)))                        (a filter)
 *
 * Producers are moved, never copied: see `fuse-copy` for vectors with several readers. Blocks are walked from the last
 * loop to the first and a consumer takes its latest producer first, so a chain of n loops is fused in one run, in O(n).
 *
 * A map is pulled into any zip: its index is the consumer's, and its iterators join the zip, which so goes on checking all
 * lengths. What else there is needed is in NEEDS.
 */

import { MAX_COPIED_LETS } from '../analysis/cost.ts';
import { blockSize } from '../analysis/size.ts';
import { type BlockIndex, type FreshLoop, indexBlock } from '../analysis/uses.ts';
import type { Atom, Block, Let, Op, Sym } from '../core/op.ts';
import { isLit, isSym } from '../core/op.ts';
import type { SymTab } from '../core/program.ts';
import { substitute } from '../core/walk.ts';
import {
  bodyLets,
  closeDraft,
  type Draft,
  latestProducer,
  mergeSites,
  openDraft,
  pullFilter,
  pullMap,
  type Source,
} from './draft.ts';
import { profit, sound } from './need.ts';
import type { Asking, Pass } from './pass.ts';
import { mapProgramBlocks, resolved } from './rewrite.ts';

const NEEDS = [
  sound('own-builders', 'the builders of a loop are made for it: nothing was merged before'),
  sound('pure-loops', 'the loops call no extern that is not pure: calls would come in another order, or more often'),
  sound('one-appender', 'the producer is a fresh loop with one builder, an appender, in the same block'),
  sound('only-reader', 'every read of the vector is an iterator of this one consumer, or a `len`'),
  sound('length-at-hand', 'a length that is read can be had from a source: a whole vector, or a range from 0 by 1'),
  // Of anything but a map: filters, flattening loops.
  sound('length-unread', 'the length of what is no map is not read'),
  sound('index-unread', 'the consumer does not read its index: positions in the vector are not those in the source'),
  sound('walked-alone', 'the consumer walks nothing else, which would go on by one for elements that are not there'),
  profit('merges-in-sight', 'the producer merges, with its builder in no struct on the way'),
  profit('small-copies', 'a body is copied into several merge sites only while that stays small'),
];
type Context = Asking<typeof NEEDS>;

export const fuseVertical: Pass = {
  name: 'fuse-vertical',
  doc: 'let a loop do the work of the loops whose vectors only it reads',
  needs: NEEDS,
  run: (p, cx) => mapProgramBlocks(p, (b) => fuseBlock(b, p.syms, cx)),
};

interface Work {
  readonly ix: BlockIndex;
  readonly syms: SymTab;
  /** The block's lets; null where a producer was taken away. */
  readonly slots: (Let | null)[];
  /** The `len` lets of each vector, by symbol. */
  readonly lens: Map<Sym, Sym[]>;
  readonly uses: Map<Sym, number>;
  /** Lengths that turned out to be atoms. */
  readonly subst: Map<Sym, Atom>;
}

function fuseBlock(b: Block, syms: SymTab, cx: Context): Block {
  const ix = indexBlock(b, cx.holds);
  if (ix.products.size === 0) return b;
  const w: Work = { ix, syms, slots: [...b.lets], lens: new Map(), uses: new Map(ix.uses), subst: new Map() };
  for (const l of b.lets) if (l.op.kind === 'len' && isSym(l.op.of)) noteLen(w, l.op.of, l.sym);
  let changed = false;
  for (let k = b.lets.length - 1; k >= 0; k--) {
    const l = w.slots[k];
    if (
      l?.op.kind !== 'for' ||
      !l.op.iters.some((it) => it.kind === 'scan' && isSym(it.vec) && ix.products.has(it.vec))
    ) {
      continue;
    }
    const d = openDraft(l.op);
    if (!pullAll(d, w, cx)) continue;
    changed = true;
    w.slots[k] = { sym: l.sym, op: closeDraft(d) };
  }
  if (!changed) return b;
  const lets = w.slots.filter((l): l is Let => l !== null);
  return substitute({ params: b.params, lets, result: b.result }, resolved(w.subst));
}

/** Pulls producers, the latest first, until none is left that may be pulled. */
function pullAll(d: Draft, w: Work, cx: Context): boolean {
  const refused = new Set<Sym>();
  for (let any = false; ; any = true) {
    for (;;) {
      const next = latestProducer(d, w.ix, refused);
      if (next === null) return any;
      const rule = pull(d, next.source, next.vec, next.product.loop, w, cx);
      if (rule !== null) {
        cx.fired(rule);
        // More of the reads of what the producer walked are in this loop now: it may be asked for again.
        for (const it of next.product.loop.op.iters) if (it.kind === 'scan' && isSym(it.vec)) refused.delete(it.vec);
        break;
      }
      refused.add(next.vec);
    }
  }
}

/** Pulls one producer in, when it may be; the name of the rule, or null. */
function pull(d: Draft, source: Source, vec: Sym, loop: FreshLoop, w: Work, cx: Context): string | null {
  const isAppender = loop.gather === null && loop.builders.every((b) => w.syms.type(b).kind === 'appender');
  const lens = w.lens.get(vec) ?? [];
  if (!cx.holds('one-appender', isAppender)) return null;
  if (!cx.holds('only-reader', w.uses.get(vec) === source.count + lens.length)) return null;
  const [, index, ...elems] = loop.op.body.params;
  const value = loop.maps[0] ?? null;
  if (value !== null && index !== undefined) {
    if (!cx.enabled('pull-map') || !cx.holds('length-at-hand', moveLens(lens, loop, w))) return null;
    const lets = loop.op.body.lets.filter((l) => l.sym !== loop.op.body.result);
    remove(loop, w);
    pullMap(d, source, { iters: loop.op.iters, index, elems, lets, value });
    return 'pull-map';
  }
  if (!cx.holds('length-unread', lens.length === 0) || !cx.holds('index-unread', !d.readsIndex)) return null;
  if (!cx.holds('walked-alone', d.sources.size === 1)) return null;
  const sites = mergeSites(loop.op.body) ?? 0;
  if (!cx.holds('merges-in-sight', sites > 0)) return null;
  const copied = sites <= 1 ? 0 : (sites - 1) * blockSize({ params: [], lets: bodyLets(d), result: d.result });
  if (!cx.holds('small-copies', copied <= MAX_COPIED_LETS)) return null;
  if (!cx.enabled('pull-filter')) return null;
  remove(loop, w);
  pullFilter(d, source, loop.op, w.syms);
  return 'pull-filter';
}

function remove(loop: FreshLoop, w: Work): void {
  for (const s of [...loop.builders, loop.sym, loop.result]) {
    const at = w.ix.at.get(s);
    if (at !== undefined) w.slots[at] = null;
  }
}

/**
 * Lengths of a vector that is about to go: the length of one of its sources. The consumer goes on checking that all
 * sources agree (and a range's bounds), so nothing is lost. False, and nothing done, when no source has a length.
 */
function moveLens(lens: readonly Sym[], loop: FreshLoop, w: Work): boolean {
  if (lens.length === 0) return true;
  for (const it of loop.op.iters) {
    if (it.kind === 'scan') {
      const op: Op = { kind: 'len', of: it.vec };
      for (const s of lens) {
        const at = w.ix.at.get(s);
        if (at !== undefined) w.slots[at] = { sym: s, op };
        if (isSym(it.vec)) noteLen(w, it.vec, s);
      }
      if (isSym(it.vec)) w.uses.set(it.vec, (w.uses.get(it.vec) ?? 0) + lens.length);
      return true;
    }
    if (it.kind === 'range' && isLit(it.start) && it.start.lit === 0n && isLit(it.stride) && it.stride.lit === 1n) {
      for (const s of lens) {
        const at = w.ix.at.get(s);
        if (at !== undefined) w.slots[at] = null;
        w.subst.set(s, it.end);
      }
      return true;
    }
  }
  return false;
}

function noteLen(w: Work, vec: Sym, len: Sym): void {
  const known = w.lens.get(vec) ?? [];
  known.push(len);
  w.lens.set(vec, known);
}
