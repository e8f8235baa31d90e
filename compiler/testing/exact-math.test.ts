import { expect, test } from 'vitest';
import { exactly, exactMath, ulpError } from './exact-math.ts';

test('agrees with the host library to a few units in the last place', () => {
  const xs = [0.3, -0.7, 1, 0.015625, -0.9999, 0.5];
  const near = ['exp', 'expm1', 'sin', 'cos', 'tan', 'asin', 'acos', 'atan', 'sinh', 'cosh', 'tanh'] as const;
  for (const f of [...near, 'log1p'] as const) {
    for (const x of xs) expect(ulpError('f64', Math[f](x), exactMath(f, x)), `${f}(${x})`).toBeLessThan(2.5);
  }
  for (const f of ['log', 'log2', 'log10'] as const) {
    for (const x of [0.3, 1e300, 2 ** -1074, 0.999, 1024]) {
      expect(ulpError('f64', Math[f](x), exactMath(f, x)), `${f}(${x})`).toBeLessThan(2);
    }
  }
  for (const x of [100, -12.5, 1e6, 355, 1e22, -1e300]) {
    for (const f of ['sin', 'cos', 'tan'] as const) {
      expect(ulpError('f64', Math[f](x), exactMath(f, x)), `${f}(${x})`).toBeLessThan(2);
    }
  }
  for (const [x, y] of [
    [2, 0.5],
    [1e300, -0.7],
    [0.999, 1e5],
    [1e-310, 0.9],
    [3, 40],
  ] as const) {
    expect(ulpError('f64', x ** y, exactMath('pow', x, y)), `${x}^${y}`).toBeLessThan(2);
    expect(ulpError('f64', Math.atan2(x, -y), exactMath('atan2', x, -y)), `atan2 ${x} ${-y}`).toBeLessThan(2);
  }
});

test('known digits', () => {
  // From tables (Abramowitz and Stegun, NIST): e, ln 2, erf, erfc, the normal distribution, sin 22.
  const digits = [
    ['exp', 1, Math.E],
    ['log', 2, Math.LN2],
    ['erf', 1, 0.8427007929497149],
    ['erf', -0.25, -0.27632639016823696],
    ['erfc', 0.5, 0.4795001221869535],
    ['erfc', 10, 2.088487583762545e-45],
    ['erfc', 27, 5.23705e-319],
    ['erfc', -1, 1.8427007929497148],
    ['erfc', -6, 2],
    ['normcdf', 1, 0.8413447460685429],
    ['normcdf', -5, 2.866515718791939e-7],
    ['normcdf', -37.5, 4.605353009581955e-308],
    ['sin', 22, -0.008851309290403876],
    ['cosh', 710, 1.1169973830808555e308],
    ['expm1', 1e-10, 1.00000000005e-10],
  ] as const;
  for (const [f, x, y] of digits) expect(ulpError('f64', y, exactMath(f, x)), `${f}(${x})`).toBeLessThan(0.51);
});

test('the parts of one function meet', () => {
  // erfc changes its formula at 4 and -4, odd functions at 2^-70.
  for (const x of [4, -4]) {
    const [a, b] = [x - 2 ** -50, x + 2 ** -50].map((v) => exactMath('erfc', v));
    if (a === undefined || b === undefined) throw new Error('two values');
    const value = Number(a.m >> 60n) * 2 ** (a.e + 60);
    expect(ulpError('f64', value, b)).toBeLessThan(70);
  }
  for (const f of ['expm1', 'log1p', 'sin', 'tan', 'asin', 'atan', 'sinh', 'tanh'] as const) {
    for (const x of [2 ** -69, 2 ** -71]) expect(ulpError('f64', x, exactMath(f, x)), f).toBeLessThan(0.001);
  }
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
