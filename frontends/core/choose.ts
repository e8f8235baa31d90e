/**
 * Operators that choose between values: `where`/`when`, `fillNull`, `isIn`, `between`, `clip`.
 *
 * The two sides meet in one type by the promotion rules; strings meet in a common dictionary; `null` takes the type of
 * the other side. Both sides of a choice are computed, so that loops stay free of branches.
 */

import { I32 } from '../../compiler/index.ts';
import * as cell from './cell.ts';
import { commonKind, inKind, isNumberLike, type Operand, operand } from './operand.ts';
import { arith, compare, logic, mismatch, type Where } from './ops.ts';
import { isOneOf, unifyStrings } from './strings.ts';

const isNullLiteral = (o: Operand): boolean => o.valid === cell.FALSE && o.weak !== null;

/** Brings two operands to one type; `need` says what the caller wants of them. */
export function unify(a: Operand, b: Operand, where: Where, need: string): readonly [Operand, Operand] {
  if (isNullLiteral(a)) return [missing(b), b];
  if (isNullLiteral(b)) return [a, missing(a)];
  if (a.dtype === 'string' && b.dtype === 'string') {
    const [x, y] = unifyStrings([a, b], where);
    return [x ?? a, y ?? b];
  }
  if (a.dtype === b.dtype && a.weak === null && b.weak === null) return [a, b];
  if (!isNumberLike(a) || !isNumberLike(b)) mismatch(where, need, [a, b]);
  const kind = commonKind(a, b);
  return [operand(kind, inKind(a, kind, where), a.valid), operand(kind, inKind(b, kind, where), b.valid)];
}

/** A missing value of another operand's type. */
function missing(like: Operand): Operand {
  if (like.weak !== null) return { ...like, valid: cell.FALSE };
  if (like.dtype === 'string') return { ...like, value: cell.lit(I32, 0), valid: cell.FALSE, dictionary: [] };
  return { ...like, value: cell.zero(like.value.ty), valid: cell.FALSE };
}

/** `a` where the condition holds, else `b`; missing where the condition or the chosen side is. */
export function choose(cond: Operand, a: Operand, b: Operand, where: Where): Operand {
  if (cond.dtype !== 'bool') mismatch(where, 'the condition must be bool', [cond]);
  let [x, y] = unify(a, b, where, 'both results must have one type');
  // One side was missing and has no strings of its own: it takes the other's dictionary.
  if (x.dtype === 'string' && x.dictionary !== y.dictionary) {
    const [p, q] = unifyStrings([x, y], where);
    [x, y] = [p ?? x, q ?? y];
  }
  const sides =
    x.valid === null && y.valid === null ? null : cell.select(cond.value, x.valid ?? cell.TRUE, y.valid ?? cell.TRUE);
  const valid = cond.valid === null ? sides : sides === null ? cond.valid : cell.and(cond.valid, sides);
  return { ...operand(x.dtype, cell.select(cond.value, x.value, y.value), valid), dictionary: x.dictionary };
}

/** `a`, and `b` where it is missing. */
export function fillNull(a: Operand, b: Operand, where: Where): Operand {
  // The type of the result must not depend on whether something is missing: the sides meet first.
  const [x, y] = unify(a, b, where, 'fillNull needs a value of the same type');
  if (x.valid === null) return x;
  const valid = y.valid === null ? null : cell.or(x.valid, y.valid);
  return { ...operand(x.dtype, cell.select(x.valid, x.value, y.value), valid), dictionary: x.dictionary };
}

/** True where `a` equals one of `options`; missing where `a` is. */
export function isIn(a: Operand, options: readonly Operand[], where: Where): Operand {
  if (a.dtype === 'string' && options.length > 4 && options.every((o) => o.dtype === 'string')) {
    const texts = new Set(options.flatMap((o) => [...(o.dictionary ?? [])]));
    return operand('bool', isOneOf(a, texts, where), a.valid);
  }
  const none = operand('bool', cell.FALSE, a.valid);
  return options.reduce((found, option) => logic('or', found, compare('eq', a, option, where), where), none);
}

/** low <= a <= high. */
export function between(a: Operand, low: Operand, high: Operand, where: Where): Operand {
  return logic('and', compare('ge', a, low, where), compare('le', a, high, where), where);
}

/** `a` held between `low` and `high`; either may be absent. NaN stays NaN. */
export function clip(a: Operand, low: Operand | null, high: Operand | null, where: Where): Operand {
  const raised = low === null ? a : arith('max', a, low, where);
  return high === null ? raised : arith('min', raised, high, where);
}
