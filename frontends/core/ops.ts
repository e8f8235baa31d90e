/**
 * Arithmetic, comparisons and logic on operands: promotion, null rules and type errors, the same for every library.
 *
 * A missing side makes the result missing, except for `and` and `or`, which are Kleene's (false and null is false, true
 * or null is true). Comparisons of NaN are IEEE's. Integer `div` is real division in f64. `mod` is the floored
 * remainder with the sign of the divisor; an integer modulo zero is missing. Two strings compare for equality only;
 * two timestamps compare and subtract (i64 microseconds).
 */

import type { BinOp, ScalarKind, UnOp } from '../../compiler/index.ts';
import { BOOL, isFloatKind, isIntKind, isSignedKind, SCALAR_KINDS, scalar } from '../../compiler/index.ts';
import type { DType } from '../../runtime/index.ts';
import type { Cell } from './cell.ts';
import * as cell from './cell.ts';
import { floatKind, isFloatType, isNumberType, storageType } from './dtype.ts';
import { bothValid, commonKind, inKind, isNumberLike, type Operand, operand, typeName } from './operand.ts';
import { codesIn } from './strings.ts';
import { refuse, type Site } from './trail.ts';

/** Where an operator stands: the call and the text of the expression, for messages. */
export interface Where extends Site {
  readonly text: () => string;
}

export type ArithOp = 'add' | 'sub' | 'mul' | 'div' | 'mod' | 'pow' | 'atan2' | 'min' | 'max';
export type CompareOp = 'eq' | 'ne' | 'lt' | 'le' | 'gt' | 'ge';
export type MathOp = Exclude<UnOp, 'neg' | 'not'>;

const ARITH = { add: '+', sub: '-', mul: '*', div: '/', min: 'min', max: 'max', atan2: 'atan2' } as const;
const COMPARE: Readonly<Record<CompareOp, BinOp>> = { eq: '==', ne: '!=', lt: '<', le: '<=', gt: '>', ge: '>=' };
const MIRRORED: Readonly<Record<CompareOp, CompareOp>> = { eq: 'eq', ne: 'ne', lt: 'gt', le: 'ge', gt: 'lt', ge: 'le' };

/** Refuses an expression for its types: shows the expression, what is needed and what was found. */
export function mismatch(where: Where, need: string, found: readonly Operand[], help: string | null = null): never {
  const types = found.map(typeName).join(' and ');
  return refuse(where, 'W8004', `${where.text()}: ${need}, found ${types}`, { help });
}

export function arith(op: ArithOp, a: Operand, b: Operand, where: Where): Operand {
  const valid = bothValid(a.valid, b.valid);
  if (a.dtype === 'timestamp' && b.dtype === 'timestamp' && (op === 'sub' || op === 'min' || op === 'max')) {
    return operand(op === 'sub' ? 'i64' : 'timestamp', cell.bin(ARITH[op], a.value, b.value), valid);
  }
  if (!isNumberLike(a) || !isNumberLike(b)) {
    const time = a.dtype === 'timestamp' || b.dtype === 'timestamp';
    mismatch(where, `${op} needs two numbers`, [a, b], time ? `cast('i64') gives microseconds since 1970` : null);
  }
  const common = commonKind(a, b);
  const kind = op === 'div' || op === 'pow' || op === 'atan2' ? floatKind(common) : common === 'bool' ? 'i64' : common;
  const x = inKind(a, kind, where);
  const y = inKind(b, kind, where);
  // A square is one multiplication, and correctly rounded.
  if (op === 'pow')
    return operand(kind, Number(b.weak ?? 0) === 2 ? cell.bin('*', x, x) : cell.bin('pow', x, y), valid);
  if (op === 'mod') return modulo(kind, x, y, valid);
  return operand(kind, cell.bin(ARITH[op], x, y), valid);
}

/** Core's `%` has the sign of the dividend; the divisor is added where the signs differ. */
function modulo(kind: Exclude<DType, 'string' | 'timestamp'>, x: Cell, y: Cell, valid: Cell | null): Operand {
  const ty = scalar(kind);
  const none = cell.zero(ty);
  if (!isIntKind(kind)) return operand(kind, floored(x, y, kind), valid);
  if (y.kind === 'lit' && Number(y.lit.lit) !== 0) {
    return operand(kind, floored(x, y, kind), valid);
  }
  const defined = cell.bin('!=', y, none);
  const divisor = cell.select(defined, y, cell.cast(ty, cell.lit(scalar('i32'), 1)));
  return operand(kind, floored(x, divisor, kind), bothValid(valid, defined));
}

function floored(x: Cell, y: Cell, kind: ScalarKind): Cell {
  const rest = cell.bin('%', x, y);
  if (isIntKind(kind) && !isSignedKind(kind)) return rest;
  const none = cell.zero(x.ty);
  const crossed = cell.bin('!=', cell.bin('<', rest, none), cell.bin('<', y, none));
  return cell.select(cell.and(cell.bin('!=', rest, none), crossed), cell.bin('+', rest, y), rest);
}

