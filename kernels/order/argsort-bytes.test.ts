/** The order of strings: against that of their texts, and in machine form against its definition. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BOOL, F64, fromColumns, I64, plainMemory, U8, type Value, vec } from '../../compiler/index.ts';
import { expectAgreement } from '../testing/agree.ts';
import { column } from '../testing/columns.ts';
import { argsortBytes } from './argsort-bytes.ts';

const TYPES = [BOOL, vec(I64), vec(U8)];

function argsOf(strings: readonly (readonly number[])[], desc: boolean): readonly Value[] {
  const offsets = [0n];
  for (const s of strings) offsets.push((offsets.at(-1) ?? 0n) + BigInt(s.length));
  return [desc, column('i64', offsets), column('u8', strings.flat())];
}
const bytesOf = (text: string): readonly number[] => [...new TextEncoder().encode(text)];

describe('argsort_bytes', () => {
  it('sorts by code points, beginnings first', () => {
    const texts = ['b', '', 'ab', 'ä', 'a', '\u{1F600}', '\uFFFD', 'ab', 'a\0'];
    const found = (desc: boolean): unknown =>
      fromColumns(vec(I64), argsortBytes.run(argsOf(texts.map(bytesOf), desc), plainMemory));
    expect(found(false)).toEqual([1n, 4n, 8n, 2n, 7n, 0n, 3n, 6n, 5n]);
    expect(found(true)).toEqual([5n, 6n, 3n, 0n, 2n, 7n, 8n, 4n, 1n]);
  });
  it('agrees on strings with common beginnings, zeros at their ends, and of one byte only', async () => {
    const byte = fc.constantFrom(0, 1, 97, 255);
    const string = fc.oneof(
      fc.array(byte, { maxLength: 3 }),
      fc.array(byte, { minLength: 7, maxLength: 10 }),
      fc
        .tuple(fc.nat(40), fc.array(byte, { maxLength: 2 }))
        .map(([n, end]) => [...Array.from({ length: n }, () => 120), ...end]),
    );
    await fc.assert(
      fc.asyncProperty(fc.array(string, { maxLength: 120 }), fc.boolean(), async (strings, desc) => {
        await expectAgreement(argsortBytes, argsOf(strings, desc), TYPES);
      }),
      { numRuns: 12, seed: 31 },
    );
  });
  it('agrees on many strings, nearly all of which are one', async () => {
    const strings = Array.from({ length: 1500 }, (_, r) =>
      bytesOf(r % 97 === 3 ? `https://example.org/${r % 11}` : 'https://example.org/page'),
    );
    await expectAgreement(argsortBytes, argsOf(strings, true), TYPES);
  });
  it('says what is wrong with its arguments', () => {
    const run = (offsets: readonly bigint[]): unknown =>
      argsortBytes.run([false, column('i64', offsets), column('u8', [1, 2])], plainMemory);
    expect(() => run([])).toThrow('W8005: argsort_bytes: no offsets');
    expect(() => run([0n, 2n, 1n])).toThrow('W8005: argsort_bytes: offset 1 after 2, offsets go up');
    expect(() => run([0n, 3n])).toThrow('W8005: argsort_bytes: offset 3 of 2 bytes');
    expect(() => run([-1n, 2n])).toThrow('W8005: argsort_bytes: offset -1 is negative');
    expect(argsortBytes.typing([BOOL, vec(F64), vec(U8)])).toContain('found vec[f64] and vec[u8]');
    expect(argsortBytes.typing([vec(I64)])).toContain('needs a bool first');
  });
});
