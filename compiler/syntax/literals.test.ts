import { describe, expect, it } from 'vitest';
import { printLit } from '../core/print.ts';
import { scalar } from '../core/types.ts';
import { floatLiteral, intLiteral, quoted, textLiteral } from './literals.ts';
import { parseExpression } from './parse.ts';

/** Kind and value of a text that is one literal. */
function read(text: string): readonly [string, unknown] {
  const { tree } = parseExpression(text);
  if (tree?.k !== 'lit') throw new Error(`${text} is no literal`);
  return [tree.kind, tree.value];
}
/** Every diagnostic of a text: code, message, help, and the part of the text it points at. */
function refusals(text: string): readonly string[] {
  return parseExpression(text).diagnostics.map(({ code, message, help, origin }) => {
    const at = origin?.kind === 'text' ? text.slice(origin.span.start, origin.span.end) : '';
    return `${code} ${JSON.stringify(at)}: ${message}${help === null ? '' : `; ${help}`}`;
  });
}

describe('integers', () => {
  it.each([
    ['7', 'i32', 7],
    ['0', 'i32', 0],
    ['007', 'i32', 7],
    ['2147483647', 'i32', 2147483647],
    ['127c', 'i8', 127],
    ['5C', 'i8', 5],
    ['32767si', 'i16', 32767],
    ['9223372036854775807L', 'i64', 9223372036854775807n],
    ['9007199254740993l', 'i64', 9007199254740993n],
    ['255u8', 'u8', 255],
    ['65535u16', 'u16', 65535],
    ['4294967295u32', 'u32', 4294967295],
    ['18446744073709551615u64', 'u64', 18446744073709551615n],
    ['0x1f', 'i32', 31],
    // As in Weld, a c at the end is the suffix, also where it could be a digit.
    ['0x1c', 'i8', 1],
    ['0x1cL', 'i64', 28n],
    ['0xc', 'i32', 12],
    ['0xccL', 'i64', 204n],
    ['0xce', 'i32', 206],
    ['0x7fffffffffffffffL', 'i64', 9223372036854775807n],
    ['0xffu8', 'u8', 255],
    ['0b101', 'i32', 5],
    ['0b101c', 'i8', 5],
    ['0b11111111u8', 'u8', 255],
  ])('%s is %s %s', (text, kind, value) => {
    expect(read(text)).toEqual([kind, value]);
  });

  it.each([
    [
      '2147483648',
      'W1003 "2147483648": 2147483648 does not fit i32; a literal has no sign; the smallest i32 is written (-2147483647 - 1)',
    ],
    ['-128c', 'W1003 "128c": 128c does not fit i8; a literal has no sign; the smallest i8 is written (-127c - 1c)'],
    [
      '-129c',
      'W1003 "129c": 129c does not fit i8; a literal of type i8 is at most 127; a suffix makes it wider, such as L for i64',
    ],
    [
      '0xffffffff',
      'W1003 "0xffffffff": 0xffffffff does not fit i32; a literal of type i32 is at most 2147483647; a suffix makes it wider, such as L for i64',
    ],
    [
      '9223372036854775808L',
      'W1003 "9223372036854775808L": 9223372036854775808L does not fit i64; a literal has no sign; the smallest i64 is written (-9223372036854775807L - 1L)',
    ],
    [
      '0xabc',
      'W1003 "0xabc": 0xabc does not fit i8; a hexadecimal integer that ends in c is an i8, up to 0x7fc; 0xabcL is an i64',
    ],
    [
      '256u8',
      'W1003 "256u8": 256u8 does not fit u8; a literal of type u8 is at most 255; a suffix makes it wider, such as L for i64',
    ],
    [
      '18446744073709551616u64',
      'W1003 "18446744073709551616u64": 18446744073709551616u64 does not fit u64; a literal of type u64 is at most 18446744073709551615',
    ],
  ])('%s is refused', (text, message) => {
    expect(refusals(text)).toEqual([message]);
  });

  it.each(['0x', '0b', '0b2', '1_000', '12abc', '1u7', '0xg', '5LL', '0x5si', '2.5L', '1e', '1.5.2', '3cs'])(
    '%s is no number',
    (text) => {
      expect(refusals(text)).toEqual([expect.stringContaining(`W1001 "${text}": "${text}" is no number; integers: 7`)]);
    },
  );

  it('are refused where they stand, each by itself', () => {
    expect(refusals('[300c, 1, 0b9, 70000si]').map((r) => r.split(':')[0])).toEqual([
      'W1003 "300c"',
      'W1001 "0b9"',
      'W1003 "70000si"',
    ]);
  });
});

