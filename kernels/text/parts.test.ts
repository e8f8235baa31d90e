import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import {
  BOOL,
  fromColumns,
  I32,
  I64,
  type PrimSpec,
  plainMemory,
  struct,
  U8,
  type Value,
  vec,
} from '../../compiler/index.ts';
import { runs } from '../../compiler/testing/runs.ts';
import { expectAgreement } from '../testing/agree.ts';
import { bytesValue, stringColumn, stringsArb, textArb, textsOf } from '../testing/strings.ts';
import { field, slice, trim } from './parts.ts';

type Text = string | readonly number[];
const parts = (prim: PrimSpec, texts: readonly Text[], ...rest: readonly Value[]): readonly (string | null)[] =>
  textsOf(prim.run([...stringColumn(texts).args, ...rest], plainMemory));
const texts = [
  '',
  'a',
  ' héllo wörld ',
  '\t\n ',
  'x😀y€z',
  'a,b,,c',
  '  ,  ',
  'the quick brown fox jumps over the lazy dog',
];

describe('parts of strings', () => {
  it('are trimmed', () => {
    expect(parts(trim, texts)).toEqual(texts.map((t) => t.replace(/^[\t-\r ]+|[\t-\r ]+$/g, '')));
  });
  it.each([
    [0n, 3n],
    [2n, 2n],
    [3n, 1n],
    [1n, 100n],
    [20n, 40n],
    [2n ** 40n, 2n ** 41n],
  ])('are characters %d to %d', (from, to) => {
    const want = texts.map((t) => [...t].slice(Number(from), Math.max(Number(from), Number(to))).join(''));
    expect(parts(slice, texts, from, to)).toEqual(want);
  });
  it('count bytes that are no UTF-8 one by one', () => {
    const broken = [
      [0xed, 0xa0, 0x80, 97],
      [0xe2, 0x82, 98],
      [0xf0, 0x9f, 0x98, 0x80, 99],
      [0xc0, 0x80, 100],
    ];
    expect(parts(slice, broken, 3n, 4n)).toEqual(['a', '', '', '']);
    expect(parts(slice, broken, 2n, 3n)).toEqual(['\ufffd', 'b', '', 'd']);
    expect(parts(slice, broken, 1n, 2n)[2]).toBe('c');
  });
  it.each([
    [',', 0],
    [',', 2],
    ['o', 1],
    [' ', 8],
    ['llo w', 1],
    ['the quick brown f', 1],
  ])('are fields between %j', (separator, place) => {
    const want = texts.map((t) => t.split(separator)[place] ?? null);
    expect(parts(field, texts, bytesValue(separator), BigInt(place))).toEqual(want);
  });

  it('are the same on the machine', async () => {
    const number = fc.bigInt({ min: 0n, max: 40n });
    await fc.assert(
      fc.asyncProperty(stringsArb, number, number, textArb(2), async ({ args, types }, a, b, text) => {
        await expectAgreement(trim, args, types);
        await expectAgreement(slice, [...args, a, b], [...types, I64, I64]);
        const separator = bytesValue(text.length === 0 ? 'a' : text);
        await expectAgreement(field, [...args, separator, a % 4n], [...types, vec(U8), I64]);
      }),
      runs(88, 0.1),
    );
  });

  it.each(['a', 'aa', 'aba', 'a'.repeat(17), 'ab'.repeat(10)])(
    'fields between %s, which may overlap itself',
    async (separator) => {
      const letters = fc.string({ unit: fc.constantFrom('a', 'a', 'a', 'b'), maxLength: 70 });
      const rows = fc.array(
        fc.oneof(
          letters,
          fc.nat(40).map((n) => `b${'ab'.repeat(n)}a`),
        ),
        { maxLength: 12 },
      );
      await fc.assert(
        fc.asyncProperty(rows, fc.nat(5), async (rows, place) => {
          const given = [bytesValue(separator), BigInt(place)] as const;
          expect(parts(field, rows, ...given)).toEqual(rows.map((t) => t.split(separator)[place] ?? null));
          const { args, types } = stringColumn(rows, { after: [97, 97, 97] });
          await expectAgreement(field, [...args, ...given], [...types, vec(U8), I64]);
        }),
        runs(89, 0.1),
      );
    },
  );

  it('say what is wrong with their arguments', () => {
    const column = [vec(I32), vec(U8)];
    expect(trim.typing(column)).toBe(struct([vec(I32), vec(U8), vec(BOOL)]));
    expect(trim.typing([vec(U8)])).toContain('str_trim needs the offsets');
    expect(trim.typing([...column, I64])).toContain('str_trim takes 2 arguments, found 3');
    expect(slice.typing([...column, I64])).toContain(
      'the number of the character behind the last one, an i64, found nothing',
    );
    expect(field.typing([...column, I64, I64])).toContain(
      'str_field needs a separator, a vec[u8] or vec[i8], found i64',
    );
    expect(() => parts(slice, ['a'], -1n, 2n)).toThrow('str_slice: -1 is no number');
    expect(() => parts(field, ['a'], bytesValue(''), 0n)).toThrow('str_field: the separator is empty');
    expect(
      fromColumns(struct([vec(I32), vec(U8), vec(BOOL)]), trim.run([...stringColumn([]).args], plainMemory)),
    ).toBeDefined();
  });
});
