/**
 * The shortest digits that are read as the same double; of several the nearest to it, and of two as near the even one
 * (Giulietti, "The Schubfach way to render doubles", 2021).
 *
 * A double is c * 2^q, and what is read as it lies between its two borders, c - 1/2 and c + 1/2 times 2^q (c - 1/4 where
 * the doubles below lie closer). With the largest 10^k that is not above the distance of the borders, one multiple of
 * 10^(k+1) lies between them, or else one of 10^k on either side of the double does. All three are multiplied by the
 * first 128 bits of 10^-k, keeping 64 bits and whether there is more: enough to compare them with whole numbers.
 */

import { bin, cast, cmp, type Get, type KernelBuilder, type SExpr, sel } from '../../compiler/kernels.ts';
import { both, either, minus, num, plus, times, u64 } from '../terms.ts';
import { EXACT, LEAST_POWER, ROUNDED_UP } from './powers.ts';
import { type Wide, wideDifference, wideProduct, wideShift, wideSum, word } from './wide-machine.ts';

/** Digits times ten to the exponent: variables. */
export interface Shortest {
  readonly digits: Get;
  readonly exponent: Get;
}

/** Bits of a mantissa that are written. */
const MANTISSA = 52;
/** What c counts, as a power of two, where the exponent of the bits is 0. */
const LEAST_EXPONENT = -1075;

/** The digits of a finite double above 0, from its bits. `wide` is the buffer of `WIDE_POWERS`. */
export function shortestDigits(k: KernelBuilder, bits: Get, wide: number): Shortest {
  const biased = k.let(cast(bin('>>', bits, u64(MANTISSA)), 'i32'));
  const fraction = k.let(bin('&', bits, u64((1n << 52n) - 1n)));
  const c = k.let(bin('+', fraction, sel(cmp('==', biased, num(0)), u64(0), u64(1n << 52n))));
  const q = k.let(plus(bin('max', biased, num(1)), LEAST_EXPONENT));
  const isClose = k.let(both(cmp('==', fraction, u64(0)), cmp('>', biased, num(1))));
  // floor(log10(2^q)), or that of 3/4 of it, with log10(2) and -log10(3/4) as fractions of 2^22.
  const power = k.let(bin('>>', minus(times(q, num(1_262_611)), sel(isClose, num(524_031), num(0))), num(22)));
  const [high, low] = powerOf(k, k.let(minus(num(0), power)), wide);

  // Four is what c counts: one more than floor(log2(10^-power)) places up, with log2(10) as a fraction of 2^19.
  const up = k.let(cast(plus(plus(q, bin('>>', times(power, num(-1_741_647)), num(19))), 3), 'u64'));
  const exact = wideProduct(k, high, low, k.let(bin('<<', c, up)));
  const half = k.let(bin('-', up, u64(1)));
  const halfBelow = k.let(bin('-', half, word(isClose)));
  const kept = ([top, rest]: Wide): Get => k.let(bin('|', top, word(cmp('>', rest, u64(1)))));
  // Borders belong to even doubles.
  const isOdd = k.let(bin('&', c, u64(1)));
  const value = kept(exact);
  const lower = k.let(bin('+', kept(wideDifference(k, exact, wideShift(k, high, low, halfBelow))), isOdd));
  const upper = k.let(bin('-', kept(wideSum(k, exact, wideShift(k, high, low, half))), isOdd));

  /** Does four times a number lie between the borders? */
  const isIn = (n: SExpr): Get => {
    const four = k.let(times(n, u64(4)));
    return k.let(both(cmp('<=', lower, four), cmp('<=', four, upper)));
  };
  const below = k.let(bin('>>', value, u64(2)));
  const shorter = k.let(bin('/', below, u64(10)));
  const tens = k.let(times(shorter, u64(10)));
  const isNext = isIn(bin('+', tens, u64(10)));
  const isShorter = k.let(either(isIn(tens), isNext));
  const isAbove = isIn(bin('+', below, u64(1)));
  const middle = k.let(bin('+', times(below, u64(4)), u64(2)));
  const isOddBelow = cmp('!=', bin('&', below, u64(1)), u64(0));
  const isNearer = either(cmp('>', value, middle), both(cmp('==', value, middle), isOddBelow));
  const isUp = sel(cmp('!=', isIn(below), isAbove), isAbove, isNearer);
  return {
    digits: k.var(bin('+', sel(isShorter, shorter, below), word(sel(isShorter, isNext, isUp)))),
    exponent: k.var(plus(power, cast(isShorter, 'i32'))),
  };
}

/** The first 128 bits of a power of ten, rounded up where it is not exact. */
function powerOf(k: KernelBuilder, power: Get, wide: number): readonly [high: Get, low: Get] {
  const entry = k.let(times(minus(power, LEAST_POWER), num(2)));
  const isDown = either(cmp('<', power, num(ROUNDED_UP[0])), cmp('>', power, num(EXACT[1])));
  // No lower word is all ones.
  return [k.load(wide, entry), k.let(bin('+', k.load(wide, k.let(plus(entry, 1))), word(isDown)))];
}
