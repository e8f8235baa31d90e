import { expect, test } from 'vitest';
import { type ExactFunction, exactly, exactMath, ulpError } from './exact-math.ts';

test('agrees with the host library to a few units in the last place', () => {
  const xs = [0.3, -0.7, 1, 0.015625, -0.9999, 0.5];
  for (const f of ['exp', 'sin', 'cos', 'asin', 'acos', 'atan', 'tanh'] as const) {
    for (const x of xs) expect(ulpError('f64', Math[f](x), exactMath(f, x)), `${f}(${x})`).toBeLessThan(2);
  }
  for (const x of [0.3, 1e300, 2 ** -1074, 0.999])
    expect(ulpError('f64', Math.log(x), exactMath('log', x))).toBeLessThan(1);
  for (const x of [100, -12.5, 1e6, 355]) {
    expect(ulpError('f64', Math.sin(x), exactMath('sin', x)), `sin(${x})`).toBeLessThan(1);
    expect(ulpError('f64', Math.cos(x), exactMath('cos', x)), `cos(${x})`).toBeLessThan(1);
  }
});

test('known digits', () => {
  // exp(1), log(2), erf(1), sin(22), from tables.
  const digits: readonly (readonly [ExactFunction, number, number])[] = [
    ['exp', 1, Math.E],
    ['log', 2, Math.LN2],
    ['erf', 1, 0.8427007929497149],
    ['erf', -0.25, -0.27632639016823696],
    ['sin', 22, -0.008851309290403876],
  ];
  for (const [f, x, y] of digits) expect(ulpError('f64', y, exactMath(f, x)), f).toBeLessThan(0.51);
});

test('the error is counted in units of the last place of the exact value', () => {
  expect(ulpError('f64', 1 + 2 ** -52, exactly(1))).toBe(1);
  expect(ulpError('f32', 1 + 2 ** -23, exactly(1))).toBe(1);
  expect(ulpError('f64', 0, exactly(2 ** -1074))).toBe(1);
  expect(ulpError('f64', 0.75, exactly(0.75))).toBe(0);
  expect(ulpError('f64', Number.NaN, exactly(1))).toBe(Number.POSITIVE_INFINITY);
  expect(ulpError('f64', Number.POSITIVE_INFINITY, exactly(1))).toBeGreaterThan(1e100);
  expect(ulpError('f64', Number.POSITIVE_INFINITY, exactMath('exp', 800))).toBe(0);
});
