/**
 * Logical types and how two of them meet.
 *
 * Promotion is NumPy's, without the value-based cases: equal kinds stay; two integers of one signedness give the wider,
 * of both signednesses the next wider signed one (with u64: f64); f32 with i8, i16, u8 or u16 stays f32, with a wider
 * integer or f64 gives f64; bool takes the other kind. A JavaScript number or bigint is weak: it takes the kind of what
 * it meets if it fits there without loss of form (an integer meets an integer kind, any number a float kind); a number
 * with a fraction turns an integer kind into f64. Two weak values are f64, or i64 when both are bigint.
 * `/` and the math functions turn integers into f64.
 */

import type { ScalarKind, ScalarType } from '../../compiler/index.ts';
import { isFloatKind, isIntKind, isSignedKind, scalar, scalarBytes } from '../../compiler/index.ts';
import { type DType, storageKind } from '../../runtime/index.ts';

/** The Core type that stores a logical type. */
export const storageType = (dtype: DType): ScalarType => scalar(storageKind(dtype));

/** True for a kind that has arithmetic: every Core number, not bool, string or timestamp. */
export const isNumberType = (dtype: DType): dtype is Exclude<ScalarKind, 'bool'> =>
  dtype !== 'bool' && dtype !== 'string' && dtype !== 'timestamp';

export const isFloatType = (dtype: DType): dtype is 'f32' | 'f64' => dtype === 'f32' || dtype === 'f64';
export const isIntType = (dtype: DType): dtype is Exclude<ScalarKind, 'bool' | 'f32' | 'f64'> =>
  isNumberType(dtype) && isIntKind(dtype);

const SIGNED_BY_BYTES = { 1: 'i8', 2: 'i16', 4: 'i32', 8: 'i64' } as const;

/** The kind that both sides of an operator are converted to. */
export function promote(a: ScalarKind, b: ScalarKind): ScalarKind {
  if (a === b) return a;
  if (a === 'bool') return b;
  if (b === 'bool') return a;
  if (isFloatKind(a) || isFloatKind(b)) {
    if (a === 'f64' || b === 'f64') return 'f64';
    const other = a === 'f32' ? b : a;
    return scalarBytes(other) <= 2 ? 'f32' : 'f64';
  }
  const [wide, narrow] = scalarBytes(a) >= scalarBytes(b) ? [a, b] : [b, a];
  if (isSignedKind(wide) === isSignedKind(narrow)) return wide;
  if (isSignedKind(wide) && scalarBytes(wide) > scalarBytes(narrow)) return wide;
  const unsigned = isSignedKind(wide) ? narrow : wide;
  const bytes = scalarBytes(unsigned);
  if (bytes === 8) return 'f64';
  return bytes === 4 ? 'i64' : SIGNED_BY_BYTES[bytes === 1 ? 2 : 4];
}

/** The kind of a quotient or a math function: floats stay, everything else is f64. */
export const floatKind = (kind: ScalarKind): 'f32' | 'f64' => (kind === 'f32' ? 'f32' : 'f64');

const RANGES: Readonly<Record<string, readonly [bigint, bigint]>> = {
  i8: [-128n, 127n],
  i16: [-32768n, 32767n],
  i32: [-2147483648n, 2147483647n],
  i64: [-(1n << 63n), (1n << 63n) - 1n],
  u8: [0n, 255n],
  u16: [0n, 65535n],
  u32: [0n, 4294967295n],
  u64: [0n, (1n << 64n) - 1n],
};

/** True when an integer literal is in the range of an integer kind. */
export function fitsKind(kind: ScalarKind, value: bigint): boolean {
  const range = RANGES[kind];
  return range === undefined || (value >= range[0] && value <= range[1]);
}
