/**
 * Strings by code, over the UTF-8 bytes that readers gather: a column of a file may have millions of different strings, of
 * which a program asks for a few.
 *
 * Bytes are decoded some strings at a time, when one of these is asked for; decoding takes a fraction of a nanosecond a
 * byte, and a string is cut out of the text. Where all of it is ASCII the bytes say where; elsewhere places are counted.
 */

import type { Dictionary } from './column.ts';

/** Strings that are decoded together: 2^13 of them, so that most texts are too large for the collector to move. */
const SHIFT = 13;
const STRINGS = 1 << SHIFT;
/** With more bytes they are decoded one by one, as a JavaScript string cannot hold them whole. */
const WHOLE_LIMIT = 2 ** 28;

/** The text of some strings; `ends` has where each one ends in it, null where that is a matter of bytes. */
interface Chunk {
  readonly text: string;
  readonly ends: Int32Array | null;
}

/** The strings that lie end to end in bytes, or the code of the first one that is not valid UTF-8. */
export type DecodedStrings = { readonly strings: Dictionary } | { readonly invalid: number };

/** The strings that lie end to end in `arena`, which may be used again; `ends` has where each one ends. */
export function decodeStrings(arena: Uint8Array, ends: ArrayLike<number>): DecodedStrings {
  const strings = new Utf8Dictionary(arena, ends);
  const invalid = strings.firstInvalid();
  return invalid < 0 ? { strings } : { invalid };
}

const isContinuation = (byte: number | undefined): boolean => ((byte ?? 0) & 0xc0) === 0x80;

export class Utf8Dictionary implements Dictionary {
  readonly #bytes: Uint8Array;
  /** Where each string ends in the bytes. */
  readonly #ends: Int32Array;
  readonly #decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  /** What was asked for so far. */
  readonly #chunks: (Chunk | undefined)[] = [];
  #made: (string | undefined)[] | null = null;

  /** Strings of valid UTF-8 that lie end to end in `arena`, of which a copy is kept: decoders take no shared memory. */
  constructor(arena: Uint8Array, ends: ArrayLike<number>) {
    this.#bytes = new Uint8Array(arena.length);
    this.#bytes.set(arena);
    this.#ends = new Int32Array(ends);
  }

  get length(): number {
    return this.#ends.length;
  }

  at(code: number): string | undefined {
    if (code >= this.length) return undefined;
    const known = this.#made?.[code];
    if (known !== undefined) return known;
    this.#made ??= new Array<string | undefined>(this.length);
    const string = this.#cut(code);
    this.#made[code] = string;
    return string;
  }

  *[Symbol.iterator](): IterableIterator<string> {
    for (let code = 0; code < this.length; code++) yield this.at(code) ?? '';
  }

  /** The code of the first string that is not UTF-8, or -1. */
  firstInvalid(): number {
    for (let first = 0; first < this.length; first += STRINGS) {
      const last = Math.min(first + STRINGS, this.length);
      if (this.#areValid(first, last)) continue;
      for (let code = first; code < last; code++) if (!this.#areValid(code, code + 1)) return code;
    }
    return -1;
  }
  #areValid(first: number, last: number): boolean {
    const [from, to] = [this.#start(first), this.#start(last)];
    if (to - from > WHOLE_LIMIT && last - first > 1) return false;
    // Halves of a character in two strings are valid together only.
    for (let code = first; code < last; code++) {
      const start = this.#start(code);
      if (start < this.#start(code + 1) && isContinuation(this.#bytes[start])) return false;
    }
    try {
      this.#decode(from, to);
      return true;
    } catch (error) {
      if (error instanceof TypeError) return false;
      throw error;
    }
  }

  #start(code: number): number {
    return code === 0 ? 0 : (this.#ends[code - 1] ?? 0);
  }
  #decode(from: number, to: number): string {
    return this.#decoder.decode(this.#bytes.subarray(from, to));
  }

  #cut(code: number): string {
    const first = (code >> SHIFT) << SHIFT;
    const [from, to] = [this.#start(first), this.#start(Math.min(first + STRINGS, this.length))];
    const [start, end] = [this.#start(code), this.#start(code + 1)];
    if (to - from > WHOLE_LIMIT) return this.#decode(start, end);
    const chunk = this.#chunks[code >> SHIFT] ?? this.#chunkOf(first, from, to);
    this.#chunks[code >> SHIFT] = chunk;
    if (chunk.ends === null) return chunk.text.slice(start - from, end - from);
    return chunk.text.slice(code === first ? 0 : chunk.ends[code - first - 1], chunk.ends[code - first]);
  }
  #chunkOf(first: number, from: number, to: number): Chunk {
    const text = this.#decode(from, to);
    // As many UTF-16 units as bytes means ASCII throughout.
    if (text.length === to - from) return { text, ends: null };
    let [at, units] = [from, 0];
    const ends = this.#ends.subarray(first, first + STRINGS).map((end) => {
      for (; at < end; at++) {
        const byte = this.#bytes[at] ?? 0;
        // Four bytes make two units.
        if (!isContinuation(byte)) units += byte < 0xf0 ? 1 : 2;
      }
      return units;
    });
    return { text, ends };
  }
}
