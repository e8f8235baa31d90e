/** Several mistakes in one text: each is shown once, at its place, and nothing else is. */

import { describe, expect, it } from 'vitest';
import { renderDiagnostic } from '../diag/render.ts';
import { parseProgram, parseType } from './parse.ts';

const show = (text: string): string =>
  parseProgram(text)
    .diagnostics.map((d) => renderDiagnostic(d, { name: 'w', text }))
    .join('\n');
/** Line, column and message of each diagnostic. */
const brief = (text: string): readonly string[] =>
  show(text)
    .split(/^error/m)
    .slice(1)
    .map((d) => d.replace(/^\[(W\d+)\]: (.*)\n --> w:(\d+:\d+)[\s\S]*$/, '$3 $1 $2'));

describe('three mistakes in three lets', () => {
  it('are three diagnostics', () => {
    const text = `|x: vec[f64], n: i64|
  let a = lookup(x, n;
  let b = a ++ 1.0;
  let c = 200c;
  let d = foo(n n, [1, 2, 3];
  a + b`;
    expect(show(text)).toMatchInlineSnapshot(`
      "error[W1002]: expected ")", found ";"
       --> w:2:22
        |
      2 |   let a = lookup(x, n;
        |                      ^
      error[W1002]: expected an expression, found "+"
       --> w:3:14
        |
      3 |   let b = a ++ 1.0;
        |              ^
      error[W1003]: 200c does not fit i8
       --> w:4:11
        |
      4 |   let c = 200c;
        |           ^^^^
        = help: a literal of type i8 is at most 127; a suffix makes it wider, such as L for i64
      error[W1002]: expected ")", found "n"
       --> w:5:17
        |
      5 |   let d = foo(n n, [1, 2, 3];
        |                 ^"
    `);
  });
});

