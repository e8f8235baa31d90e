import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { I32, I64, type PrimSpec, plainMemory, struct, U8, type Value, vec } from '../../compiler/index.ts';
import { runs } from '../../compiler/testing/runs.ts';
import { MACHINE_FORMS } from '../index.ts';
import type { Machine } from '../machine.ts';
import { expectAgreement } from '../testing/agree.ts';
import { guardedMachine } from '../testing/guarded-machine.ts';
import { stringColumn, stringsArb, writtenTexts } from '../testing/strings.ts';
import { caseName, cases, lengths } from './case.ts';
import { BEHIND_CASED, CASES, type Case, cased } from './cased.ts';

const cells = (v: Value): readonly number[] =>
  typeof v === 'object' && v.kind === 'vec' ? [...(v.cols[0] ?? [])].map(Number) : [];
const primOf = (to: Case): PrimSpec => {
  const prim = cases.find((p) => p.name === caseName(to));
  if (prim === undefined) throw new Error(to);
  return prim;
};
const inCase = (to: Case, texts: readonly (string | readonly number[])[]): readonly (readonly number[])[] =>
  writtenTexts(primOf(to).run(stringColumn(texts).args, plainMemory));
const bytesOf = (text: string): readonly number[] => [...Buffer.from(text)];

describe('strings in another case', () => {
  it('are those of JavaScript, character by character', () => {
    const texts = ['', 'Naïve ÇA', 'ΣΊΣΥΦΟΣ', 'Ærøskøbing', 'ДА нет', 'ⅷ Ⓐ ǅ', '\u{10400} \u{1e943} 😀', '中文'];
    expect(inCase('lower', texts)).toEqual(texts.map((t) => bytesOf([...t].map((c) => c.toLowerCase()).join(''))));
    expect(inCase('upper', texts)).toEqual(texts.map((t) => bytesOf([...t].map((c) => c.toUpperCase()).join(''))));
  });
  it('keep characters whose other case is several, and change their number of bytes', () => {
    expect(inCase('upper', ['straße ŉ ﬁ', 'ıſ', 'ɐ'])).toEqual(['STRAßE ŉ ﬁ', 'IS', 'Ɐ'].map(bytesOf));
    expect(inCase('lower', ['İ', 'K Å', 'ẞ', 'Ⱥ'])).toEqual(['İ', 'k å', 'ß', 'ⱥ'].map(bytesOf));
    expect(inCase('fold', ['ΣΊΣΥΦΟΣ', 'σίσυφος', 'ſK', 'Straẞe'])).toEqual(
      ['σίσυφοσ', 'σίσυφοσ', 'sk', 'straße'].map(bytesOf),
    );
  });
  it('leave bytes that are no UTF-8', () => {
    const broken = [[0xc3], [0x41, 0xff, 0xc0, 0x80], [0xed, 0xa0, 0x80], [0xe2, 0x82, 0x42], [0xb5, 0xdf]];
    expect(inCase('lower', broken)).toEqual([
      [0xc3],
      [0x61, 0xff, 0xc0, 0x80],
      [0xed, 0xa0, 0x80],
      [0xe2, 0x82, 0x62],
      [0xb5, 0xdf],
    ]);
  });
  it('are found in the table, and no character behind it has case', () => {
    for (let char = BEHIND_CASED; char <= 0x1ffff; char++) {
      if (CASES.some((to) => cased(to, char) !== char)) expect.unreachable(`${char.toString(16)} has case`);
    }
  });

  it.each(CASES)('are the same on the machine: %s', async (to) => {
    const prim = primOf(to);
    const ascii = Array.from({ length: 128 }, (_, byte) => byte);
    for (const length of [0, 1, 63, 64, 65, 128]) {
      const { args, types } = stringColumn([ascii.slice(128 - length), [], ascii.slice(0, 20)], { before: [0xc3] });
      await expectAgreement(prim, args, types);
    }
    const every = Array.from({ length: 0x20 }, (_, page) =>
      Array.from({ length: 0x60 }, (_, c) => String.fromCodePoint(0x60 * page + c)).join(''),
    );
    const rare = ['ẞȺⱥɐKſİ', '\u{10400}\u{10428}\u{1e900}\u{1e943}\u{1efff}\u{1f000}\u{10ffff}', 'ꭰᏸꙀ'];
    const column = stringColumn([...every, ...rare], { kind: 'i64' });
    await expectAgreement(prim, column.args, column.types);
    await fc.assert(
      fc.asyncProperty(stringsArb, async ({ args, types }) => expectAgreement(prim, args, types)),
      runs(90, 0.1),
    );
  });
  it.each(CASES)('are written in place where lengths stay, on the machine: %s', async (to) => {
    const launched: string[] = [];
    const machine = guardedMachine(1);
    const launch: Machine['launch'] = (kernel, l) => {
      launched.push(kernel.name);
      return machine.launch(kernel, l);
    };
    const keeps = (char: number): boolean =>
      bytesOf(String.fromCodePoint(cased(to, char))).length === (char < 0x80 ? 1 : 2);
    const pairs = Array.from({ length: 0x800 }, (_, char) => char).filter(keeps);
    const text = String.fromCodePoint(...pairs);
    const args = stringColumn([text, 'привет, Мир', 'naïve €uro', '😀 Ǆ']).args;
    const form = await MACHINE_FORMS.get(caseName(to))?.();
    const found = await form?.(args, { ...machine, launch });
    expect(writtenTexts(found ?? 0)).toEqual(writtenTexts(primOf(to).run(args, plainMemory)));
    expect(launched.filter((name) => name.startsWith('write'))).toEqual([]);
    // Among ASCII and other lengths, cut by borders of rows, and at the end of a stretch.
    const char = fc.oneof(
      fc.constantFrom(...pairs).map((c) => bytesOf(String.fromCodePoint(c))),
      fc.constantFrom('a', 'Z', ' ', '\0', 'я', 'ЯЯ', 'é€', '中').map(bytesOf),
      fc.constantFrom([0xd0], [0x80], [0xc3, 0x41], [0xe2, 0x82], [0xff]),
    );
    const texts = fc.array(
      fc.array(char, { maxLength: 30 }).map((all) => all.flat()),
      { maxLength: 20 },
    );
    await fc.assert(
      fc.asyncProperty(texts, fc.boolean(), async (rows, isCut) => {
        const column = stringColumn(isCut ? rows.flatMap((row) => [row.slice(0, 5), row.slice(5)]) : rows);
        await expectAgreement(primOf(to), column.args, column.types);
      }),
      runs(94, 0.1),
    );
  });
  it('say what is wrong with their arguments', () => {
    const prim = primOf('lower');
    expect(prim.typing([vec(I64), vec(U8)])).toBe(struct([vec(I64), vec(U8)]));
    expect(prim.typing([vec(U8)])).toContain('str_lower needs the offsets of its strings first');
    expect(prim.typing([vec(I32), vec(U8), I32])).toContain('str_lower takes 2 arguments, found 3');
  });
});

it('str_length counts characters, and bytes that are none', async () => {
  const texts = [
    '',
    'abc',
    'héllo 😀',
    'x'.repeat(40),
    [0xed, 0xa0, 0x80],
    [0xe2, 0x82],
    [0xf0, 0x9f, 0x98, 0x80, 0x80],
  ];
  expect(cells(lengths.run(stringColumn(texts).args, plainMemory))).toEqual([0, 3, 7, 40, 3, 2, 2]);
  await fc.assert(
    fc.asyncProperty(stringsArb, async ({ args, types }) => expectAgreement(lengths, args, types)),
    runs(91, 0.2),
  );
  expect(lengths.typing([...stringColumn([]).types, vec(U8)])).toContain('str_length takes 2 arguments');
});
