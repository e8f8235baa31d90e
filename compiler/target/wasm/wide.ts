/**
 * Wide expressions: every value is one v128, laid out as `info.ts` says.
 *
 * Instructions are used where WASM has them. Without one, 64-bit integers compare unsigned by flipping sign bits and
 * take min and max by a mask; integer division, per-lane shift counts, and float `%` go lane by lane.
 */

import { isFloatKind, type ScalarKind } from '../../core/types.ts';
import { InternalError } from '../../diag/diagnostic.ts';
import type { SBin, SCmp, SExpr, SUn, ValTy } from '../../sir/kernel.ts';
import { isProduct } from '../../sir/passes/contract.ts';
import { wideCast } from './cast.ts';
import type { Frame } from './frame.ts';
import { isHalf, isI32, isInstruction, shapeOf, sign } from './info.ts';
import { fromLanes, maskFor, perLane, splatLanes, widenMask } from './lanes.ts';
import { i32x4, normaliseLanes } from './narrow.ts';
import { narrowShape, packedBin, packedBytes, packedCast, packedCmp, packedShift, wholeOp } from './packed.ts';
import { dividesPlainly, scalarBin, scalarExpr, scalarLit } from './scalar.ts';
import type { Ref } from './sink.ts';

/** Emits a wide expression; a loop-invariant one is computed before the wide loop. */
export function wideExpr(f: Frame, e: SExpr): Ref {
  if (e.x === 'lit') return f.constant(litBytes(e.ty, e.value));
  return f.hoistValue(e, () => wideNode(f, e)) ?? wideNode(f, e);
}

function wideNode(f: Frame, e: SExpr): Ref {
  const { sink } = f;
  switch (e.x) {
    case 'get':
      return f.read(e.reg, e.ty);
    case 'lit':
      return f.constant(litBytes(e.ty, e.value));
    case 'un':
      return wideUn(f, e.op, e.ty, wideExpr(f, e.a));
    case 'bin':
      if (e.op === '<<' || e.op === '>>') return wideShift(f, e.op, e.ty, e.a, e.b);
      return (
        byLiteral(f, e) ??
        multiplyAdd(f, e) ??
        wideBin(f, e.op, e.ty, wideExpr(f, e.a), wideExpr(f, e.b), dividesPlainly(e.b))
      );
    case 'cmp': {
      const shape = narrowShape(e.a.ty);
      if (shape !== null && e.a.ty.kind !== 'bool')
        return packedCmp(f, shape, e.op, e.a.ty.kind, wideExpr(f, e.a), wideExpr(f, e.b));
      const mask = compare(f, e.op, e.a.ty, wideExpr(f, e.a), wideExpr(f, e.b));
      return isHalf(e.a.ty) ? widenMask(f, mask) : mask;
    }
    case 'select': {
      const [a, b] = [wideExpr(f, e.a), wideExpr(f, e.b)];
      return sink.bitselect(a, b, maskExpr(f, e.c, e.ty.kind));
    }
    case 'cast': {
      const shape = narrowShape(e.ty);
      if (shape !== null) return packedCast(f, shape, e.a.ty.kind, e.ty.kind, wideExpr(f, e.a));
      return wideCast(f, e.a.ty.kind, e.ty, wideExpr(f, e.a));
    }
    case 'bitcast':
      return wideExpr(f, e.a);
    case 'splat':
      return splatLanes(f, e.ty, scalarExpr(f, e.a));
    case 'lanes': {
      const bytes = lanesBytes(e.ty, e.items);
      if (bytes !== null) return f.constant(bytes);
      const items = e.items.map((i) => scalarExpr(f, i));
      return fromLanes(f, e.ty, items);
    }
    case 'whole':
      return wholeOp(
        f,
        e,
        e.args.map((a) => wideExpr(f, a)),
      );
    case 'lane':
    case 'any':
      throw new InternalError(`wasm: a wide ${e.x}`);
    default:
      return e satisfies never;
  }
}

/** A mask in the lane width of `kind`; a comparison of 32-bit kinds is used as it comes, without widening it first. */
export function maskExpr(f: Frame, mask: SExpr, kind: ScalarKind): Ref {
  const half = isHalf({ kind, lanes: mask.ty.lanes });
  if (half && mask.x === 'cmp' && isHalf(mask.a.ty)) {
    return compare(f, mask.op, mask.a.ty, wideExpr(f, mask.a), wideExpr(f, mask.b));
  }
  return maskFor(f, kind, mask.ty.lanes, wideExpr(f, mask));
}

