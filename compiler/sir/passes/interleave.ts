/**
 * Several wide iterations side by side, statement by statement (here two; see INTERLEAVED).
 *
 *     x2 = a[row ..]                x2 = a[row ..]
 *     s += exp(x2)          =>      y2 = a[row + 2 ..]
 *                                   s += exp(x2)
 *                                   s += exp(y2)
 *
 * The functions of a long body wait for one another; independent rows fill the gaps. Every statement
 * keeps its place before all later ones of all copies, and the copies keep the order of rows, so lane accumulators take their
 * rows in the same order; but more of the last rows may be left to `body`.
 *
 * Precondition: what runs row by row stands apart (`RowPhase`) or is not there, because copies of it would change
 * places. Runs last: it multiplies the code.
 */

import { INTERLEAVED, MAX_INTERLEAVED_STATEMENTS } from '../../analysis/cost.ts';
import { bin, get, lit } from '../build.ts';
import type { Kernel, Reg, SExpr, Stmt, Wide } from '../kernel.ts';
import { blocksOf, definedReg, mapBlocks, mapExprs, rewriteExpr, statementCount, walkStmts } from '../shape.ts';

/** The kernel with `Wide.step` times INTERLEAVED, or itself where that is not possible. */
export function interleave(kernel: Kernel): Kernel {
  const { wide } = kernel;
  if (wide === null || wide.step !== wide.lanes || !isIndependent(wide) || isLong(wide)) return kernel;
  let next: number = kernel.regs;
  const copies: Copy[] = [(s) => s];
  for (let k = 1; k < INTERLEAVED; k++) {
    const regs = new Map<Reg, Reg>();
    walkStmts(wide.body, (s) => {
      const reg = definedReg(s);
      if (reg !== null) regs.set(reg, next++ as Reg);
    });
    const row = bin('+', get(kernel.index, 'i32'), lit('i32', k * wide.lanes));
    copies.push((s) => copyOf(s, kernel.index, row, regs));
  }
  const body = sideBySide(wide.body, copies);
  return { ...kernel, wide: { ...wide, body, step: INTERLEAVED * wide.lanes }, regs: next };
}

type Copy = (s: Stmt) => Stmt;

/** A general `if` is asked once for all copies, which then stay side by side inside its branches. */
function sideBySide(stmts: readonly Stmt[], copies: readonly Copy[]): readonly Stmt[] {
  return stmts.flatMap((s): readonly Stmt[] => {
    const all = copies.map((copy) => copy(s));
    if (s.s !== 'if' || s.general !== true) return all;
    const conds = all.flatMap((c) => (c.s === 'if' ? [c.cond] : []));
    const cond = conds.reduce((a, b) => bin('|', a, b));
    return [{ ...s, cond, then: sideBySide(s.then, copies), else: sideBySide(s.else, copies) }];
  });
}

/** A statement for the rows from `row` on, with registers of its own. */
function copyOf(s: Stmt, index: Reg, row: SExpr, regs: ReadonlyMap<Reg, Reg>): Stmt {
  const moved = (e: SExpr): SExpr =>
    rewriteExpr(e, (x) => {
      if (x.x !== 'get') return x;
      return x.reg === index ? row : { ...x, reg: regs.get(x.reg) ?? x.reg };
    });
  const own = mapBlocks(mapExprs(s, moved), (b) => b.map((t) => copyOf(t, index, row, regs)));
  return 'reg' in own ? { ...own, reg: regs.get(own.reg) ?? own.reg } : own;
}

const isLong = (wide: Wide): boolean => statementCount(wide.body) > MAX_INTERLEAVED_STATEMENTS;

/** No statement of one iteration may change what another sees. */
function isIndependent(wide: Wide): boolean {
  const plain = (s: Stmt): boolean => {
    if (s.s === 'push' || s.s === 'while') return false;
    if (s.s === 'store' && s.value.ty.lanes === 1) return false;
    if (s.s === 'accum' && s.value.ty.lanes === 1) return false;
    return blocksOf(s).every((b) => b.every(plain));
  };
  return wide.body.every(plain);
}
