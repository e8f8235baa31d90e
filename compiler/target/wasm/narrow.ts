/**
 * Narrow integers are computed in 32 bits and brought back to their range afterwards: by wrapping (arithmetic and
 * integer casts) or by clamping (casts from floats). i32 and u32 fill their lanes and need neither.
 */

import type { ScalarKind } from '../../core/types.ts';
import { InternalError } from '../../diag/diagnostic.ts';
import { INT_RANGE } from '../../sir/int-range.ts';
import type { Frame } from './frame.ts';
import type { Ref } from './sink.ts';

/** Wraps an i32 to the range of its kind. */
export function normalise(f: Frame, kind: ScalarKind, a: Ref): Ref {
  const { sink } = f;
  switch (kind) {
    case 'i8':
      return sink.unary('i32.extend8_s', a);
    case 'i16':
      return sink.unary('i32.extend16_s', a);
    case 'u8':
      return sink.binary('i32.and', a, sink.i32(0xff));
    case 'u16':
      return sink.binary('i32.and', a, sink.i32(0xffff));
    default:
      return a;
  }
}

/** Wraps each 32-bit lane to the range of its kind. */
export function normaliseLanes(f: Frame, kind: ScalarKind, a: Ref): Ref {
  const { sink } = f;
  switch (kind) {
    case 'i8':
    case 'i16': {
      const bits = kind === 'i8' ? 24 : 16;
      return sink.binary('i32x4.shr_s', sink.binary('i32x4.shl', a, sink.i32(bits)), sink.i32(bits));
    }
    case 'u8':
      return sink.binary('v128.and', a, f.constant(i32x4(0xff)));
    case 'u16':
      return sink.binary('v128.and', a, f.constant(i32x4(0xffff)));
    default:
      return a;
  }
}

/** Is the kind an integer of fewer than 32 bits? */
export const isNarrow = (kind: ScalarKind): boolean =>
  kind === 'i8' || kind === 'u8' || kind === 'i16' || kind === 'u16';

/** Clamps an i32 to the range of a narrow kind. */
export function clamp(f: Frame, kind: ScalarKind, a: Ref): Ref {
  const { sink } = f;
  const [low, high] = bounds(kind);
  const x = f.spill(a, 'i32');
  const atLeast = f.spill(sink.select(sink.binary('i32.lt_s', x(), sink.i32(low)), sink.i32(low), x()), 'i32');
  return sink.select(sink.binary('i32.gt_s', atLeast(), sink.i32(high)), sink.i32(high), atLeast());
}

/** Clamps each 32-bit lane to the range of a narrow kind. */
export function clampLanes(f: Frame, kind: ScalarKind, a: Ref): Ref {
  const { sink } = f;
  const [low, high] = bounds(kind);
  const atLeast = sink.binary('i32x4.max_s', a, f.constant(i32x4(low)));
  return sink.binary('i32x4.min_s', atLeast, f.constant(i32x4(high)));
}

/** Does the range of `kind` hold every value of `other`? Both are integers, or `other` is bool. */
export function holds(kind: ScalarKind, other: ScalarKind): boolean {
  if (other === 'bool') return true;
  const [outer, inner] = [INT_RANGE[kind], INT_RANGE[other]];
  return outer !== undefined && inner !== undefined && outer[0] <= inner[0] && outer[1] >= inner[1];
}

/** The bytes of a vector with the 32-bit integer `v` in every lane. */
export function i32x4(v: number): Uint8Array {
  return new Uint8Array(new Int32Array(4).fill(v).buffer);
}

function bounds(kind: ScalarKind): readonly [number, number] {
  const range = INT_RANGE[kind];
  if (range === undefined) throw new InternalError(`wasm: ${kind} has no integer range`);
  return [Number(range[0]), Number(range[1])];
}
