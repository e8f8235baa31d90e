import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { I64, plainMemory, U8, vec } from '../../../compiler/index.ts';
import { runs } from '../../../compiler/testing/runs.ts';
import { expectAgreement } from '../../testing/agree.ts';
import { foundTextArb, patternArb } from '../../testing/patterns.ts';
import { bytesValue, stringColumn, textsOf } from '../../testing/strings.ts';
import { extract } from './extract.ts';

const run = (texts: readonly string[], pattern: string, group: bigint): readonly (string | null)[] =>
  textsOf(extract.run([...stringColumn(texts).args, bytesValue(pattern), group], plainMemory));

describe('str_extract', () => {
  it('gives the groups that JavaScript gives', () => {
    fc.assert(
      fc.property(patternArb(1), fc.array(foundTextArb, { maxLength: 4 }), (pattern, texts) => {
        // JavaScript forgets the groups of the round before in a repeat.
        fc.pre(!/\)[*+?{]/.test(pattern));
        const given = `(${pattern})b?`;
        const theirs = new RegExp(given, 'u');
        const groups = new RegExp(`${given}|`, 'u').exec('')?.length ?? 1;
        for (let g = 0; g < groups; g++) {
          const want = texts.map((t) => theirs.exec(t)?.[g] ?? null);
          expect(run(texts, given, BigInt(g))).toEqual(want);
        }
      }),
      runs(89, 0.5),
    );
  });

  it('is the same on the machine', async () => {
    await fc.assert(
      fc.asyncProperty(patternArb(1), fc.array(foundTextArb, { maxLength: 40 }), async (pattern, texts) => {
        const { args, types } = stringColumn(texts, { kind: 'i64', before: [97, 98] });
        for (const group of [0n, 1n]) {
          await expectAgreement(
            extract,
            [...args, bytesValue(`(?:x|(${pattern}))b?`), group],
            [...types, vec(U8), I64],
          );
        }
      }),
      runs(90, 0.03),
    );
  });

  it.each([
    ['id=(\\d+)', 1n, ['id=123', 'abc', 'x id=4 id=5'], ['123', null, '4']],
    ['(\\w+)@(\\w+)\\.com', 2n, ['a bob@site.com', 'none', '@.com'], ['site', null, null]],
    ['a|(b)', 1n, ['a', 'b', 'ab'], [null, 'b', null]],
    ['(a*)(a*?)b', 2n, ['aaab'], ['']],
    ['(?m)^(\\w+)$', 1n, ['x y\nzed\n'], ['zed']],
    ['(a|ab)(c|bcd)', 0n, ['abcd'], ['abcd']],
    ['x*', 0n, ['axx', ''], ['', '']],
    ['\\B|a', 0n, ['déa', 'xéx', 'éx'], ['a', null, '']],
    // One pass, from all of a stretch of places that nearly match.
    ['(a+)b', 1n, [`${'a'.repeat(500)}cab`, 'aab', 'b'], ['a', 'aa', null]],
    ['(a+?)(b|c)', 2n, ['aab', 'aa', 'xac'], ['b', null, 'c']],
    ['(?:(a)|b)*c', 1n, ['abbc', 'bc', 'bac'], ['a', null, 'a']],
    ['([^ é]+) é', 1n, ['x😀 é', '€é é'], ['x😀', null]],
    ['(a)?b??', 0n, ['ab', 'b'], ['a', '']],
    // One pass, with assertions.
    [
      '^(\\w+) (\\w+)$',
      2n,
      ['one two', 'one two ', ' one two', 'é two', '', 'one\ntwo'],
      ['two', null, null, null, null, null],
    ],
    ['(?m)^(a+)$', 1n, ['b\naa\nb', 'aab', 'a', '\na', 'a\n'], ['aa', null, 'a', 'a', 'a']],
    ['\\b(\\w+)\\b', 1n, [' é one', 'éone', '_', '!'], ['one', 'one', '_', null]],
    ['(a+)(?:$|b)', 1n, ['aac', 'aab', 'caa', 'aacab'], [null, 'aa', 'aa', 'a']],
    ['\\B(b*)\\B', 1n, ['abb', 'abba', 'éé', ''], ['b', 'bb', '', '']],
    ['(?:^|,)(\\d+)(?:,|$)', 1n, ['a,1', ',2,', '33', '1a,4,5', 'x'], ['1', '2', '33', '4', null]],
    ['\\A(a*)\\z', 1n, ['aaa', 'aab', ''], ['aaa', null, '']],
  ])('of %s gives group %d', async (pattern, group, texts, want) => {
    expect(run(texts, pattern, group)).toEqual(want);
    const { args, types } = stringColumn(texts);
    await expectAgreement(extract, [...args, bytesValue(pattern), group], [...types, vec(U8), I64]);
  });

  it('asks the host about strings that are long for their pattern', async () => {
    const pattern = '(?:a|b){60}(c+)';
    const texts = ['ab', `${'ab'.repeat(600)}ccc`, `${'a'.repeat(60)}c`];
    expect(run(texts, pattern, 1n)).toEqual([null, 'ccc', 'c']);
    const { args, types } = stringColumn(texts);
    await expectAgreement(extract, [...args, bytesValue(pattern), 1n], [...types, vec(U8), I64]);
  });

  it('says what is wrong with its arguments', () => {
    const { types } = stringColumn([]);
    expect(extract.typing([...types, vec(U8)])).toContain(
      'str_extract needs the number of a group, an i64, found nothing',
    );
    expect(() => run(['a'], '(a)(b)', 3n)).toThrow('str_extract: there is no group 3 in a pattern with 2');
    expect(() => run(['a'], '(a', 0n)).toThrow('str_extract: a ( that is not closed, at character 1');
  });
});
