/**
 * Strings by code, of the UTF-8 bytes that readers gather: a column of a file may have millions of different strings, of
 * which a program asks for a few.
 *
 * The bytes are decoded some strings at a time, which takes a fraction of a nanosecond a byte and says whether they are
 * UTF-8. A string is cut out when it is asked for. Where all bytes are ASCII they are the places to cut at; elsewhere these
 * are counted when the first string of the chunk is asked for.
 */

import type { Dictionary } from './column.ts';

/** Strings of a chunk: 2^13 of them, so that most texts are too large for the collector to move. */
const SHIFT = 13;
const STRINGS = 1 << SHIFT;
/** Chunks with more bytes are decoded string by string, as a JavaScript string cannot hold them whole. */
const WHOLE_LIMIT = 2 ** 28;

interface Chunk {
  readonly text: string;
  /** The bytes of text that is not ASCII. */
  readonly bytes: Uint8Array | null;
  /** Where each string ends in the text, once that is known. */
  ends: Int32Array | null;
}
/** A chunk, or its strings where these are cut already. */
type Decoded = Chunk | { readonly strings: readonly string[] };

/** The strings that lie end to end in bytes, or the code of the first one that is not valid UTF-8. */
export type DecodedStrings = { readonly strings: Dictionary } | { readonly invalid: number };

/** Decodes strings that lie end to end in `arena`; `ends` has where each one ends. What they lie in may be used again. */
export function decodeStrings(arena: Uint8Array, ends: ArrayLike<number>): DecodedStrings {
  const kept = Int32Array.from(ends);
  const chunks: Decoded[] = [];
  const decode = copyingDecoder();
  for (let first = 0; first < kept.length; first += STRINGS) {
    const chunk = decodeChunk(decode, arena, kept, first);
    if ('invalid' in chunk) return chunk;
    chunks.push(chunk);
  }
  return { strings: new Utf8Dictionary(chunks, kept) };
}

/** Text of UTF-8 bytes, null where they are not valid. */
type Decode = (bytes: Uint8Array) => string | null;

/** Decodes a copy of the bytes: decoders do not take memory that is shared. */
function copyingDecoder(): Decode {
  const decoder = new TextDecoder('utf-8', { fatal: true, ignoreBOM: true });
  let copy = new Uint8Array(0);
  return (bytes) => {
    if (bytes.length > copy.length) copy = new Uint8Array(2 * bytes.length);
    copy.set(bytes);
    try {
      return decoder.decode(copy.subarray(0, bytes.length));
    } catch (error) {
      if (error instanceof TypeError) return null;
      throw error;
    }
  };
}

function decodeChunk(
  decode: Decode,
  arena: Uint8Array,
  ends: Int32Array,
  first: number,
): Decoded | { readonly invalid: number } {
  const last = Math.min(first + STRINGS, ends.length);
  const [from, to] = [first === 0 ? 0 : (ends[first - 1] ?? 0), ends[last - 1] ?? 0];
  const bytes = arena.subarray(from, to);
  const text = bytes.length > WHOLE_LIMIT ? null : decode(bytes);
  // As many UTF-16 units as bytes means ASCII throughout.
  if (text?.length === bytes.length) return { text, bytes: null, ends: null };
  let isSplit = false;
  for (let code = first, at = from; code < last; code++) {
    const end = ends[code] ?? at;
    isSplit ||= end > at && isContinuation(arena[at] ?? 0);
    at = end;
  }
  // Halves of a character in two strings are valid together only.
  if (text !== null && !isSplit) return { text, bytes: bytes.slice(), ends: null };
  const strings: string[] = [];
  for (let code = first, at = from; code < last; code++) {
    const end = ends[code] ?? at;
    const string = decode(arena.subarray(at, end));
    if (string === null) return { invalid: code };
    strings.push(string);
    at = end;
  }
  return { strings };
}

const isContinuation = (byte: number): boolean => (byte & 0xc0) === 0x80;

class Utf8Dictionary implements Dictionary {
  readonly #chunks: readonly Decoded[];
  /** Where each string ends in the bytes of all. */
  readonly #ends: Int32Array;
  /** Strings that were asked for. */
  #made: (string | undefined)[] | null = null;

  constructor(chunks: readonly Decoded[], ends: Int32Array) {
    this.#chunks = chunks;
    this.#ends = ends;
  }

  get length(): number {
    return this.#ends.length;
  }

  at(code: number): string | undefined {
    const known = this.#made?.[code];
    if (known !== undefined) return known;
    const chunk = this.#chunks[code >> SHIFT];
    if (chunk === undefined || code >= this.#ends.length) return undefined;
    const string = 'strings' in chunk ? chunk.strings[code & (STRINGS - 1)] : this.#cut(chunk, code);
    this.#made ??= new Array<string | undefined>(this.length);
    this.#made[code] = string;
    return string;
  }

  *[Symbol.iterator](): IterableIterator<string> {
    for (let code = 0; code < this.length; code++) yield this.at(code) ?? '';
  }

  #cut(chunk: Chunk, code: number): string {
    const first = (code >> SHIFT) << SHIFT;
    const from = first === 0 ? 0 : (this.#ends[first - 1] ?? 0);
    if (chunk.bytes === null) {
      const start = code === first ? from : (this.#ends[code - 1] ?? 0);
      return chunk.text.slice(start - from, (this.#ends[code] ?? 0) - from);
    }
    chunk.ends ??= unitEnds(chunk.bytes, this.#ends.subarray(first, first + STRINGS), from);
    const k = code - first;
    return chunk.text.slice(k === 0 ? 0 : chunk.ends[k - 1], chunk.ends[k]);
  }
}

/** Where strings end in UTF-16 units, whose bytes begin at byte `from` of all. */
function unitEnds(bytes: Uint8Array, ends: Int32Array, from: number): Int32Array {
  let [at, units] = [0, 0];
  return ends.map((end) => {
    for (; at < end - from; at++) {
      const byte = bytes[at] ?? 0;
      // Four bytes make two units.
      if (!isContinuation(byte)) units += byte < 0xf0 ? 1 : 2;
    }
    return units;
  });
}
