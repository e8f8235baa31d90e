/**
 * The error function in double precision, a few units of the last place off, as fast as plain JavaScript gets: its Math
 * has none, and the loops it stands in are what ours are compared with. By the rational approximations of W. J. Cody,
 * "Rational Chebyshev approximations for the error function" (1969): one of erf near zero, two of erfc beyond.
 */

/** erf(x) = 2/sqrt(pi) * integral of exp(-t^2) from 0 to x. NaN gives NaN, infinities give -1 and 1. */
export function erf(x: number): number {
  const a = Math.abs(x);
  if (a <= 0.46875) return x * near(a * a);
  if (a >= 6) return Math.sign(x);
  const rest = Math.exp(-a * a) * (a <= 4 ? middle(a) : far(a));
  return x < 0 ? rest - 1 : 1 - rest;
}

/** erf(a) / a by z = a^2. */
function near(z: number): number {
  const p =
    (((0.18577770618460315 * z + 3.1611237438705655) * z + 113.86415415105016) * z + 377.485237685302) * z +
    3209.3775891384694;
  const q = (((z + 23.601290952344122) * z + 244.02463793444417) * z + 1282.6165260773723) * z + 2844.236833439171;
  return p / q;
}

/** exp(a^2) erfc(a) up to 4. */
function middle(a: number): number {
  const upper =
    (((2.1531153547440383e-8 * a + 0.5641884969886701) * a + 8.883149794388377) * a + 66.11919063714163) * a;
  const p =
    ((((upper + 298.6351381974001) * a + 881.952221241769) * a + 1712.0476126340707) * a + 2051.0783778260716) * a +
    1230.3393547979972;
  const lower = (((a + 15.744926110709835) * a + 117.6939508913125) * a + 537.1811018620099) * a;
  const q =
    ((((lower + 1621.3895745666903) * a + 3290.7992357334597) * a + 4362.619090143247) * a + 3439.3676741437216) * a +
    1230.3393548037495;
  return p / q;
}

const PER_ROOT_PI = 0.5641895835477563;

/** The same beyond 4. */
function far(a: number): number {
  const z = 1 / (a * a);
  const p =
    ((((0.016315387137302097 * z + 0.30532663496123236) * z + 0.36034489994980445) * z + 0.12578172611122926) * z +
      0.016083785148742275) *
      z +
    0.0006587491615298378;
  const q =
    ((((z + 2.568520192289822) * z + 1.8729528499234673) * z + 0.5279051029514285) * z + 0.06051834131244132) * z +
    0.0023352049762686918;
  return (PER_ROOT_PI - (z * p) / q) / a;
}
