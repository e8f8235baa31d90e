import { describe, expect, it } from 'vitest';
import { interpret } from '../core/interp.ts';
import type { Lit } from '../core/op.ts';
import { printLit } from '../core/print.ts';
import { resultType } from '../core/program.ts';
import { isScalar, typeText } from '../core/types.ts';
import { WeldError } from '../diag/diagnostic.ts';
import { parseProgram } from '../text.ts';

/** Type and value of a text without arguments. */
function evaluated(text: string): readonly [string, unknown] {
  const p = parseProgram(`|| ${text}`);
  return [typeText(resultType(p)), interpret(p, [])];
}
function refusal(text: string): string {
  try {
    parseProgram(`|| ${text}`);
  } catch (e) {
    if (e instanceof WeldError) return e.message;
    throw e;
  }
  return 'accepted';
}

describe('integers', () => {
  it.each([
    ['7', 'i32', 7],
    ['0', 'i32', 0],
    ['-0', 'i32', 0],
    ['007', 'i32', 7],
    ['2147483647', 'i32', 2147483647],
    ['-2147483648', 'i32', -2147483648],
    ['127c', 'i8', 127],
    ['-128C', 'i8', -128],
    ['(-127c - 1c)', 'i8', -128],
    ['-32768si', 'i16', -32768],
    ['9223372036854775807L', 'i64', 9223372036854775807n],
    ['-9223372036854775808L', 'i64', -9223372036854775808n],
    ['9007199254740993l', 'i64', 9007199254740993n],
    ['255u8', 'u8', 255],
    ['65535u16', 'u16', 65535],
    ['4294967295u32', 'u32', 4294967295],
    ['18446744073709551615u64', 'u64', 18446744073709551615n],
    ['-1u64', 'u64', 18446744073709551615n],
    ['0x1f', 'i32', 31],
    // A hexadecimal digit wins over a suffix.
    ['0x1c', 'i32', 28],
    ['0x7fffffffffffffffL', 'i64', 9223372036854775807n],
    ['0xffu8', 'u8', 255],
    ['0b101', 'i32', 5],
    ['0b11111111u8', 'u8', 255],
  ])('%s is %s %s', (text, type, value) => {
    expect(evaluated(text)).toEqual([type, value]);
  });

  it.each([
    [
      '2147483648',
      'W1003: 2147483648 does not fit i32\n  help: i32 holds -2147483648 to 2147483647; a suffix makes it wider, such as L for i64',
    ],
    [
      '-2147483649',
      'W1003: 2147483649 does not fit i32\n  help: i32 holds -2147483648 to 2147483647; a suffix makes it wider, such as L for i64',
    ],
    [
      '0xffffffff',
      'W1003: 0xffffffff does not fit i32\n  help: i32 holds -2147483648 to 2147483647; a suffix makes it wider, such as L for i64',
    ],
    [
      '9223372036854775808L',
      'W1003: 9223372036854775808L does not fit i64\n  help: i64 holds -9223372036854775808 to 9223372036854775807',
    ],
    // Only a minus right in front makes it the smallest value.
    [
      '1L - 9223372036854775808L',
      'W1003: 9223372036854775808L does not fit i64\n  help: i64 holds -9223372036854775808 to 9223372036854775807',
    ],
    [
      '1c - 128c',
      'W1003: 128c does not fit i8\n  help: i8 holds -128 to 127; a suffix makes it wider, such as L for i64',
    ],
    ['-256u8', 'W1003: 256u8 does not fit u8\n  help: u8 holds 0 to 255; a suffix makes it wider, such as L for i64'],
    [
      '18446744073709551616u64',
      'W1003: 18446744073709551616u64 does not fit u64\n  help: u64 holds 0 to 18446744073709551615',
    ],
  ])('%s is refused', (text, message) => {
    expect(refusal(text)).toBe(message);
  });

  it.each(['0x', '0b', '0b2', '1_000', '12abc', '1u7', '0xg', '5LL'])('%s is no number', (text) => {
    expect(refusal(text)).toMatch(/^W1001: "[^"]*" is no number\n {2}help: integers: 7, 7L i64/);
  });
});

describe('floats', () => {
  it.each([
    ['1.5', 'f64', 1.5],
    ['-0.0', 'f64', -0],
    ['0.0', 'f64', 0],
    ['1e3', 'f64', 1000],
    ['1E+3', 'f64', 1000],
    ['2.5e-3', 'f64', 0.0025],
    ['1.7976931348623157e308', 'f64', Number.MAX_VALUE],
    ['4.9e-324', 'f64', Number.MIN_VALUE],
    ['1e-400', 'f64', 0],
    ['9007199254740993.0', 'f64', 9007199254740992],
    ['1f', 'f32', 1],
    ['0.1F', 'f32', Math.fround(0.1)],
    ['3.4028234663852886e38f', 'f32', 3.4028234663852886e38],
    ['(0.0/0.0)', 'f64', Number.NaN],
    ['(-1.0F/0.0F)', 'f32', Number.NEGATIVE_INFINITY],
  ])('%s is %s %s', (text, type, value) => {
    const [foundType, found] = evaluated(text);
    expect(foundType).toBe(type);
    expect(Object.is(found, value), String(found)).toBe(true);
  });

  it.each([
    ['1e400', 'W1003: 1e400 is beyond the largest f64\n  help: infinity is written (1.0/0.0)'],
    ['-1e400', 'W1003: 1e400 is beyond the largest f64\n  help: infinity is written (1.0/0.0)'],
    ['3.5e38f', 'W1003: 3.5e38f is beyond the largest f32\n  help: infinity is written (1.0F/0.0F)'],
    ['.5', 'W1002: expected an expression, found "."\n  help: a float has digits on both sides of its point: 0.5, 2.0'],
    [
      '2.',
      'W1002: expected a name, found the end of the text\n  help: a float has digits on both sides of its point: 0.5, 2.0',
    ],
  ])('%s is refused', (text, message) => {
    expect(refusal(text)).toBe(message);
  });
});

it('every literal that prints reads back as itself', () => {
  const texts = [
    '-128c',
    '-9223372036854775808L',
    '18446744073709551615u64',
    '-0.0',
    '1e300',
    '1e21',
    '(0.0/0.0)',
    '1e-7',
    '0.1f',
    '3e38f',
    'true',
  ];
  for (const text of texts) {
    const { result, lets } = parseProgram(`|| ${text}`).body;
    if (typeof result !== 'object' || lets.length > 0 || !isScalar(result.ty)) throw new Error(`${text} is no literal`);
    const again: unknown = parseProgram(`|| ${printLit(result satisfies Lit)}`).body.result;
    expect(again).toEqual(result);
  }
});
