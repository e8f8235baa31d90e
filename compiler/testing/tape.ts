/**
 * A tape of decisions: the generator of programs is a plain function of a list of numbers. Decision 0 is always the
 * simplest choice and an exhausted tape answers 0 for ever, so every tape gives a finite program, and a property
 * tester shrinks programs by shortening the tape and lowering its numbers, without knowing what they mean.
 */

export class Tape {
  readonly #cells: readonly number[];
  readonly #spans: [number, number][] = [];
  #at = 0;
  constructor(cells: readonly number[]) {
    this.#cells = cells;
  }
  /** The next cell, 0 when the tape is used up. */
  next(): number {
    return this.#cells[this.#at++] ?? 0;
  }
  /** A number in [0, n). */
  pick(n: number): number {
    return n <= 1 ? 0 : this.next() % n;
  }
  /** True in one of `n` cases, never on an exhausted tape. */
  rarely(n: number): boolean {
    return this.pick(n) === n - 1;
  }
  /** One of `list`, which must not be empty; the first is the simplest. */
  choose<T>(list: readonly [T, ...T[]]): T {
    return list[this.pick(list.length)] ?? list[0];
  }
  /** One of `list` or undefined when it is empty; late ones are more likely, and the last is the simplest. */
  recent<T>(list: readonly T[]): T | undefined {
    return list[list.length - 1 - Math.min(this.pick(list.length), this.pick(list.length))];
  }
  /** Notes that `f` reads one piece of the tape that may be cut out: a step, not a part of an expression. */
  span<T>(f: () => T): T {
    const from = this.#at;
    const value = f();
    if (from < this.#cells.length) this.#spans.push([from, this.#at]);
    return value;
  }
  get spans(): readonly (readonly [number, number])[] {
    return this.#spans;
  }
  /** How many cells were read, or all of them and more. */
  get used(): number {
    return this.#at;
  }
  get isEmpty(): boolean {
    return this.#at >= this.#cells.length;
  }
}

/** Numbers in [0, 2^32) from a seed (mulberry32): data for programs, where every number need not shrink alone. */
export function numbersFrom(seed: number): () => number {
  let state = seed | 0;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return (t ^ (t >>> 14)) >>> 0;
  };
}
