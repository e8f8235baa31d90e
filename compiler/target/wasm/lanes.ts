/**
 * Getting at lanes: scalars out of and into vectors, operations done lane by lane, and masks.
 *
 * A mask in 2-lane code is made of 64-bit lanes. Comparing 32-bit kinds gives 32-bit lanes, so such a mask is widened;
 * selecting 32-bit kinds needs it narrowed again (one shuffle).
 */

import { isSignedKind, type ScalarKind } from '../../core/types.ts';
import type { ValTy } from '../../sir/kernel.ts';
import type { Frame } from './frame.ts';
import { isHalf, machineTy, scalarTy, shapeOf } from './info.ts';
import { i32x4, normalise } from './narrow.ts';
import type { Ref } from './sink.ts';

/** One lane of a wide value as a scalar. */
export function extract(f: Frame, ty: ValTy, vec: Ref, lane: number): Ref {
  const { sink } = f;
  if (ty.kind !== 'bool') {
    const value = sink.extractLane(shapeOf(ty), vec, lane);
    return ty.lanes > 4 && isSignedKind(ty.kind) ? normalise(f, ty.kind, value) : value;
  }
  if (ty.lanes > 4) return sink.binary('i32.and', sink.extractLane(shapeOf(ty), vec, lane), sink.i32(1));
  const word = sink.extractLane('i32x4', vec, ty.lanes === 2 ? 2 * lane : lane);
  return sink.binary('i32.and', word, sink.i32(1));
}

/** A wide value from one scalar a lane. */
export function fromLanes(f: Frame, ty: ValTy, items: readonly Ref[]): Ref {
  const { sink } = f;
  const shape = shapeOf(ty);
  // Bools come as 0 or 1; a mask lane is the negative of that.
  const isWideMask = ty.kind === 'bool' && shape === 'i64x2';
  const scalars = isWideMask ? items.map((i) => sink.unary('i64.extend_i32_u', i)) : items;
  let vec: Ref | null = null;
  scalars.forEach((value, lane) => {
    vec = vec === null ? sink.unary(`${shape}.splat`, value) : sink.replaceLane(shape, vec, lane, value);
  });
  const made = vec ?? sink.v128(i32x4(0));
  return ty.kind === 'bool' && shape !== 'f32x4' && shape !== 'f64x2' ? sink.unary(`${shape}.neg`, made) : made;
}

/** A scalar in every lane. */
export function splatLanes(f: Frame, ty: ValTy, value: Ref): Ref {
  const { sink } = f;
  if (ty.kind !== 'bool') return sink.unary(`${shapeOf(ty)}.splat`, value);
  const allOnes = sink.binary('i32.sub', sink.i32(0), value);
  if (ty.lanes > 4) return sink.unary(`${shapeOf(ty)}.splat`, allOnes);
  return ty.lanes === 4
    ? sink.unary('i32x4.splat', allOnes)
    : sink.unary('i64x2.splat', sink.unary('i64.extend_i32_s', allOnes));
}

interface Arg {
  readonly ty: ValTy;
  readonly value: Ref;
}
/** Does a scalar operation lane by lane. */
export function perLane(f: Frame, ty: ValTy, args: readonly Arg[], op: (...scalars: Ref[]) => Ref): Ref {
  const reads = args.map((a) => ({ ty: a.ty, read: f.spill(a.value, machineTy(a.ty)) }));
  const items: Ref[] = [];
  for (let lane = 0; lane < ty.lanes; lane++) {
    const item = op(...reads.map((r) => extract(f, r.ty, r.read(), lane)));
    items.push(item);
  }
  // Computed before the vector is put together, so that operations that spill keep their order.
  const done = items.map((item) => f.spill(item, scalarTy(ty.kind)));
  return fromLanes(
    f,
    ty,
    done.map((read) => read()),
  );
}

/** 32-bit mask lanes (low half) to 64-bit ones. */
export const widenMask = (f: Frame, mask: Ref): Ref => f.sink.unary('i64x2.extend_low_i32x4_s', mask);
/** 64-bit lanes to the low halves of them, in the low half of the register. */
export function narrowLanes(f: Frame, value: Ref): Ref {
  const read = f.spill(value, 'v128');
  return f.sink.shuffle(read(), read(), [0, 1, 2, 3, 8, 9, 10, 11, 0, 1, 2, 3, 8, 9, 10, 11]);
}
/** A mask of a loop with `lanes` lanes, in the lane width of `kind`. */
export function maskFor(f: Frame, kind: ScalarKind, lanes: ValTy['lanes'], mask: Ref): Ref {
  return isHalf({ kind, lanes }) ? narrowLanes(f, mask) : mask;
}
