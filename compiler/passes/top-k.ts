/**
 * A vector that is put in order to be cut is put in order as far as it is looked at.
 *
 *     s = sort(v, |a,b| ..);  slice(s, 0L, k)                    ->  sort(v, |a,b| .., k)
 *     s = sort(v, |a,b| ..);  {slice(s, 0L, 3L), lookup(s, 5L)}  ->  s = sort(v, |a,b| .., 6L);  {slice(s, 0L, 3L), ..}
 *
 * Primitives that order rows say which other one gives the first k of them (`topk` of a `PrimSpec`, which
 * `resolveExterns` notes at the call); a call that is only cut becomes a call of that one:
 *
 *     r = @(topk:"argtopk")cudf[argsort,vec[i64]](d, x);  slice(r, 0L, k)  ->  cudf[argtopk,vec[i64]](max(k, 0L), d, x)
 *
 * n rows then take n log k comparisons, or one look at each, and k of them are moved. A slice that begins in the middle,
 * and a look-up, fail for the same vectors as before: they need what is in front of them, too. A length that is only
 * cut to a literal (`min(len(s), 20L)`, as frontends emit the start of a slice) is one up to there.
 */

import { acts } from '../analysis/acts.ts';
import { type BlockIndex, indexBlock } from '../analysis/uses.ts';
import { i64 } from '../core/build.ts';
import type { Atom, Block, Let, Lit, Op, OpOf, Sym } from '../core/op.ts';
import { isLit, isSym } from '../core/op.ts';
import type { SymTab } from '../core/program.ts';
import { atomsOf } from '../core/shape.ts';
import { forEachLet, substitute } from '../core/walk.ts';
import { sound } from './need.ts';
import type { Asking, Pass } from './pass.ts';
import { makeLet, mapProgramBlocks } from './rewrite.ts';

const NEEDS = [
  sound(
    'known-ends',
    'all reads of the order are slices, look-ups and cut lengths that end at a known place: a literal, or for a slice from 0 its size',
  ),
  sound('size-in-view', 'a size that is no literal is known in this block where the order is first read'),
  sound('a-nearer-end', 'a limit that is there already is a literal that is further away'),
  sound('asks-as-it-likes', 'nothing in the comparator acts, as fewer pairs are compared; a primitive is pure'),
];
type Context = Asking<typeof NEEDS>;

export const topK: Pass = {
  name: 'top-k',
  doc: 'of an order that is cut, find the first elements only',
  needs: NEEDS,
  run: (p, cx) => mapProgramBlocks(p, (b) => cutBlock(b, p.syms, cx)),
};

const RULES = { sort: 'cut-sort', cudf: 'cut-primitive' } as const;

function cutBlock(b: Block, syms: SymTab, cx: Context): Block {
  let done = b;
  for (const { sym, op } of b.lets) {
    if (op.kind !== 'sort' && op.kind !== 'cudf') continue;
    const plan = planFor(sym, done, cx);
    if (plan === null || !cx.enabled(RULES[op.kind])) continue;
    cx.fired(RULES[op.kind]);
    done = apply(plan, done, syms);
  }
  return done;
}

interface Plan {
  /** The let that gives the order. */
  readonly sym: Sym;
  readonly cut: (limit: Atom) => Op;
  /** Is the limit a size, never below 0? */
  readonly takesSizes: boolean;
  /** The ends of all reads: the furthest counts. */
  readonly ends: readonly Atom[];
  /** The let of the block that the order is computed in front of: what `ends` names is known there. */
  readonly place: number;
}

function planFor(sym: Sym, b: Block, cx: Context): Plan | null {
  const ix = indexBlock(b);
  const own = ix.at.get(sym);
  // What it orders may have been cut just now, and be another vector than before.
  const op = own === undefined ? undefined : b.lets[own]?.op;
  if (own === undefined || (op?.kind !== 'sort' && op?.kind !== 'cudf')) return null;
  const cut = cutOf(op);
  if (cut === null) return null;
  const found = readsOf(sym, ix);
  if (found.ends.length === 0) return null;
  if (!cx.holds('known-ends', found.ends.length === ix.uses.get(sym))) return null;
  const ends = furthest(found.ends);
  const known = ends.length === 1 && ends.every(isLit);
  const inView = ends.every((a) => isLit(a) || (ix.at.get(a) ?? -1) < found.first);
  if (!cx.holds('size-in-view', inView)) return null;
  if (!cx.holds('a-nearer-end', isNearer(op, ends))) return null;
  if (!cx.holds('asks-as-it-likes', !acts(op))) return null;
  return { sym, cut, takesSizes: op.kind === 'cudf', ends, place: known ? own : found.first };
}

/** The operation with a limit; null for what has none. */
function cutOf(op: OpOf<'sort' | 'cudf'>): ((limit: Atom) => Op) | null {
  if (op.kind === 'sort') return (limit) => ({ ...op, limit });
  const { topk, ...notes } = op.notes;
  return typeof topk === 'string' ? (k) => ({ ...op, name: topk, args: [k, ...op.args], notes }) : null;
}

