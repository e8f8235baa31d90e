/**
 * Which of several kernels that give the same bits is the fastest here, learnt from work that is done anyway: the first
 * large pieces of work are timed, the candidates in turn, and then one of them does the rest. Nothing is run only to be
 * timed, and nothing but the time that work takes depends on the outcome.
 *
 * A machine that is busy for a second is so for all candidates of a round, and only the times of one round are compared: a
 * candidate that is not clearly faster than the first one in one of them is out.
 */

/** Rounds that another candidate than the first one has to win; one goes before, in which V8 compiles the kernels well. */
const ROUNDS = 2;
/** So many times faster. */
const MARGIN = 1.1;

export interface Tuning {
  /** The candidate, of `count`, that has been the fastest; the first one where that is not known. */
  best(name: string, count: number): number;
  /** What `body` gives with the candidate whose turn it is; `work` is in any unit that is in proportion to time. */
  run<T>(name: string, count: number, work: number, body: (candidate: number) => Promise<T>): Promise<T>;
}

/** What is known of one kind of work: candidates that are left, and the work a unit of time of those that had their turn. */
interface Trials {
  readonly left: readonly number[];
  readonly rates: readonly number[];
  readonly round: number;
}

export class Learning implements Tuning {
  readonly #now: () => number;
  readonly #trials = new Map<string, Trials>();

  /** `now` is a clock that does not go back. */
  constructor(now: () => number) {
    this.#now = now;
  }

  best(name: string, count: number): number {
    const { left = [0] } = this.#trials.get(name) ?? {};
    return left.length === 1 ? Math.min(left[0] ?? 0, count - 1) : 0;
  }

  async run<T>(name: string, count: number, work: number, body: (candidate: number) => Promise<T>): Promise<T> {
    const fresh = (): Trials => ({ left: Array.from({ length: count }, (_, k) => k), rates: [], round: 0 });
    const { left, rates } = this.#trials.get(name) ?? fresh();
    const candidate = left[rates.length] ?? 0;
    if (left.length === 1) return body(candidate);
    const began = this.#now();
    const result = await body(candidate);
    const rate = work / Math.max(this.#now() - began, Number.MIN_VALUE);
    const before = this.#trials.get(name) ?? fresh();
    // Of pieces of work that ran at the same time one counts.
    if (before.rates.length === rates.length) this.#trials.set(name, after({ ...before, rates: [...rates, rate] }));
    return result;
  }
}

/** What is left when a candidate had its turn. */
function after({ left, rates, round }: Trials): Trials {
  const [first = 0] = rates;
  if (rates.length < left.length) return { left, rates, round };
  if (round === 0) return { left, rates: [], round: 1 };
  const winners = left.filter((_, k) => k === 0 || (rates[k] ?? 0) > first * MARGIN);
  if (winners.length === 1 || round < ROUNDS) return { left: winners, rates: [], round: round + 1 };
  const fastest = rates.indexOf(Math.max(...rates));
  return { left: left.slice(fastest, fastest + 1), rates: [], round };
}
