/**
 * Scalar arithmetic, comparison and conversion of Core in SIR. Integer division checks its divisor, under the guard
 * of predicated code; comparisons of structs are lexicographic over their leaves.
 */

import type { BinOp } from '../core/op.ts';
import { isFloatKind, isSignedKind, type ScalarKind, scalarBytes } from '../core/types.ts';
import { bin, cast, cmp, lit, sel, un } from '../sir/build.ts';
import type { SCmp, SExpr } from '../sir/kernel.ts';
import { compareVecs } from './contents.ts';
import { type LoopContext, unsupported } from './context.ts';
import { isVecVal, type KVal, scalarVal } from './values.ts';

type Comparison = Extract<BinOp, SCmp>;

function isComparison(op: BinOp): op is Comparison {
  return op === '==' || op === '!=' || op === '<' || op === '<=' || op === '>' || op === '>=';
}

/** The comparison of two values, or null when `op` is no comparison. */
export function compare(op: BinOp, a: KVal, b: KVal, cx: LoopContext): KVal | null {
  if (!isComparison(op)) return null;
  return scalarVal(cx.kb.let(compareVals(op, a, b, cx)));
}

function compareVals(op: Comparison, a: KVal, b: KVal, cx: LoopContext): SExpr {
  if (a.v === 'scalar' && b.v === 'scalar') return cmp(op, a.e, b.e);
  if (isVecVal(a) && isVecVal(b)) return compareVecs(op, a, b, cx, (o, x, y) => compareVals(o, x, y, cx));
  if (a.v !== 'struct' || b.v !== 'struct') return unsupported(`${op} on a ${a.v} inside a loop`, cx.origin);
  if (op === '!=') return un('not', compareVals('==', a, b, cx));
  // From the last field to the first: (a0 strictly before b0) or (a0 == b0 and the rest).
  const strict: Comparison = op === '<=' ? '<' : op === '>=' ? '>' : op;
  let rest: SExpr = lit('bool', op === '==' || op === '<=' || op === '>=');
  for (let k = a.fields.length - 1; k >= 0; k--) {
    const x = a.fields[k];
    const y = b.fields[k];
    if (x === undefined || y === undefined) return unsupported('a comparison of different structs', cx.origin);
    const both = cx.kb.let(bin('&', compareVals('==', x, y, cx), rest));
    rest = op === '==' ? both : cx.kb.let(bin('|', compareVals(strict, x, y, cx), both));
  }
  return rest;
}

/** `a op b` for an arithmetic or logical operator. */
export function arith(op: BinOp, a: SExpr, b: SExpr, cx: LoopContext): SExpr {
  switch (op) {
    case '&&':
      return bin('&', a, b);
    case '||':
      return bin('|', a, b);
    case '/':
    case '%':
      return isFloatKind(a.ty.kind) ? bin(op, a, b) : bin(op, a, checkedDivisor(b, cx));
    case '==':
    case '!=':
    case '<':
    case '<=':
    case '>':
    case '>=':
      return cmp(op, a, b);
    default:
      return bin(op, a, b);
  }
}

function checkedDivisor(b: SExpr, cx: LoopContext): SExpr {
  if (b.x === 'lit' && Number(b.value) !== 0) return b;
  const { kind } = b.ty;
  const zero = cx.kb.let(cmp('==', b, lit(kind, 0)));
  cx.fail('DivisionByZero', cx.guard === null ? zero : cx.kb.let(bin('&', cx.guard, zero)));
  return cx.guard === null ? b : cx.kb.let(sel(cx.guard, b, lit(kind, 1)));
}

/** Unary minus. */
export function negate(a: SExpr): SExpr {
  return un('neg', a);
}

/** A conversion. What becomes an i64 from a small integer remembers its i32 form, for index checks. */
export function castVal(a: SExpr, to: ScalarKind, cx: LoopContext): KVal {
  const e = a.ty.kind === to ? a : cx.kb.let(cast(a, to));
  const from = a.ty.kind;
  const fitsI32 = scalarBytes(from) < 4 || from === 'i32';
  if (to !== 'i64' || !fitsI32 || from === 'bool' || isFloatKind(from)) return scalarVal(e);
  return scalarVal(e, isSignedKind(from) && from === 'i32' ? a : cx.kb.let(cast(a, 'i32')));
}
