import { expect, it } from 'vitest';
import { EXACT, EXACT_POWER, EXACT_POWERS, LEAST_POWER, MOST_POWER, ROUNDED_UP, WIDE_POWERS } from './powers.ts';

it('exact powers are doubles', () => {
  for (let e = 0; e <= EXACT_POWER; e++) expect(BigInt(EXACT_POWERS[e] ?? 0)).toBe(10n ** BigInt(e));
});

it('wide powers are the first 128 bits, rounded as they are said to be', () => {
  for (let e = LEAST_POWER; e <= MOST_POWER; e++) {
    const at = 2 * (e - LEAST_POWER);
    const [high = 0n, low = 0n] = WIDE_POWERS.subarray(at, at + 2);
    const bits = (high << 64n) | low;
    expect(high >> 63n, `${e}`).toBe(1n);
    // bits * 2^shift is 10^e, or next to it: both as multiples of one power of ten or of two.
    const power = 10n ** BigInt(Math.abs(e));
    const shift = BigInt((e < 0 ? 1 - power.toString(2).length : power.toString(2).length) - 128);
    const scaled = (n: bigint): bigint => (shift < 0n ? n : n << shift) * (e < 0 ? power : 1n);
    const want = (e < 0 ? 1n : power) << (shift < 0n ? -shift : 0n);
    const isUp = e >= ROUNDED_UP[0] && e <= ROUNDED_UP[1];
    expect(scaled(bits) === want, `${e}`).toBe(e >= EXACT[0] && e <= EXACT[1]);
    expect(isUp ? scaled(bits) > want : scaled(bits) <= want, `${e}`).toBe(true);
    expect(isUp ? scaled(bits - 1n) < want : scaled(bits + 1n) > want, `${e}`).toBe(true);
    if (e < ROUNDED_UP[0] || e > EXACT[1]) expect(low, `${e}`).not.toBe(2n ** 64n - 1n);
  }
});
