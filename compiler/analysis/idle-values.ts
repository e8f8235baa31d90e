/**
 * Dictionaries whose values nobody reads, as those that only tell distinct keys apart:
 *
 *     d = result(for(x, dictmerger[i64,i64,+], |b, i, e| merge(b, {e, 1L})))
 *     for(tovec(d), .., |b, i, e| .. e.$0 ..);  keyexists(d, k)
 *
 * Of these it does not matter what becomes of values after the first of each key. Only of fresh loops (`uses.ts`) in the
 * block itself; a dictionary that goes anywhere else as a whole is read.
 */

import type { Block, Sym } from '../core/op.ts';
import { isSym } from '../core/op.ts';
import { forEachLet } from '../core/walk.ts';
import { hasOneSymbol, indexBlock, type Product } from './uses.ts';

/** The components of a loop, by the symbol of its `for`, whose values nobody reads. */
export type IdleValues = ReadonlyMap<Sym, ReadonlySet<number>>;

export function idleValues(block: Block): IdleValues {
  const ix = indexBlock(block);
  const dicts = new Map<Sym, Product>();
  /** The dictionary that a symbol stands for, as itself, its vector of entries or one of these. */
  const dictOf = new Map<Sym, Sym>();
  const entryVectors = new Set<Sym>();
  const entries = new Set<Sym>();
  /** Reads of these symbols that leave the values alone. */
  const harmless = new Map<Sym, number>();
  const count = (s: Sym): void => {
    harmless.set(s, (harmless.get(s) ?? 0) + 1);
  };
  for (const [v, product] of ix.products) {
    const made = block.lets[ix.at.get(product.loop.builders[product.component] ?? v) ?? -1]?.op;
    if (made?.kind !== 'builder' || made.ty.kind !== 'dictmerger' || !hasOneSymbol(product, ix)) continue;
    dicts.set(v, product);
    dictOf.set(v, v);
  }
  if (dicts.size === 0) return new Map();
  const derive = (from: Sym, to: Sym, into: Set<Sym>): void => {
    count(from);
    dictOf.set(to, dictOf.get(from) ?? from);
    into.add(to);
  };
  forEachLet(block, ({ sym, op }) => {
    if (op.kind === 'for') {
      for (const [k, it] of op.iters.entries()) {
        const elem = op.body.params[2 + k];
        if (it.kind === 'scan' && isSym(it.vec) && entryVectors.has(it.vec) && elem !== undefined)
          derive(it.vec, elem, entries);
      }
      return;
    }
    if (!('of' in op) || !isSym(op.of) || !dictOf.has(op.of)) return;
    if (op.kind === 'len' || op.kind === 'keyexists') count(op.of);
    else if (op.kind === 'tovec') derive(op.of, sym, entryVectors);
    else if (op.kind === 'lookup' && entryVectors.has(op.of)) derive(op.of, sym, entries);
    else if (op.kind === 'field' && entries.has(op.of) && op.index === 0) count(op.of);
  });
  for (const [s, d] of dictOf) if ((ix.uses.get(s) ?? 0) !== (harmless.get(s) ?? 0)) dicts.delete(d);
  const found = new Map<Sym, Set<number>>();
  for (const { loop, component } of dicts.values()) {
    const fields = block.lets.filter(({ op }) => op.kind === 'field' && op.of === loop.result).length;
    if (loop.gather !== null && fields !== ix.uses.get(loop.result)) continue;
    found.set(loop.sym, (found.get(loop.sym) ?? new Set()).add(component));
  }
  return found;
}
