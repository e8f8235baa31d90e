/**
 * Parquet's hybrid of run lengths and bit packing: how dictionary indices, null flags and some booleans are stored.
 *
 * A stream is runs; the varint before a run says in its lowest bit whether it is `n` copies of one value or `n` groups
 * of eight values packed `width` bits each, least significant bit first. Written for typed arrays and one pass, since
 * most cells of most files go through `decodeHybrid`.
 */

/** Thrown by page decoders on bytes that cannot be; the reader turns it into W8002 with file and column. */
export class CorruptPage extends Error {
  override readonly name = 'CorruptPage';
}

/** Widest value: four bytes hold what is left of one value and the next byte. Dictionaries end far below 2^24. */
const MAX_WIDTH = 24;

/** Decodes `count` values of `width` bits from bytes[start, end) into the front of `out`. */
export function decodeHybrid(
  bytes: Uint8Array,
  start: number,
  end: number,
  width: number,
  out: Int32Array,
  count: number,
): void {
  if (width > MAX_WIDTH) throw new CorruptPage(`values of ${width} bits; expected at most ${MAX_WIDTH}`);
  const cursor = { at: start };
  let done = 0;
  while (done < count) {
    const header = runHeader(bytes, cursor, end);
    let at = cursor.at;
    const length = header >>> 1;
    if ((header & 1) === 1) {
      const taken = Math.min(length * 8, count - done);
      // The last group may be cut short behind the last value.
      if (at + Math.ceil((taken * width) / 8) > end) throw new CorruptPage('packed values end early');
      unpack(bytes, at, width, out, done, taken);
      at = Math.min(end, at + length * width);
      done += taken;
    } else {
      const taken = Math.min(length, count - done);
      let value = 0;
      const size = (width + 7) >> 3;
      if (at + size > end) throw new CorruptPage('a repeated value ends early');
      for (let i = 0; i < size; i++) value |= (bytes[at++] ?? 0) << (8 * i);
      out.fill(value, done, done + taken);
      done += taken;
    }
    cursor.at = at;
  }
}

/** True when null flags in bytes[start, end) are one run of ones, as they are in a page without nulls. */
export function allPresent(bytes: Uint8Array, start: number, end: number, count: number): boolean {
  const cursor = { at: start };
  const header = runHeader(bytes, cursor, end);
  return (header & 1) === 0 && header >>> 1 >= count && bytes[cursor.at] === 1;
}

/** Reads the varint in front of a run. */
function runHeader(bytes: Uint8Array, cursor: { at: number }, end: number): number {
  let header = 0;
  for (let shift = 0; ; shift += 7) {
    if (cursor.at >= end || shift > 28) throw new CorruptPage('a run of values ends early');
    const byte = bytes[cursor.at++] ?? 0;
    header |= (byte & 0x7f) << shift;
    if (byte < 0x80) return header;
  }
}

function unpack(bytes: Uint8Array, start: number, width: number, out: Int32Array, done: number, count: number): void {
  const mask = (1 << width) - 1;
  const end = done + count;
  let at = start;
  let buffer = 0;
  let bits = 0;
  for (let i = done; i < end; i++) {
    while (bits < width) {
      buffer |= (bytes[at++] ?? 0) << bits;
      bits += 8;
    }
    out[i] = buffer & mask;
    buffer >>>= width;
    bits -= width;
  }
}

/** Plain booleans, eight a byte, as bytes 0/1. */
export function unpackBooleans(bytes: Uint8Array, start: number, count: number): Uint8Array {
  if (start + Math.ceil(count / 8) > bytes.length) throw new CorruptPage('packed booleans end early');
  const out = new Uint8Array(count);
  for (let i = 0; i < count; i++) out[i] = ((bytes[start + (i >> 3)] ?? 0) >> (i & 7)) & 1;
  return out;
}
