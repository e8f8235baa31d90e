/**
 * The different strings of a column, in memory of kernels: end to end in one arena, and a table of them. A slot of the table
 * is the hash of a string (high half) and its code plus one, or 0.
 */

import { fail, type TypedArray } from '../../compiler/index.ts';
import type { Freeing } from './room.ts';

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
    this.#slots = zeroed(alloc, 512);
  }

  get arena(): Uint8Array {
    return bytesOf(this.#arena).subarray(0, this.used);
  }
  get ends(): Int32Array {
    const { buffer, byteOffset } = this.#ends;
    return new Int32Array(buffer, byteOffset, this.count + 1);
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
    let slots = this.#slots.length;
    while (slots < 2 * (this.count + strings)) slots *= 2;
    if (slots > this.#slots.length) this.#rehash(slots);
  }
  #grown(from: TypedArray, kind: 'u8' | 'i32', length: number, kept: number): TypedArray {
    const to = this.#alloc.alloc(kind, length);
    bytesOf(to).set(bytesOf(from.subarray(0, kept)));
    this.#alloc.free?.(from);
    return to;
  }
  #rehash(length: number): void {
    const from = pairsOf(this.#slots);
    const slots = zeroed(this.#alloc, length);
    const to = pairsOf(slots);
    for (let k = 0; k < from.length; k += 2) {
      const code = from[k] ?? 0;
      if (code === 0) continue;
      const hash = from[k + 1] ?? 0;
      let slot = hash & (length - 1);
      while (to[2 * slot] !== 0) slot = (slot + 1) & (length - 1);
      to[2 * slot] = code;
      to[2 * slot + 1] = hash;
    }
    this.#alloc.free?.(this.#slots);
    this.#slots = slots;
  }

  dispose(): void {
    for (const view of this.buffers()) this.#alloc.free?.(view);
  }
}

export const bytesOf = (a: TypedArray): Uint8Array => new Uint8Array(a.buffer, a.byteOffset, a.byteLength);
const pairsOf = (a: TypedArray): Uint32Array => new Uint32Array(a.buffer, a.byteOffset, 2 * a.length);
function zeroed(alloc: Freeing, length: number): TypedArray {
  const slots = alloc.alloc('u64', length);
  bytesOf(slots).fill(0);
  return slots;
}
