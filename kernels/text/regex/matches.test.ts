import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { BOOL, F64, fromColumns, plainMemory, U8, vec } from '../../../compiler/index.ts';
import { runs } from '../../../compiler/testing/runs.ts';
import { expectAgreement } from '../../testing/agree.ts';
import { foundTextArb, patternArb } from '../../testing/patterns.ts';
import { bytesValue, stringColumn, stringsArb, utf8 } from '../../testing/strings.ts';
import { determinize } from './determinize.ts';
import { matches } from './matches.ts';
import { compileRegex } from './program.ts';
import { search } from './search.ts';

type Text = string | readonly number[];
const run = (texts: readonly Text[], pattern: Text): unknown =>
  fromColumns(vec(BOOL), matches.run([...stringColumn(texts).args, bytesValue(pattern)], plainMemory));
const program = (pattern: string) => compileRegex('test', Uint8Array.from(utf8(pattern)));

const flagsArb = fc.constantFrom('', '', 'i', 's', 'm', 'ism');

describe('a regular expression', () => {
  it('is found where JavaScript finds it', () => {
    fc.assert(
      fc.property(patternArb(), flagsArb, fc.array(foundTextArb, { maxLength: 6 }), (pattern, flags, texts) => {
        const theirs = new RegExp(pattern, `u${flags}`);
        expect(run(texts, flags === '' ? pattern : `(?${flags})${pattern}`)).toEqual(texts.map((t) => theirs.test(t)));
      }),
      runs(85),
    );
  });

  it('matches from and to where it does in JavaScript', () => {
    fc.assert(
      fc.property(patternArb(), foundTextArb, (pattern, text) => {
        // A repeated bracket that can be empty is left by JavaScript where ours goes on.
        fc.pre(!/\)[*+?{]/.test(pattern));
        const theirs = new RegExp(pattern, 'u').exec(text);
        const ours = search(program(pattern), Uint8Array.from(utf8(text)));
        const bytes = (to: number): number => utf8(text.slice(0, to)).length;
        const want = theirs === null ? null : [bytes(theirs.index), bytes(theirs.index + theirs[0].length)];
        expect(ours === null ? null : [...ours.slice(0, 2)]).toEqual(want);
      }),
      runs(86),
    );
  });

  it('is found by the machine as it is defined to be', async () => {
    await fc.assert(
      fc.asyncProperty(stringsArb, patternArb(1), flagsArb, async ({ args, types }, pattern, flags) => {
        const given = bytesValue(flags === '' ? pattern : `(?${flags})${pattern}`);
        await expectAgreement(matches, [...args, given], [...types, vec(U8)]);
      }),
      runs(87, 0.08),
    );
  });

  it.each<[string, Text, readonly Text[], readonly boolean[]]>([
    ['nothing', '', ['', 'a'], [true, true]],
    ['a set with a bracket first', '[]a]', [']', 'a', 'b'], [true, true, false]],
    ['a set with a minus last', '[a-]', ['-', 'b'], [true, false]],
    ['brackets of other kinds', '(?P<x>a)(?<y>b)', ['ab', 'a'], [true, false]],
    ['flags inside', 'a(?i)b(?-i:c)', ['aBc', 'Abc', 'abC'], [true, false, false]],
    ['flags of a bracket', '(?:(?i)a)b|(?i:c)d', ['Ab', 'AB', 'Cd', 'CD'], [true, false, true, false]],
    [
      'cases beyond ASCII',
      '(?i)STRASSE|ΣΑΣ|é|ſ',
      ['strasse', 'σας', 'É', 'S', 'straße'],
      [true, true, true, true, true],
    ],
    ['no other case of what a set leaves out', '(?i)^[^k]+$', ['K', 'j', '\u212a'], [false, true, false]],
    ['words that are ASCII', '(?i)^\\W$', ['s', 'ſ'], [false, true]],
    ['escapes', '^\\x41\\u00e9\\u{1f600}\\t\\/\\-$', ['Aé😀\t/-'], [true]],
    ['braces that count nothing', 'a{,2}{', ['a{,2}{'], [true]],
    ['lines', '(?m)^b$', ['a\nb\nc', 'ab'], [true, false]],
    ['the end that is the end', 'a$', ['a\n', 'a'], [false, true]],
    ['borders of words', '\\bfoo\\b', ['a foo.', 'foo', 'foot', 'éfoo'], [true, true, false, true]],
    ['characters and not bytes', '^...$', ['é€😀', 'ab'], [true, false]],
    [
      'bytes that are no UTF-8 nowhere',
      '^(.|\\n|[^a])*$',
      [[0xff], [0xed, 0xa0, 0x80], [0xe2, 0x82], 'é'],
      [false, false, false, true],
    ],
    [
      'what is between such bytes',
      'a.c',
      [
        [0xff, 97, 98, 99, 0xff],
        [97, 0xff, 99],
      ],
      [true, false],
    ],
    [
      'many repeats',
      '^(?:[ab]{3}){2,4}$',
      ['ababab', 'ab', 'a'.repeat(12), 'a'.repeat(15)],
      [true, false, true, false],
    ],
  ])('finds %s', async (_, pattern, texts, want) => {
    expect(run(texts, pattern)).toEqual(want);
    const { args, types } = stringColumn(texts);
    await expectAgreement(matches, [...args, bytesValue(pattern)], [...types, vec(U8)]);
  });

  it('is searched for without an automaton where that would be too large', async () => {
    const pattern = '(?:a|b)*a(?:a|b){18}c';
    expect(determinize(program(pattern))).toBeNull();
    const texts = ['', 'ab'.repeat(20), `b${'a'.repeat(19)}c`, `a${'b'.repeat(18)}c`];
    const { args, types } = stringColumn(texts);
    expect(run(texts, pattern)).toEqual([false, false, true, true]);
    await expectAgreement(matches, [...args, bytesValue(pattern)], [...types, vec(U8)]);
  });
  it.each([
    ['(\\d+) special.*requests?$', ' special'],
    ['^(?:ab)cd|x', ''],
    ['(?:abc){2,}d', 'abc'],
    ['(?i)a1b2', '1'],
    ['a\\b(?:bé)c?d', 'abé'],
    ['', ''],
    ['x{0,3}', ''],
  ])('%j has some text in every match', (pattern, text) => {
    expect([...program(pattern).required]).toEqual(utf8(text));
  });
  it('takes no longer for repeats in repeats', () => {
    expect(run(['a'.repeat(2000)], '^(a*)*(a+)+b$')).toEqual([false]);
  });

  it.each<[string, number, string]>([
    ['a(b', 2, 'a ( that is not closed'],
    ['a)', 2, 'a ) that closes nothing'],
    ['[ab', 1, 'a [ that is not closed'],
    ['*a', 1, 'a * behind nothing'],
    ['a**', 3, 'a repeat of a repeat'],
    ['a{3,2}', 2, 'a repeat of at least 3 and at most 2'],
    ['a{2000}', 2, 'more than 1000 repeats'],
    ['[z-a]', 2, 'a range that is none'],
    ['[\\d-z]x\\', 9, 'what a backslash escapes is missing'],
    ['é\\q', 2, 'an unknown escape \\q'],
    ['\\xg0', 1, 'an escape that is no character'],
    ['\\u{110000}', 1, 'an escape that is no character'],
    ['a(?=b)', 2, 'a look around'],
    ['(?<!a)b', 1, 'a look around'],
    ['(a)\\1', 4, 'a look back at a group'],
    ['(?<a', 5, 'a name of a group that is not closed'],
    ['(?x)a', 1, 'a bracket of an unknown kind'],
  ])('%j is none, by character %d', (pattern, at, message) => {
    expect(() => run(['a'], pattern)).toThrow(`str_matches: ${message}`);
    expect(() => run(['a'], pattern)).toThrow(`, at character ${at} of the pattern`);
  });
  it('is none when it is not UTF-8 or too large', () => {
    expect(() => run([], [0xff])).toThrow('str_matches: the pattern is not UTF-8');
    expect(() => run([], '(?:a{1000}){1000}')).toThrow('needs more than 20000 instructions');
    expect(() => run([], `${'('.repeat(300)}a${')'.repeat(300)}`)).toThrow('brackets more than 200 deep');
  });
  it('says what is wrong with its arguments', () => {
    const column = stringColumn([]).types;
    expect(matches.typing([...column, vec(U8)])).toBe(vec(BOOL));
    expect(matches.typing([...column, vec(F64)])).toContain('needs a pattern');
    expect(matches.typing([...column, vec(U8), vec(U8)])).toContain('takes three arguments');
  });
});
