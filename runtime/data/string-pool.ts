/**
 * Gives every distinct string of a column a code, in order of first appearance, straight from UTF-8 bytes.
 *
 * Readers meet the same few strings millions of times; making a JavaScript string of each meeting would cost more
 * than the rest of reading. So the pool keeps the distinct byte strings end to end in one arena, finds them with an
 * open-addressing hash table over bytes; strings are made of them when somebody asks (`utf8-dictionary.ts`).
 */

import { type DecodedStrings, decodeStrings } from './utf8-dictionary.ts';

const EMPTY = -1;

export class StringPool {
  #arena = new Uint8Array(4096);
  #used = 0;
  /** End of each string in the arena; it starts where the one before ends. */
  #ends = new Uint32Array(256);
  #hashes = new Int32Array(256);
  #slots = new Int32Array(512).fill(EMPTY);
  #count = 0;

  /** How many distinct strings there are. */
  get size(): number {
    return this.#count;
  }

  /** The code of the string in bytes[start, end): a known one, or the next free one. */
  intern(bytes: Uint8Array, start: number, end: number): number {
    const hash = hashBytes(bytes, start, end);
    const slots = this.#slots;
    const mask = slots.length - 1;
    let slot = hash & mask;
    for (;;) {
      const code = slots[slot] ?? EMPTY;
      if (code === EMPTY) return this.#add(bytes, start, end, hash, slot);
      if (this.#hashes[code] === hash && this.#equals(code, bytes, start, end)) return code;
      slot = (slot + 1) & mask;
    }
  }

  #equals(code: number, bytes: Uint8Array, start: number, end: number): boolean {
    const from = code === 0 ? 0 : (this.#ends[code - 1] ?? 0);
    const length = (this.#ends[code] ?? 0) - from;
    if (length !== end - start) return false;
    for (let i = 0; i < length; i++) if (this.#arena[from + i] !== bytes[start + i]) return false;
    return true;
  }

  #add(bytes: Uint8Array, start: number, end: number, hash: number, slot: number): number {
    const code = this.#count++;
    const used = this.#used + (end - start);
    if (used > this.#arena.length) this.#arena = grown(this.#arena, new Uint8Array(roundUp(used)));
    if (code === this.#ends.length) {
      this.#ends = grown(this.#ends, new Uint32Array(code * 2));
      this.#hashes = grown(this.#hashes, new Int32Array(code * 2));
    }
    for (let i = start, to = this.#used; i < end; i++, to++) this.#arena[to] = bytes[i] ?? 0;
    this.#used = used;
    this.#ends[code] = used;
    this.#hashes[code] = hash;
    this.#slots[slot] = code;
    if (this.#count * 2 > this.#slots.length) this.#rehash();
    return code;
  }

  #rehash(): void {
    const slots = new Int32Array(this.#slots.length * 2).fill(EMPTY);
    const mask = slots.length - 1;
    for (let code = 0; code < this.#count; code++) {
      let slot = (this.#hashes[code] ?? 0) & mask;
      while (slots[slot] !== EMPTY) slot = (slot + 1) & mask;
      slots[slot] = code;
    }
    this.#slots = slots;
  }

  /** The bytes of the distinct strings, end to end, and where each one ends. */
  bytes(): { readonly arena: Uint8Array; readonly ends: Uint32Array } {
    return { arena: this.#arena.subarray(0, this.#used), ends: this.#ends.subarray(0, this.#count) };
  }
  /** The distinct strings by code. */
  strings(): DecodedStrings {
    const { arena, ends } = this.bytes();
    return decodeStrings(arena, ends);
  }
}

/** FNV-1a with a final mix, since slots use the low bits only. */
function hashBytes(bytes: Uint8Array, start: number, end: number): number {
  let hash = 0x811c9dc5 | 0;
  for (let i = start; i < end; i++) hash = Math.imul(hash ^ (bytes[i] ?? 0), 0x01000193);
  return hash ^ (hash >>> 15);
}

function grown<T extends Uint8Array | Uint32Array | Int32Array>(from: T, to: T): T {
  to.set(from);
  return to;
}

const roundUp = (n: number): number => 2 ** Math.ceil(Math.log2(n));
