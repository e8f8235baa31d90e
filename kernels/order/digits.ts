/**
 * Which bits of words decide their order, from a sample.
 *
 *     shared     the first bits, where they are the same in all words; or, where some words have the top bit and some have
 *                not, in each of the two halves (exponents of floats around 0, small integers of both signs)
 *     digits     the bits behind them, as far as two words of the column are hardly ever equal in all of them
 *     low        how many bits are left, by which neighbours are put in order in the end
 *
 * A sample of n words has n^2/2 pairs, so it shows how many pairs of a much longer column agree in their first bits. What
 * it says of neighbours is noticed where it is wrong; which bits are shared is found out from the column.
 */

/** Other words, to every word, that agree with it in all digits: about a quarter of them is out of order. */
const MOST_NEIGHBOURS = 1;

/** Words in order, as halves of 32 bits; of words of 32 bits the low half is 0. */
export interface Sample {
  readonly width: 32 | 64;
  readonly high: Uint32Array;
  readonly low: Uint32Array;
}

export interface Digits {
  /** How many there are, of `bits` bits each; the last one is the topmost, and may have less. */
  readonly count: number;
  readonly bits: number;
  /** The bit at which the first one begins. */
  readonly low: number;
  /** Bits of the topmost one, without the top bit. */
  readonly top: number;
  /** Is the top bit in front of them? */
  readonly isSplit: boolean;
}

/** What the words of a column are compared with, to find out which bits they share. */
export interface Likes {
  /** Are there words with the top bit and words without it? Then the top bit is in front of the topmost digit. */
  readonly isSplit: boolean;
  /** A word without the top bit, and one with it if there is one; otherwise the same. */
  readonly words: readonly [bigint, bigint];
}

export function likesOf(s: Sample): Likes {
  const split = s.high.findIndex((w) => w >= 2 ** 31);
  return { isSplit: split > 0, words: [wordAt(s, 0), wordAt(s, Math.max(split, 0))] };
}

/**
 * The digits of `length` words that are like the sample, of at most `most` bits; `differs` is the highest bit, -1 for none, in which some word is
 * not like the one of `likes` that it has the top bit of.
 */
export function digitsOf(s: Sample, length: number, { isSplit }: Likes, differs: number, most: number): Digits {
  const varying = differs + 1 + (isSplit ? 1 : 0);
  for (let count = 1; ; count++) {
    const low = Math.max(0, varying - count * most);
    if (low === 0 || length * agreeing(s, s.width - low) <= MOST_NEIGHBOURS) {
      const bits = Math.ceil((varying - low) / count);
      return { count, bits, low, top: differs + 1 - (low + (count - 1) * bits), isSplit };
    }
  }
}

/** The share of the pairs of words that agree in the first bits and are not equal. */
function agreeing(s: Sample, bits: number): number {
  const n = s.high.length;
  let pairs = 0;
  // Words that agree are neighbours: how many stand before each one.
  for (let k = 1, like = 0, equal = 0; k < n; k++) {
    const common = commonBits(s, k - 1, k);
    like = common >= bits ? like + 1 : 0;
    equal = common === s.width ? equal + 1 : 0;
    pairs += like - equal;
  }
  return (2 * pairs) / (n * (n - 1));
}

/** How many first bits of two words agree. */
function commonBits({ width, high, low }: Sample, a: number, b: number): number {
  const differ = (high[a] ?? 0) ^ (high[b] ?? 0);
  if (differ !== 0) return Math.clz32(differ);
  return Math.min(width, 32 + Math.clz32((low[a] ?? 0) ^ (low[b] ?? 0)));
}
const wordAt = ({ width, high, low }: Sample, k: number): bigint =>
  (BigInt(high[k] ?? 0) << BigInt(width - 32)) | BigInt(low[k] ?? 0);
