import fc from 'fast-check';
import { expect, it } from 'vitest';
import { plainMemory } from '../../compiler/index.ts';
import { runs } from '../../compiler/testing/runs.ts';
import { guardedMachine } from '../testing/guarded-machine.ts';
import { Strings } from './strings.ts';
import { firstInvalid } from './utf8-machine.ts';

function stringsOf(texts: readonly Uint8Array[]): Strings {
  const strings = new Strings(plainMemory);
  strings.reserve(
    texts.length,
    texts.reduce((sum, t) => sum + t.length, 0),
  );
  const [arena, ends] = strings.buffers();
  for (const text of texts) {
    if (arena instanceof Uint8Array) arena.set(text, strings.used);
    strings.used += text.length;
    ends[++strings.count] = strings.used;
  }
  return strings;
}
const isUtf8 = (text: Uint8Array): boolean => {
  try {
    new TextDecoder('utf-8', { fatal: true }).decode(text);
    return true;
  } catch {
    return false;
  }
};

it('the first string that is not UTF-8 is the one that a decoder refuses', async () => {
  const machines = [1, 2, 7].map(guardedMachine);
  // Bytes at the borders of what may follow what.
  const byte = fc.constantFrom(
    ...[0x41, 0x7f, 0x80, 0x8f, 0x90, 0x9f, 0xa0, 0xbf, 0xc0, 0xc1, 0xc2, 0xdf, 0xe0, 0xe1, 0xec, 0xed, 0xee, 0xef],
    ...[0xf0, 0xf1, 0xf3, 0xf4, 0xf5, 0xff],
  );
  const bytes = fc.array(byte, { maxLength: 6 }).map((b) => Uint8Array.from(b));
  const valid = fc.string({ unit: 'binary', maxLength: 40 }).map((t) => new TextEncoder().encode(t));
  const text = fc.oneof({ weight: 4, arbitrary: valid }, { weight: 1, arbitrary: bytes });
  await fc.assert(
    fc.asyncProperty(fc.array(text, { maxLength: 12 }), async (texts) => {
      const strings = stringsOf(texts);
      for (const m of machines) expect(await firstInvalid(m, strings)).toBe(texts.findIndex((t) => !isUtf8(t)));
    }),
    runs(11),
  );
});

it('every character of two, three or four bytes is one, and surrogates are none', async () => {
  const machine = guardedMachine(1);
  const all: Uint8Array[] = [];
  for (let code = 0x80; code < 0x110000; code += 61) {
    if (code < 0xd800 || code > 0xdfff) all.push(new TextEncoder().encode(String.fromCodePoint(code)));
  }
  expect(await firstInvalid(machine, stringsOf(all))).toBe(-1);
  for (const second of [0xa0, 0xaf, 0xb0, 0xbf]) {
    expect(await firstInvalid(machine, stringsOf([Uint8Array.of(0xed, second, 0x80)]))).toBe(0);
  }
});
