/**
 * The blocks of a heap by where they may lie. A memory of 32-bit addresses is one zone. One of 64-bit addresses is two:
 *
 *     below 4 GiB    what 32 bits have to reach: argument records, the regions in which loops make vectors, and columns
 *                    of 8- and 16-bit kinds, whose elements inner vectors count with 32 bits
 *     from there on  columns of 32- and 64-bit kinds, which such a count reaches up to 16 and 32 GiB
 *
 * What may lie above goes above as long as there is room: the room below is for what can lie nowhere else.
 */

import { Blocks } from './blocks.ts';

export class Zones {
  readonly #low: Blocks;
  readonly #high: Blocks | null;
  readonly #border: number;

  /** From `start` on; `border` is where the upper zone begins, null for one zone. */
  constructor(start: number, border: number | null) {
    this.#low = new Blocks(start);
    this.#high = border === null ? null : new Blocks(border);
    this.#border = border ?? Number.POSITIVE_INFINITY;
  }

  /** Bytes in taken blocks. */
  get used(): number {
    return this.#low.used + (this.#high?.used ?? 0);
  }
  /** The zone of an address. */
  of(address: number): Blocks {
    return address >= this.#border && this.#high !== null ? this.#high : this.#low;
  }
  /** The memory ends at `end` now. */
  extend(end: number): void {
    this.#low.extend(Math.min(end, this.#border));
    this.#high?.extend(end);
  }
  /** Takes a block of at least `bytes` bytes: its address, or null when there is no room. */
  take(bytes: number, anywhere: boolean): number | null {
    return (anywhere && this.#high !== null ? this.#high : this.#low).take(bytes);
  }
  /** Does a larger memory have more room for such blocks? */
  grows(anywhere: boolean): boolean {
    return anywhere || this.#high === null;
  }
  /** The size of the free block at the end of the memory. */
  freeAtEnd(): number {
    return (this.#high ?? this.#low).freeAtEnd();
  }
}
