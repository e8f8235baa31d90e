/**
 * Leases: how long the data of a source may be read. Whoever makes a source has a lease on its columns (a reader, `array(..)`,
 * a collected table), and ends it with `dispose()`; whatever was derived from it cannot be computed from then on (W8009).
 *
 * Columns that a session has made are its memory, which goes back then. Columns of the caller stay the caller's: what goes
 * back are the copies that sessions have made of them. Without `dispose()` all of it goes back when the garbage collector
 * finds it. A lease that ends while an evaluation reads the data gives the memory back after that.
 */

import { fail, type Origin, type TypedArray } from '../../compiler/index.ts';
import type { Session } from '../../runtime/index.ts';

/** A column, and the session whose memory it is; null for the caller's. */
export interface Held {
  readonly data: TypedArray;
  readonly home: Session | null;
}

export class Lease {
  readonly #homes: ReadonlyMap<TypedArray, Session | null>;
  /** The sessions that have read the columns, and may have copies. */
  readonly #readers = new Set<Session>();
  #reading = 0;
  #ended = false;

  constructor(held: readonly Held[]) {
    this.#homes = new Map(held.map(({ data, home }) => [data, home]));
  }

  /** Refuses to go on after the end (W8009); `origin` is the call that made the data. */
  check(origin: Origin): void {
    if (!this.#ended) return;
    const made = origin.kind === 'api' ? ` of ${origin.call}` : '';
    fail('W8009', `the data${made} was disposed`, { origin, help: 'dispose a value after its last use' });
  }
  /** One of the columns for somebody who may keep it longer than the lease. */
  share(data: TypedArray): Held {
    const home = this.#homes.get(data) ?? null;
    return { data: home?.heap.share(data) ?? data, home };
  }

  /** An evaluation of a session begins to read the columns. */
  enter(session: Session): void {
    this.#readers.add(session);
    this.#reading++;
  }
  /** It has read them. */
  leave(): void {
    this.#reading--;
    if (this.#ended && this.#reading === 0) this.#release();
  }

  /** Ends the lease; a second time does nothing. */
  dispose(): void {
    if (this.#ended) return;
    this.#ended = true;
    if (this.#reading === 0) this.#release();
  }

  #release(): void {
    for (const [data, home] of this.#homes) {
      for (const session of this.#readers) session.forget(data);
      home?.release(data);
    }
  }
}
