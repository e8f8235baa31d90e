/**
 * Which lets of a block depend on which, directly and through others.
 */

import type { Sym } from '../core/op.ts';
import { freeSymsOfOp } from '../core/walk.ts';
import type { BlockIndex } from './uses.ts';

export interface Dependencies {
  /** The positions of the lets in this block that let `at` reads, inner blocks included. */
  operands(at: number): readonly number[];
  /** True when one of `from` is, or is computed from, `target`. */
  reaches(from: Iterable<Sym>, target: Sym): boolean;
}

export function dependencies(ix: BlockIndex): Dependencies {
  const cache = new Map<number, readonly number[]>();
  const operands = (at: number): readonly number[] => {
    const cached = cache.get(at);
    if (cached !== undefined) return cached;
    const l = ix.block.lets[at];
    const found = l === undefined ? [] : positions(ix, freeSymsOfOp(l.op));
    cache.set(at, found);
    return found;
  };
  const reaches = (from: Iterable<Sym>, target: Sym): boolean => {
    const goal = ix.at.get(target);
    if (goal === undefined) return false;
    const open = positions(ix, from);
    const seen = new Set<number>(open);
    for (let at = open.pop(); at !== undefined; at = open.pop()) {
      if (at === goal) return true;
      // Operands stand before their readers: nothing before the goal can depend on it.
      for (const next of operands(at)) {
        if (next < goal || seen.has(next)) continue;
        seen.add(next);
        open.push(next);
      }
    }
    return false;
  };
  return { operands, reaches };
}

/** The positions of those symbols that this block binds by lets. */
export function positions(ix: BlockIndex, syms: Iterable<Sym>): number[] {
  const found: number[] = [];
  for (const s of syms) {
    const at = ix.at.get(s);
    if (at !== undefined) found.push(at);
  }
  return found;
}
