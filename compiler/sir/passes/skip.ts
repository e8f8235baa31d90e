/**
 * Blocks of rows that no row wants: the second wide form of a body with dear work behind a condition.
 *
 *     m = x2 > lo                          m = x2 > lo
 *     y = exp(x2)                  =>      var y' = 0
 *     s += y where m                       if any m { computed += 1;  y = exp(x2);  s += y where m;  y' = y }
 *
 * Both forms compute the same values in the same lanes and accumulators, where no row takes part an accumulator keeps its
 * bits, and so the runtime may take either for any rows. `computed` counts, lane by lane, the rows whose block was not
 * jumped over: what the choice is made by. The `if` is a general one, so that `interleave` asks once for several blocks.
 *
 * What the block defines and others read (the row-by-row part, variables that were assigned) leaves it through variables.
 */

import { DIVISION, LANE_MOVED, RANDOM_ACCESS, TRANSCENDENTAL } from '../../analysis/cost.ts';
import { isBigKind, isFloatKind } from '../../core/types.ts';
import { any, type KernelBuilder, lit } from '../build.ts';
import type { Reg, SExpr, Stmt } from '../kernel.ts';
import { isMathCall } from '../lib/index.ts';
import { definedReg, exprsOf, mapStmts, rewriteExpr, walkExpr, walkStmts } from '../shape.ts';

/** Whether branches are jumped over, and what for. */
export interface Skipping {
  /** The reduction that counts the rows of the blocks that are computed. */
  readonly counter: number;
  /** Branches of less work than this are computed in any case. */
  readonly worth: number;
}

/** The wide part of a branch before it is emitted: its statements, and what reads their registers from outside. */
export interface Branch {
  readonly body: readonly Stmt[];
  /** Row-by-row statements, which come later. */
  readonly rest: readonly Stmt[];
  /** Values that are used later, by any key. */
  readonly values: Map<number, SExpr>;
  /** Registers of the scalar body that the branch assigns: what they were before and what they are after it. */
  readonly assigned: readonly { readonly reg: Reg; readonly before: SExpr; readonly after: SExpr }[];
}

/** The registers that are something else after a branch than before it. */
export function changes(before: ReadonlyMap<Reg, SExpr>, after: ReadonlyMap<Reg, SExpr>): Branch['assigned'] {
  return [...before].flatMap(([reg, old]) => {
    const now = after.get(reg);
    return now === undefined || now === old ? [] : [{ reg, before: old, after: now }];
  });
}

/** Emits a branch so that it is jumped over where `mask` is false in all lanes; gives it with registers from outside. */
export function emitSkipped(k: KernelBuilder, branch: Branch, mask: SExpr, counter: number): Branch {
  const inside = new Set<Reg>();
  walkStmts(branch.body, (s) => {
    const reg = definedReg(s);
    if (reg !== null) inside.add(reg);
  });
  const leaving: Stmt[] = [];
  const leave = (before: SExpr, value: SExpr): SExpr => {
    const outside = k.var(before);
    leaving.push({ s: 'set', reg: outside.reg, e: value });
    return outside;
  };
  const assigned = branch.assigned.map((a) => ({ ...a, after: leave(a.before, a.after) }));
  const carried = new Map<Reg, SExpr>();
  const outside = (e: SExpr): SExpr =>
    rewriteExpr(e, (x) => {
      if (x.x !== 'get' || !inside.has(x.reg)) return x;
      const known = carried.get(x.reg) ?? leave(zero(x), x);
      carried.set(x.reg, known);
      return known;
    });
  const rest = mapStmts(branch.rest, outside);
  const values = new Map([...branch.values].map(([key, value]) => [key, outside(value)]));
  const counted = k.block(() => k.accum(counter, lit('i32', 1, mask.ty.lanes)));
  const then = [...counted, ...branch.body, ...leaving];
  k.emit({ s: 'if', cond: any(mask), then, else: [], general: true });
  return { ...branch, rest, values, assigned };
}

function zero({ ty }: SExpr): SExpr {
  return lit(ty.kind, ty.kind === 'bool' ? false : 0, ty.lanes);
}

/** The work of the statements of a branch that are done in lanes, in additions for one row. */
export function laneWork(stmts: readonly Stmt[], rowByRow: ReadonlySet<Stmt>): number {
  let total = 0;
  walkStmts(stmts, (s) => {
    if (rowByRow.has(s)) return;
    if (s.s === 'load') total += s.index.x === 'get' ? 1 : RANDOM_ACCESS;
    if (s.s === 'accum') total += 1;
    for (const e of exprsOf(s)) walkExpr(e, (x) => (total += priceOf(x)));
  });
  return total;
}

function priceOf(e: SExpr): number {
  if (isMathCall(e)) return TRANSCENDENTAL;
  switch (e.x) {
    case 'get':
    case 'lit':
      return 0;
    case 'un':
      return e.op === 'sqrt' ? DIVISION : 1;
    case 'bin':
      return e.op === '/' || e.op === '%' ? DIVISION : 1;
    case 'cast':
      // Lane by lane.
      return isBigKind(e.a.ty.kind) && isFloatKind(e.ty.kind) ? 2 * LANE_MOVED : 1;
    default:
      return 1;
  }
}
