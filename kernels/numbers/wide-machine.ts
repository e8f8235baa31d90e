/** Numbers of two and three words, which the machine has not. */

import { bin, cast, cmp, type Get, type KernelBuilder, type SExpr } from '../../compiler/kernels.ts';
import { times, u64 } from '../terms.ts';

/** A condition as a word: 0 or 1. */
export const word = (condition: SExpr): SExpr => cast(cast(condition, 'u32'), 'u64');

/** The product of two words as two. */
export function product(k: KernelBuilder, a: Get, b: Get): readonly [high: Get, low: Get] {
  const half = (x: SExpr): readonly [Get, Get] => [k.let(bin('>>', x, u64(32))), k.let(bin('&', x, u64(0xffff_ffff)))];
  const [a1, a0] = half(a);
  const [b1, b0] = half(b);
  const p0 = k.let(times(a0, b0));
  const p1 = k.let(bin('+', times(a1, b0), bin('>>', p0, u64(32))));
  const p2 = k.let(bin('+', times(a0, b1), bin('&', p1, u64(0xffff_ffff))));
  const high = bin('+', times(a1, b1), bin('+', bin('>>', p1, u64(32)), bin('>>', p2, u64(32))));
  return [k.let(high), k.let(bin('|', bin('<<', p2, u64(32)), bin('&', p0, u64(0xffff_ffff))))];
}

/** Three words, the upper one first. */
export type Wide = readonly [high: Get, middle: Get, low: Get];

/** The product of two words, the upper one first, and another. */
export function wideProduct(k: KernelBuilder, high: Get, low: Get, x: Get): Wide {
  const [carried, last] = product(k, low, x);
  const [top, rest] = product(k, high, x);
  const middle = k.let(bin('+', rest, carried));
  return [k.let(bin('+', top, word(cmp('<', middle, rest)))), middle, last];
}

/** Two words times two to the `by`, 1 to 63. */
export function wideShift(k: KernelBuilder, high: Get, low: Get, by: Get): Wide {
  const rest = k.let(bin('-', u64(64), by));
  const middle = bin('|', bin('<<', high, by), bin('>>', low, rest));
  return [k.let(bin('>>', high, rest)), k.let(middle), k.let(bin('<<', low, by))];
}

export function wideSum(k: KernelBuilder, a: Wide, b: Wide): Wide {
  const low = k.let(bin('+', a[2], b[2]));
  const carry = k.let(word(cmp('<', low, b[2])));
  const without = k.let(bin('+', a[1], b[1]));
  const middle = k.let(bin('+', without, carry));
  const carries = bin('+', word(cmp('<', without, b[1])), word(cmp('<', middle, carry)));
  return [k.let(bin('+', bin('+', a[0], b[0]), carries)), middle, low];
}

export function wideDifference(k: KernelBuilder, a: Wide, b: Wide): Wide {
  const borrow = k.let(word(cmp('<', a[2], b[2])));
  const without = k.let(bin('-', a[1], b[1]));
  const borrows = bin('+', word(cmp('<', a[1], b[1])), word(cmp('<', without, borrow)));
  return [
    k.let(bin('-', bin('-', a[0], b[0]), borrows)),
    k.let(bin('-', without, borrow)),
    k.let(bin('-', a[2], b[2])),
  ];
}