/** The bytes of a constant in every lane. */
export function litBytes(ty: ValTy, value: number | bigint | boolean): Uint8Array {
  const narrow = narrowShape(ty);
  if (narrow !== null) return packedBytes(narrow, ty.kind, value);
  switch (ty.kind) {
    case 'f64':
      return new Uint8Array(new Float64Array(2).fill(Number(value)).buffer);
    case 'f32':
      return new Uint8Array(new Float32Array(4).fill(Number(value)).buffer);
    case 'i64':
    case 'u64':
      return new Uint8Array(new BigInt64Array(2).fill(BigInt.asIntN(64, BigInt(value))).buffer);
    case 'bool':
      return i32x4(value === true ? -1 : 0);
    default:
      return i32x4(Number(value));
  }
}

/** The bytes of a vector whose lanes are all literals, or null. */
function lanesBytes(ty: ValTy, items: readonly SExpr[]): Uint8Array | null {
  const out = new Uint8Array(16);
  const size = ty.lanes > 4 ? 16 / ty.lanes : shapeOf(ty).endsWith('x2') ? 8 : 4;
  for (const [lane, item] of items.entries()) {
    if (item.x !== 'lit') return null;
    out.set(litBytes(ty, item.value).subarray(0, size), lane * size);
  }
  return out;
}

function wideUn(f: Frame, op: SUn, ty: ValTy, a: Ref): Ref {
  const { sink } = f;
  if (!isInstruction(op)) throw new InternalError(`wasm: ${op} has not been expanded`);
  if (op === 'not') return sink.unary('v128.not', a);
  const shape = shapeOf(ty);
  if (op !== 'neg' && (op === 'clz' || op === 'ctz' || op === 'popcnt'))
    throw new InternalError(`wasm: ${op} in lanes`);
  if (shape === 'f32x4' || shape === 'f64x2') return sink.unary(`${shape}.${op}`, a);
  if (op !== 'neg') throw new InternalError(`wasm: ${op} on ${ty.kind}`);
  const negated = sink.unary(`${shape}.neg`, a);
  return ty.lanes > 4 ? negated : normaliseLanes(f, ty.kind, negated);
}

/** A sum with a product as one instruction, where that is asked for. */
function multiplyAdd(f: Frame, e: Extract<SExpr, { readonly x: 'bin' }>): Ref | null {
  if (!f.relaxedMadd || (e.op !== '+' && e.op !== '-')) return null;
  const shape = shapeOf(e.ty);
  if (shape !== 'f32x4' && shape !== 'f64x2') return null;
  const left = e.op === '+' && isProduct(e.a);
  const [product, other] = left ? [e.a, e.b] : [e.b, e.a];
  if (!isProduct(product)) return null;
  const [a, b] = [wideExpr(f, product.a), wideExpr(f, product.b)];
  return f.sink.madd(`${shape}.relaxed_${e.op === '+' ? 'madd' : 'nmadd'}`, a, b, wideExpr(f, other));
}

const ARITHMETIC = { '+': 'add', '-': 'sub', '*': 'mul' } as const;
const BITS = { '&': 'and', '|': 'or', '^': 'xor' } as const;

/** `plain`: the divisor is known not to be -1 in any lane. */
export function wideBin(f: Frame, op: SBin, ty: ValTy, a: Ref, b: Ref, plain = false): Ref {
  const { sink } = f;
  const shape = shapeOf(ty);
  if (shape === 'i8x16' || shape === 'i16x8') return packedBin(f, shape, op, ty.kind, a, b);
  switch (op) {
    case '+':
    case '-':
    case '*':
      return normaliseLanes(f, ty.kind, sink.binary(`${shape}.${ARITHMETIC[op]}`, a, b));
    case '&':
    case '|':
    case '^':
      return sink.binary(`v128.${BITS[op]}`, a, b);
    case 'min':
    case 'max':
      if (shape === 'f32x4' || shape === 'f64x2') return sink.binary(`${shape}.${op}`, a, b);
      if (shape === 'i32x4') return sink.binary(`i32x4.${op}_${sign(ty.kind)}`, a, b);
      return longMinMax(f, op, ty, a, b);
    case 'pmin':
    case 'pmax':
      if (shape === 'f32x4' || shape === 'f64x2') return sink.binary(`${shape}.${op}`, a, b);
      return wideBin(f, op === 'pmin' ? 'min' : 'max', ty, a, b);
    case '/':
      if (shape === 'f32x4' || shape === 'f64x2') return sink.binary(`${shape}.div`, a, b);
      return lanewise(f, op, ty, a, b, plain);
    case '%':
    case '<<':
    case '>>':
      return lanewise(f, op, ty, a, b, plain);
    case 'pow':
    case 'atan2':
      throw new InternalError(`wasm: ${op} has not been expanded`);
    default:
      return op satisfies never;
  }
}