/** Do the reads end before the limit that is there? */
function isNearer(op: OpOf<'sort' | 'cudf'>, ends: readonly Atom[]): boolean {
  if (op.kind === 'cudf' || op.limit === null) return true;
  const { limit } = op;
  return isLit(limit) && ends.every((a) => isLit(a) && a.lit < limit.lit);
}

interface Reads {
  readonly ends: readonly Atom[];
  /** The let of the block with the first read. */
  readonly first: number;
}

/** Where the reads of `v` end that end somewhere. */
function readsOf(v: Sym, { block, uses }: BlockIndex): Reads {
  const ends: Atom[] = [];
  let first = block.lets.length;
  let at = -1;
  const capped = cappedLengths(v, block, uses);
  forEachLet(block, (l, depth) => {
    if (depth === 0) at++;
    if (!atomsOf(l.op).includes(v)) return;
    first = Math.min(first, at);
    const end = endOf(l, capped);
    if (end !== null && (depth === 0 || isLit(end))) ends.push(end);
  });
  return { ends, first };
}

/** What only says where the vector ends if it does before a literal: `n = len(v); min(n, 20L)`, with that literal. */
function cappedLengths(v: Sym, b: Block, uses: ReadonlyMap<Sym, number>): ReadonlyMap<Sym, bigint> {
  const capped = new Map<Sym, bigint>();
  for (const { sym: n, op } of b.lets) {
    if (op.kind !== 'len' || op.of !== v) continue;
    const caps = b.lets.flatMap(({ sym, op: min }): [Sym, bigint][] => {
      if (min.kind !== 'bin' || min.op !== 'min' || (min.a !== n && min.b !== n)) return [];
      const cap = min.a === n ? min.b : min.a;
      return isLit(cap) && typeof cap.lit === 'bigint' && cap.lit >= 0n ? [[sym, cap.lit]] : [];
    });
    if (caps.length !== uses.get(n)) continue;
    for (const [s, cap] of [...caps, [n, caps.reduce((most, [, c]) => (c > most ? c : most), 0n)] as const]) {
      capped.set(s, cap);
    }
  }
  return capped;
}

/** The place of the vector behind the last that is read. */
function endOf({ sym, op }: Let, capped: ReadonlyMap<Sym, bigint>): Atom | null {
  const literal = (a: Atom): Lit['lit'] | undefined => (isLit(a) ? a.lit : capped.get(a));
  switch (op.kind) {
    case 'len':
      return placeBehind(capped.get(sym), 0n);
    case 'lookup':
      return placeBehind(literal(op.index), 1n);
    case 'slice':
      return literal(op.start) === 0n ? op.size : placeBehind(literal(op.start), literal(op.size));
    default:
      return null;
  }
}

function placeBehind(start: Lit['lit'] | undefined, size: Lit['lit'] | undefined): Atom | null {
  if (typeof start !== 'bigint' || typeof size !== 'bigint') return null;
  const end = atLeast0(start) + atLeast0(size);
  return end === BigInt.asIntN(64, end) ? i64(end) : null;
}
const atLeast0 = (n: bigint): bigint => (n < 0n ? 0n : n);

/** The ends without those that are not further than another. */
function furthest(ends: readonly Atom[]): readonly Atom[] {
  let most: Atom | null = null;
  for (const a of ends) if (isLit(a) && (most === null || !isLit(most) || a.lit > most.lit)) most = a;
  const open = new Set(ends.filter(isSym));
  return most === null ? [...open] : [...open, most];
}

function apply(plan: Plan, b: Block, syms: SymTab): Block {
  const { sym, ends, place } = plan;
  const lets: Let[] = [];
  const subst = new Map<Sym, Atom>();
  for (const [k, l] of b.lets.entries()) {
    if (k === place) lets.push(...cutLets(plan, syms));
    if (l.sym === sym) continue;
    const whole = l.op.kind === 'slice' && l.op.of === sym && isZero(l.op.start) && ends.length === 1;
    if (whole && l.op.kind === 'slice' && sameAtom(l.op.size, ends[0])) subst.set(l.sym, sym);
    else lets.push(l);
  }
  return substitute({ params: b.params, lets, result: b.result }, subst);
}

function cutLets({ sym, cut, ends, takesSizes }: Plan, syms: SymTab): readonly Let[] {
  const [first = i64(0), ...others] = ends;
  const lets: Let[] = [];
  const most = (a: Atom, b: Atom): Atom => {
    const made = makeLet({ kind: 'bin', op: 'max', a, b }, syms, null, 'k');
    lets.push(made);
    return made.sym;
  };
  const furthest = others.reduce(most, first);
  // A slice of a size below 0 is empty.
  const limit = takesSizes ? clamped(furthest, most) : furthest;
  return [...lets, { sym, op: cut(limit) }];
}

function clamped(limit: Atom, most: (a: Atom, b: Atom) => Atom): Atom {
  if (isLit(limit)) return typeof limit.lit === 'bigint' ? i64(atLeast0(limit.lit)) : limit;
  return most(limit, i64(0));
}

const isZero = (a: Atom): boolean => isLit(a) && a.lit === 0n;
const sameAtom = (a: Atom, b: Atom | undefined): boolean =>
  a === b || (isLit(a) && b !== undefined && isLit(b) && a.lit === b.lit);
