/**
 * Scalar expressions. The per-operation functions take machine values, so wide code uses them lane by lane for what
 * has no vector form.
 *
 * Where WASM and SIR differ: narrow integers are normalised after operations that may leave their range; signed
 * division of the smallest value by -1 wraps instead of trapping; integer min and max are selects; float `%` is an
 * imported function. The math functions have become code before (`sir/passes/expand-math.ts`).
 */

import type { ScalarKind } from '../../core/types.ts';
import { isFloatKind } from '../../core/types.ts';
import { InternalError } from '../../diag/diagnostic.ts';
import type { SBin, SCmp, SExpr, SUn } from '../../sir/kernel.ts';
import { scalarBits, scalarCast } from './cast.ts';
import type { Frame } from './frame.ts';
import type { IntTy } from './info.ts';
import { floatTy, intTy, isInstruction, scalarTy, sign } from './info.ts';
import { extract } from './lanes.ts';
import { normalise } from './narrow.ts';
import { maskBits } from './packed.ts';
import type { Ref } from './sink.ts';
import { wideExpr } from './wide.ts';

/** Emits a scalar expression. */
export function scalarExpr(f: Frame, e: SExpr): Ref {
  const { sink } = f;
  switch (e.x) {
    case 'get':
      return f.read(e.reg, e.ty);
    case 'lit':
      return scalarLit(f, e.ty.kind, e.value);
    case 'un':
      return scalarUn(f, e.op, e.ty.kind, scalarExpr(f, e.a));
    case 'bin':
      return scalarBin(f, e.op, e.ty.kind, scalarExpr(f, e.a), scalarExpr(f, e.b), dividesPlainly(e.b));
    case 'cmp':
      return scalarCmp(f, e.op, e.a.ty.kind, scalarExpr(f, e.a), scalarExpr(f, e.b));
    case 'select': {
      const [a, b] = [scalarExpr(f, e.a), scalarExpr(f, e.b)];
      return sink.select(scalarExpr(f, e.c), a, b);
    }
    case 'cast':
      return scalarCast(f, e.a.ty.kind, e.ty.kind, scalarExpr(f, e.a));
    case 'bitcast':
      return scalarBits(f, e.a.ty.kind, e.ty.kind, scalarExpr(f, e.a));
    case 'lane':
      return extract(f, e.a.ty, wideExpr(f, e.a), e.lane);
    case 'any':
      return sink.unary('v128.any_true', wideExpr(f, e.a));
    case 'whole': {
      const [mask] = e.args;
      if (e.op !== 'bits' || mask === undefined) throw new InternalError(`wasm: a scalar ${e.op}`);
      return maskBits(f, mask, wideExpr(f, mask));
    }
    case 'splat':
    case 'lanes':
      throw new InternalError(`wasm: a scalar ${e.x}`);
    default:
      return e satisfies never;
  }
}

/** A constant of a kind. */
export function scalarLit(f: Frame, kind: ScalarKind, value: number | bigint | boolean): Ref {
  switch (scalarTy(kind)) {
    case 'i64':
      return f.sink.i64(BigInt(value));
    case 'i32':
      return f.sink.i32(Number(value));
    case 'f32':
      return f.sink.f32(Number(value));
    case 'f64':
      return f.sink.f64(Number(value));
  }
}

/** True when dividing by `e` cannot overflow: a literal other than -1. */
export function dividesPlainly(e: SExpr): boolean {
  return e.x === 'lit' && Number(e.value) !== -1;
}

export function scalarUn(f: Frame, op: SUn, kind: ScalarKind, a: Ref): Ref {
  const { sink } = f;
  if (!isInstruction(op)) throw new InternalError(`wasm: ${op} has not been expanded`);
  if (op === 'not') return sink.unary('i32.eqz', a);
  if (op === 'clz' || op === 'ctz' || op === 'popcnt') return sink.unary(`${intTy(kind)}.${op}`, a);
  if (isFloatKind(kind)) return sink.unary(`${floatTy(kind)}.${op}`, a);
  if (op !== 'neg') throw new InternalError(`wasm: ${op} on ${kind}`);
  return normalise(f, kind, sink.binary(`${intTy(kind)}.sub`, scalarLit(f, kind, 0), a));
}

/** The remainder of floats is a call in f64, which is exact for f32 too. */
function remainder(f: Frame, kind: ScalarKind, a: Ref, b: Ref): Ref {
  if (kind === 'f64') return f.library('fmod', [a, b]);
  const [x, y] = [a, b].map((v) => f.sink.unary('f64.promote_f32', v));
  return f.sink.unary('f32.demote_f64', f.library('fmod', [x ?? a, y ?? b]));
}

