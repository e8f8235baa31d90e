/** Whole numbers in a text: up to nineteen digits, sixteen of them at a time. */

import { bin, cast, cmp, type Get, type KernelBuilder } from '../../compiler/kernels.ts';
import { both, minus, num, plus, times, u64 } from '../terms.ts';
import type { Written } from './decimal-machine.ts';
import { digitsOf, firstDigits } from './digits-machine.ts';

/** Most digits: they fit in 64 bits. */
export const WHOLE_DIGITS = 19;

/** Reads digits and nothing else; gives whether there are some, and not too many, and what they come to. */
export function readWhole(
  k: KernelBuilder,
  { text, start, end }: Written,
): { readonly isWritten: Get; readonly magnitude: Get } {
  const length = k.let(minus(end, start));
  const inFirst = k.let(bin('max', bin('min', length, num(16)), num(1)));
  const { digits, mask } = digitsOf(k, k.load(text, start, 16));
  const magnitude = k.var(firstDigits(k, digits, inFirst));
  const needed = k.let(minus(bin('<<', num(1), inFirst), 1));
  const isWritten = k.var(
    both(cmp('>', length, num(0)), cmp('<=', length, num(WHOLE_DIGITS)), cmp('==', bin('&', mask, needed), needed)),
  );
  k.if(both(isWritten, cmp('>', length, num(16))), () =>
    k.range(plus(start, 16), end, (at) => {
      const digit = k.let(minus(cast(k.load(text, at), 'i32'), 0x30));
      k.set(isWritten, both(isWritten, cmp('>=', digit, num(0)), cmp('<=', digit, num(9))));
      k.set(magnitude, bin('+', times(magnitude, u64(10)), cast(cast(digit, 'u32'), 'u64')));
    }),
  );
  return { isWritten, magnitude };
}
