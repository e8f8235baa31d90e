/** Digits of text as numbers, and numbers as digits, sixteen at a time. */

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
import { IOTA, minus, num, plus, times, u64 } from '../terms.ts';

const ZERO = lit('u8', 0x30, 16);
const weights = (high: number): SExpr => lanes(Array.from({ length: 8 }, (_, l) => lit('i16', l % 2 === 0 ? high : 1)));

/** Bytes as digits, and a bit for each one that is a digit. */
export interface Digits {
  readonly digits: Get;
  readonly mask: Get;
}
export function digitsOf(k: KernelBuilder, bytes: SExpr): Digits {
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

/** A number of seventeen digits as characters: the first one, and a register of the others. */
export function seventeenDigits(k: KernelBuilder, n: Get): { readonly first: Get; readonly rest: Get } {
  const parts = (whole: Get, by: bigint): readonly [Get, Get] => {
    const upper = k.let(bin('/', whole, u64(by)));
    return [upper, k.let(bin('-', whole, times(upper, u64(by))))];
  };
  const [first, sixteen] = parts(n, 10n ** 16n);
  const fours = parts(sixteen, 10n ** 8n).flatMap((eight) => {
    const half = k.let(cast(eight, 'i32'));
    const upper = k.let(bin('/', half, num(10_000)));
    return [upper, minus(half, times(upper, num(10_000)))];
  });
  const four = k.let(lanes(fours));
  const hundreds = k.let(bin('>>', times(four, lit('i32', 5243, 4)), lit('i32', 19, 4)));
  const twos = k.let(cast(whole('narrow', hundreds, bin('-', four, times(hundreds, lit('i32', 100, 4)))), 'i16'));
  const tens = k.let(bin('>>', times(twos, lit('i16', 103, 8)), lit('i16', 10, 8)));
  const ones = bin('-', twos, times(tens, lit('i16', 10, 8)));
  const digits = whole('swizzle', whole('narrow', tens, ones), IN_ORDER);
  return { first: k.let(cast(plus(cast(first, 'i32'), 0x30), 'u8')), rest: k.let(bin('+', digits, ZERO)) };
}
/** Tens of the upper hundreds, then those of the lower ones, then ones: where the digits of each number stand. */
const IN_ORDER = lanes([0, 1, 2, 3].flatMap((n) => [n, n + 8, n + 4, n + 12]).map((l) => lit('u8', l)));
