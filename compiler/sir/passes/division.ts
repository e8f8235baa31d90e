/** Integer divisions: the one arithmetic that must not be done in rows that do not want it. */

import { isFloatKind } from '../../core/types.ts';
import type { SExpr } from '../kernel.ts';
import { walkExpr } from '../shape.ts';

type IntDivision = Extract<SExpr, { readonly x: 'bin' }>;
export const isIntDivision = (e: SExpr): e is IntDivision =>
  e.x === 'bin' && (e.op === '/' || e.op === '%') && !isFloatKind(e.ty.kind);
export const isNonZero = (e: SExpr): boolean => e.x === 'lit' && e.value !== 0 && e.value !== 0n;

/** Is there an integer division in `e`? */
export function divides(e: SExpr): boolean {
  let found = false;
  walkExpr(e, (x) => {
    if (isIntDivision(x)) found = true;
  });
  return found;
}
