import { describe, expect, test } from 'vitest';
import { exactMath, ulpError } from '../../testing/exact-math.ts';
import { BOUNDS, type FloatKind, library, MATH_NAMES, worstOf } from '../../testing/math-accuracy.ts';
import { type Point, points } from '../../testing/math-points.ts';
import type { MathName } from './index.ts';

const KINDS = ['f64', 'f32'] as const;
const INF = Number.POSITIVE_INFINITY;
const NAN = Number.NaN;

for (const kind of KINDS) {
  test.each(MATH_NAMES)(`%s in ${kind} is within its bound over the whole domain`, (f) => {
    const worst = worstOf(f, kind, 200);
    expect(worst.error, JSON.stringify(worst)).toBeLessThanOrEqual(BOUNDS[f]);
    // Not a table of answers: rounding shows.
    expect(worst.error).toBeGreaterThan(0.5);
  });
}

/** Arguments and exact values; `pi` and the like stand for their rounded form. */
type Rows = readonly (readonly [x: number, value: number])[];
type Rows2 = readonly (readonly [x: number, y: number, value: number])[];

const odd = (least: number): Rows => [
  [0, 0],
  [-0, -0],
  [least, least],
  [-least, -least],
  [NAN, NAN],
];
const logs = (least: number, leastValue: number, most: number): Rows => [
  [0, -INF],
  [-0, -INF],
  [1, 0],
  [INF, INF],
  [-INF, NAN],
  [-1, NAN],
  [-least, NAN],
  [least, leastValue],
  [-most, NAN],
  [NAN, NAN],
];

function unaryRows(kind: FloatKind): Readonly<Record<Exclude<MathName, 'pow' | 'atan2'>, Rows>> {
  const [most, least] = kind === 'f64' ? [Number.MAX_VALUE, 2 ** -1074] : [(2 - 2 ** -23) * 2 ** 127, 2 ** -149];
  const lowest = Math.log2(least);
  const near = (v: number): number => (kind === 'f32' ? Math.fround(v) : v);
  const small = odd(least);
  return {
    exp: [
      [0, 1],
      [-0, 1],
      [INF, INF],
      [-INF, 0],
      [most, INF],
      [-most, 0],
      [least, 1],
      [1e5, INF],
      [-1e5, 0],
      [NAN, NAN],
    ],
    expm1: [...small, [INF, INF], [-INF, -1], [most, INF], [-most, -1], [-1000, -1]],
    log: logs(least, near(lowest * Math.LN2), most),
    log1p: [...small, [-1, -INF], [INF, INF], [-1.5, NAN], [-INF, NAN], [-most, NAN]],
    log2: [...logs(least, lowest, most), [8, 3], [2 ** -20, -20], [2 ** 100, 100]],
    log10: [...logs(least, near(lowest * Math.log10(2)), most), [10, 1], [1000, 3], [1e10, 10], [near(1e-5), -5]],
    sin: [...small, [INF, NAN], [-INF, NAN]],
    cos: [
      [0, 1],
      [-0, 1],
      [INF, NAN],
      [-INF, NAN],
      [least, 1],
      [NAN, NAN],
    ],
    tan: [...small, [INF, NAN], [-INF, NAN]],
    asin: [...small, [1, near(Math.PI / 2)], [-1, near(-Math.PI / 2)], [1.5, NAN], [INF, NAN], [-INF, NAN]],
    acos: [
      [1, 0],
      [-1, near(Math.PI)],
      [0, near(Math.PI / 2)],
      [-1.5, NAN],
      [INF, NAN],
      [-INF, NAN],
      [NAN, NAN],
    ],
    atan: [...small, [INF, near(Math.PI / 2)], [-INF, near(-Math.PI / 2)], [most, near(Math.PI / 2)]],
    sinh: [...small, [INF, INF], [-INF, -INF], [most, INF], [-most, -INF]],
    cosh: [
      [0, 1],
      [-0, 1],
      [least, 1],
      [INF, INF],
      [-INF, INF],
      [most, INF],
      [NAN, NAN],
    ],
    tanh: [...small, [INF, 1], [-INF, -1], [most, 1], [-50, -1]],
    erf: [...small.filter(([x]) => Math.abs(x) !== least), [INF, 1], [-INF, -1], [most, 1], [-7, -1]],
    erfc: [
      [0, 1],
      [-0, 1],
      [least, 1],
      [INF, 0],
      [-INF, 2],
      [most, 0],
      [-most, 2],
      [-9, 2],
      [30, 0],
      [NAN, NAN],
    ],
    normcdf: [
      [0, 0.5],
      [-0, 0.5],
      [least, 0.5],
      [INF, 1],
      [-INF, 0],
      [most, 1],
      [-most, 0],
      [9, 1],
      [-50, 0],
      [NAN, NAN],
    ],
  };
}

