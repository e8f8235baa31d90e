/**
 * Which of several kernels that give the same bits is the fastest here, learnt from work that is done anyway: the first
 * large pieces of work are timed, each candidate in its turn, and then the fastest does the rest. Nothing is run only to
 * be timed, and nothing but the time that work takes depends on the outcome.
 */

/** Trials of a candidate: V8 compiles a kernel well only while it runs for the first time, so the best of several counts. */
const TRIALS = 3;
/** Another candidate than the first one has to be so much faster, since a busy machine times badly. */
const MARGIN = 1.1;

export interface Tuning {
  /** The candidate, of `count`, that has been the fastest; the first one where that is not known. */
  best(name: string, count: number): number;
  /** What `body` gives with the candidate whose turn it is; `work` is in any unit that is in proportion to time. */
  run<T>(name: string, count: number, work: number, body: (candidate: number) => Promise<T>): Promise<T>;
}

export class Learning implements Tuning {
  readonly #now: () => number;
  /** The most work a unit of time that the candidates have done, in order of the trials. */
  readonly #trials = new Map<string, number[]>();
  readonly #settled = new Map<string, number>();

  /** `now` is a clock that does not go back. */
  constructor(now: () => number) {
    this.#now = now;
  }

  best(name: string, count: number): number {
    return Math.min(this.#settled.get(name) ?? 0, count - 1);
  }

  async run<T>(name: string, count: number, work: number, body: (candidate: number) => Promise<T>): Promise<T> {
    const settled = count === 1 ? 0 : this.#settled.get(name);
    if (settled !== undefined) return body(settled);
    const trials = this.#trials.get(name) ?? [];
    this.#trials.set(name, trials);
    const candidate = Math.floor(trials.length / TRIALS);
    const began = this.#now();
    const result = await body(Math.min(candidate, count - 1));
    trials.push(work / Math.max(this.#now() - began, Number.MIN_VALUE));
    if (trials.length >= count * TRIALS) this.#settled.set(name, fastest(trials, count));
    return result;
  }
}

function fastest(trials: readonly number[], count: number): number {
  const best = (candidate: number): number => Math.max(...trials.slice(candidate * TRIALS, (candidate + 1) * TRIALS));
  let found = 0;
  for (let candidate = 1; candidate < count; candidate++) {
    if (best(candidate) > best(found) * (found === 0 ? MARGIN : 1)) found = candidate;
  }
  return found;
}
