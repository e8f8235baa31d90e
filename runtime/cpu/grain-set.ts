/**
 * A set of small whole numbers that finds the greatest one not above another in a few steps: a tree of bits, 32 to a
 * word. A word of level 0 has a bit for each number; one of the level above has a bit for each word below that is not 0.
 */

/** Six levels of five bits: numbers below 2^30. */
const LEVELS = 6;

export class GrainSet {
  readonly #levels: Int32Array[] = Array.from({ length: LEVELS }, () => new Int32Array(1));

  add(n: number): void {
    let place = n;
    for (let level = 0; level < LEVELS; level++, place >>= 5) {
      const words = this.#wordsFor(level, place >> 5);
      const old = words[place >> 5] ?? 0;
      words[place >> 5] = old | (1 << (place & 31));
      if (old !== 0) return;
    }
  }

  delete(n: number): void {
    let place = n;
    for (const words of this.#levels) {
      if (place >> 5 >= words.length) return;
      const left = (words[place >> 5] ?? 0) & ~(1 << (place & 31));
      words[place >> 5] = left;
      if (left !== 0) return;
      place >>= 5;
    }
  }

  /** The greatest number of the set that is at most `n`, or null. */
  floor(n: number): number | null {
    let place = n;
    for (let level = 0; level < LEVELS && place >= 0; level++) {
      const word = this.#levels[level]?.[place >> 5] ?? 0;
      const below = word & (-1 >>> (31 - (place & 31)));
      if (below !== 0) return this.#greatestIn(level, ((place >> 5) << 5) + highestBit(below));
      place = (place >> 5) - 1;
    }
    return null;
  }

  /** The greatest number below place `place` of a level. */
  #greatestIn(level: number, place: number): number {
    let found = place;
    for (let k = level - 1; k >= 0; k--) found = (found << 5) + highestBit(this.#levels[k]?.[found] ?? 0);
    return found;
  }

  #wordsFor(level: number, word: number): Int32Array {
    const words = this.#levels[level];
    if (words !== undefined && word < words.length) return words;
    const longer = new Int32Array(2 ** Math.ceil(Math.log2(word + 1)));
    if (words !== undefined) longer.set(words);
    this.#levels[level] = longer;
    return longer;
  }
}

const highestBit = (word: number): number => 31 - Math.clz32(word);
