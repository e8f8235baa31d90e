/**
 * What a loop looks up at the number of its iteration is an element that it can walk.
 *
 *     n = len(v); for(zip(u, rangeiter(0L, n, 1L)), b, |b,i,e| merge(b, e.$0 * lookup(v, e.$1)))
 *         ->  for(zip(u, v), b, |b,i,e| merge(b, e.$0 * e.$1))
 *
 * An element needs no check of bounds, and its address is known to the vectoriser. It also is there before inner loops:
 * a look-up may fail, so `motion` leaves it where it is.
 *
 * 1. A range from 0 by 1 counts like the loop, so its elements are the numbers of the iterations (`range-is-index`).
 * 2. `lookup(v, i)` is the element of v, if the loop walks v or as many elements as v has (`lookup-at-index`).
 * 3. A range of which no element is read goes when a vector of its length is walked (`range-of-length`).
 *
 * Lengths are known to be equal by `len`, and inside a loop by what the loop walks together, since that was compared.
 */

import { scan } from '../core/build.ts';
import type { Atom, Block, Iter, OpOf, Sym } from '../core/op.ts';
import { isLit, isSym } from '../core/op.ts';
import type { Program, SymTab } from '../core/program.ts';
import { refersToMemory } from '../core/types.ts';
import { countUses, forEachLet, substitute } from '../core/walk.ts';
import { profit, sound } from './need.ts';
import type { Asking, Pass } from './pass.ts';
import { mapBlocks, rebuilt } from './rewrite.ts';

const NEEDS = [
  sound('as-long', 'the loop walks the vector, or together with what has its length in any case'),
  profit('has-columns', 'the elements of the vector are scalars or structs of them, which take no look-up to walk'),
  sound('range-agrees', 'a range that goes has the length of a walked vector before the loop compares the two'),
];
type Context = Asking<typeof NEEDS>;

export const scanLookups: Pass = {
  name: 'scan-lookups',
  doc: 'walk vectors that are looked up at the index of the loop',
  needs: NEEDS,
  run(p, cx) {
    const body = scanIn(p.body, new Map(), { syms: p.syms, lengthOf: lengthsOf(p), cx });
    return body === p.body ? p : { syms: p.syms, body };
  },
};

/** Numbers that are equal, by their representative; a vector stands for its length. */
type Equal = ReadonlyMap<Sym, Sym>;

interface Around {
  readonly syms: SymTab;
  /** The vectors of lengths. */
  readonly lengthOf: ReadonlyMap<Sym, Sym>;
  readonly cx: Context;
}

function lengthsOf(p: Program): ReadonlyMap<Sym, Sym> {
  const vectors = new Map<Sym, Sym>();
  forEachLet(p.body, ({ sym, op }) => {
    if (op.kind === 'len' && isSym(op.of)) vectors.set(sym, op.of);
  });
  return vectors;
}

function scanIn(b: Block, equal: Equal, around: Around): Block {
  const lets = b.lets.map((l) => {
    const op = l.op.kind === 'for' ? scanLoop(l.op, equal, around) : l.op;
    const inside = op.kind === 'for' ? walkedTogether(op, equal, around) : equal;
    const done = mapBlocks(op, (inner) => scanIn(inner, inside, around));
    return done === l.op ? l : { sym: l.sym, op: done };
  });
  return rebuilt(b, lets, b.result);
}

/** What stands for the number of iterations of an iterator, if anything is known of it. */
function countOf(it: Iter, equal: Equal, { lengthOf }: Around): Sym | null {
  const of = it.kind === 'scan' ? it.vec : it.kind === 'range' && countsFromZero(it) ? it.end : null;
  if (of === null || !isSym(of)) return null;
  const sym = lengthOf.get(of) ?? of;
  return equal.get(sym) ?? sym;
}

const countsFromZero = (it: Extract<Iter, { kind: 'range' }>): boolean =>
  isLit(it.start) && it.start.lit === 0n && isLit(it.stride) && it.stride.lit === 1n;

function walkedTogether(op: OpOf<'for'>, equal: Equal, around: Around): Equal {
  const [one, ...others] = new Set(op.iters.flatMap((it) => countOf(it, equal, around) ?? []));
  if (one === undefined || others.length === 0) return equal;
  const same = new Set<Sym>(others);
  const next = new Map([...equal].map(([s, r]) => [s, same.has(r) ? one : r]));
  for (const s of same) next.set(s, one);
  return next;
}

