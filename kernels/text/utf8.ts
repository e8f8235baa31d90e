/**
 * Characters of bytes that may not be UTF-8: a code point in its one spelling, or else a single byte. So every byte is in
 * exactly one character, and halves of surrogate pairs are three of them.
 */

/** How many bytes the character at a place has, at most up to `end`. */
export function charBytes(bytes: Uint8Array, at: number, end: number): number {
  const first = bytes[at] ?? 0;
  const length = first < 0xc2 || first > 0xf4 ? 1 : first < 0xe0 ? 2 : first < 0xf0 ? 3 : 4;
  if (at + length > end) return 1;
  for (let k = 1; k < length; k++) {
    const byte = bytes[at + k] ?? 0;
    const [least, most] = k === 1 ? secondOf(first) : [0x80, 0xbf];
    if (byte < least || byte > most) return 1;
  }
  return length;
}

/** Second bytes that follow a first one: others would spell something shorter, half a pair or nothing. */
function secondOf(first: number): readonly [number, number] {
  return [first === 0xe0 ? 0xa0 : first === 0xf0 ? 0x90 : 0x80, first === 0xed ? 0x9f : first === 0xf4 ? 0x8f : 0xbf];
}

/** The place behind so many characters from a place, or `end`. */
export function skipChars(bytes: Uint8Array, from: number, end: number, count: number): number {
  let at = from;
  for (let k = 0; k < count && at < end; k++) at += charBytes(bytes, at, end);
  return at;
}
