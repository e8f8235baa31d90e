import { describe, expect, it } from 'vitest';
import { aliasesOf, scan } from './scan.ts';

describe('scan', () => {
  it.each([
    ['', false, ''],
    ['  \n\t', false, ''],
    ['# only a comment;', false, ''],
    ['x + 1', false, '1'],
    ['let x = 1; # one', false, ';'],
    ['"a # b"', false, '"'],
    ['"a;', true, ';'],
    ['"a\\"', true, '"'],
    ['"a\\\\"', false, '"'],
    ['"" "', true, '"'],
    ['x # "', false, 'x'],
    ['"line\nbreak"', false, '"'],
    ['"', true, '"'],
  ])('%j', (text, inText, last) => {
    expect(scan(text)).toEqual({ inText, last });
  });
});

describe('the aliases in front of a text', () => {
  it.each([
    ['x', [], ''],
    ['type t = i64;', ['t'], 'type t = i64;'],
    [
      '# c\n type a=vec[i64];\n#d\ntype b = {a,a}; macro m(x) = x; m(1)',
      ['a', 'b'],
      '# c\n type a=vec[i64];\n#d\ntype b = {a,a};',
    ],
    ['type t = i64', [], ''],
    ['types; type t = i64;', [], ''],
    ['macro m(x) = x; type t = i64;', [], ''],
  ])('%j', (text, names, own) => {
    expect(aliasesOf(text)).toEqual({ names, text: own });
  });
});
