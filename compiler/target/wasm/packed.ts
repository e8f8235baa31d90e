/**
 * Lanes of 8 and 16 bits, which packed kernels use: 16 or 8 of them fill a register in their own width, and masks have
 * lanes of all ones or all zeros of that width. (In loops that passes widen such kinds are computed in 32-bit lanes.)
 *
 * There is no division, no multiplication of bytes and no conversion that changes the width: those are operations on
 * whole registers (`low`, `high`, `pairs`, `narrow`).
 */

import { type ScalarKind, scalarBytes } from '../../core/types.ts';
import { InternalError } from '../../diag/diagnostic.ts';
import type { SBin, SCmp, SExpr, ValTy } from '../../sir/kernel.ts';
import type { Frame } from './frame.ts';
import { sign } from './info.ts';
import type { Ref } from './sink.ts';

export type NarrowShape = 'i8x16' | 'i16x8';

/** The shape of lanes of 8 or 16 bits in their own width; null for a value of two or four lanes. */
export function narrowShape({ lanes }: ValTy): NarrowShape | null {
  return lanes === 16 ? 'i8x16' : lanes === 8 ? 'i16x8' : null;
}

/** The bytes of a constant in every lane. */
export function packedBytes(shape: NarrowShape, kind: ScalarKind, value: number | bigint | boolean): Uint8Array {
  const lane = kind === 'bool' ? (value === true ? -1 : 0) : Number(value);
  return new Uint8Array((shape === 'i8x16' ? new Int8Array(16).fill(lane) : new Int16Array(8).fill(lane)).buffer);
}

const BITS = { '&': 'and', '|': 'or', '^': 'xor' } as const;
const ORDER = { '<': 'lt', '<=': 'le', '>': 'gt', '>=': 'ge' } as const;

export function packedBin(f: Frame, shape: NarrowShape, op: SBin, kind: ScalarKind, a: Ref, b: Ref): Ref {
  const { sink } = f;
  switch (op) {
    case '+':
      return sink.binary(`${shape}.add`, a, b);
    case '-':
      return sink.binary(`${shape}.sub`, a, b);
    case '*':
      if (shape === 'i16x8') return sink.binary('i16x8.mul', a, b);
      break;
    case '&':
    case '|':
    case '^':
      return sink.binary(`v128.${BITS[op]}`, a, b);
    case 'min':
    case 'pmin':
      return sink.binary(`${shape}.min_${sign(kind)}`, a, b);
    case 'max':
    case 'pmax':
      return sink.binary(`${shape}.max_${sign(kind)}`, a, b);
    default:
      break;
  }
  throw new InternalError(`wasm: ${op} on ${shape}`);
}

/** A shift of all lanes by one count. */
export function packedShift(f: Frame, shape: NarrowShape, op: '<<' | '>>', kind: ScalarKind, a: Ref, count: Ref): Ref {
  return f.sink.binary(op === '<<' ? `${shape}.shl` : `${shape}.shr_${sign(kind)}`, a, count);
}

export function packedCmp(f: Frame, shape: NarrowShape, op: SCmp, kind: ScalarKind, a: Ref, b: Ref): Ref {
  if (op === '==' || op === '!=') return f.sink.binary(`${shape}.${op === '==' ? 'eq' : 'ne'}`, a, b);
  return f.sink.binary(`${shape}.${ORDER[op]}_${sign(kind)}`, a, b);
}

/** A conversion between signs, or to or from a mask. */
export function packedCast(f: Frame, shape: NarrowShape, from: ScalarKind, to: ScalarKind, a: Ref): Ref {
  if (from === 'bool') return f.sink.binary('v128.and', a, f.constant(packedBytes(shape, to, 1)));
  return to === 'bool' ? f.sink.binary(`${shape}.ne`, a, f.constant(packedBytes(shape, from, 0))) : a;
}

/** Bytes 0 and 1 as a mask. */
export const byteMask = (f: Frame, bytes: Ref): Ref => f.sink.unary('i8x16.neg', bytes);

/** The bits of a mask as a number. */
export function maskBits(f: Frame, mask: SExpr, value: Ref): Ref {
  const shape = narrowShape(mask.ty) ?? (mask.ty.lanes === 2 ? 'i64x2' : 'i32x4');
  return f.sink.unary(`${shape}.bitmask`, value);
}

/** An operation on whole registers that gives one; `ty` is the type of the result. */
export function wholeOp(f: Frame, e: Extract<SExpr, { readonly x: 'whole' }>, args: readonly Ref[]): Ref {
  const { sink } = f;
  const [a, b] = args;
  const from = e.args[0]?.ty.kind;
  if (a === undefined || from === undefined) throw new InternalError(`wasm: ${e.op} of nothing`);
  const s = sign(from);
  const bytes = scalarBytes(from);
  switch (e.op) {
    case 'low':
    case 'high':
      if (bytes === 1) return sink.unary(`i16x8.extend_${e.op}_i8x16_${s}`, a);
      return bytes === 2
        ? sink.unary(`i32x4.extend_${e.op}_i16x8_${s}`, a)
        : sink.unary(`i64x2.extend_${e.op}_i32x4_${s}`, a);
    case 'pairs':
      return sink.unary(bytes === 1 ? `i16x8.extadd_pairwise_i8x16_${s}` : `i32x4.extadd_pairwise_i16x8_${s}`, a);
    case 'swizzle':
      if (b !== undefined) return sink.binary('i8x16.swizzle', a, b);
      break;
    case 'dot':
      if (b !== undefined) return sink.binary('i32x4.dot_i16x8_s', a, b);
      break;
    case 'narrow':
      if (b !== undefined) return sink.binary(bytes === 2 ? 'i8x16.narrow_i16x8_u' : 'i16x8.narrow_i32x4_u', a, b);
      break;
    case 'zipLow':
    case 'zipHigh':
      if (b !== undefined) return sink.shuffle(a, b, zippedBytes(bytes, e.op === 'zipLow' ? 0 : 8));
      break;
    case 'words':
      return a;
    case 'bits':
      throw new InternalError('wasm: bits are no register');
    default:
      e.op satisfies never;
  }
  throw new InternalError(`wasm: ${e.op} of one operand`);
}

/** Where the bytes come from of the lanes, of so many bytes, of half of one register in turn with those of another. */
const zippedBytes = (bytes: number, from: number): readonly number[] =>
  Array.from({ length: 16 }, (_, at) => {
    const lane = Math.floor(at / bytes);
    return (lane % 2) * 16 + from + Math.floor(lane / 2) * bytes + (at % bytes);
  });
