import fc from 'fast-check';
import { expect, test } from 'vitest';
import { StringPool } from './string-pool.ts';

const encoder = new TextEncoder();

function poolOf(texts: readonly string[]): {
  pool: StringPool;
  codes: number[];
} {
  const pool = new StringPool();
  // Strings sit at odd places of a larger buffer, as they do in a file.
  const codes = texts.map((text) => {
    const bytes = encoder.encode(`xx${text}yyy`);
    return pool.intern(bytes, 2, bytes.length - 3);
  });
  return { pool, codes };
}

function textsOf(pool: StringPool): readonly string[] {
  const decoded = pool.strings();
  if ('invalid' in decoded) throw new Error(`string ${decoded.invalid} is not valid`);
  return [...decoded.strings];
}

test('codes follow first appearance and name equal strings alike', () => {
  const word = fc.string({ unit: 'binary', maxLength: 5 });
  fc.assert(
    fc.property(fc.array(word, { maxLength: 60 }), (texts) => {
      const { pool, codes } = poolOf(texts);
      const distinct = [...new Set(texts)];
      expect(codes).toEqual(texts.map((t) => distinct.indexOf(t)));
      expect(textsOf(pool)).toEqual(distinct);
    }),
    { numRuns: 200, seed: 3 },
  );
});

test('grows past its first table and arena', () => {
  const texts = Array.from({ length: 20_000 }, (_, i) => `key-${i % 7000}-é`);
  const { pool, codes } = poolOf(texts);
  expect(pool.size).toBe(7000);
  expect(codes[7000]).toBe(0);
  expect(codes[19_999]).toBe(19_999 % 7000);
  expect(textsOf(pool)).toEqual(texts.slice(0, 7000));
});

test('one empty string, an invalid one, and halves that would be valid together', () => {
  expect(poolOf(['', '']).codes).toEqual([0, 0]);
  expect(textsOf(new StringPool())).toEqual([]);
  const pool = new StringPool();
  pool.intern(encoder.encode('ok'), 0, 2);
  pool.intern(Uint8Array.of(0xc3), 0, 1);
  pool.intern(Uint8Array.of(0xa9), 0, 1);
  expect(pool.strings()).toEqual({ invalid: 1 });
});

test('a byte order mark inside a string is kept', () => {
  expect(textsOf(poolOf(['\ufeffa', 'b']).pool)).toEqual(['\ufeffa', 'b']);
});
