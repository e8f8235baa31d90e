/** Rounding half to even, which JavaScript's Math has not: `round` of Core, `nearest` of SIR. */

/** To the nearest whole number, from the middle to the even one; a zero keeps the sign. */
export function roundEven(a: number): number {
  const unit = 2 ** 52;
  const size = Math.abs(a);
  if (!(size < unit)) return a;
  const whole = size + unit - unit;
  return a < 0 || Object.is(a, -0) ? -whole : whole;
}
