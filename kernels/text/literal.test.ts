import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BOOL, F64, fromColumns, I8, I32, plainMemory, U8, vec } from '../../compiler/index.ts';
import { runs } from '../../compiler/testing/runs.ts';
import { parseProgram } from '../../compiler/text.ts';
import { Session } from '../../runtime/index.ts';
import { vectorOf } from '../column.ts';
import { MACHINE_FORMS } from '../index.ts';
import { expectAgreement } from '../testing/agree.ts';
import { guardedMachine } from '../testing/guarded-machine.ts';
import { bytesValue, stringColumn, stringsArb, textArb, textsArb, utf8 } from '../testing/strings.ts';
import { LITERAL_TESTS, type LiteralTest, literalName, literals } from './literal.ts';
import { probeOf } from './rare.ts';

const primOf = (test: LiteralTest) => {
  const prim = literals.find((p) => p.name === literalName(test));
  if (prim === undefined) throw new Error(test);
  return prim;
};
type Text = string | readonly number[];
const run = (test: LiteralTest, texts: readonly Text[], pattern: Text): unknown =>
  fromColumns(vec(BOOL), primOf(test).run([...stringColumn(texts).args, bytesValue(pattern)], plainMemory));

/** The meaning on strings of one character a byte. */
const MEANING: Readonly<Record<LiteralTest, (text: string, pattern: string) => boolean>> = {
  contains: (text, pattern) => text.includes(pattern),
  starts: (text, pattern) => text.startsWith(pattern),
  ends: (text, pattern) => text.endsWith(pattern),
  equals: (text, pattern) => text === pattern,
};
const latin1 = (bytes: readonly number[]): string => String.fromCharCode(...bytes);

/** A pattern that is part of the rows, often over the end of one. */
const patternOf = (texts: readonly (readonly number[])[], from: number, length: number): readonly number[] => {
  const all = texts.flat();
  return all.length === 0 ? [97] : all.slice(from % all.length, (from % all.length) + length);
};

