/**
 * Which lets of a block depend on which, directly and through others. Calls of externs that are not pure stay in order,
 * so a let with one depends on the last let with one before it.
 */

import type { Let, Sym } from '../core/op.ts';
import { freeSymsOfOp } from '../core/walk.ts';
import { callsImpure } from './acts.ts';
import type { BlockIndex } from './uses.ts';

export interface Dependencies {
  /** The positions of the lets in this block that must come before let `at`: those that it reads, inner blocks included,
   *  and the last one with a call that is not pure if it has one too. */
  operands(at: number): readonly number[];
  /** True when one of `from` is `target`, or depends on it. */
  reaches(from: Iterable<Sym>, target: Sym): boolean;
}

export function dependencies(ix: BlockIndex): Dependencies {
  const cache = new Map<number, readonly number[]>();
  const callers = callsBefore(ix.block.lets.map((l) => [l]));
  const operands = (at: number): readonly number[] => {
    const cached = cache.get(at);
    if (cached !== undefined) return cached;
    const l = ix.block.lets[at];
    const found = l === undefined ? [] : positions(ix, freeSymsOfOp(l.op));
    const caller = callers.get(at);
    if (caller !== undefined) found.push(caller);
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

/** For each group of lets with a call that is not pure, by position, the last such group before it. */
export function callsBefore(groups: readonly (readonly Let[])[]): ReadonlyMap<number, number> {
  const before = new Map<number, number>();
  let last: number | null = null;
  for (const [k, lets] of groups.entries()) {
    if (!lets.some((l) => callsImpure(l.op))) continue;
    if (last !== null) before.set(k, last);
    last = k;
  }
  return before;
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
