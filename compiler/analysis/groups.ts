/**
 * What a program does with the dictionary of a groupmerger: whether it looks at the groups, or only at numbers that
 * are reductions of them.
 *
 * The dictionary may be read by `tovec`, `lookup` and `keyexists`; its entries by loops and `len`; an entry by its two
 * fields; a group by `len` and by reductions. What is needed of a reduction is asked by name (`ReductionNeed`), and said
 * in `passes/group-reduce.ts`.
 */

import type { Atom, Block, Op, Sym } from '../core/op.ts';
import { isLit, isSym } from '../core/op.ts';
import type { SymTab } from '../core/program.ts';
import { blocksOf } from '../core/shape.ts';
import { isFloatKind, leaves, type MergeOp, type Type } from '../core/types.ts';
import { countUses, freeSyms } from '../core/walk.ts';
import { blockCanFail } from './effects.ts';
import { mergeCounts } from './merges.ts';
import { type BlockIndex, type FreshLoop, indexBlock } from './uses.ts';

/** One merger of a loop over a group. */
export interface PartialResult {
  readonly op: MergeOp;
  readonly ty: Type;
  /** The initial value, if the program gives one. */
  readonly init: Atom | null;
}
/** A loop over a group. */
export interface Reduction {
  readonly loop: FreshLoop;
  readonly group: Sym;
  readonly partials: readonly PartialResult[];
  /** Symbols for the key of the entry that the loop reads. */
  readonly keys: ReadonlySet<Sym>;
}
export interface GroupReads {
  readonly reductions: readonly Reduction[];
  /** Whether the length of a group is asked for. */
  readonly counted: boolean;
}

/** What a loop over a group needs to be a reduction. */
export type ReductionNeed =
  | 'group-alone'
  | 'into-mergers'
  | 'exact-start'
  | 'no-failure'
  | 'one-merge-an-iteration'
  | 'index-unread'
  | 'known-before';
type Holds = (need: ReductionNeed, met: boolean) => boolean;

/** What is read of the dictionary `d` in the block; `complete` when these are all the reads. */
export function readsOfGroups(
  d: Sym,
  ix: BlockIndex,
  syms: SymTab,
  early: (s: Sym) => boolean,
  holds: Holds,
): GroupReads & { readonly complete: boolean } {
  const r = new Reader(d, syms, early, holds);
  r.walk(ix.block);
  return { reductions: r.reductions, counted: r.counted, complete: r.complete(ix.uses) };
}

class Reader {
  readonly reductions: Reduction[] = [];
  counted = false;
  readonly #d: Sym;
  readonly #syms: SymTab;
  readonly #early: (s: Sym) => boolean;
  readonly #holds: Holds;
  readonly #entries = new Set<Sym>();
  readonly #rows = new Set<Sym>();
  /** The row that a key or a group belongs to; null for a group that was looked up. */
  readonly #keys = new Map<Sym, Sym>();
  readonly #groups = new Map<Sym, Sym | null>();
  /** How many reads of each of these symbols were understood. */
  readonly #seen = new Map<Sym, number>();

  constructor(d: Sym, syms: SymTab, early: (s: Sym) => boolean, holds: Holds) {
    this.#d = d;
    this.#syms = syms;
    this.#early = early;
    this.#holds = holds;
  }

  /** True when no read was left out, by the count of all reads. */
  complete(uses: ReadonlyMap<Sym, number>): boolean {
    const known = [this.#d, ...this.#entries, ...this.#rows, ...this.#groups.keys()];
    return known.every((s) => (this.#seen.get(s) ?? 0) === (uses.get(s) ?? 0));
  }

  walk(b: Block): void {
    let index: BlockIndex | null = null;
    for (const { sym, op } of b.lets) {
      this.#note(sym, op, () => {
        index ??= indexBlock(b);
        return index;
      });
      for (const inner of blocksOf(op)) this.walk(inner);
    }
  }

  #note(sym: Sym, op: Op, index: () => BlockIndex): void {
    switch (op.kind) {
      case 'tovec':
        if (this.#saw(op.of, op.of === this.#d)) this.#entries.add(sym);
        break;
      case 'lookup':
        if (this.#saw(op.of, op.of === this.#d)) this.#groups.set(sym, null);
        break;
      case 'keyexists':
        this.#saw(op.of, op.of === this.#d);
        break;
      case 'len':
        if (!isSym(op.of)) break;
        this.#saw(op.of, this.#entries.has(op.of));
        if (this.#saw(op.of, this.#groups.has(op.of))) this.counted = true;
        break;
      case 'field':
        if (!isSym(op.of) || !this.#saw(op.of, this.#rows.has(op.of))) break;
        if (op.index === 0) this.#keys.set(sym, op.of);
        else this.#groups.set(sym, op.of);
        break;
      case 'for':
        for (const [k, it] of op.iters.entries()) {
          const elem = op.body.params[2 + k];
          if (it.kind !== 'scan' || !isSym(it.vec) || elem === undefined) continue;
          if (this.#saw(it.vec, this.#entries.has(it.vec))) this.#rows.add(elem);
          const row = this.#groups.get(it.vec);
          if (row === undefined) continue;
          const found = this.#reduction(index(), sym, it.vec, row);
          if (this.#saw(it.vec, found !== null) && found !== null) this.reductions.push(found);
        }
        break;
      default:
    }
  }

  /** Counts a read of `a`, if it is one that is understood. */
  #saw(a: Atom, understood: boolean): boolean {
    if (understood && isSym(a)) this.#seen.set(a, (this.#seen.get(a) ?? 0) + 1);
    return understood;
  }

  #reduction(ix: BlockIndex, sym: Sym, group: Sym, row: Sym | null): Reduction | null {
    const loop = ix.loops.get(sym);
    if (loop === undefined) return null;
    const { body, iters } = loop.op;
    const mergers = loop.builders.flatMap((s) => mergerOf(s, ix, this.#syms) ?? []);
    if (!this.#holds('into-mergers', mergers.length === loop.builders.length)) return null;
    if (!this.#holds('group-alone', iters.length === 1)) return null;
    if (!this.#holds('exact-start', mergers.every(startsExactly))) return null;
    if (!this.#holds('no-failure', !blockCanFail(body, this.#syms))) return null;
    const once = [...mergeCounts(body, this.#syms).values()].every((c) => c.max <= 1);
    if (!this.#holds('one-merge-an-iteration', once)) return null;
    const [, index] = body.params;
    if (!this.#holds('index-unread', index !== undefined && !countUses(body).has(index))) return null;
    const outside = [...freeSyms(body)];
    const keys = new Set(outside.filter((s) => row !== null && this.#keys.get(s) === row));
    if (
      !this.#holds(
        'known-before',
        outside.every((s) => keys.has(s) || this.#early(s)),
      )
    )
      return null;
    return { loop, group, partials: mergers, keys };
  }
}

function mergerOf(s: Sym, ix: BlockIndex, syms: SymTab): PartialResult | null {
  const made = ix.block.lets[ix.at.get(s) ?? -1]?.op;
  const ty = syms.type(s);
  if (made?.kind !== 'builder' || ty.kind !== 'merger') return null;
  return { op: ty.op, ty: ty.elem, init: made.arg };
}

/** The start may be added last: a sum of floats starts from a zero and a product from 1, if anything says from what. */
function startsExactly({ op, ty, init }: PartialResult): boolean {
  const rounds = (op === '+' || op === '*') && (leaves(ty)?.some(isFloatKind) ?? true);
  return !rounds || init === null || (isLit(init) && init.lit === (op === '+' ? 0 : 1));
}
