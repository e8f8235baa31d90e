/**
 * How often a loop body merges into each of its builders in one iteration: the fact that decides between a direct
 * store, a compaction and a general append, and how much memory the appended elements need.
 *
 *     merge(b, e)                                            once
 *     if(p, merge(b, e), b)                                  at most once
 *     for(rangeiter(0L, n, 1L), b, |c,j,f| merge(c, f))      exactly n times
 *     for(slice(w, e, 4L), b, |c,j,f| merge(c, f))           at most 4 times
 *
 * A struct of builders is counted leaf by leaf; a leaf is named by its path of field numbers (`''` for a single
 * builder, `'0'`, `'1.0'`, ...). A merge inside an inner loop counts from zero to infinity, inside an iteration from
 * one; `most` says more where the iterations are as many as something that is known outside the body.
 */

import { type Amount, amount, amountText, both } from '../core/amount.ts';
import type { Atom, Block, Iter, Let, Op, OpOf } from '../core/op.ts';
import { isLit, isSym, type Sym } from '../core/op.ts';
import type { SymTab } from '../core/program.ts';
import { I64, isBuilder, isLinear, type Type } from '../core/types.ts';
import { forEachLet } from '../core/walk.ts';

/** Fewest and most merges on any path through the body. */
export interface MergeCount {
  readonly min: number;
  readonly max: number;
  /** A bound of the merges by atoms from outside the body; null: none is known. */
  readonly most: Amount<Atom> | null;
  /** Every path merges as often as `most` says. */
  readonly exact: boolean;
}
const NONE: MergeCount = { min: 0, max: 0, most: amount(0), exact: true };
/** One merge in each iteration. */
export const ONE: MergeCount = { min: 1, max: 1, most: amount(1), exact: true };

type Counts = ReadonlyMap<string, MergeCount>;

/** A linear value as a tree of leaf names. */
type Tree = string | readonly (Tree | null)[];

/** Merge counts of every builder leaf of the body's first parameter. */
export function mergeCounts(body: Block, syms: SymTab): Counts {
  const [b] = body.params;
  if (b === undefined) return new Map();
  const tree = treeOf(syms.type(b), '');
  const made = new Counter(body, syms).block(body, new Map([[b, tree]]));
  const counts = new Map<string, MergeCount>();
  forEachLeaf(tree, (leaf) => counts.set(leaf, made.counts.get(leaf) ?? NONE));
  return counts;
}

function treeOf(t: Type, path: string): Tree | null {
  if (isBuilder(t)) return path;
  if (t.kind !== 'struct' || !isLinear(t)) return null;
  return t.fields.map((f, k) => treeOf(f, path === '' ? `${k}` : `${path}.${k}`));
}

function forEachLeaf(t: Tree | null, f: (leaf: string) => void): void {
  if (t === null) return;
  if (typeof t === 'string') f(t);
  else for (const sub of t) forEachLeaf(sub, f);
}

type Env = Map<Sym, Tree | null>;

class Counter {
  readonly #syms: SymTab;
  /** What the body defines: an amount may not name it. */
  readonly #inside = new Set<Sym>();
  readonly #defs = new Map<Sym, Op>();

  constructor(body: Block, syms: SymTab) {
    this.#syms = syms;
    const enter = (params: readonly Sym[]): void => {
      for (const s of params) this.#inside.add(s);
    };
    enter(body.params);
    forEachLet(body, ({ sym, op }) => {
      this.#inside.add(sym);
      this.#defs.set(sym, op);
      if (op.kind === 'for' || op.kind === 'iterate') enter(op.body.params);
      else if (op.kind === 'sort') enter(op.by.params);
    });
  }