const PI = Math.PI;
const POW: Rows2 = [
  // One, whatever the other is.
  [NAN, 0, 1],
  [INF, -0, 1],
  [0, 0, 1],
  [1, NAN, 1],
  [1, -INF, 1],
  [-1, INF, 1],
  [-1, -INF, 1],
  [NAN, 1, NAN],
  [2, NAN, NAN],
  // Zeros.
  [0, 3, 0],
  [-0, 3, -0],
  [-0, 2, 0],
  [-0, 0.5, 0],
  [0, -3, INF],
  [-0, -3, -INF],
  [-0, -2, INF],
  [-0, -0.5, INF],
  [0, INF, 0],
  [0, -INF, INF],
  [0, 1e-30, 0],
  // Infinite exponents and bases.
  [0.5, INF, 0],
  [0.5, -INF, INF],
  [2, INF, INF],
  [2, -INF, 0],
  [-2, INF, INF],
  [INF, 2, INF],
  [INF, -2, 0],
  [-INF, 3, -INF],
  [-INF, 2, INF],
  [-INF, 0.5, INF],
  [-INF, -3, -0],
  [-INF, -2, 0],
  // Negative bases.
  [-2, 3, -8],
  [-2, 2, 4],
  [-2, -1, -0.5],
  [-2, 0.5, NAN],
  [-8, 1 / 3, NAN],
  [-1, 1e300, 1],
  // Exact powers, overflow, underflow.
  [3, 5, 243],
  [10, 3, 1000],
  [2, -3, 0.125],
  [2, 1e300, INF],
  [0.5, 1e300, 0],
  [1e30, 1e30, INF],
  [-1e30, 1e30, INF],
];
const ATAN2: Rows2 = [
  [0, 1, 0],
  [-0, 1, -0],
  [0, -1, PI],
  [-0, -1, -PI],
  [0, 0, 0],
  [-0, 0, -0],
  [0, -0, PI],
  [-0, -0, -PI],
  [1, 0, PI / 2],
  [-1, -0, -PI / 2],
  [1, INF, 0],
  [-1, INF, -0],
  [1, -INF, PI],
  [-1, -INF, -PI],
  [INF, 1, PI / 2],
  [-INF, -1, -PI / 2],
  [INF, INF, PI / 4],
  [INF, -INF, (3 * PI) / 4],
  [-INF, INF, -PI / 4],
  [-INF, -INF, (-3 * PI) / 4],
  [1, 1, PI / 4],
  [1e30, -1e-30, PI / 2],
  [NAN, 1, NAN],
  [1, NAN, NAN],
];

describe.each(KINDS)('special values in %s', (kind) => {
  const rows = unaryRows(kind);
  const near = (v: number): number => (kind === 'f32' ? Math.fround(v) : v);

  test.each(MATH_NAMES.filter((f): f is keyof typeof rows => f in rows))('%s', (f) => {
    expect(rows[f].map(([x]) => [x, library(f, kind, [x, 0])])).toStrictEqual(rows[f].map((r) => [...r]));
  });
  test.each([
    ['pow', POW],
    ['atan2', ATAN2],
  ] as const)('%s', (f, table) => {
    const args = table.map(([x, y]) => [near(x), near(y)] as const);
    const expected = table.map(([, , value], i) => [...(args[i] ?? []), near(value)]);
    expect(args.map((a) => [...a, library(f, kind, a)])).toStrictEqual(expected);
  });
});

