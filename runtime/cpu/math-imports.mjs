/**
 * The functions that kernels import from module `math`: f64 in, f64 out. Plain JavaScript, because worker threads
 * load it too and all threads must compute the same bits. Math functions are no imports: kernels hold their code.
 */

/** The import object's `math` module. */
export const mathImports = Object.freeze({
  /** The remainder with the sign of the dividend, which is exact. @param {number} a @param {number} b */
  fmod: (a, b) => a % b,
});
