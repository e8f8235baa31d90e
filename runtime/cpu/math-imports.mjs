/**
 * The functions that kernels import from module `math`: f64 in, f64 out. Plain JavaScript, because worker threads
 * load it too and all threads must compute the same bits. `erf` repeats compiler/core/erf.ts operation by operation;
 * a test holds the two together.
 */

/** @param {number} x @returns {number} */
function erf(x) {
  if (x === 0 || Number.isNaN(x)) return x;
  const a = Math.abs(x);
  if (a >= 6) return Math.sign(x);
  return Math.sign(x) * (a < 2.5 ? series(a) : 1 - erfcFraction(a));
}

/** @param {number} a @returns {number} */
function series(a) {
  let term = a;
  let sum = a;
  for (let n = 1; term > sum * 1e-17; n++) {
    term *= (2 * a * a) / (2 * n + 1);
    sum += term;
  }
  return (2 / Math.sqrt(Math.PI)) * Math.exp(-a * a) * sum;
}

/** @param {number} a @returns {number} */
function erfcFraction(a) {
  let f = a;
  for (let k = 60; k >= 1; k--) f = a + k / 2 / f;
  return Math.exp(-a * a) / (Math.sqrt(Math.PI) * f);
}

/** The import object's `math` module. */
export const mathImports = Object.freeze({
  exp: Math.exp,
  log: Math.log,
  sin: Math.sin,
  cos: Math.cos,
  tan: Math.tan,
  asin: Math.asin,
  acos: Math.acos,
  atan: Math.atan,
  sinh: Math.sinh,
  cosh: Math.cosh,
  tanh: Math.tanh,
  erf,
  /** @param {number} a @param {number} b */
  pow: (a, b) => a ** b,
  /** The remainder with the sign of the dividend. @param {number} a @param {number} b */
  fmod: (a, b) => a % b,
});
