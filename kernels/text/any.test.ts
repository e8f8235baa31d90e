import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { F64, fromColumns, I32, type PrimSpec, plainMemory, U8, U64, vec } from '../../compiler/index.ts';
import { runs } from '../../compiler/testing/runs.ts';
import { expectAgreement } from '../testing/agree.ts';
import { stringColumn, stringsArb, textArb, textsArb } from '../testing/strings.ts';
import { containsAny, findAny } from './any.ts';

type Text = string | readonly number[];
const run = (prim: PrimSpec, texts: readonly Text[], patterns: readonly Text[]): unknown => {
  const args = [...stringColumn(texts).args, ...stringColumn(patterns).args];
  return fromColumns(vec(prim === findAny ? I32 : U64), prim.run(args, plainMemory));
};
async function agree(texts: readonly Text[], patterns: readonly Text[]): Promise<void> {
  const [strings, several] = [stringColumn(texts, { kind: 'i64' }), stringColumn(patterns)];
  for (const prim of [containsAny, findAny]) {
    await expectAgreement(prim, [...strings.args, ...several.args], [...strings.types, ...several.types]);
  }
}
const latin1 = (bytes: readonly number[]): string => String.fromCharCode(...bytes);

describe('str_contains_any', () => {
  it('has a bit for each pattern that a string includes', () => {
    fc.assert(
      fc.property(textsArb, fc.array(textArb(3), { maxLength: 70 }), (texts, patterns) => {
        const want = texts.flatMap((text) =>
          Array.from({ length: Math.ceil(patterns.length / 64) }, (_, w) =>
            patterns
              .slice(64 * w, 64 * w + 64)
              .reduce((bits, p, k) => (latin1(text).includes(latin1(p)) ? bits | (1n << BigInt(k)) : bits), 0n),
          ),
        );
        expect(run(containsAny, texts, patterns)).toEqual(want);
      }),
      runs(83, 0.3),
    );
  });
});

describe('str_find_any', () => {
  it.each<[string, readonly Text[], readonly Text[], readonly number[]]>([
    ['the one that ends first', ['abcab'], ['cab', 'ab'], [1]],
    ['the first of the list where two end', ['xab'], ['b', 'ab', 'xab'], [0]],
    ['the same, the other way round', ['xab'], ['xab', 'ab', 'b'], [0]],
    ['the empty pattern before all', ['', 'a'], ['a', '', ''], [1, 1]],
    ['none', ['', 'abc'], ['x', 'ca'], [-1, -1]],
    ['none of none', ['', 'abc'], [], [-1, -1]],
    ['nothing over the end of a row', ['xa', 'b'], ['ab'], [-1, -1]],
  ])('gives %s', (_, texts, patterns, want) => {
    expect(run(findAny, texts, patterns)).toEqual(want);
  });
});

describe('on the machine', () => {
  it('both are as they are defined', async () => {
    const patterns = fc.oneof(
      fc.array(textArb(3), { maxLength: 5 }),
      fc.array(textArb(4), { minLength: 60, maxLength: 140 }),
    );
    await fc.assert(
      fc.asyncProperty(stringsArb, patterns, async (strings, several) => {
        const { args, types } = stringColumn(several, { kind: 'i64' });
        for (const prim of [containsAny, findAny]) {
          await expectAgreement(prim, [...strings.args, ...args], [...strings.types, ...types]);
        }
      }),
      runs(84, 0.2),
    );
  });
  it.each<[string, readonly Text[], readonly Text[]]>([
    ['no rows', [], ['a']],
    ['no patterns', ['a', ''], []],
    ['the empty pattern alone', ['a', ''], ['']],
    ['patterns that hold each other', ['ushers', 'she', 'hers', 'h'], ['he', 'she', 'his', 'hers']],
    ['the same pattern twice', ['aa', 'a'], ['a', 'a', 'aa']],
    ['fewer rows than runs', ['abc', 'bc', 'c'], ['c', 'b']],
    ['many empty rows', ['', '', 'a', '', '', '', 'a', ''], ['a']],
    [
      'every byte there is',
      [Array.from({ length: 256 }, (_, k) => k), [255]],
      Array.from({ length: 256 }, (_, k) => [k]),
    ],
    ['patterns longer than rows', ['abc', 'ab'], ['abcd', 'abcabc', 'bc']],
  ])('they agree on %s', async (_, texts, patterns) => {
    await agree(texts, patterns);
  });
});

it('say what is wrong with their arguments', () => {
  const column = stringColumn([]).types;
  for (const [prim, gives] of [
    [containsAny, vec(U64)],
    [findAny, vec(I32)],
  ] as const) {
    expect(prim.typing([...column, ...column])).toBe(gives);
    expect(prim.typing([vec(F64), vec(U8), ...column])).toContain(
      `${prim.name} needs the offsets of its strings first`,
    );
    expect(prim.typing([...column, vec(U8)])).toContain('needs its patterns as a column of strings');
    expect(prim.typing([...column, ...column, vec(U8)])).toContain('takes four arguments, found 5');
    expect(() => run(prim, ['a'], ['x'.repeat(70_000)])).toThrow(
      `${prim.name}: patterns of 70000 bytes, the most is 65536`,
    );
  }
});
