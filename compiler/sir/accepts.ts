/**
 * Which kinds of scalars the operations of SIR take: one table for who builds expressions (`build.ts`), who checks them
 * (`verify.ts`) and who makes random ones. Bools are compared and combined bit by bit, and no more; pow and atan2 are of
 * floats; counting bits is of whole words.
 */

import { isFloatKind, isIntKind, type ScalarKind, scalarBytes } from '../core/types.ts';
import type { Reduction, SBin, SUn, ValTy } from './kernel.ts';

/** Does a reduction take values of this type? Lanes of i32 may count for an i64 (`passes/counts.ts`). */
export const takes = ({ kind, op }: Reduction, { kind: given, lanes }: ValTy): boolean =>
  given === kind || (given === 'i32' && kind === 'i64' && op === '+' && lanes === 4);

/** May `op` be applied to two operands of `kind`? */
export function binAccepts(op: SBin, kind: ScalarKind): boolean {
  switch (op) {
    case '+':
    case '-':
    case '*':
    case '/':
    case '%':
    case 'min':
    case 'max':
    case 'pmin':
    case 'pmax':
      return kind !== 'bool';
    case '&':
    case '|':
    case '^':
      return !isFloatKind(kind);
    case '<<':
    case '>>':
      return isIntKind(kind);
    case 'pow':
    case 'atan2':
      return isFloatKind(kind);
    default:
      return op satisfies never;
  }
}

/** May `op` be applied to an operand of `kind`? */
export function unAccepts(op: SUn, kind: ScalarKind): boolean {
  if (op === 'not') return kind === 'bool';
  if (op === 'clz' || op === 'ctz' || op === 'popcnt') return isIntKind(kind) && scalarBytes(kind) >= 4;
  return op === 'neg' ? kind !== 'bool' : isFloatKind(kind);
}
