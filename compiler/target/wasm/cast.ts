/**
 * Conversions by Core's rules: int to int wraps; float to int truncates, saturates and gives 0 for NaN; anything to
 * float rounds once; non-zero (NaN too) is true; true is 1.
 *
 * WASM's conversions do exactly that between 32- and 64-bit kinds, so narrow kinds go through 32 bits: wrapped
 * afterwards from integers, clamped from floats. 64-bit integers have no vector conversions to or from floats and go
 * lane by lane.
 */

import type { ScalarKind } from '../../core/types.ts';
import { isFloatKind, isSignedKind, scalarBytes } from '../../core/types.ts';
import type { ValTy } from '../../sir/kernel.ts';
import type { Frame } from './frame.ts';
import { floatTy, intTy, isI32, scalarTy, sign } from './info.ts';
import { narrowLanes, perLane, widenMask } from './lanes.ts';
import { clamp, clampLanes, holds, i32x4, isNarrow, normalise, normaliseLanes } from './narrow.ts';
import type { Ref } from './sink.ts';

/** Converts a scalar from one kind to another. */
export function scalarCast(f: Frame, from: ScalarKind, to: ScalarKind, a: Ref): Ref {
  const { sink } = f;
  if (from === to) return a;
  if (to === 'bool') {
    const ty = scalarTy(from);
    return sink.binary(`${ty}.ne`, a, ty === 'i32' ? sink.i32(0) : ty === 'i64' ? sink.i64(0n) : sink[ty](0));
  }
  if (isFloatKind(to)) {
    if (from === 'f32') return sink.unary('f64.promote_f32', a);
    if (from === 'f64') return sink.unary('f32.demote_f64', a);
    return sink.unary(`${floatTy(to)}.convert_${intTy(from)}_${sign(from)}`, a);
  }
  if (isFloatKind(from)) {
    if (isNarrow(to)) return clamp(f, to, sink.unary(`i32.trunc_sat_${floatTy(from)}_s`, a));
    return sink.unary(`${intTy(to)}.trunc_sat_${floatTy(from)}_${sign(to)}`, a);
  }
  if (isI32(to)) {
    const low = isI32(from) ? a : sink.unary('i32.wrap_i64', a);
    return isI32(from) && holds(to, from) ? low : normalise(f, to, low);
  }
  return isI32(from) ? sink.unary(`i64.extend_i32_${sign(from)}`, a) : a;
}

/** The bits of a scalar as another kind of the same width. */
export function scalarBits(f: Frame, from: ScalarKind, to: ScalarKind, a: Ref): Ref {
  if (from === 'f32') return f.sink.unary('i32.reinterpret_f32', a);
  if (from === 'f64') return f.sink.unary('i64.reinterpret_f64', a);
  if (to === 'f32') return f.sink.unary('f32.reinterpret_i32', a);
  return to === 'f64' ? f.sink.unary('f64.reinterpret_i64', a) : a;
}

/** Converts a wide value from one kind to another, lanes staying. */
export function wideCast(f: Frame, from: ScalarKind, ty: ValTy, a: Ref): Ref {
  const { sink } = f;
  const to = ty.kind;
  if (from === to) return a;
  if (from === 'bool') return fromMask(f, ty, a);
  if (to === 'bool') return toMask(f, from, ty.lanes, a);
  const lanewise = (): Ref =>
    perLane(f, ty, [{ ty: { kind: from, lanes: ty.lanes }, value: a }], (x) => scalarCast(f, from, to, x));
  if (isFloatKind(from) && isFloatKind(to)) {
    return sink.unary(from === 'f32' ? 'f64x2.promote_low_f32x4' : 'f32x4.demote_f64x2_zero', a);
  }
  if (isFloatKind(to)) {
    if (!isI32(from)) return lanewise();
    const s = sign(from);
    return sink.unary(to === 'f32' ? `f32x4.convert_i32x4_${s}` : `f64x2.convert_low_i32x4_${s}`, a);
  }
  if (isFloatKind(from)) {
    if (!isI32(to)) return lanewise();
    const s = isNarrow(to) ? 's' : sign(to);
    const words = sink.unary(from === 'f32' ? `i32x4.trunc_sat_f32x4_${s}` : `i32x4.trunc_sat_f64x2_${s}_zero`, a);
    return isNarrow(to) ? clampLanes(f, to, words) : words;
  }
  if (isI32(to)) {
    if (isI32(from)) return holds(to, from) ? a : normaliseLanes(f, to, a);
    return normaliseLanes(f, to, narrowLanes(f, a));
  }
  return isI32(from) ? sink.unary(`i64x2.extend_low_i32x4_${isSignedKind(from) ? 's' : 'u'}`, a) : a;
}

/** Mask to numbers: the bits of 1 where true. */
function fromMask(f: Frame, ty: ValTy, mask: Ref): Ref {
  const is64 = scalarBytes(ty.kind) === 8;
  const lanes = ty.lanes === 2 && !is64 ? narrowLanes(f, mask) : mask;
  return f.sink.binary('v128.and', lanes, f.constant(one(ty.kind)));
}

/** Numbers to mask: not equal to zero. */
function toMask(f: Frame, from: ScalarKind, lanes: number, a: Ref): Ref {
  const { sink } = f;
  const zero = f.constant(i32x4(0));
  if (from === 'f64') return sink.binary('f64x2.ne', a, zero);
  if (scalarBytes(from) === 8) return sink.binary('i64x2.ne', a, zero);
  const mask = sink.binary(from === 'f32' ? 'f32x4.ne' : 'i32x4.ne', a, zero);
  return lanes === 2 ? widenMask(f, mask) : mask;
}

/** The bytes of 1 of a kind in every lane. */
function one(kind: ScalarKind): Uint8Array {
  if (kind === 'f32') return new Uint8Array(new Float32Array(4).fill(1).buffer);
  if (kind === 'f64') return new Uint8Array(new Float64Array(2).fill(1).buffer);
  return scalarBytes(kind) === 8 ? new Uint8Array(new BigInt64Array(2).fill(1n).buffer) : i32x4(1);
}
