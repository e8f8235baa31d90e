/**
 * The memory in which kernels make vectors: a region for each part (`REGION` in the compiler's plan), which a kernel fills
 * from the front. How much a loop needs is not known before it runs: regions start small, and when a part stops with
 * RegionFull the launch is run again, with a much larger region for the parts that lacked room and a larger one for all.
 * Afterwards every region gives back what it does not use.
 */

import { type BufBinding, fail, REGION } from '../compiler/index.ts';
import type { Arena } from './arena.ts';
import type { BufferArg, Mem } from './device.ts';
import { column, strideOf } from './outputs/output.ts';

/** Bytes of a region at first: a guess for each row, within bounds. A run that stops for want of room stops early, so a
 *  guess that is too small costs less than memory that nobody uses. */
const BYTES_PER_ROW = 16;
const LEAST_BYTES = 4096;
const MOST_FIRST_BYTES = 1 << 16;
/** A part that lacked room gets this many times its region, the others a smaller multiple. */
const LACKING_GROWTH = 8;
const OTHER_GROWTH = 4;
/** Addresses are unsigned 32-bit numbers. */
const MOST_BYTES = 2 ** 32;
const STRIDE = strideOf(REGION.words * 4);
const WORDS = STRIDE / 4;

/** Does a kernel with these bindings make vectors? */
export const makesVectors = (bufs: readonly BufBinding[]): boolean => bufs.some((b) => b.bind === 'region');

export class Regions {
  readonly #arena: Arena;
  /** Bytes by part; empty before the first run. */
  #sizes: readonly number[] = [];
  #mems: readonly Mem[] = [];
  #records: Mem | null = null;

  constructor(arena: Arena) {
    this.#arena = arena;
  }

  /** Makes the regions for a run: the argument that binds them. */
  async open(rows: number, rowsPerPart: number, parts: number): Promise<BufferArg> {
    if (this.#sizes.length !== parts) {
      const guess = Math.min(rows, rowsPerPart) * BYTES_PER_ROW;
      const least = Math.max(0, ...this.#sizes);
      const bytes = Math.max(least, LEAST_BYTES, Math.min(guess, MOST_FIRST_BYTES));
      this.#sizes = new Array<number>(parts).fill(bytes);
    }
    this.#mems = this.#sizes.map((bytes) => this.#arena.alloc('u8', bytes));
    const { mem, view } = await column(this.#arena, 'i32', Math.max(1, parts) * WORDS);
    for (const [part, { handle, length }] of this.#mems.entries()) {
      view[part * WORDS + REGION.next] = handle | 0;
      view[part * WORDS + REGION.end] = (handle + length) | 0;
      view[part * WORDS + REGION.wanted] = 0;
    }
    this.#records = mem;
    return { mem, stride: STRIDE };
  }

  /** After a run that stopped with RegionFull: larger regions for the next. */
  async grow(): Promise<void> {
    const words = await this.#words();
    this.#sizes = this.#sizes.map((bytes, part) => {
      const wanted = Number(words[part * WORDS + REGION.wanted] ?? 0) >>> 0;
      const grown = wanted === 0 ? bytes * OTHER_GROWTH : Math.max(bytes * LACKING_GROWTH, 2 * (bytes + wanted));
      if (grown > MOST_BYTES) fail('W6006', `out of memory: a loop that makes ${grown} bytes of vectors`);
      return grown;
    });
  }

  /** After a run that came to its end: gives back what the parts did not use; what is left holds their vectors. */
  async close(): Promise<readonly Mem[]> {
    const words = await this.#words();
    return this.#mems.flatMap((mem, part) => {
      const used = (Number(words[part * WORDS + REGION.next] ?? 0) >>> 0) - mem.handle;
      return used === 0 ? [] : [this.#arena.trim(mem, used)];
    });
  }

  async #words(): Promise<ArrayLike<number | bigint>> {
    return this.#records === null ? [] : this.#arena.device.read(this.#records);
  }
}
