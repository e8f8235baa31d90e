import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BOOL, I32, I64, plainMemory, struct, U8, type Value, vec } from '../../compiler/index.ts';
import { runs } from '../../compiler/testing/runs.ts';
import { expectAgreement } from '../testing/agree.ts';
import { bytesValue, stringColumn, stringsArb, textArb, writtenTexts } from '../testing/strings.ts';
import { concat } from './concat.ts';
import { replace } from './replace.ts';
import { fitting } from './written.ts';

const strings = (column: Value): readonly string[] => writtenTexts(column).map((text) => Buffer.from(text).toString());
const texts = ['', 'a', 'banana', 'aaaaa', 'the quick brown fox jumps over the lazy dog, the end', 'ééé', 'ana'];

describe('replacing', () => {
  it.each([
    ['an', 'o'],
    ['a', ''],
    ['aa', 'aaa'],
    ['ana', 'x'],
    ['é', '€'],
    ['the', 'THE VERY SAME AND ONLY'],
    ['quick brown fox jumps', '-'],
  ])('%j by %j, everywhere and in the first place', (pattern, by) => {
    const run = (all: boolean): readonly string[] =>
      strings(replace.run([...stringColumn(texts).args, bytesValue(pattern), bytesValue(by), all], plainMemory));
    expect(run(true)).toEqual(texts.map((t) => t.replaceAll(pattern, by)));
    expect(run(false)).toEqual(texts.map((t) => t.replace(pattern, by)));
  });
  it('is the same on the machine', async () => {
    const pattern = fc.oneof(textArb(2), textArb(12)).map((p) => (p.length === 0 ? [97] : p));
    await fc.assert(
      fc.asyncProperty(stringsArb, pattern, textArb(8), fc.boolean(), async ({ args, types }, p, by, all) => {
        const more = [bytesValue(p), bytesValue(by), all];
        await expectAgreement(replace, [...args, ...more], [...types, vec(U8), vec(U8), BOOL]);
      }),
      runs(94, 0.2),
    );
  });
  it('says what is wrong with its arguments', () => {
    const column = [vec(I32), vec(U8), vec(U8)];
    expect(replace.typing([...column, vec(U8), BOOL])).toBe(struct([vec(I32), vec(U8)]));
    expect(replace.typing(column)).toContain('str_replace needs what replaces it, a vec[u8] or vec[i8], found nothing');
    expect(replace.typing([...column, vec(U8), I64])).toContain(
      'a bool last, true to replace all and not only the first',
    );
    const empty = bytesValue('');
    expect(() => replace.run([...stringColumn(['a']).args, empty, empty, true], plainMemory)).toThrow(
      'str_replace: the pattern is empty',
    );
  });
});

describe('two columns', () => {
  it('are put together', async () => {
    const [a, b] = [stringColumn(['ab', '', 'x'], { before: [1] }), stringColumn(['', 'cd', 'é'], { kind: 'i64' })];
    expect(strings(concat.run([...a.args, ...b.args], plainMemory))).toEqual(['ab', 'cd', 'xé']);
    expect(concat.typing([...b.types, ...a.types])).toBe(struct([vec(I64), vec(U8)]));
    await expectAgreement(concat, [...a.args, ...b.args], [...a.types, ...b.types]);
    await fc.assert(
      fc.asyncProperty(stringsArb, textArb(20), async ({ args, types }, text) => {
        const more = stringColumn(Array.from({ length: args[0].length - 1 }, (_, r) => text.slice(r % 5)));
        await expectAgreement(concat, [...args, ...more.args], [...types, ...more.types]);
        await expectAgreement(concat, [...more.args, ...args], [...more.types, ...types]);
      }),
      runs(95, 0.1),
    );
  });
  it('have as many strings', () => {
    const [a, b] = [stringColumn(['a']), stringColumn(['b', 'c'])];
    expect(() => concat.run([...a.args, ...b.args], plainMemory)).toThrow(
      'str_concat: one column has 1 strings, the other 2',
    );
    expect(concat.typing(a.types)).toContain('str_concat needs the offsets of its strings first');
    expect(concat.typing([...a.types, ...b.types, I64])).toContain('str_concat takes 4 arguments, found 5');
  });
});

it('new strings of more bytes than a column has are refused', () => {
  expect(() => fitting('str_concat', 2 ** 31 - 65)).not.toThrow();
  expect(() => fitting('str_concat', 2 ** 31)).toThrow('str_concat: the result has 2147483648 bytes');
});
