/**
 * The error function, double precision, below 1e-15 absolute error: the Maclaurin series near zero and the continued
 * fraction of erfc (Abramowitz and Stegun 7.1.6 and 7.1.14) elsewhere. JavaScript's Math has none.
 */

/** erf(x) = 2/sqrt(pi) * integral of exp(-t^2) from 0 to x. NaN gives NaN, infinities give -1 and 1. */
export function erf(x: number): number {
  if (x === 0 || Number.isNaN(x)) return x;
  const a = Math.abs(x);
  if (a >= 6) return Math.sign(x);
  return Math.sign(x) * (a < 2.5 ? series(a) : 1 - erfcFraction(a));
}

/** erf(a) = 2/sqrt(pi) * exp(-a^2) * sum of 2^n a^(2n+1) / (1*3*...*(2n+1)): all terms positive, so no cancellation. */
function series(a: number): number {
  let term = a;
  let sum = a;
  for (let n = 1; term > sum * 1e-17; n++) {
    term *= (2 * a * a) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-a * a) * sum;
}

/** erfc by its continued fraction, evaluated from the inside; 60 levels are ample for a >= 2.5. */
function erfcFraction(a: number): number {
  let f = a;
  for (let k = 60; k >= 1; k--) f = a + k / 2 / f;
  return Math.exp(-a * a) / (Math.sqrt(Math.PI) * f);
}
