/**
 * Operands: a cell with its logical type and its validity. What expressions of every library are made of.
 *
 * Missing data is the pair (valid, value): `valid === null` means never missing. The value beside a missing one is
 * unspecified inside an expression and zero once stored in a column (`column.ts` sees to it). Strings are i32 codes
 * into `dictionary`, which the host knows. A JavaScript number or bigint is `weak`: it has no kind until it meets one.
 */

import type { ScalarKind } from '../../compiler/index.ts';
import { castScalar, F64, I32, I64, isFloatKind, scalar } from '../../compiler/index.ts';
import type { Dictionary, DType } from '../../runtime/index.ts';
import type { Cell } from './cell.ts';
import * as cell from './cell.ts';
import { fitsKind, floatKind, isNumberType, promote } from './dtype.ts';
import { refuse, type Site } from './trail.ts';

export interface Operand {
  readonly dtype: DType;
  readonly value: Cell;
  /** A bool cell, or null when nothing is missing. */
  readonly valid: Cell | null;
  /** The strings that codes index; null unless dtype is `string`. */
  readonly dictionary: Dictionary | null;
  /** The number as written, while it has no kind of its own. */
  readonly weak: number | bigint | null;
  /** Of an i32: every value is known to lie in [0, bound), so that grouping by it can use a table. Else null. */
  readonly bound: number | null;
}

/** A literal that a user may write in an expression. */
export type Literal = number | bigint | boolean | string | Date | null;

export const operand = (dtype: DType, value: Cell, valid: Cell | null): Operand => ({
  dtype,
  value,
  valid,
  dictionary: null,
  weak: null,
  bound: null,
});

/** A literal as an operand: numbers are weak, a string has a dictionary of its own, a Date is a timestamp. */
export function literal(v: Literal): Operand {
  switch (typeof v) {
    case 'number':
      return { ...operand('f64', cell.lit(F64, v), null), weak: v };
    case 'bigint':
      return { ...operand('i64', cell.lit(I64, v), null), weak: v };
    case 'boolean':
      return operand('bool', v ? cell.TRUE : cell.FALSE, null);
    case 'string':
      return { ...operand('string', cell.lit(I32, 0), null), dictionary: [v] };
    default:
      return v === null
        ? { ...operand('f64', cell.lit(F64, 0), cell.FALSE), weak: 0 }
        : operand('timestamp', cell.lit(I64, BigInt(v.getTime()) * 1000n), null);
  }
}

/** How an operand's type is shown in messages. */
export function typeName(o: Operand): string {
  const name = o.weak === null ? o.dtype : o.valid === cell.FALSE ? 'null' : `the number ${o.weak}`;
  return o.valid === null || o.valid === cell.FALSE ? name : `${name} with nulls`;
}

/** Valid where all are. */
export function bothValid(a: Cell | null, b: Cell | null): Cell | null {
  if (a === null) return b;
  return b === null ? a : cell.and(a, b);
}

/** The cell of an operand in `kind`: converted, or written in that kind when it is weak. */
export function inKind(o: Operand, kind: ScalarKind, site: Site): Cell {
  const ty = scalar(kind);
  if (o.weak === null) return cell.cast(ty, o.value);
  const whole = typeof o.weak === 'bigint' ? o.weak : Number.isInteger(o.weak) ? BigInt(o.weak) : null;
  if (whole !== null && !fitsKind(kind, whole)) {
    refuse(site, 'W8004', `the number ${o.weak} does not fit in ${kind}`, { help: `cast('i64') or cast('f64') first` });
  }
  return cell.lit(ty, castScalar(typeof o.weak === 'bigint' ? 'i64' : 'f64', kind, o.weak));
}

/** The kind two numbers meet in; weak numbers take the other's kind where they fit. */
export function commonKind(a: Operand, b: Operand): ScalarKind {
  if (a.weak !== null && b.weak !== null) {
    return typeof a.weak === 'bigint' && typeof b.weak === 'bigint' ? 'i64' : 'f64';
  }
  if (a.weak !== null) return meetWeak(numberKind(b), a.weak);
  if (b.weak !== null) return meetWeak(numberKind(a), b.weak);
  return promote(numberKind(a), numberKind(b));
}

function meetWeak(kind: ScalarKind, weak: number | bigint): ScalarKind {
  const whole = typeof weak === 'bigint' || Number.isInteger(weak);
  if (kind === 'bool') return whole ? 'i64' : 'f64';
  return isFloatKind(kind) || whole ? kind : floatKind(kind);
}

/** The kind of a number or bool operand. The caller has checked that it is one. */
function numberKind(o: Operand): ScalarKind {
  return o.dtype === 'bool' || isNumberType(o.dtype) ? o.dtype : 'i64';
}

export const isNumberLike = (o: Operand): boolean => o.dtype === 'bool' || isNumberType(o.dtype);
