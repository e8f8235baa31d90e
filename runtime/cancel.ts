/**
 * Cancelling a run. An AbortSignal fires while the event loop turns, and a run that computes keeps it from turning: so a
 * run that was given a signal lets it turn every few milliseconds, and looks at the signal then. Runs without one are
 * not slowed down, and hold the calling thread until they need a worker or are done.
 *
 * A checkpoint stands between the steps of a plan, between the parts that are combined, and between the calls of a kernel,
 * which take 16,384 rows each. What lies between two of them (such a call, a primitive, a sort's last gathering of rows)
 * runs to its end.
 */

import { diagnostic, WeldError } from '../compiler/index.ts';

/** How long a run computes before it lets the event loop turn. */
const SLICE_MS = 8;

/** Throws W6013 when the signal has fired; its reason is the cause. */
export function throwIfCancelled(signal: AbortSignal | null): void {
  if (!signal?.aborted) return;
  const reason: unknown = signal.reason;
  const notes = reason instanceof Error ? [`${reason.name}: ${reason.message}`] : [];
  throw new WeldError([diagnostic('W6013', 'the run was cancelled by its signal', { notes })], { cause: reason });
}

/** Where a run lets a signal come through. */
export class Checkpoint {
  readonly #signal: AbortSignal;
  #last = performance.now();

  constructor(signal: AbortSignal) {
    this.#signal = signal;
  }

  /** Is it time for a turn of the event loop? Asked after every piece of work. */
  due(): boolean {
    return performance.now() - this.#last >= SLICE_MS;
  }
  /** Lets the event loop turn; throws W6013 when the signal has fired. */
  async pass(): Promise<void> {
    await new Promise((resume) => setImmediate(resume));
    throwIfCancelled(this.#signal);
    this.#last = performance.now();
  }
}
