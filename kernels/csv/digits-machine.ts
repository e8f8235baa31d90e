/** Digits of text as numbers, sixteen at a time. */

import {
  bin,
  cast,
  cmp,
  type Get,
  type KernelBuilder,
  lane,
  lanes,
  lit,
  type SExpr,
  splat,
  whole,
} from '../../compiler/kernels.ts';
import { IOTA, num, u64 } from '../terms.ts';

const ZERO = lit('u8', 0x30, 16);
const weights = (high: number): SExpr => lanes(Array.from({ length: 8 }, (_, l) => lit('i16', l % 2 === 0 ? high : 1)));

/** Bytes as digits, and a bit for each one that is a digit. */
export function digitsOf(k: KernelBuilder, bytes: SExpr): { readonly digits: Get; readonly mask: Get } {
  const digits = k.let(bin('-', bytes, ZERO));
  return { digits, mask: k.let(whole('bits', cmp('<=', digits, lit('u8', 9, 16)))) };
}

/** The four numbers of two digits of eight lanes. */
export const twoDigits = (eight: SExpr): SExpr => whole('dot', cast(eight, 'i16'), weights(10));

/** The number that all sixteen digits of a register write. */
function sixteenDigits(k: KernelBuilder, digits: SExpr): SExpr {
  const all = k.let(digits);
  const twos = whole('narrow', twoDigits(whole('low', all)), twoDigits(whole('high', all)));
  const fours = k.let(whole('dot', cast(twos, 'i16'), weights(100)));
  const eight = (first: number): SExpr =>
    cast(cast(bin('+', bin('*', lane(fours, first), num(10_000)), lane(fours, first + 1)), 'u32'), 'u64');
  return bin('+', bin('*', eight(0), u64(100_000_000)), eight(2));
}

/** The number that the first `length` digits (1 to 16) of a register write, without the byte at `dot` (-1 for none). */
export function firstDigits(k: KernelBuilder, digits: SExpr, length: SExpr, dot: SExpr | null = null): Get {
  // Lane l takes digit l + length - 16: lanes before the first one get an index that is no lane, so zero.
  const shifted = k.let(bin('+', IOTA, splat(cast(length, 'u8'), 16)));
  const index = bin('-', shifted, lit('u8', 16, 16));
  if (dot === null) return k.let(sixteenDigits(k, whole('swizzle', digits, index)));
  // Digits before the dot move over it.
  const isBefore = cmp('<=', shifted, splat(cast(bin('+', dot, num(16)), 'u8'), 16));
  const without = bin('-', index, cast(isBefore, 'u8'));
  return k.let(sixteenDigits(k, whole('swizzle', digits, without)));
}