describe('one mistake is one diagnostic', () => {
  it.each([
    ['a let without semicolon', 'let a = len(x)\na + 1L', ['2:1 W1002 expected ";", found "a"']],
    [
      'two of them',
      'let a = 1\nlet b = 2\na + b',
      ['2:1 W1002 expected ";", found "let"', '3:1 W1002 expected ";", found "a"'],
    ],
    [
      'a bracket that does not close in a let',
      'let a = (1 + [2;\nlet b = 3; b',
      ['1:16 W1002 expected "]", found ";"'],
    ],
    [
      'nor before the next let',
      'let a = f(1\nlet b = 3; b b',
      ['2:1 W1002 expected ")", found "let"', '2:14 W1002 expected the end of the text, found "b"'],
    ],
    [
      'another bracket than the open one',
      'let a = {1, 2]; let b = [1, 2); b',
      ['1:14 W1002 expected "}", found "]"', '1:30 W1002 expected "]", found ")"'],
    ],
    [
      'an element of a list',
      '[1 2, 3, + , {4 5}]',
      [
        '1:4 W1002 expected "]", found "2"',
        '1:10 W1002 expected an expression, found "+"',
        '1:17 W1002 expected "}", found "5"',
      ],
    ],
    [
      'the body of a loop',
      'for(v, merger[f64,+], |b, i, e| merge(b, e e)) + len(v, w)',
      ['1:44 W1002 expected ")", found "e"', '1:50 W2005 len takes 1 argument, found 2'],
    ],
    [
      'the parameters of a lambda',
      'result(for(v, appender, |b, i e| b)) + 300c',
      ['1:31 W1002 expected "|", found "e"', '1:40 W1003 300c does not fit i8'],
    ],
    [
      'a let inside',
      'let y = (let z = 2 z); let w = 3 3; w',
      ['1:20 W1002 expected ";", found "z"', '1:34 W1002 expected ";", found "3"'],
    ],
    [
      'the head of a let',
      'let 3 = k; let = 4; let c: vec[ = 5; let d: = 6; d d',
      [
        '1:5 W1002 expected a name, found "3"',
        '1:16 W1002 expected a name, found "="',
        '1:33 W1002 expected a type, found "="',
        '1:45 W1002 expected a type, found "="',
        '1:52 W1002 expected the end of the text, found "d"',
      ],
    ],
    [
      'aliases, which stay known',
      'type a = vec[; type b = {a, i8 i8}; |x: a, y: b, z: c| x',
      ['1:14 W1002 expected a type, found ";"', '1:32 W1002 expected "}", found "i8"', '1:53 W2003 unknown type c'],
    ],
    [
      'macros',
      'macro f(x = x; macro g(y) = y y; macro h z) = z; g(1)',
      [
        '1:11 W1002 expected ")", found "="',
        '1:31 W1002 expected ";", found "y"',
        '1:42 W1002 expected "(", found "z"',
      ],
    ],
    [
      'a builder type',
      'merger[f64, -] + dictmerger[i8] + vecmerger[i8,+](1, 2 3)',
      [
        '1:13 W1002 expected a type or one of + * min max, found "-"',
        '1:18 W1002 dictmerger is written dictmerger[K,V,op] with op one of + * min max',
        '1:56 W1002 expected ")", found "3"',
      ],
    ],
    [
      'an annotation',
      'let a = @(x:) len(v); let b = @(x y) len(v); a',
      ['1:13 W1002 expected a number, a name, a text, true or false, found ")"', '1:35 W1002 expected ":", found "y"'],
    ],
    [
      'a word that is reserved',
      'let if = 1; let b = if; if + b',
      ['1:5 W1005 if is a reserved word, a name belongs here'],
    ],
    [
      'characters that mean nothing',
      'let a = 1 ~ 2; let b = a \\ 3; let c = b c; c',
      ['1:11 W1001 "~" starts no token', '1:26 W1001 "\\\\" starts no token', '1:41 W1002 expected ";", found "c"'],
    ],
    [
      'numbers that are none',
      'let a = 12abc + 1; let b = 2 2; a',
      ['1:9 W1001 "12abc" is no number', '1:30 W1002 expected ";", found "2"'],
    ],
    [
      'a comparison of comparisons',
      'let a = b < c < d; let e = 300c; e',
      ['1:15 W1002 comparisons do not chain: found < after <', '1:28 W1003 300c does not fit i8'],
    ],
    ['nothing behind the text', 'let a = 1; let b = (a', ['1:22 W1002 expected ")", found the end of the text']],
  ])('%s', (_what, text, expected) => {
    expect(brief(text)).toEqual(expected);
  });

  it('in a type', () => {
    const text = '{vec[i8 i8], vek[i8], dict[i8], {i8 i8}, veg}';
    expect(parseType(text).diagnostics.map((d) => d.message)).toEqual([
      'expected "]", found "i8"',
      'unknown type vek',
      'expected ",", found "]"',
      'expected "}", found "i8"',
      'unknown type veg',
    ]);
  });
});

describe('bounds', () => {
  it('there are at most twenty diagnostics, the first ones', () => {
    const text = `${'let a = 1 1; '.repeat(60)}a`;
    const { diagnostics } = parseProgram(text);
    expect(diagnostics).toHaveLength(20);
    const starts = diagnostics.map((d) => (d.origin?.kind === 'text' ? d.origin.span.start : -1));
    expect(starts).toEqual(Array.from({ length: 20 }, (_, k) => 10 + 13 * k));
    expect(parseProgram(`[${'300c, '.repeat(60)}]`).diagnostics).toHaveLength(20);
  });

  it('a text of anything is refused by its first characters', () => {
    const text = `\u0000PNG\r\n${'\u00ff\ud800~'.repeat(500)}`;
    expect(parseProgram(text).diagnostics.map((d) => d.code)).toEqual(['W1001', 'W1001', 'W1001', 'W1001', 'W1001']);
  });

  it('a long text with mistakes is read no more often than it can afford', () => {
    const lets = Array.from({ length: 30_000 }, (_, k) => `let a${k} = ${k % 1000 === 7 ? '1 1' : '(1 + 2) * 3'};`);
    const { diagnostics } = parseProgram(`${lets.join('\n')}\na1`);
    expect(diagnostics.length).toBeGreaterThan(0);
    expect(diagnostics.length).toBeLessThan(20);
  });
});
