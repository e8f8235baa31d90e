/**
 * Addresses of gathers, one scalar a lane.
 *
 *     from = row * n;  while k < n { at = from + k; x = m[at] .. }
 *         ->  from.0 = row * n;  from.1 = (row + 1) * n;  while k < n { x2 = { m[from.0 + k], m[from.1 + k] } .. }
 *
 * Taking a lane out of a register is as dear as a load, inside a loop once an element; scalar integer arithmetic is
 * nearly free beside it. This works for addresses that are made of the row and of what all rows share.
 *
 * Must not: divide, as a lane that is off may have 0 for a divisor.
 */

import { isIntKind } from '../../core/types.ts';
import type { Reg, SExpr, Stmt } from '../kernel.ts';
import { readsOnly, rewriteExpr, walkExpr, walkStmts } from '../shape.ts';
import { isRow } from './row-order.ts';

/** The integer registers that addresses of gathers are made of, directly or by way of others. */
export function gatherAddresses(body: readonly Stmt[], index: Reg, uniform: ReadonlySet<Reg>): ReadonlySet<Reg> {
  const found = new Set<Reg>();
  const note = (e: SExpr): void =>
    walkExpr(e, (x) => {
      if (x.x === 'get') found.add(x.reg);
    });
  const lets: Extract<Stmt, { readonly s: 'let' }>[] = [];
  walkStmts(body, (s) => {
    if (s.s === 'let') lets.push(s);
    if (s.s === 'load' && !isRow(s.index, index) && !readsOnly(s.index, uniform)) note(s.index);
  });
  for (const l of lets.reverse()) if (found.has(l.reg) && isIntKind(l.e.ty.kind)) note(l.e);
  return found;
}

/** `e` in each of `width` lanes, given what registers are there; null when it cannot be had as scalars. */
export function laneAddresses(
  e: SExpr,
  width: 2 | 4,
  lane: (reg: Reg, i: number) => SExpr | null,
): readonly SExpr[] | null {
  let possible = isIntKind(e.ty.kind);
  const made = Array.from({ length: width }, (_, i) =>
    rewriteExpr(e, (x) => {
      if (x.x === 'bin' && (x.op === '/' || x.op === '%')) possible = false;
      if (x.x !== 'get') return x;
      const own = lane(x.reg, i);
      if (own === null) possible = false;
      return own ?? x;
    }),
  );
  return possible ? made : null;
}