describe.each(LITERAL_TESTS)('str_%s', (test) => {
  it('is what JavaScript says of the bytes', () => {
    fc.assert(
      fc.property(textsArb, fc.nat(), fc.nat(40), (texts, from, length) => {
        const pattern = patternOf(texts, from, length);
        const want = texts.map((text) => MEANING[test](latin1(text), latin1(pattern)));
        expect(run(test, texts, pattern)).toEqual(want);
      }),
      runs(81, 0.5),
    );
  });

  it('is the same on the machine', async () => {
    const cut = fc.tuple(stringsArb, fc.nat(), fc.nat(40), textArb(3));
    await fc.assert(
      fc.asyncProperty(cut, async ([{ args, types }, from, length, other]) => {
        const bytes = [...(args[1].cols[0] ?? [])].map(Number);
        const pattern = bytes.length === 0 || from % 5 === 0 ? other : patternOf([bytes], from, length);
        await expectAgreement(primOf(test), [...args, bytesValue(pattern)], [...types, vec(U8)]);
      }),
      runs(82, 0.3),
    );
  });

  it.each<[string, readonly Text[], Text]>([
    ['no rows', [], 'a'],
    ['one row', ['abc'], 'bc'],
    ['empty rows', ['', '', ''], 'a'],
    ['an empty pattern', ['', 'a'], ''],
    ['an empty pattern and no rows', [], ''],
    ['a pattern longer than everything', ['ab', 'c'], 'abcabcabcabcabcabcabc'],
    ['a match over the end of a row', ['xa', 'bx', 'ab', 'a', '', 'b'], 'ab'],
    ['a match that begins in a false one', ['aa', 'aab', 'ab'], 'aab'],
    ['matches at the very end', ['x'.repeat(70), `${'y'.repeat(62)}abc`], 'abc'],
    [
      'patterns of sixteen bytes and one more',
      ['0123456789abcdef', 'x0123456789abcdefg', '123456789abcdefg'],
      '0123456789abcdef',
    ],
    ['a pattern that differs in its last byte', [`${'ab'.repeat(20)}c`, 'ab'.repeat(21)], `${'ab'.repeat(19)}c`],
    ['halves of surrogate pairs', [[0xed, 0xa0, 0xbd, 0xed, 0xb8, 0x80], '😀'], [0xed, 0xb8, 0x80]],
  ])('agrees on %s', async (_, texts, pattern) => {
    const want = texts.map((text) => MEANING[test](latin1(utf8(text)), latin1(utf8(pattern))));
    expect(run(test, texts, pattern)).toEqual(want);
    for (const kind of ['i32', 'i64'] as const) {
      const { args, types } = stringColumn(texts, { kind });
      await expectAgreement(primOf(test), [...args, bytesValue(pattern)], [...types, vec(U8)]);
    }
  });

  it('refuses offsets that decrease or leave the bytes, in both forms', async () => {
    const session = new Session({ threads: 1 });
    const program = parseProgram(`|o: vec[i32], b: vec[u8], p: vec[u8]| cudf[${literalName(test)},vec[bool]](o, b, p)`);
    const wrong: readonly (readonly [readonly number[], string])[] = [
      [[0, 2, 1, 3], 'decrease from 2 to 1 behind string 1'],
      [[-1, 2], 'the first offset is -1'],
      [[0, 4], 'the last offset is 4, there are 3 bytes'],
      [[], 'there are no offsets'],
    ];
    for (const [offsets, message] of wrong) {
      const args = [
        { ...bytesValue([]), elem: I32, length: offsets.length, cols: [Int32Array.from(offsets)] },
        bytesValue('abc'),
        bytesValue('b'),
      ];
      const said = `${literalName(test)}: ${message.startsWith('decrease') ? `offsets ${message}` : message}`;
      expect(() => primOf(test).run(args, plainMemory)).toThrow(said);
      await expect(session.evaluate(program, args)).rejects.toThrow(said);
    }
    await session.dispose();
  });

  it.each(['i32', 'i64'] as const)('reads nothing at %s offsets far outside, which decrease later', async (kind) => {
    // As 32 bits, those of 64 would rise.
    const far = kind === 'i32' ? [2 ** 30, 2 ** 31 - 1] : [2 ** 32 + 1, 2 ** 32 + 2];
    const offsets = [0, ...Array.from({ length: 40 }, () => far).flat(), 3].map(BigInt).sort((a, b) => Number(a - b));
    offsets.push(3n);
    const column = vectorOf(kind, kind === 'i32' ? offsets.map(Number) : offsets, plainMemory);
    const form = await MACHINE_FORMS.get(literalName(test))?.();
    const run = async () => form?.([column, bytesValue('abc'), bytesValue('a')], guardedMachine(2));
    await expect(run()).rejects.toThrow(`offsets decrease from ${far[1]} to 3 behind string 81`);
  });

  it('says what is wrong with its arguments', () => {
    const { typing } = primOf(test);
    const column = stringColumn([]).types;
    expect(typing([...column, vec(U8)])).toBe(vec(BOOL));
    expect(typing([...column, vec(I8)])).toBe(vec(BOOL));
    expect(typing([vec(F64), vec(U8), vec(U8)])).toContain('needs the offsets of its strings first');
    expect(typing([vec(I32), vec(I32), vec(U8)])).toContain('found vec[i32]');
    expect(typing([...column])).toContain('needs a pattern of bytes, a vec[u8] or vec[i8], found nothing');
    expect(typing([...column, vec(U8), vec(U8)])).toContain('takes three arguments');
  });
});

it('a text literal of a program is a pattern', async () => {
  const session = new Session({ threads: 2 });
  const program = parseProgram('|o: vec[i64], b: vec[u8]| cudf[str_contains,vec[bool]](o, b, "needle")');
  const texts = Array.from({ length: 50_000 }, (_, k) => (k % 777 === 5 ? `hay ${k} needle` : `hay ${k} needl`));
  const { args } = stringColumn(texts, { kind: 'i64' });
  const found = fromColumns(vec(BOOL), await session.evaluate(program, args));
  expect(found).toEqual(texts.map((t) => t.includes('needle')));
  await session.dispose();
});

describe('the bytes that are looked for', () => {
  it.each([
    ['the quiz', 4, 7],
    ['a', 0, 0],
    ['aaaa', 0, 3],
    ['xx ', 0, 2],
  ])('of %j are at %d and %d', (pattern, near, far) => {
    expect(probeOf(Uint8Array.from(utf8(pattern)))).toEqual({ near, far });
  });
});