/** `plain`: the divisor is known not to be -1. */
export function scalarBin(f: Frame, op: SBin, kind: ScalarKind, a: Ref, b: Ref, plain = false): Ref {
  return isFloatKind(kind) ? floatBin(f, op, kind, a, b) : intBin(f, op, kind, a, b, plain);
}

function floatBin(f: Frame, op: SBin, kind: ScalarKind, a: Ref, b: Ref): Ref {
  const { sink } = f;
  const ty = floatTy(kind);
  switch (op) {
    case '+':
      return sink.binary(`${ty}.add`, a, b);
    case '-':
      return sink.binary(`${ty}.sub`, a, b);
    case '*':
      return sink.binary(`${ty}.mul`, a, b);
    case '/':
      return sink.binary(`${ty}.div`, a, b);
    case 'min':
    case 'max':
      return sink.binary(`${ty}.${op}`, a, b);
    case 'pmin':
    case 'pmax': {
      const [x, y] = [f.spill(a, ty), f.spill(b, ty)];
      const takeB = op === 'pmin' ? sink.binary(`${ty}.lt`, y(), x()) : sink.binary(`${ty}.lt`, x(), y());
      return sink.select(takeB, y(), x());
    }
    case '%':
      return remainder(f, kind, a, b);
    case 'pow':
    case 'atan2':
    case '&':
    case '|':
    case '^':
    case '<<':
    case '>>':
      throw new InternalError(`wasm: ${op} on ${kind}`);
    default:
      return op satisfies never;
  }
}

function intBin(f: Frame, op: SBin, kind: ScalarKind, a: Ref, b: Ref, plain: boolean): Ref {
  const { sink } = f;
  const ty = intTy(kind);
  switch (op) {
    case '+':
      return normalise(f, kind, sink.binary(`${ty}.add`, a, b));
    case '-':
      return normalise(f, kind, sink.binary(`${ty}.sub`, a, b));
    case '*':
      return normalise(f, kind, sink.binary(`${ty}.mul`, a, b));
    case '/':
      return divide(f, kind, ty, a, b, plain);
    case '%':
      return sink.binary(`${ty}.rem_${sign(kind)}`, a, b);
    case 'min':
    case 'max':
    case 'pmin':
    case 'pmax': {
      const [x, y] = [f.spill(a, ty), f.spill(b, ty)];
      const less = sink.binary(`${ty}.lt_${sign(kind)}`, x(), y());
      return op === 'min' || op === 'pmin' ? sink.select(less, x(), y()) : sink.select(less, y(), x());
    }
    case '&':
      return sink.binary(`${ty}.and`, a, b);
    case '|':
      return sink.binary(`${ty}.or`, a, b);
    case '^':
      return sink.binary(`${ty}.xor`, a, b);
    case '<<':
      return normalise(f, kind, sink.binary(`${ty}.shl`, a, b));
    case '>>':
      return sink.binary(`${ty}.shr_${sign(kind)}`, a, b);
    case 'pow':
    case 'atan2':
      throw new InternalError(`wasm: ${op} on ${kind}`);
    default:
      return op satisfies never;
  }
}

/** Division that wraps: min / -1 is min. Narrow kinds cannot overflow an i32, they only need normalising. */
function divide(f: Frame, kind: ScalarKind, ty: IntTy, a: Ref, b: Ref, plain: boolean): Ref {
  const { sink } = f;
  if (kind !== 'i32' && kind !== 'i64') {
    return normalise(f, kind, sink.binary(`${ty}.div_${sign(kind)}`, a, b));
  }
  if (plain) return sink.binary(`${ty}.div_s`, a, b);
  const [x, y] = [f.spill(a, ty), f.spill(b, ty)];
  const minusOne = f.spill(sink.binary(`${ty}.eq`, y(), scalarLit(f, kind, -1)), 'i32');
  const divisor = sink.select(minusOne(), scalarLit(f, kind, 1), y());
  const negated = sink.binary(`${ty}.sub`, scalarLit(f, kind, 0), x());
  return sink.select(minusOne(), negated, sink.binary(`${ty}.div_s`, x(), divisor));
}

const ORDER = { '<': 'lt', '<=': 'le', '>': 'gt', '>=': 'ge' } as const;

export function scalarCmp(f: Frame, op: SCmp, kind: ScalarKind, a: Ref, b: Ref): Ref {
  const { sink } = f;
  if (op === '==' || op === '!=') return sink.binary(`${scalarTy(kind)}.${op === '==' ? 'eq' : 'ne'}`, a, b);
  if (isFloatKind(kind)) return sink.binary(`${floatTy(kind)}.${ORDER[op]}`, a, b);
  return sink.binary(`${intTy(kind)}.${ORDER[op]}_${sign(kind)}`, a, b);
}
