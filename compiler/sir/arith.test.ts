import fc from 'fast-check';
import { expect, test } from 'vitest';
import { binary, compare, convert, reinterpret, unary } from './arith.ts';

test('integers wrap in their width', () => {
  expect(binary('+', 'i32', 2147483647, 1)).toBe(-2147483648);
  expect(binary('*', 'u32', 0xffffffff, 0xffffffff)).toBe(1);
  expect(binary('-', 'u8', 0, 1)).toBe(255);
  expect(binary('*', 'i64', 2n ** 62n, 2n)).toBe(-(2n ** 63n));
  expect(binary('/', 'i32', -2147483648, -1)).toBe(-2147483648);
  expect(binary('%', 'i8', -128, -1)).toBe(0);
  expect(unary('neg', 'i16', -32768)).toBe(-32768);
});

test('shifts: logical on unsigned, arithmetic on signed', () => {
  expect(binary('>>', 'i32', -8, 1)).toBe(-4);
  expect(binary('>>', 'u32', 0xfffffff8, 1)).toBe(0x7ffffffc);
  expect(binary('<<', 'i8', 1, 7)).toBe(-128);
  expect(binary('<<', 'u64', 1n, 63n)).toBe(2n ** 63n);
});

test('a divisor of zero is a fault of the kernel', () => {
  expect(() => binary('/', 'i32', 1, 0)).toThrow('divisor of 0');
  expect(binary('/', 'f64', 1, 0)).toBe(Number.POSITIVE_INFINITY);
});

test('min, max and their cheap siblings differ on NaN and zeros', () => {
  expect(binary('min', 'f64', Number.NaN, 1)).toBeNaN();
  expect(binary('min', 'f64', 0, -0)).toBe(-0);
  expect(binary('max', 'f32', -0, 0)).toBe(0);
  expect(binary('pmin', 'f64', Number.NaN, 1)).toBeNaN();
  expect(binary('pmin', 'f64', 1, Number.NaN)).toBe(1);
  expect(binary('pmin', 'f64', 0, -0)).toBe(0);
  expect(binary('pmax', 'f64', -0, 0)).toBe(-0);
});

test('f32 is rounded after every operation', () => {
  expect(binary('+', 'f32', 16777216, 1)).toBe(16777216);
  expect(unary('sqrt', 'f32', 2)).toBe(Math.fround(Math.SQRT2));
});

test('nearest rounds half to even and keeps the sign of zero', () => {
  const cases = [
    [0.5, 0],
    [1.5, 2],
    [2.5, 2],
    [-0.5, -0],
    [-0.2, -0],
    [-3.5, -4],
    [2 ** 52 + 1, 2 ** 52 + 1],
    [Number.NEGATIVE_INFINITY, Number.NEGATIVE_INFINITY],
  ] as const;
  for (const [x, y] of cases) expect(unary('nearest', 'f64', x)).toBe(y);
});

test('comparisons with NaN are false but for !=', () => {
  for (const op of ['==', '<', '<=', '>', '>='] as const) expect(compare(op, Number.NaN, Number.NaN)).toBe(false);
  expect(compare('!=', Number.NaN, Number.NaN)).toBe(true);
});

test('conversions wrap, saturate, and round once', () => {
  expect(convert('f64', 'i32', 1e20)).toBe(2147483647);
  expect(convert('f64', 'u8', -5)).toBe(0);
  expect(convert('f64', 'u8', 300.9)).toBe(255);
  expect(convert('f32', 'i64', Number.NaN)).toBe(0n);
  expect(convert('f64', 'i64', 2 ** 63)).toBe(2n ** 63n - 1n);
  expect(convert('i64', 'u8', 257n)).toBe(1);
  expect(convert('i32', 'u64', -1)).toBe(2n ** 64n - 1n);
  expect(convert('bool', 'f64', true)).toBe(1);
  expect(convert('f64', 'bool', Number.NaN)).toBe(true);
  // Through f64 this would be rounded twice, to 2^60.
  expect(convert('i64', 'f32', 2n ** 60n + 2n ** 36n + 1n)).toBe(2 ** 60 + 2 ** 37);
});

test('reinterpreting bits there and back gives the same bits', () => {
  const runs = { numRuns: 200, seed: 5 };
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }), (bits) => {
      const f = reinterpret('u64', 'f64', bits);
      if (!Number.isNaN(f)) expect(reinterpret('f64', 'u64', f)).toBe(bits);
    }),
    runs,
  );
  expect(reinterpret('f32', 'i32', -0)).toBe(-2147483648);
});