test('the borders of the range: overflow, and results that are denormal', () => {
  const cases: readonly (readonly [MathName, FloatKind, Point])[] = [
    ...[709.782712893384, -708.4, -744.44, -745.13].map((x) => ['exp', 'f64', [x, 0]] as const),
    ...[709.782712893384, -36.7, -37.5].map((x) => ['expm1', 'f64', [x, 0]] as const),
    ...[88.72283, -103.9].map((x) => ['exp', 'f32', [Math.fround(x), 0]] as const),
    ...[26.5, 26.6, 27.2].map((x) => ['erfc', 'f64', [x, 0]] as const),
    ...[-37.6, -38.4, -38.48].map((x) => ['normcdf', 'f64', [x, 0]] as const),
    ...[9.9, 10.05].map((x) => ['erfc', 'f32', [Math.fround(x), 0]] as const),
    ...[709.9, 710.47, -710.47].flatMap((x) => [['sinh', 'f64', [x, 0]] as const, ['cosh', 'f64', [x, 0]] as const]),
    ['pow', 'f64', [2, 1023.999]],
    ['pow', 'f64', [2, -1073.5]],
    ['pow', 'f64', [5e-324, 0.999]],
    ['pow', 'f32', [2, -148.5]],
    ...(
      [
        [1, 1],
        [3, 2],
        [1, -2],
        [5, 4],
        [7, 1],
      ] as const
    ).flatMap(
      ([y, x]) =>
        [
          ['atan2', 'f64', [y * 2 ** -1074, x * 2 ** -1074]],
          ['atan2', 'f32', [y * 2 ** -149, x * 2 ** -149]],
        ] as const,
    ),
  ];
  for (const [f, kind, at] of cases) {
    const value = library(f, kind, at);
    expect(ulpError(kind, value, exactMath(f, ...at)), `${f}(${at}) = ${value}`).toBeLessThanOrEqual(BOUNDS[f]);
    expect(Number.isFinite(value) && value !== 0, `${f}(${at}) = ${value}`).toBe(true);
  }
  expect(library('exp', 'f64', [709.782712893385, 0])).toBe(INF);
  expect(library('exp', 'f64', [-745.14, 0])).toBe(0);
  expect(library('cosh', 'f64', [710.475860073944, 0])).toBe(INF);
  expect(library('pow', 'f64', [2, 1024])).toBe(INF);
  expect(library('pow', 'f64', [2, -1075.1])).toBe(0);
});

test('angles of any size: next to multiples of pi/2, and the largest', () => {
  // 6381956970095103 2^797 is the f64 that comes closest to a multiple of pi/2 (Kahan).
  const hard = [6381956970095103 * 2 ** 797, Number.MAX_VALUE, 1e22, 2 ** 1000, -(2 ** 60), 1647099, 1e7, -1e9];
  for (const f of ['sin', 'cos', 'tan'] as const) {
    for (const kind of KINDS) {
      for (const x of hard.map((v) => (kind === 'f32' ? Math.fround(v) : v)).filter(Number.isFinite)) {
        const error = ulpError(kind, library(f, kind, [x, 0]), exactMath(f, x));
        expect(error, `${f}(${x}) in ${kind}`).toBeLessThanOrEqual(BOUNDS[f]);
      }
    }
  }
  expect(library('tan', 'f64', [6381956970095103 * 2 ** 797, 0])).toBeLessThan(-2e18);
});

test('signs: odd functions are odd, even ones even, bit for bit', () => {
  for (const kind of KINDS) {
    for (const f of ['sin', 'tan', 'asin', 'atan', 'sinh', 'tanh', 'erf', 'cos', 'cosh'] as const) {
      const sign = f === 'cos' || f === 'cosh' ? 1 : -1;
      for (const [x] of points(f, kind, 20)) {
        expect(library(f, kind, [-x, 0]), `${f}(${-x})`).toBe(sign * library(f, kind, [x, 0]));
      }
    }
  }
});
