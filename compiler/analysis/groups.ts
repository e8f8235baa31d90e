/**
 * What a program does with the dictionary of a groupmerger: whether it looks at the groups, or only at numbers that
 * are reductions of them.
 *
 * The dictionary may be read by `tovec`, `lookup` and `keyexists`; its entries by loops and `len`; an entry by its two
 * fields; a group by `len` and by reductions. A reduction is a fresh loop over the group alone into mergers, which
 * - merges at most once an iteration into each of them and does not read its index;
 * - cannot fail, so that it may be computed for groups that were not asked for, and in another order;
 * - reads nothing but its element, the key of the same entry, and what is known before the groups are made;
 * - starts a sum of floats from a zero and a product from 1 (if it says from what): in another order of operations the
 *   start is added last, and only then is every rounding the same.
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

/** Everything that is read of the dictionary `d` in the block, or null when that is not only reductions. */
export function readsOfGroups(d: Sym, ix: BlockIndex, syms: SymTab, early: (s: Sym) => boolean): GroupReads | null {
  const r = new Reader(d, syms, early);
  r.walk(ix.block);
  return r.complete(ix.uses) ? { reductions: r.reductions, counted: r.counted } : null;
}

class Reader {
  readonly reductions: Reduction[] = [];
  counted = false;
  readonly #d: Sym;
  readonly #syms: SymTab;
  readonly #early: (s: Sym) => boolean;
  readonly #entries = new Set<Sym>();
  readonly #rows = new Set<Sym>();
  /** The row that a key or a group belongs to; null for a group that was looked up. */
  readonly #keys = new Map<Sym, Sym>();
  readonly #groups = new Map<Sym, Sym | null>();
  /** How many reads of each of these symbols were understood. */
  readonly #seen = new Map<Sym, number>();

  constructor(d: Sym, syms: SymTab, early: (s: Sym) => boolean) {
    this.#d = d;
    this.#syms = syms;
    this.#early = early;
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
    if (loop === undefined || loop.op.iters.length !== 1) return null;
    const partials = loop.builders.flatMap((s) => partialOf(s, ix, this.#syms) ?? []);
    if (partials.length !== loop.builders.length) return null;
    const { body } = loop.op;
    if (blockCanFail(body, this.#syms)) return null;
    if ([...mergeCounts(body, this.#syms).values()].some((c) => c.max > 1)) return null;
    const [, index] = body.params;
    if (index === undefined || (countUses(body).get(index) ?? 0) > 0) return null;
    const outside = [...freeSyms(body)];
    const keys = new Set(outside.filter((s) => row !== null && this.#keys.get(s) === row));
    return outside.every((s) => keys.has(s) || this.#early(s)) ? { loop, group, partials, keys } : null;
  }
}

function partialOf(s: Sym, ix: BlockIndex, syms: SymTab): PartialResult | null {
  const made = ix.block.lets[ix.at.get(s) ?? -1]?.op;
  const ty = syms.type(s);
  if (made?.kind !== 'builder' || ty.kind !== 'merger') return null;
  const { op, elem } = ty;
  const rounds = (op === '+' || op === '*') && (leaves(elem)?.some(isFloatKind) ?? true);
  if (rounds && made.arg !== null && !(isLit(made.arg) && made.arg.lit === (op === '+' ? 0 : 1))) return null;
  return { op, ty: elem, init: made.arg };
}
