/** Escapes of JSON strings: how long they are, and what they mean in UTF-8. Half of a pair of surrogates is U+FFFD. */

const BACKSLASH = 0x5c;
const CODES: ReadonlyMap<number, number> = new Map(
  [...'"\\/bfnrt'].map((c, k) => [c.charCodeAt(0), '"\\/\b\f\n\r\t'.charCodeAt(k)] as const),
);

/** How long the escape at `at` is, of a pair of surrogates the first one; 0 for none that JSON has. */
export function escapeLength(bytes: Uint8Array, at: number, end: number): number {
  if (at + 1 < end && CODES.has(bytes[at + 1] ?? 0)) return 2;
  return unitAt(bytes, at, end) === null ? 0 : 6;
}

/** The string that bytes [start, end) write, whose escapes are right. */
export function unescaped(bytes: Uint8Array, start: number, end: number): Uint8Array {
  const text = new Uint8Array(end - start);
  let length = 0;
  for (let at = start; at < end; ) {
    const byte = bytes[at] ?? 0;
    if (byte !== BACKSLASH) {
      text[length++] = byte;
      at++;
      continue;
    }
    const simple = CODES.get(bytes[at + 1] ?? 0);
    if (simple !== undefined) {
      text[length++] = simple;
      at += 2;
      continue;
    }
    const high = unitAt(bytes, at, end) ?? 0;
    const low = high >= 0xd800 && high < 0xdc00 ? unitAt(bytes, at + 6, end) : null;
    const isPair = low !== null && low >= 0xdc00 && low < 0xe000;
    const utf8 = new TextEncoder().encode(isPair ? String.fromCharCode(high, low) : String.fromCharCode(high));
    text.set(utf8, length);
    length += utf8.length;
    at += isPair ? 12 : 6;
  }
  return text.subarray(0, length);
}

/** The UTF-16 unit that \\uXXXX at `at` names. */
function unitAt(bytes: Uint8Array, at: number, end: number): number | null {
  if (at + 6 > end || bytes[at] !== BACKSLASH || bytes[at + 1] !== 0x75) return null;
  let unit = 0;
  for (let k = 2; k < 6; k++) {
    const digit = hexDigit(bytes[at + k] ?? 0);
    if (digit < 0) return null;
    unit = unit * 16 + digit;
  }
  return unit;
}
function hexDigit(byte: number): number {
  if (byte >= 0x30 && byte <= 0x39) return byte - 0x30;
  const letter = (byte | 0x20) - 0x61;
  return letter >= 0 && letter < 6 ? letter + 10 : -1;
}
