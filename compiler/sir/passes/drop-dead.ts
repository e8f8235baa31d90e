/**
 * Removes definitions that nothing reads: `let`, `load`, and a `var` with its assignments. Expressions and loads have
 * no effects, so nothing else changes.
 *
 *     %3 = x[%0];  %4 = %3 * 2;  out[%0] = %3      becomes      %3 = x[%0];  out[%0] = %3
 *
 * One backward walk: a register is only read after its definition, so its readers have been seen. A `var` may be
 * read earlier in the next turn of a `while`; it stays if it is read anywhere.
 */

import type { Reg, Stmt } from '../kernel.ts';
import { countReads, exprsOf, walkExpr } from '../shape.ts';

/** The statements without definitions that are never read and without branches that became empty. */
export function dropDead(stmts: readonly Stmt[]): readonly Stmt[] {
  return dropBlock(stmts, new Set(), countReads(stmts));
}

function dropBlock(stmts: readonly Stmt[], read: Set<Reg>, anywhere: ReadonlyMap<Reg, number>): readonly Stmt[] {
  const kept: Stmt[] = [];
  for (const s of [...stmts].reverse()) {
    const next = dropIn(s, read, anywhere);
    if (next === null) continue;
    for (const e of exprsOf(next)) {
      walkExpr(e, (x) => {
        if (x.x === 'get') read.add(x.reg);
      });
    }
    kept.push(next);
  }
  return kept.reverse();
}

/** The statement without what is dead in it, or null if all of it is. */
function dropIn(s: Stmt, read: Set<Reg>, anywhere: ReadonlyMap<Reg, number>): Stmt | null {
  switch (s.s) {
    case 'let':
    case 'load':
      return read.has(s.reg) ? s : null;
    case 'var':
    case 'set':
      return anywhere.has(s.reg) ? s : null;
    case 'if': {
      const no = dropBlock(s.else, read, anywhere);
      const yes = dropBlock(s.then, read, anywhere);
      return yes.length === 0 && no.length === 0 ? null : { ...s, then: yes, else: no };
    }
    case 'while':
      return { ...s, body: dropBlock(s.body, read, anywhere) };
    case 'store':
    case 'accum':
    case 'push':
    case 'pick':
    case 'fail':
      return s;
    default:
      return s satisfies never;
  }
}
