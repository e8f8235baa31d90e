/**
 * Several wide iterations side by side, statement by statement (here two; see INTERLEAVED). What is the same in all rows is
 * done once for all copies.
 *
 *     x2 = a[row ..]                x2 = a[row ..]
 *     s += exp(x2)          =>      y2 = a[row + 2 ..]
 *                                   s += exp(x2)
 *                                   s += exp(y2)
 *
 *     a = 0; while k < n { a = a + x2[k] ..; k += 1 }      =>      a = 0; b = 0; while k < n { a = a + ..; b = b + ..; k += 1 }
 *
 * The functions of a long body wait for one another, and so do the additions of an inner loop; independent rows fill the
 * gaps, and share what the loop reads of a vector that it walks for each of them. Every statement keeps its place before
 * all later ones of all copies, and the copies keep the order of rows. Sums of floats wait for one another, too, so each
 * copy has accumulators of its own, unless there are too many for the registers.
 *
 * Precondition: what runs row by row stands apart (`RowPhase`) or is not there, because copies of it would change
 * places. Runs last: it multiplies the code.
 */

import {
  INTERLEAVED,
  INTERLEAVED_BY_ROW,
  LIVE_IN_LOOP,
  MAX_INTERLEAVED_STATEMENTS,
  MOST_ACCUMULATORS,
} from '../../analysis/cost.ts';
import { isFloatKind } from '../../core/types.ts';
import { bin, get, lit } from '../build.ts';
import type { Kernel, Reg, SExpr, Stmt, Wide } from '../kernel.ts';
import {
  blocksOf,
  definedReg,
  exprsOf,
  laneReductions,
  mapBlocks,
  mapExprs,
  readsOnly,
  rewriteExpr,
  statementCount,
  walkExpr,
  walkStmts,
} from '../shape.ts';
import { uniformValues } from './uniform.ts';

/** The kernel with `Wide.step` times the copies, or itself where that is not possible. */
export function interleave(kernel: Kernel): Kernel {
  const { wide } = kernel;
  if (wide === null || wide.step !== wide.lanes || isLong(wide)) return kernel;
  const uniform = sharedValues(kernel, wide.body);
  const most = gathersInLoops(wide.body) ? INTERLEAVED_BY_ROW : INTERLEAVED;
  const count = Math.min(most, Math.floor(LIVE_IN_LOOP / liveInLoops(wide.body, uniform)));
  if (count < 2 || !isIndependent(wide, uniform)) return kernel;
  let next: number = kernel.regs;
  const apart = ownAccumulators(wide.body, count);
  const copies: Copy[] = [(s) => s];
  for (let k = 1; k < count; k++) {
    const regs = new Map<Reg, Reg>();
    walkStmts(wide.body, (s) => {
      const reg = definedReg(s);
      if (reg !== null && !uniform.has(reg)) regs.set(reg, next++ as Reg);
    });
    const row = bin('+', get(kernel.index, 'i32'), lit('i32', k * wide.lanes));
    copies.push((s) => copyOf(s, kernel.index, row, regs, apart ? k : 0));
  }
  const body = sideBySide(wide.body, copies, uniform);
  return { ...kernel, wide: { ...wide, body, step: count * wide.lanes }, regs: next };
}

type Copy = (s: Stmt) => Stmt;

/** What is the same in all rows and can be computed once for all copies; branches are copied as a whole. */
function sharedValues(kernel: Kernel, body: readonly Stmt[]): ReadonlySet<Reg> {
  const shared = new Set(uniformValues(kernel, body));
  walkStmts(body, (s) => {
    if (s.s !== 'if' || s.general === true) return;
    walkStmts([s], (t) => {
      const reg = definedReg(t);
      if (reg !== null) shared.delete(reg);
    });
  });
  return shared;
}

/** Does an inner loop put values together from different places? */
function gathersInLoops(stmts: readonly Stmt[]): boolean {
  let found = false;
  walkStmts(stmts, (s) => {
    if (s.s === 'while') walkStmts(s.body, (t) => (found ||= t.s === 'let' && t.e.x === 'lanes'));
  });
  return found;
}

