/**
 * The double nearest to a decimal number. Where mantissa and power of ten both are doubles, one multiplication or division
 * rounds right (Clinger, "How to read floating point numbers accurately"); else the product of the mantissa and the first
 * 128 bits of the power does (Lemire, "Number parsing at a gigabyte per second", and Mushtak and Lemire, "Fast number
 * parsing without fallback", who show that these bits are always enough).
 *
 * A mantissa that is cut stands for something between it and the next one: where both make the same double, that is it.
 */

import { bin, bitcast, cast, cmp, type Get, type KernelBuilder, lit, sel, un } from '../../compiler/kernels.ts';
import { both, either, minus, num, plus, times, u64, yes } from '../terms.ts';
import type { Decimal } from './decimal-machine.ts';
import { EXACT_POWER, LEAST_POWER } from './powers.ts';
import { product, word } from './wide-machine.ts';

/** Buffers: `EXACT_POWERS`, f64, and `WIDE_POWERS`, u64. */
export interface Powers {
  readonly exact: number;
  readonly wide: number;
}

/** Above it a mantissa other than 0 makes an infinity. */
const MOST_READ = 308;
const INFINITE = 0x7ff;

/** The nearest double, which is not negative, and whether it is known. */
export function nearestDouble(
  k: KernelBuilder,
  n: Decimal,
  powers: Powers,
): { readonly value: Get; readonly isKnown: Get } {
  const [value, isKnown] = [k.var(lit('f64', 0)), k.var(yes)];
  const { mantissa, exponent } = n;
  const size = k.let(bin('max', exponent, un('neg', exponent)));
  k.if(
    both(cmp('<=', mantissa, u64(2n ** 53n)), cmp('<=', size, num(EXACT_POWER))),
    () => {
      const power = k.load(powers.exact, size);
      const m = k.let(cast(cast(mantissa, 'i64'), 'f64'));
      k.if(
        cmp('<', exponent, num(0)),
        () => k.set(value, bin('/', m, power)),
        () => k.set(value, times(m, power)),
      );
    },
    () =>
      k.if(cmp('!=', mantissa, u64(0)), () => {
        const tried = k.var(mantissa);
        const last = k.let(bin('+', mantissa, word(n.isCut)));
        k.while(cmp('<=', tried, last), () => {
          const found = byProduct(k, tried, exponent, powers.wide);
          k.set(isKnown, either(cmp('==', tried, mantissa), cmp('==', bitcast(value, 'u64'), found)));
          k.set(value, bitcast(found, 'f64'));
          k.set(tried, bin('+', tried, u64(1)));
        });
      }),
  );
  return { value, isKnown };
}

/** The bits of the double nearest to a mantissa, which is not 0, times ten to the exponent. */
function byProduct(k: KernelBuilder, mantissa: Get, exponent: Get, wide: number): Get {
  const bits = k.var(u64(0));
  k.if(cmp('>', exponent, num(MOST_READ)), () => k.set(bits, u64(BigInt(INFINITE) << 52n)));
  k.if(both(cmp('>=', exponent, num(LEAST_POWER)), cmp('<=', exponent, num(MOST_READ))), () => {
    const zeros = k.let(un('clz', mantissa));
    const m = k.let(bin('<<', mantissa, zeros));
    const entry = k.let(times(minus(exponent, LEAST_POWER), num(2)));
    const [upperHalf, lowerHalf] = product(k, m, k.load(wide, entry));
    const [high, low] = [k.var(upperHalf), k.var(lowerHalf)];
    k.if(cmp('==', bin('&', high, u64(0x1ff)), u64(0x1ff)), () => {
      const [second] = product(k, m, k.load(wide, k.let(plus(entry, 1))));
      k.set(low, bin('+', low, second));
      k.set(high, bin('+', high, word(cmp('<', low, second))));
    });
    const upper = k.let(bin('>>', high, u64(63)));
    const shift = k.let(bin('+', upper, u64(64 - 52 - 3)));
    // One bit more than is kept.
    const kept = k.var(bin('>>', high, shift));
    // floor(log2(10^exponent)) + 63, with log2(10) as a fraction of 2^16.
    const log = plus(bin('>>', times(exponent, num(152_170 + 65_536)), num(16)), 63);
    const biased = k.var(plus(minus(plus(log, cast(upper, 'i32')), cast(zeros, 'i32')), 1023));
    // Halves go to the even one. Where doubles have fewer bits there are none.
    const isClose = both(cmp('<=', low, u64(1)), cmp('>=', exponent, num(-4)), cmp('<=', exponent, num(23)));
    const isHalf = both(cmp('==', bin('&', kept, u64(3)), u64(1)), cmp('==', bin('<<', kept, shift), high));
    k.if(both(isClose, isHalf), () => k.set(kept, bin('-', kept, u64(1))));
    k.if(cmp('<=', biased, num(0)), () => {
      k.set(kept, bin('>>', kept, cast(bin('min', minus(num(1), biased), num(63)), 'u64')));
      k.set(biased, num(0));
    });
    k.set(kept, bin('>>', bin('+', kept, bin('&', kept, u64(1))), u64(1)));
    // The first bit of a mantissa is not written: as a number it adds one to the exponent, also where rounding made it.
    const first = sel(cmp('>', biased, num(0)), u64(1n << 52n), u64(0));
    k.set(bits, bin('+', bin('-', kept, first), bin('<<', cast(biased, 'u64'), u64(52))));
    k.set(bits, bin('min', bits, u64(BigInt(INFINITE) << 52n)));
  });
  return bits;
}
