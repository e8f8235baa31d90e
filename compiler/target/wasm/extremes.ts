/**
 * The least and the largest of floats in the wide loop. WASM's own minimum takes care of NaN and of zeros with eight
 * instructions that wait for one another; here the care is taken beside, and put together when the loop has ended:
 *
 *     best  = x < best ? best : x            one instruction; loses a NaN, and which zero it was
 *     nan   = nan | (x != x)                 lanes that have met one
 *     signs = signs & x                      of a largest value that is a zero: -0 if all had the sign bit set
 *
 * (Of a least value `best < x ? best : x` and `signs | x`: -0 if any zero was.) The value is the same, bit for bit.
 */

import { isFloatKind, type MergeOp } from '../../core/types.ts';
import type { ValTy } from '../../sir/kernel.ts';
import type { Frame } from './frame.ts';
import { identityOf } from './info.ts';
import type { Ref } from './sink.ts';
import { litBytes } from './wide.ts';

/** Is a reduction of this kind done here? */
export const isExtreme = (op: MergeOp, { kind }: ValTy): boolean => (op === 'min' || op === 'max') && isFloatKind(kind);

const shapeOf = ({ kind }: ValTy): 'f64x2' | 'f32x4' => (kind === 'f64' ? 'f64x2' : 'f32x4');

/** Sets a copy of the accumulators of a reduction to the identity. */
export function startExtreme(f: Frame, red: number, copy: number, ty: ValTy): void {
  const { op, kind } = f.state.reduction(red);
  const [nan, signs] = f.state.wideExtras(red, copy);
  f.state.setWideCell(red, copy, f.constant(litBytes(ty, identityOf(op, kind))));
  f.emit(f.sink.setLocal(nan, f.constant(new Uint8Array(16))));
  f.emit(f.sink.setLocal(signs, f.constant(new Uint8Array(16).fill(op === 'max' ? 0xff : 0))));
}

/** Takes a value in; lanes that take no part have the identity. */
export function mergeExtreme(f: Frame, red: number, copy: number, ty: ValTy, value: Ref): void {
  const { sink } = f;
  const { op } = f.state.reduction(red);
  const [nan, signs] = f.state.wideExtras(red, copy);
  const x = f.spill(value, 'v128');
  const shape = shapeOf(ty);
  f.state.setWideCell(
    red,
    copy,
    sink.binary(op === 'max' ? `${shape}.pmax` : `${shape}.pmin`, x(), f.state.wideCell(red, copy)),
  );
  const isNan = sink.binary(`${shape}.ne`, x(), x());
  f.emit(sink.setLocal(nan, sink.binary('v128.or', sink.getLocal(nan, 'v128'), isNan)));
  const both = sink.binary(op === 'max' ? 'v128.and' : 'v128.or', sink.getLocal(signs, 'v128'), x());
  f.emit(sink.setLocal(signs, both));
}

/** What the accumulators of a copy stand for, put together. */
export function finishExtreme(f: Frame, red: number, copy: number, ty: ValTy): Ref {
  const { sink } = f;
  const [nan, signs] = f.state.wideExtras(red, copy);
  const best = (): Ref => f.state.wideCell(red, copy);
  const zero = sink.binary('v128.and', sink.getLocal(signs, 'v128'), f.constant(litBytes(ty, -0)));
  const isZero = sink.binary(`${shapeOf(ty)}.eq`, best(), f.constant(litBytes(ty, 0)));
  const number = sink.bitselect(zero, best(), isZero);
  return sink.binary('v128.or', number, sink.getLocal(nan, 'v128'));
}
