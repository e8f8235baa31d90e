/**
 * How SIR kinds live on the WASM machine: machine types, lane shapes, memory instructions, identities.
 *
 * A scalar bool or an integer of up to 32 bits is an i32 kept normalised (sign- or zero-extended to its kind, bool 0
 * or 1), so comparisons, divisions and conversions need no knowledge of the width. A wide value is one v128:
 *
 *   kind                        2 lanes                     4 lanes
 *   f64, i64, u64               f64x2, i64x2                -
 *   f32                         f32x4, low half             f32x4
 *   up to 32-bit integers       i32x4, low half             i32x4      (normalised per lane, like scalars)
 *   bool                        i64x2 mask                  i32x4 mask (all ones or all zeros)
 *
 * Only packed kernels have 8 and 16 lanes, of 16-bit and 8-bit integers in their own width (`packed.ts`).
 *
 * The high half of a low-half value is unspecified; nothing that can trap or that is observed may look at it.
 */

import type { MergeOp, ScalarKind } from '../../core/types.ts';
import { isFloatKind, isSignedKind, scalarBytes } from '../../core/types.ts';
import { InternalError } from '../../diag/diagnostic.ts';
import { INT_RANGE } from '../../sir/int-range.ts';
import type { SUn, ValTy } from '../../sir/kernel.ts';
import type { LoadOp, Shape, StoreOp, WasmTy } from './sink.ts';

export type ScalarTy = Exclude<WasmTy, 'v128'>;
export type FloatTy = 'f32' | 'f64';
export type IntTy = 'i32' | 'i64';

/** The machine type of a scalar. */
export function scalarTy(kind: ScalarKind): ScalarTy {
  if (kind === 'f32' || kind === 'f64') return kind;
  return scalarBytes(kind) === 8 ? 'i64' : 'i32';
}
/** The machine type of a value. */
export const machineTy = (ty: ValTy): WasmTy => (ty.lanes === 1 ? scalarTy(ty.kind) : 'v128');

/** The machine type of an integer kind or bool. */
export const intTy = (kind: ScalarKind): IntTy => (scalarBytes(kind) === 8 ? 'i64' : 'i32');
/** The kind itself, which must be a float. */
export function floatTy(kind: ScalarKind): FloatTy {
  if (kind === 'f32' || kind === 'f64') return kind;
  throw new InternalError(`wasm: ${kind} is no float`);
}
/** The suffix of instructions that differ by sign. */
export const sign = (kind: ScalarKind): 's' | 'u' => (isSignedKind(kind) ? 's' : 'u');

/** True for bool and the integers of up to 32 bits: i32 as scalars, 32-bit lanes when wide. */
export const isI32 = (kind: ScalarKind): boolean => scalarTy(kind) === 'i32';
/** True for kinds that use the low half of a register when there are two lanes. */
export const isHalf = (ty: ValTy): boolean => ty.lanes === 2 && ty.kind !== 'bool' && scalarBytes(ty.kind) < 8;

/** The lane shape of a wide value. */
export function shapeOf(ty: ValTy): Shape {
  if (ty.lanes > 4) return ty.lanes === 16 ? 'i8x16' : 'i16x8';
  if (ty.kind === 'bool') return ty.lanes === 2 ? 'i64x2' : 'i32x4';
  if (ty.kind === 'f32') return 'f32x4';
  if (ty.kind === 'f64') return 'f64x2';
  return scalarBytes(ty.kind) === 8 ? 'i64x2' : 'i32x4';
}

/** log2 of the bytes of an element. */
export const sizeShift = (kind: ScalarKind): number => Math.log2(scalarBytes(kind));

/** Loads one element, normalised. */
export const SCALAR_LOAD: Readonly<Record<ScalarKind, LoadOp>> = {
  bool: 'i32.load8_u',
  i8: 'i32.load8_s',
  u8: 'i32.load8_u',
  i16: 'i32.load16_s',
  u16: 'i32.load16_u',
  i32: 'i32.load',
  u32: 'i32.load',
  i64: 'i64.load',
  u64: 'i64.load',
  f32: 'f32.load',
  f64: 'f64.load',
};
/** Stores one element. */
export const SCALAR_STORE: Readonly<Record<ScalarKind, StoreOp>> = {
  bool: 'i32.store8',
  i8: 'i32.store8',
  u8: 'i32.store8',
  i16: 'i32.store16',
  u16: 'i32.store16',
  i32: 'i32.store',
  u32: 'i32.store',
  i64: 'i64.store',
  u64: 'i64.store',
  f32: 'f32.store',
  f64: 'f64.store',
};

/** Unary operations that are instructions; the others are code of the math library before they come here. */
const INSTRUCTIONS: ReadonlySet<SUn> = new Set<SUn>([
  'neg',
  'not',
  'clz',
  'ctz',
  'popcnt',
  'abs',
  'floor',
  'ceil',
  'trunc',
  'nearest',
  'sqrt',
]);
export type FloatUnary = 'neg' | 'abs' | 'floor' | 'ceil' | 'trunc' | 'nearest' | 'sqrt';
export const isInstruction = (op: SUn): op is FloatUnary | 'not' | 'clz' | 'ctz' | 'popcnt' => INSTRUCTIONS.has(op);

/**
 * The value that leaves every value as it is. For float `+` that is -0, because 0 + -0 is 0: with -0 a lane that takes
 * no part changes nothing, bit for bit.
 */
export function identityOf(op: MergeOp, kind: ScalarKind): number | bigint {
  const range = INT_RANGE[kind];
  if (range === undefined && !isFloatKind(kind)) throw new InternalError(`wasm: no identity of ${op} on ${kind}`);
  switch (op) {
    case '+':
      return range === undefined ? -0 : 0;
    case '*':
      return 1;
    case 'min':
      return range === undefined ? Number.POSITIVE_INFINITY : range[1];
    case 'max':
      return range === undefined ? Number.NEGATIVE_INFINITY : range[0];
    default:
      return op satisfies never;
  }
}

/** The names a module may import from `math`: it takes and gives f64. */
export type LibraryName = 'fmod';
