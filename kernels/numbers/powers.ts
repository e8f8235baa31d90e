/**
 * Powers of ten as kernels multiply by them, to read doubles and to write them.
 *
 *     EXACT_POWERS[e]                  ten to the e, which is a double up to 22
 *     WIDE_POWERS[2 i], [2 i + 1]      the first 128 bits of ten to the e, i being e - LEAST_POWER, the upper word first
 *
 * Wide powers are rounded down, but up from -27 to -1; they are exact from 0 to 55 (`IS_ROUNDED_UP`, `IS_EXACT`).
 */

export const EXACT_POWER = 22;
/** Below it a mantissa of 64 bits makes 0; and how far shortest digits go. */
export const LEAST_POWER = -342;
export const MOST_POWER = 324;

/** The powers [first, last] that are rounded up, and those that are exact. */
export const ROUNDED_UP = [-27, -1] as const;
export const EXACT = [0, 55] as const;

export const EXACT_POWERS = Float64Array.from({ length: EXACT_POWER + 1 }, (_, e) => 10 ** e);

export const WIDE_POWERS = BigUint64Array.from(
  Array.from({ length: MOST_POWER - LEAST_POWER + 1 }, (_, i) => first128(i + LEAST_POWER)).flatMap((bits) => [
    bits >> 64n,
    BigInt.asUintN(64, bits),
  ]),
);

function first128(e: number): bigint {
  const power = 5n ** BigInt(Math.abs(e));
  const bits = BigInt(power.toString(2).length);
  if (e >= 0) return bits > 128n ? power >> (bits - 128n) : power << (128n - bits);
  const inverse = 2n ** (bits + 127n) / power;
  return e >= ROUNDED_UP[0] ? inverse + 1n : inverse;
}