describe('floats', () => {
  it.each([
    ['1.5', 'f64', 1.5],
    ['0.0', 'f64', 0],
    ['1e3', 'f64', 1000],
    ['1e+5', 'f64', 100000],
    ['1E+3', 'f64', 1000],
    ['2.5e-3', 'f64', 0.0025],
    ['1.7976931348623157e308', 'f64', Number.MAX_VALUE],
    ['4.9e-324', 'f64', Number.MIN_VALUE],
    ['1e-400', 'f64', 0],
    ['9007199254740993.0', 'f64', 9007199254740992],
    ['1f', 'f32', 1],
    ['1e2f', 'f32', 100],
    ['0.1F', 'f32', Math.fround(0.1)],
    ['3.4028234663852886e38f', 'f32', 3.4028234663852886e38],
    // Exactly between two f32: to the even one; beyond by less than an f64 can tell: to the nearer one.
    ['1.000000059604644775390625f', 'f32', 1],
    ['1.00000005960464477539062500000000001f', 'f32', 1 + 2 ** -23],
    ['1.00000017881393432617187499999999999f', 'f32', 1 + 2 ** -23],
    ['1.000000178813934326171875f', 'f32', 1 + 2 ** -22],
  ])('%s is %s %s', (text, kind, value) => {
    const [foundKind, found] = read(text);
    expect(foundKind).toBe(kind);
    expect(Object.is(found, value), String(found)).toBe(true);
  });

  it.each([
    ['1e400', 'W1003 "1e400": 1e400 is beyond the largest f64; infinity is written (1.0/0.0)'],
    ['3.5e38f', 'W1003 "3.5e38f": 3.5e38f is beyond the largest f32; infinity is written (1.0F/0.0F)'],
    ['.5', 'W1002 ".": expected an expression, found "."; a float has digits on both sides of its point: 0.5, 2.0'],
    [
      '2.',
      'W1002 "": expected a name, found the end of the text; a float has digits on both sides of its point: 0.5, 2.0',
    ],
  ])('%s is refused', (text, message) => {
    expect(refusals(text)).toEqual([message]);
  });
});

describe('texts', () => {
  const value = (text: string): string | null => {
    const { tree } = parseExpression(text);
    return tree?.k === 'text' ? tree.value : null;
  };

  it('have escapes, may span lines, and hold what would be a comment outside', () => {
    expect(value('""')).toBe('');
    expect(value('"a # b"')).toBe('a # b');
    expect(value('"two\nlines"')).toBe('two\nlines');
    expect(value('"\\n\\t\\r\\\\\\"\\0\\x41\\x7f"')).toBe('\n\t\r\\"\0A\x7f');
    expect(value('"\\01"')).toBe('\x001');
    expect(value('"//" # a comment')).toBe('//');
  });

  it('are printed with escapes and read back', () => {
    const all = Array.from({ length: 128 }, (_, code) => String.fromCharCode(code)).join('');
    expect(quoted('a"\\\n\x01')).toBe('"a\\"\\\\\\n\\x01"');
    expect(quoted(all)).toMatch(/^[ -~]+$/);
    expect(value(quoted(all))).toBe(all);
  });

  it('are refused at the character that is wrong', () => {
    const help = 'the escapes are \\n \\t \\r \\\\ \\" \\0 and \\x00 to \\x7f';
    expect(refusals('"ab\\qc"')).toEqual([`W1001 "\\\\q": \\q is no escape; ${help}`]);
    expect(refusals('"\\x4"')).toEqual([`W1001 "\\\\x": \\x is no escape; ${help}`]);
    const bytes = 'other bytes are written as a vector: [195u8, 169u8]';
    expect(refusals('"caf\u00e9s" == "\\xe9"')).toEqual([
      `W1003 "\u00e9": a text is ASCII, found \u00e9; ${bytes}`,
      `W1003 "\\\\xe9": a text is ASCII, found \\xe9; ${bytes}`,
    ]);
  });

  it('that do not end cost one line', () => {
    expect(refusals('let a = "ab;\nlet b = 300c; a')).toEqual([
      'W1001 "\\"ab;": a text without its closing "',
      expect.stringContaining('W1003 "300c"'),
    ]);
  });
});

it('a minus is an operator, no part of a literal', () => {
  expect(parseExpression('-7').tree).toMatchObject({ k: 'unary', op: '-', a: { k: 'lit', value: 7 } });
  expect(parseExpression('a -7').tree).toMatchObject({ k: 'binary', op: '-', b: { k: 'lit', value: 7 } });
});

it('every literal reads back as itself when it is printed', () => {
  const texts = [
    '127c',
    '32767si',
    '7',
    '9223372036854775807L',
    '18446744073709551615u64',
    '0.0',
    '1e300',
    '1e21',
    '1e-7',
  ];
  for (const text of [...texts, '0.1f', '3e38f', '1e-45f', 'true', 'false', '16777216f']) {
    const { tree } = parseExpression(text);
    if (tree?.k !== 'lit') throw new Error(`${text} is no literal`);
    expect(read(printLit({ lit: tree.value, ty: scalar(tree.kind) }))).toEqual([tree.kind, tree.value]);
  }
});

it('the parts of a token are read without the parser as well', () => {
  expect(intLiteral('0x10L')).toEqual({ ok: true, kind: 'i64', value: 16n });
  expect(floatLiteral('2.5f')).toEqual({ ok: true, kind: 'f32', value: 2.5 });
  expect(textLiteral('"a"')).toEqual({ ok: true, value: 'a' });
});