export function compare(op: CompareOp, a: Operand, b: Operand, where: Where): Operand {
  const valid = bothValid(a.valid, b.valid);
  const equality = op === 'eq' || op === 'ne';
  if (a.dtype === 'string' && b.dtype === 'string') {
    if (!equality) mismatch(where, `${op} needs numbers or timestamps`, [a, b], 'strings compare with eq, ne and isIn');
    // Translate the literal or the shorter dictionary: the longer one's codes stay as they are in memory.
    const [from, to] = a.value.kind === 'lit' ? [a, b] : [b, a];
    return operand('bool', cell.bin(COMPARE[op], to.value, codesIn(from, to.dictionary ?? [], where)), valid);
  }
  const oneKind = a.dtype === b.dtype && a.weak === null && b.weak === null;
  if (oneKind && (a.dtype === 'timestamp' || (a.dtype === 'bool' && equality))) {
    return operand('bool', cell.bin(COMPARE[op], a.value, b.value), valid);
  }
  if (!isNumberLike(a) || !isNumberLike(b)) {
    const time = a.dtype === 'timestamp' || b.dtype === 'timestamp';
    mismatch(where, `${op} needs two values of one type`, [a, b], time ? 'compare a timestamp with a Date' : null);
  }
  const kind = commonKind(a, b);
  const [x, y] = [inKind(a, kind, where), inKind(b, kind, where)];
  // A literal stands on the right, so that equal comparisons written both ways are equal programs.
  const swap = x.kind === 'lit' && y.kind !== 'lit';
  return operand('bool', swap ? cell.bin(COMPARE[MIRRORED[op]], y, x) : cell.bin(COMPARE[op], x, y), valid);
}

export function logic(op: 'and' | 'or', a: Operand, b: Operand, where: Where): Operand {
  if (a.dtype !== 'bool' || b.dtype !== 'bool') mismatch(where, `${op} needs two bool values`, [a, b]);
  const value = op === 'and' ? cell.and(a.value, b.value) : cell.or(a.value, b.value);
  if (a.valid === null && b.valid === null) return operand('bool', value, null);
  const va = a.valid ?? cell.TRUE;
  const vb = b.valid ?? cell.TRUE;
  // Known when both are, or when one known side decides.
  const decides = (v: Cell, x: Cell): Cell => cell.and(v, op === 'and' ? cell.not(x) : x);
  const valid = cell.or(cell.and(va, vb), cell.or(decides(va, a.value), decides(vb, b.value)));
  // What a missing side holds must not decide: it counts as the neutral value.
  const neutral = (v: Cell, x: Cell): Cell => (op === 'and' ? cell.or(cell.not(v), x) : cell.and(v, x));
  const known = (op === 'and' ? cell.and : cell.or)(neutral(va, a.value), neutral(vb, b.value));
  return operand('bool', known, valid);
}

export function not(a: Operand, where: Where): Operand {
  if (a.dtype !== 'bool') mismatch(where, 'not needs a bool value', [a]);
  return operand('bool', cell.not(a.value), a.valid);
}

export function neg(a: Operand, where: Where): Operand {
  if (!isNumberType(a.dtype)) mismatch(where, 'neg needs a number', [a]);
  return operand(a.dtype, cell.un('neg', a.value), a.valid);
}

/** max(x, -x): also right for -0 and NaN; the smallest integer stays itself. Unsigned numbers are their own. */
export function abs(a: Operand, where: Where): Operand {
  if (!isNumberType(a.dtype)) mismatch(where, 'abs needs a number', [a]);
  if (isIntKind(a.dtype) && !isSignedKind(a.dtype)) return a;
  return operand(a.dtype, cell.bin('max', a.value, cell.un('neg', a.value)), a.valid);
}

/** What leaves whole numbers as they are. */
const ROUNDING: ReadonlySet<MathOp> = new Set<MathOp>(['floor', 'ceil', 'round', 'trunc']);

/** A math function; integers and bool are converted to f64 first, unless they are only rounded. */
export function math(op: MathOp, a: Operand, where: Where): Operand {
  if (!isNumberLike(a)) mismatch(where, `${op} needs a number`, [a]);
  if (ROUNDING.has(op) && !isFloatType(a.dtype)) return a;
  const kind = floatKind(a.dtype === 'bool' || isNumberType(a.dtype) ? a.dtype : 'f64');
  return operand(kind, cell.un(op, inKind(a, kind, where)), a.valid);
}

/** True where a float is NaN; false for every integer. */
export function isNaNOf(a: Operand, where: Where): Operand {
  if (!isNumberType(a.dtype)) mismatch(where, 'isNaN needs a number', [a]);
  return operand('bool', isFloatKind(a.dtype) ? cell.bin('!=', a.value, a.value) : cell.FALSE, a.valid);
}

export const isNullOf = (a: Operand): Operand =>
  operand('bool', a.valid === null ? cell.FALSE : cell.not(a.valid), null);
export const isNotNullOf = (a: Operand): Operand => operand('bool', a.valid ?? cell.TRUE, null);

/** Converts to another type; timestamps to and from i64 are microseconds since 1970, a number to bool is `!= 0`. */
export function castTo(dtype: DType, a: Operand, where: Where): Operand {
  if (!DTYPES.has(dtype)) {
    refuse(where, 'W8006', `${JSON.stringify(dtype)} is not a type`, {
      help: `the types are ${[...DTYPES].join(', ')}`,
    });
  }
  if (a.dtype === dtype && a.weak === null) return a;
  if (a.dtype === 'string' || dtype === 'string') mismatch(where, `cast to ${dtype} needs a number`, [a]);
  if (dtype === 'timestamp' && a.dtype !== 'i64' && a.weak === null) {
    mismatch(where, 'cast to timestamp needs i64 microseconds', [a], `cast('i64') first`);
  }
  const ty = storageType(dtype);
  return operand(dtype, ty === BOOL && a.value.ty !== BOOL ? truth(a.value) : cell.cast(ty, a.value), a.valid);
}

const DTYPES: ReadonlySet<DType> = new Set<DType>([...SCALAR_KINDS, 'string', 'timestamp']);
const truth = (c: Cell): Cell => cell.bin('!=', c, cell.zero(c.ty));
