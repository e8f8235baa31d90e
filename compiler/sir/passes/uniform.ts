/**
 * Which values of a body are the same in all rows: scalar parameters, and what is computed of such alone.
 *
 *     n = h1_len; k = var 0;  while k < n { w = weights[k]; x = m[row * n + k]; .. k = k + 1 }
 *
 * n, k and w are, x is not. A variable is if all that is assigned to it is and the rows do not disagree on how often, so
 * an assignment in a branch, or in a loop that depends on the row, rules it out. Loads count from buffers that the
 * kernel does not write. An inner loop whose condition is the same in all rows may be run for several of them at once.
 */

import type { Kernel, Reg, Stmt } from '../kernel.ts';
import { blocksOf, definedReg, readsOnly, walkStmts } from '../shape.ts';

/** The registers of a body, scalar or wide, that hold the same in all rows wherever they are read. */
export function uniformValues(kernel: Kernel, body: readonly Stmt[]): ReadonlySet<Reg> {
  const uniform = new Set(kernel.scalars.map((p) => p.reg));
  walkStmts(body, (s) => {
    const reg = definedReg(s);
    if (reg !== null) uniform.add(reg);
  });
  const visit = (stmts: readonly Stmt[], together: boolean): void => {
    for (const s of stmts) {
      switch (s.s) {
        case 'let':
        case 'var':
          if (!readsOnly(s.e, uniform)) uniform.delete(s.reg);
          break;
        case 'load':
          if (kernel.bufs[s.buf]?.access !== 'read' || !readsOnly(s.index, uniform)) uniform.delete(s.reg);
          break;
        case 'set':
          if (!together || !readsOnly(s.e, uniform)) uniform.delete(s.reg);
          break;
        default:
          for (const b of blocksOf(s)) visit(b, together && s.s === 'while' && readsOnly(s.cond, uniform));
      }
    }
  };
  for (let size = -1; size !== uniform.size; ) {
    size = uniform.size;
    visit(body, true);
  }
  return uniform;
}

/** The variables that are assigned to inside a loop. */
export function assignedInLoops(body: readonly Stmt[]): ReadonlySet<Reg> {
  const assigned = new Set<Reg>();
  walkStmts(body, (s) => {
    if (s.s !== 'while') return;
    walkStmts(s.body, (t) => {
      if (t.s === 'set') assigned.add(t.reg);
    });
  });
  return assigned;
}
