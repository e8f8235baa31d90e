/**
 * Seeded random numbers for the data of workloads: the same seed gives the same data on every machine. The generator is
 * sfc32 (small, fast, passes the usual statistical tests); its state is set from the seed by splitmix.
 */

export interface Random {
  /** From `low` up to, but not, `high`. */
  uniform(low: number, high: number): number;
  /** A whole number from `low` up to and with `high`. */
  whole(low: number, high: number): number;
  normal(mean: number, deviation: number): number;
  /** True with this probability. */
  chance(probability: number): boolean;
  /** A number below `count`; number k comes about as often as 1 / (k + 1) says (Zipf's law). */
  zipf(count: number): number;
}

export function randomOf(seed: number): Random {
  const unit = sfc32(seed);
  const uniform = (low: number, high: number): number => low + (high - low) * unit();
  return {
    uniform,
    whole: (low, high) => low + Math.floor(unit() * (high - low + 1)),
    // Box and Muller; 1 - unit() is never 0.
    normal: (mean, deviation) =>
      mean + deviation * Math.sqrt(-2 * Math.log(1 - unit())) * Math.cos(2 * Math.PI * unit()),
    chance: (probability) => unit() < probability,
    // The inverse of the continuous distribution with density 1 / x on [1, count + 1].
    zipf: (count) => Math.min(count - 1, Math.floor((count + 1) ** unit()) - 1),
  };
}

/** Numbers from 0 up to, but not, 1, in steps of 2^-32. */
function sfc32(seed: number): () => number {
  let mixed = seed | 0;
  const word = (): number => {
    mixed = (mixed + 0x9e3779b9) | 0;
    let z = Math.imul(mixed ^ (mixed >>> 16), 0x85ebca6b);
    z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35);
    return z ^ (z >>> 16);
  };
  let [a, b, c, counter] = [word(), word(), word(), 1];
  return () => {
    const next = (a + b + counter) | 0;
    counter = (counter + 1) | 0;
    a = b ^ (b >>> 9);
    b = (c + (c << 3)) | 0;
    c = ((c << 21) | (c >>> 11)) + next;
    return (next >>> 0) / 4294967296;
  };
}
