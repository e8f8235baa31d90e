/**
 * The different strings of a column, in memory of kernels: end to end in one arena, and a table of them. A slot of the table
 * is two words, so that a look finds all in one line of the cache: the hash of a string (high half) and its code plus one, or
 * 0; and where it begins (high half) and its length.
 */

import { fail, type TypedArray } from '../../compiler/index.ts';
import type { Freeing } from './room.ts';

/** Words of a slot. */
const WORDS = 2;
/** Bytes behind the arena that may be written. */
const SLACK = 16;

/** The different strings of a column. */
export class Strings {
  readonly #alloc: Freeing;
  #arena: TypedArray;
  /** String c lies at [ends[c], ends[c + 1]) of the arena. */
  #ends: TypedArray;
  #slots: TypedArray;
  count = 0;
  used = 0;

  constructor(alloc: Freeing) {
    this.#alloc = alloc;
    this.#arena = alloc.alloc('u8', 4096 + SLACK);
    this.#ends = alloc.alloc('i32', 257);
    this.#ends[0] = 0;
    this.#slots = zeroed(alloc, 2 * 512);
  }

  get arena(): Uint8Array {
    return bytesOf(this.#arena).subarray(0, this.used);
  }
  get ends(): Int32Array {
    const { buffer, byteOffset } = this.#ends;
    return new Int32Array(buffer, byteOffset, this.count + 1);
  }
  /** How many slots the table has. */
  get size(): number {
    return this.#slots.length / WORDS;
  }
  /** What kernels read and write: arena, ends, slots. */
  buffers(): readonly [TypedArray, TypedArray, TypedArray] {
    return [this.#arena, this.#ends, this.#slots];
  }

  /** Makes room for so many more strings and bytes. */
  reserve(strings: number, bytes: number): void {
    // Places in it are i32.
    if (this.used + bytes + SLACK >= 2 ** 31) {
      fail('W6006', 'out of memory: the different strings of a column have more than 2 GiB', {
        help: 'read the text in batches, or without this column',
      });
    }
    if (this.used + bytes + SLACK > this.#arena.length) {
      this.#arena = this.#grown(this.#arena, 'u8', 2 * (this.used + bytes) + SLACK, this.used);
    }
    if (this.count + strings >= this.#ends.length) {
      this.#ends = this.#grown(this.#ends, 'i32', 2 * (this.count + strings) + 1, this.count + 1);
    }
    const had = this.#slots.length / WORDS;
    let slots = had;
    while (slots < 2 * (this.count + strings)) slots *= 2;
    if (slots > had) this.#rehash(slots);
  }
  #grown(from: TypedArray, kind: 'u8' | 'i32', length: number, kept: number): TypedArray {
    const to = this.#alloc.alloc(kind, length);
    bytesOf(to).set(bytesOf(from.subarray(0, kept)));
    this.#alloc.free?.(from);
    return to;
  }
  #rehash(length: number): void {
    const from = halvesOf(this.#slots);
    const slots = zeroed(this.#alloc, WORDS * length);
    const to = halvesOf(slots);
    for (let k = 0; k < from.length; k += 2 * WORDS) {
      if (from[k] === 0) continue;
      let slot = (from[k + 1] ?? 0) & (length - 1);
      while (to[2 * WORDS * slot] !== 0) slot = (slot + 1) & (length - 1);
      for (let half = 0; half < 2 * WORDS; half++) to[2 * WORDS * slot + half] = from[k + half] ?? 0;
    }
    this.#alloc.free?.(this.#slots);
    this.#slots = slots;
  }

  dispose(): void {
    for (const view of this.buffers()) this.#alloc.free?.(view);
  }
}

export const bytesOf = (a: TypedArray): Uint8Array => new Uint8Array(a.buffer, a.byteOffset, a.byteLength);
const halvesOf = (a: TypedArray): Uint32Array => new Uint32Array(a.buffer, a.byteOffset, 2 * a.length);
function zeroed(alloc: Freeing, length: number): TypedArray {
  const slots = alloc.alloc('u64', length);
  bytesOf(slots).fill(0);
  return slots;
}