  /** The merges of a block, and the tree of its result. */
  block(block: Block, env: Env): { readonly counts: Counts; readonly tree: Tree | null } {
    const counts = new Map<string, MergeCount>();
    for (const l of block.lets) {
      if (!isLinear(this.#syms.type(l.sym))) continue;
      for (const [leaf, c] of this.#let(l, env)) counts.set(leaf, after(counts.get(leaf) ?? NONE, c));
    }
    return { counts, tree: treeAt(block.result, env) };
  }

  /** The merges of a let, whose tree enters `env`. */
  #let({ sym, op }: Let, env: Env): Counts {
    switch (op.kind) {
      case 'merge': {
        const tree = treeAt(op.builder, env);
        env.set(sym, tree);
        const counts = new Map<string, MergeCount>();
        forEachLeaf(tree, (leaf) => counts.set(leaf, ONE));
        return counts;
      }
      case 'field': {
        const tree = treeAt(op.of, env);
        env.set(sym, typeof tree === 'object' && tree !== null ? (tree[op.index] ?? null) : null);
        return NOTHING;
      }
      case 'struct':
        env.set(
          sym,
          op.fields.map((a) => treeAt(a, env)),
        );
        return NOTHING;
      case 'if': {
        const then = this.block(op.then, env);
        const other = this.block(op.else, env).counts;
        env.set(sym, then.tree);
        const leaves = new Set([...then.counts.keys(), ...other.keys()]);
        return mapped(leaves, (leaf) => either(then.counts.get(leaf) ?? NONE, other.get(leaf) ?? NONE));
      }
      case 'for': {
        const { counts } = this.#inner(op.builder, sym, op.body, env);
        const rounds = this.#rounds(op);
        return mapped(counts.keys(), (leaf) => repeated(counts.get(leaf) ?? NONE, rounds));
      }
      case 'iterate': {
        // The body gives {next, again}; the builders in next are those that it received.
        const { counts } = this.#inner(op.init, sym, op.body, env);
        const often = (c: MergeCount): MergeCount =>
          c.max === 0 ? c : { min: c.min, max: Number.POSITIVE_INFINITY, most: null, exact: false };
        return mapped(counts.keys(), (leaf) => often(counts.get(leaf) ?? NONE));
      }
      default:
        return NOTHING;
    }
  }

  #inner(from: Atom, sym: Sym, body: Block, env: Env): { readonly counts: Counts } {
    const tree = treeAt(from, env);
    env.set(sym, tree);
    const [inner] = body.params;
    if (inner !== undefined) env.set(inner, tree);
    return this.block(body, env);
  }

  /** How many rounds an inner loop has. All its iterators have as many, so the best known counts. */
  #rounds(op: OpOf<'for'>): Rounds | null {
    const known = op.iters.flatMap((it) => this.#length(it) ?? []);
    return known.find((r) => r.exact) ?? known[0] ?? null;
  }

  #length(it: Iter): Rounds | null {
    if (it.kind === 'scan') return this.#vectorLength(it.vec);
    if (it.kind === 'nditer' || !this.#isOutside(it.stride)) return null;
    const { start, end, stride } = it;
    if (this.#isOutside(start) && this.#isOutside(end)) {
      return { count: { amount: 'range', start, end, stride }, exact: true };
    }
    // From a place of the row's own, but so far as every row.
    const width = this.#added(end, start);
    return width === null ? null : { count: { amount: 'range', start: ZERO, end: width, stride }, exact: true };
  }

  /** What is added to `start` to give `sum`. */
  #added(sum: Atom, start: Atom): Atom | null {
    const op = isSym(sum) ? this.#defs.get(sum) : undefined;
    if (op?.kind !== 'bin' || op.op !== '+' || (op.a !== start && op.b !== start)) return null;
    const width = op.a === start ? op.b : op.a;
    return this.#isOutside(width) ? width : null;
  }

  #vectorLength(v: Atom): Rounds | null {
    if (this.#isOutside(v)) return { count: { amount: 'len', of: v }, exact: true };
    const op = isSym(v) ? this.#defs.get(v) : undefined;
    if (op?.kind === 'vec') return { count: amount(op.items.length), exact: true };
    return op?.kind === 'slice' && this.#isOutside(op.size)
      ? { count: { amount: 'value', of: op.size }, exact: false }
      : null;
  }

  #isOutside(a: Atom): boolean {
    return isLit(a) || !this.#inside.has(a);
  }
}

interface Rounds {
  readonly count: Amount<Atom>;
  readonly exact: boolean;
}
const ZERO: Atom = { lit: 0n, ty: I64 };
const NOTHING: Counts = new Map();

const treeAt = (a: Atom, env: Env): Tree | null => (isSym(a) ? (env.get(a) ?? null) : null);
const mapped = (leaves: Iterable<string>, f: (leaf: string) => MergeCount): Counts =>
  new Map([...leaves].map((leaf) => [leaf, f(leaf)]));

const joined = (op: '+' | 'max', a: MergeCount, b: MergeCount): Amount<Atom> | null =>
  a.most === null || b.most === null ? null : both(op, a.most, b.most);

const after = (a: MergeCount, b: MergeCount): MergeCount => ({
  min: a.min + b.min,
  max: a.max + b.max,
  most: joined('+', a, b),
  exact: a.exact && b.exact,
});

function either(a: MergeCount, b: MergeCount): MergeCount {
  const [min, max] = [Math.min(a.min, b.min), Math.max(a.max, b.max)];
  const same = a.most !== null && b.most !== null && keyOf(a.most) === keyOf(b.most);
  return same
    ? { min, max, most: a.most, exact: a.exact && b.exact }
    : { min, max, most: joined('max', a, b), exact: false };
}
const keyOf = (m: Amount<Atom>): string => amountText(m, (a) => (isLit(a) ? String(a.lit) : `%${a}`));

/** The merges of all rounds of a loop, for those of one. */
function repeated(c: MergeCount, rounds: Rounds | null): MergeCount {
  if (c.max === 0) return c;
  const times = rounds?.count.amount === 'number' ? rounds.count.n : null;
  return {
    min: times === null || rounds?.exact !== true ? 0 : times * c.min,
    max: times === null ? Number.POSITIVE_INFINITY : times === 0 ? 0 : times * c.max,
    most: rounds === null || c.most === null ? null : both('*', rounds.count, c.most),
    exact: c.exact && rounds?.exact === true,
  };
}
