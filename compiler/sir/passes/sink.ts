/**
 * Values that only one branch reads are computed in it:
 *
 *     x = a[row];  y = b[row]                 x = a[row]
 *     if x > 0 { t[k] += y }         =>       if x > 0 { y = b[row];  t[k] += y }
 *
 * So all that is left over by the lanes may stand behind one condition, whose rows are picked (`row-phase.ts`). Only lets
 * and loads of what no kernel writes move, and no further than into the one `if` that reads them. Not for the lanes
 * themselves, nor for scalar code: a column of which one line in five is read takes longer than the whole of it.
 */

import type { Kernel, Reg, Stmt } from '../kernel.ts';
import { countReads, mapBlocks, readsAny, varsOf } from '../shape.ts';

/** Statements of `kernel` with the values moved. */
export function sink(stmts: readonly Stmt[], kernel: Kernel): readonly Stmt[] {
  const vars = varsOf(stmts);
  const moves = (s: Stmt): s is Value => {
    if (s.s === 'load') return kernel.bufs[s.buf]?.access === 'read' && !readsAny(s.index, vars);
    return s.s === 'let' && !readsAny(s.e, vars);
  };
  const block = (list: readonly Stmt[]): readonly Stmt[] => {
    const out: (Stmt | null)[] = [...list];
    /** By register, the places of the statements that read it. */
    const readers = new Map<Reg, Set<number>>();
    const note = (regs: Iterable<Reg>, at: number): void => {
      for (const reg of regs) readers.set(reg, (readers.get(reg) ?? new Set()).add(at));
    };
    // From the back: what reads a value has found its place before the value does.
    for (let k = list.length - 1; k >= 0; k--) {
      const s = list[k];
      if (s === undefined) continue;
      const own = countReads([s]).keys();
      const [at, more] = moves(s) ? (readers.get(s.reg) ?? []) : [];
      const home = at === undefined || more !== undefined || !moves(s) ? null : withValue(out[at] ?? s, s);
      if (home === null || at === undefined) note(own, k);
      else {
        note(own, at);
        out[at] = home;
        out[k] = null;
      }
    }
    return out.flatMap((s) => (s === null ? [] : [mapBlocks(s, block)]));
  };
  return block(stmts);
}

type Value = Extract<Stmt, { readonly s: 'let' | 'load' }>;

/** An `if` with the value in the branch that alone reads it; null where it is read elsewhere. */
function withValue(s: Stmt, value: Value): Stmt | null {
  if (s.s !== 'if' || readsAny(s.cond, new Set([value.reg]))) return null;
  const [yes, no] = [s.then, s.else].map((b) => countReads(b).has(value.reg));
  if (yes === no) return null;
  return yes === true ? { ...s, then: [value, ...s.then] } : { ...s, else: [value, ...s.else] };
}
