/**
 * Two wide iterations side by side, statement by statement.
 *
 *     x2 = a[row ..]                x2 = a[row ..]
 *     s += exp(x2)          =>      y2 = a[row + 2 ..]
 *                                   s += exp(x2)
 *                                   s += exp(y2)
 *
 * The functions of a long body wait for one another; two independent rows of them fill the gaps. Every statement
 * keeps its place before all later ones of both copies, and the first copy comes first, so lane accumulators take their
 * rows in the same order and no bit changes.
 *
 * Precondition: what runs row by row stands apart (`RowPhase`) or is not there, because copies of it would change
 * places. Runs last: it doubles the code.
 */

import { bin, get, lit } from '../build.ts';
import type { Kernel, Reg, SExpr, Stmt, Wide } from '../kernel.ts';
import { blocksOf, definedReg, mapBlocks, mapExprs, rewriteExpr, walkStmts } from '../shape.ts';

/** The kernel with `Wide.step` doubled, or itself where that is not possible. */
export function interleave(kernel: Kernel): Kernel {
  const { wide } = kernel;
  if (wide === null || wide.step !== wide.lanes || !isIndependent(wide)) return kernel;
  let next: number = kernel.regs;
  const regs = new Map<Reg, Reg>();
  walkStmts(wide.body, (s) => {
    const reg = definedReg(s);
    if (reg !== null) regs.set(reg, next++ as Reg);
  });
  const row = bin('+', get(kernel.index, 'i32'), lit('i32', wide.lanes));
  const second = (e: SExpr): SExpr =>
    rewriteExpr(e, (x) => {
      if (x.x !== 'get') return x;
      return x.reg === kernel.index ? row : { ...x, reg: regs.get(x.reg) ?? x.reg };
    });
  const copy = (s: Stmt): Stmt => {
    const own = mapBlocks(mapExprs(s, second), (b) => b.map(copy));
    return 'reg' in own ? { ...own, reg: regs.get(own.reg) ?? own.reg } : own;
  };
  const body = wide.body.flatMap((s) => [s, copy(s)]);
  return { ...kernel, wide: { ...wide, body, step: 2 * wide.lanes }, regs: next };
}

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
