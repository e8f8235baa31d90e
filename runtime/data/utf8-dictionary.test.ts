import fc from 'fast-check';
import { expect, test } from 'vitest';
import { decodeStrings } from './utf8-dictionary.ts';

const encoder = new TextEncoder();

/** Strings end to end, as readers have them. */
function endToEnd(parts: readonly Uint8Array[]): { arena: Uint8Array; ends: number[] } {
  const ends: number[] = [];
  for (const part of parts) ends.push((ends.at(-1) ?? 0) + part.length);
  const arena = new Uint8Array(new SharedArrayBuffer((ends.at(-1) ?? 0) + 3));
  for (const [k, part] of parts.entries()) arena.set(part, (ends[k] ?? 0) - part.length);
  return { arena, ends };
}
const decoded = (parts: readonly Uint8Array[]) => {
  const { arena, ends } = endToEnd(parts);
  return decodeStrings(arena, ends);
};
const dictionaryOf = (texts: readonly string[]) => {
  const found = decoded(texts.map((text) => encoder.encode(text)));
  if ('invalid' in found) throw new Error(`string ${found.invalid} is not valid`);
  return found.strings;
};

test('strings are cut out of chunks, in any order', () => {
  const word = fc.oneof(
    fc.string({ maxLength: 4 }),
    fc.string({ unit: 'binary', maxLength: 3 }),
    fc.constant('\ufeff'),
  );
  fc.assert(
    fc.property(fc.array(word, { maxLength: 30 }), fc.nat(9000), fc.nat(), (words, copies, seed) => {
      const texts = words.flatMap((w, k) => (k === 0 ? new Array<string>(copies).fill(w) : [w]));
      const strings = dictionaryOf(texts);
      expect(strings.length).toBe(texts.length);
      for (let n = 0; n < 40 && texts.length > 0; n++) {
        const code = (seed + n * 7919) % texts.length;
        expect(strings.at(code)).toBe(texts[code]);
      }
      let code = 0;
      for (const text of strings) if (text !== texts[code++]) throw new Error(`string ${code - 1} is ${text}`);
      expect(strings.at(texts.length)).toBeUndefined();
    }),
    { numRuns: 8, seed: 4 },
  );
});

test('the first string that is no UTF-8 is named, also where halves make a whole', () => {
  const plain = new Array<Uint8Array>(9000).fill(encoder.encode('aé'));
  const half = (byte: number): Uint8Array => Uint8Array.of(byte);
  expect(decoded([...plain, half(0xff), ...plain])).toEqual({ invalid: 9000 });
  expect(decoded([...plain, half(0xc3), half(0xa9)])).toEqual({ invalid: 9000 });
  // At the border of two chunks of strings.
  expect(decoded([...plain.slice(0, 8191), half(0xc3), half(0xa9)])).toEqual({ invalid: 8191 });
});