/** What all copies share is done once. A general `if` is asked once for all copies, a loop goes round for all of them. */
function sideBySide(stmts: readonly Stmt[], copies: readonly Copy[], uniform: ReadonlySet<Reg>): readonly Stmt[] {
  return stmts.flatMap((s): readonly Stmt[] => {
    if (isShared(s, uniform)) return [s];
    if (s.s === 'while') return [{ ...s, body: sideBySide(s.body, copies, uniform) }];
    const all = copies.map((copy) => copy(s));
    if (s.s !== 'if' || s.general !== true) return all;
    const conds = all.flatMap((c) => (c.s === 'if' ? [c.cond] : []));
    const cond = conds.reduce((a, b) => bin('|', a, b));
    return [{ ...s, cond, then: sideBySide(s.then, copies, uniform), else: sideBySide(s.else, copies, uniform) }];
  });
}

/** The same in all rows, and so in all copies. */
const isShared = (s: Stmt, uniform: ReadonlySet<Reg>): boolean =>
  ('reg' in s && uniform.has(s.reg)) || (s.s === 'fail' && readsOnly(s.when, uniform));

/** May each copy have accumulators of its own? Only float ones count and get them: integers are exact in any order. */
function ownAccumulators(body: readonly Stmt[], count: number): boolean {
  const floats = [...laneReductions(body).values()].filter(({ ty }) => isFloatKind(ty.kind));
  return floats.length * count <= MOST_ACCUMULATORS;
}

/** A statement for the rows from `row` on, with registers of its own and accumulators of copy `copy`. */
function copyOf(s: Stmt, index: Reg, row: SExpr, regs: ReadonlyMap<Reg, Reg>, copy: number): Stmt {
  const moved = (e: SExpr): SExpr =>
    rewriteExpr(e, (x) => {
      if (x.x !== 'get') return x;
      return x.reg === index ? row : { ...x, reg: regs.get(x.reg) ?? x.reg };
    });
  const own = mapBlocks(mapExprs(s, moved), (b) => b.map((t) => copyOf(t, index, row, regs, copy)));
  if (own.s === 'accum') return copy > 0 && isFloatKind(own.value.ty.kind) ? { ...own, copy } : own;
  return 'reg' in own ? { ...own, reg: regs.get(own.reg) ?? own.reg } : own;
}

const isLong = (wide: Wide): boolean => statementCount(wide.body) > MAX_INTERLEAVED_STATEMENTS;

/** The most wide values that an inner loop needs in each of its rounds: what it assigns to and what comes from outside. */
function liveInLoops(stmts: readonly Stmt[], uniform: ReadonlySet<Reg>): number {
  let most = 1;
  walkStmts(stmts, (s) => {
    if (s.s !== 'while') return;
    const own = new Set<Reg>();
    walkStmts(s.body, (t) => {
      const reg = definedReg(t);
      if (reg !== null) own.add(reg);
    });
    const live = new Set<Reg>();
    walkStmts(s.body, (t) => {
      for (const e of exprsOf(t)) {
        walkExpr(e, (x) => {
          if (x.x === 'get' && x.ty.lanes > 1 && !own.has(x.reg) && !uniform.has(x.reg)) live.add(x.reg);
        });
      }
    });
    most = Math.max(most, live.size);
  });
  return most;
}

/**
 * No statement of one iteration may change what another sees. In a loop that all copies share, rows would be accumulated
 * in turns, one value of each after the other, and that is not the order of rows.
 */
function isIndependent(wide: Wide, uniform: ReadonlySet<Reg>): boolean {
  const plain = (s: Stmt, looped: boolean): boolean => {
    if (s.s === 'push' && (looped || s.mask === null)) return false;
    if (s.s === 'while' && !readsOnly(s.cond, uniform)) return false;
    if (s.s === 'store' && s.value.ty.lanes === 1) return false;
    if (s.s === 'accum' && (looped || s.value.ty.lanes === 1)) return false;
    return blocksOf(s).every((b) => b.every((t) => plain(t, looped || s.s === 'while')));
  };
  return wide.body.every((s) => plain(s, false));
}