/** An integer division by a literal, lane by lane: the engine sees the divisor, and multiplies by its inverse. */
function byLiteral(f: Frame, e: Extract<SExpr, { readonly x: 'bin' }>): Ref | null {
  const { op, ty, a, b } = e;
  if ((op !== '/' && op !== '%') || b.x !== 'lit' || isFloatKind(ty.kind)) return null;
  const divisor = (): Ref => scalarLit(f, ty.kind, b.value);
  return perLane(f, ty, [{ ty, value: wideExpr(f, a) }], (x) =>
    scalarBin(f, op, ty.kind, x, divisor(), dividesPlainly(b)),
  );
}

function lanewise(f: Frame, op: SBin, ty: ValTy, a: Ref, b: Ref, plain: boolean): Ref {
  const args = [
    { ty, value: a },
    { ty, value: b },
  ];
  return perLane(f, ty, args, (x, y) => scalarBin(f, op, ty.kind, x, y, plain));
}

function longMinMax(f: Frame, op: 'min' | 'max', ty: ValTy, a: Ref, b: Ref): Ref {
  const [x, y] = [f.spill(a, 'v128'), f.spill(b, 'v128')];
  const less = compare(f, '<', ty, x(), y());
  return op === 'min' ? f.sink.bitselect(x(), y(), less) : f.sink.bitselect(y(), x(), less);
}

/** Vector shifts take one count for all lanes; counts that differ (or are not known to be equal) go lane by lane. */
function wideShift(f: Frame, op: '<<' | '>>', ty: ValTy, a: SExpr, b: SExpr): Ref {
  const { sink } = f;
  const count = uniform(f, b);
  const narrow = narrowShape(ty);
  if (narrow !== null && count !== null) return packedShift(f, narrow, op, ty.kind, wideExpr(f, a), count);
  if (count === null) return lanewise(f, op, ty, wideExpr(f, a), wideExpr(f, b), false);
  const shape = isI32(ty.kind) ? 'i32x4' : 'i64x2';
  const value = wideExpr(f, a);
  const bits = shape === 'i32x4' ? count : sink.unary('i32.wrap_i64', count);
  if (op === '>>') return sink.binary(`${shape}.shr_${sign(ty.kind)}`, value, bits);
  return normaliseLanes(f, ty.kind, sink.binary(`${shape}.shl`, value, bits));
}

/** The scalar that every lane of `e` holds, where that is plain to see. */
function uniform(f: Frame, e: SExpr): Ref | null {
  if (e.x === 'lit') return scalarLit(f, e.ty.kind, e.value);
  if (e.x === 'splat') return scalarExpr(f, e.a);
  return e.x === 'get' ? f.uniform(e.reg) : null;
}

const ORDER = { '<': 'lt', '<=': 'le', '>': 'gt', '>=': 'ge' } as const;

/** Compares in the lane width of the operands; `ty` is their type. */
function compare(f: Frame, op: SCmp, ty: ValTy, a: Ref, b: Ref): Ref {
  const { sink } = f;
  if (ty.kind === 'bool') return compareMasks(f, op, a, b);
  const shape = shapeOf(ty);
  if (op === '==' || op === '!=') return sink.binary(`${shape}.${op === '==' ? 'eq' : 'ne'}`, a, b);
  const name = ORDER[op];
  if (shape === 'f32x4' || shape === 'f64x2') return sink.binary(`${shape}.${name}`, a, b);
  if (shape === 'i32x4') return sink.binary(`i32x4.${name}_${sign(ty.kind)}`, a, b);
  if (ty.kind === 'i64') return sink.binary(`i64x2.${name}_s`, a, b);
  // Unsigned order is signed order after flipping the sign bits.
  const flip = (x: Ref): Ref => sink.binary('v128.xor', x, f.constant(litBytes(ty, 1n << 63n)));
  return sink.binary(`i64x2.${name}_s`, flip(a), flip(b));
}

/** Masks compare with false below true. */
function compareMasks(f: Frame, op: SCmp, a: Ref, b: Ref): Ref {
  const { sink } = f;
  switch (op) {
    case '==':
      return sink.unary('v128.not', sink.binary('v128.xor', a, b));
    case '!=':
      return sink.binary('v128.xor', a, b);
    case '<':
      return sink.binary('v128.andnot', b, a);
    case '<=':
      return sink.unary('v128.not', sink.binary('v128.andnot', a, b));
    case '>':
      return sink.binary('v128.andnot', a, b);
    case '>=':
      return sink.unary('v128.not', sink.binary('v128.andnot', b, a));
    default:
      return op satisfies never;
  }
}