function scanLoop(op: OpOf<'for'>, equal: Equal, around: Around): OpOf<'for'> {
  const counted = rangesAsIndex(op, around.cx);
  const scanned = lookupsAsElements(counted, equal, around);
  return withoutRanges(scanned, equal, around);
}

/** Rule 1. */
function rangesAsIndex(op: OpOf<'for'>, cx: Context): OpOf<'for'> {
  const [, index, ...elems] = op.body.params;
  const same = new Map<Sym, Atom>();
  for (const [k, it] of op.iters.entries()) {
    const elem = elems[k];
    if (it.kind === 'range' && countsFromZero(it) && elem !== undefined && index !== undefined) same.set(elem, index);
  }
  const body = substitute(op.body, same);
  if (body === op.body || !cx.enabled('range-is-index')) return op;
  cx.fired('range-is-index');
  return { ...op, body };
}

/** Rule 2. */
function lookupsAsElements(op: OpOf<'for'>, equal: Equal, around: Around): OpOf<'for'> {
  const { syms, cx } = around;
  const [, index, ...elems] = op.body.params;
  const scanned = new Map<Sym, Sym>();
  for (const [k, it] of op.iters.entries()) {
    const elem = elems[k];
    if (it.kind === 'scan' && isSym(it.vec) && elem !== undefined) scanned.set(it.vec, elem);
  }
  const counts = new Set(op.iters.map((it) => countOf(it, equal, around)));
  const added: Sym[] = [];
  const found = new Map<Sym, Atom>();
  forEachLet(op.body, ({ op: lookup, sym }) => {
    if (lookup.kind !== 'lookup' || lookup.index !== index || !isSym(lookup.of)) return;
    const vec = lookup.of;
    const ty = syms.type(vec);
    if (ty.kind !== 'vec') return;
    // What is made in the loop is not walked, nor together with what is.
    if (!cx.holds('as-long', scanned.has(vec) || counts.has(equal.get(vec) ?? vec))) return;
    if (!cx.holds('has-columns', !refersToMemory(ty.elem)) || !cx.enabled('lookup-at-index')) return;
    cx.fired('lookup-at-index');
    const elem = scanned.get(vec) ?? syms.fresh(ty.elem, syms.hint(sym), syms.origin(sym));
    if (!scanned.has(vec)) added.push(vec);
    scanned.set(vec, elem);
    found.set(sym, elem);
  });
  if (found.size === 0) return op;
  const body = substitute(dropLets(op.body, found), found);
  const params = [...body.params, ...added.flatMap((v) => scanned.get(v) ?? [])];
  return { ...op, iters: [...op.iters, ...added.map((v) => scan(v))], body: { ...body, params } };
}

function dropLets(b: Block, gone: ReadonlyMap<Sym, Atom>): Block {
  const lets = b.lets.flatMap((l) => {
    if (gone.has(l.sym)) return [];
    const op = mapBlocks(l.op, (inner) => dropLets(inner, gone));
    return [op === l.op ? l : { sym: l.sym, op }];
  });
  return rebuilt(b, lets, b.result);
}

/** Rule 3. */
function withoutRanges(op: OpOf<'for'>, equal: Equal, around: Around): OpOf<'for'> {
  const [builder, index, ...elems] = op.body.params;
  const uses = countUses(op.body);
  const lengths = new Set(op.iters.flatMap((it) => (it.kind === 'scan' ? (countOf(it, equal, around) ?? []) : [])));
  const kept = op.iters.map((it, k) => {
    const elem = elems[k];
    if (it.kind !== 'range' || elem === undefined || uses.has(elem) || lengths.size === 0) return true;
    const count = countOf(it, equal, around);
    if (!around.cx.holds('range-agrees', count !== null && lengths.has(count))) return true;
    if (!around.cx.enabled('range-of-length')) return true;
    around.cx.fired('range-of-length');
    return false;
  });
  if (kept.every((k) => k) || builder === undefined || index === undefined) return op;
  const params = [builder, index, ...elems.filter((_, k) => kept[k])];
  return { ...op, iters: op.iters.filter((_, k) => kept[k]), body: { ...op.body, params } };
}
