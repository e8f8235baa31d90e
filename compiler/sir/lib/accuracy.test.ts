import { expect, test } from 'vitest';
import { type ExactFunction, exactMath, ulpError } from '../../testing/exact-math.ts';
import { mapKernel, mathKernel, points } from '../../testing/math-points.ts';

/** What is promised, in units of the last place. Measured on ten times the points: at most 0.85 and 1.4 (atan f32 1.8). */
const BOUNDS: Readonly<Record<ExactFunction, number>> = {
  exp: 1,
  log: 1,
  sin: 2,
  cos: 2,
  asin: 2,
  acos: 2,
  atan: 2,
  tanh: 2,
  erf: 2,
};
const FUNCTIONS: readonly ExactFunction[] = ['exp', 'log', 'sin', 'cos', 'asin', 'acos', 'atan', 'tanh', 'erf'];
const KINDS = ['f64', 'f32'] as const;
const INF = Number.POSITIVE_INFINITY;

for (const kind of KINDS) {
  test.each(FUNCTIONS)(`%s in ${kind} is within its bound over the whole domain`, (f) => {
    const xs = points(f, kind);
    const ys = mapKernel(mathKernel(f, kind), xs, false);
    const worst = xs
      .map((x, i) => ({ x, y: ys[i], error: ulpError(kind, ys[i] ?? Number.NaN, exactMath(f, x)) }))
      .reduce((a, b) => (b.error > a.error ? b : a));
    expect(worst.error, JSON.stringify(worst)).toBeLessThanOrEqual(BOUNDS[f]);
    // Not a table of answers: rounding shows.
    expect(worst.error).toBeGreaterThan(0.5);
  });

  test(`special values in ${kind}`, () => {
    const [max, min] = kind === 'f64' ? [Number.MAX_VALUE, 2 ** -1074] : [(2 - 2 ** -23) * 2 ** 127, 2 ** -149];
    const f = kind === 'f64' ? (x: number): number => x : Math.fround;
    const cases: Readonly<Record<ExactFunction, readonly (readonly [x: number, y: number])[]>> = {
      exp: [
        [0, 1],
        [-0, 1],
        [INF, INF],
        [-INF, 0],
        [max, INF],
        [-max, 0],
        [min, 1],
        [1e5, INF],
        [-1e5, 0],
      ],
      log: [
        [0, -INF],
        [-0, -INF],
        [1, 0],
        [INF, INF],
        [-INF, Number.NaN],
        [-1, Number.NaN],
        [-min, Number.NaN],
      ],
      sin: [
        [0, 0],
        [-0, -0],
        [INF, Number.NaN],
        [-INF, Number.NaN],
        [min, min],
        [-min, -min],
      ],
      cos: [
        [0, 1],
        [-0, 1],
        [INF, Number.NaN],
        [-INF, Number.NaN],
        [min, 1],
      ],
      asin: [
        [0, 0],
        [-0, -0],
        [1, f(Math.PI / 2)],
        [-1, f(-Math.PI / 2)],
        [1.5, Number.NaN],
        [INF, Number.NaN],
      ],
      acos: [
        [1, 0],
        [-1, f(Math.PI)],
        [0, f(Math.PI / 2)],
        [-1.5, Number.NaN],
        [-INF, Number.NaN],
      ],
      atan: [
        [0, 0],
        [-0, -0],
        [INF, f(Math.PI / 2)],
        [-INF, f(-Math.PI / 2)],
        [max, f(Math.PI / 2)],
        [min, min],
      ],
      tanh: [
        [0, 0],
        [-0, -0],
        [INF, 1],
        [-INF, -1],
        [max, 1],
        [-50, -1],
        [min, min],
      ],
      erf: [
        [0, 0],
        [-0, -0],
        [INF, 1],
        [-INF, -1],
        [max, 1],
        [-7, -1],
        [min, min],
      ],
    };
    for (const name of FUNCTIONS) {
      const rows = [...cases[name], [Number.NaN, Number.NaN] as const];
      const got = mapKernel(
        mathKernel(name, kind),
        rows.map(([x]) => x),
        false,
      );
      expect(got, name).toStrictEqual(rows.map(([, y]) => y));
    }
  });

  test(`sin and cos of huge ${kind} arguments are those of the host library`, () => {
    const xs = [1e7, -1e9, 2 ** 60, 12345678.9].map((x) => (kind === 'f32' ? Math.fround(x) : x));
    for (const name of ['sin', 'cos'] as const) {
      const exact = xs.map((x) => (kind === 'f32' ? Math.fround(Math[name](x)) : Math[name](x)));
      expect(mapKernel(mathKernel(name, kind), xs, false)).toStrictEqual(exact);
    }
  });
}

test('the overflow border and denormal results of exp', () => {
  const xs = [709.782712893384, 709.782712893385, -708.4, -744.44, -745.13, -745.14];
  const ys = mapKernel(mathKernel('exp', 'f64'), xs, false);
  xs.forEach((x, i) => {
    expect(ulpError('f64', ys[i] ?? Number.NaN, exactMath('exp', x)), `exp(${x}) = ${ys[i]}`).toBeLessThanOrEqual(1);
  });
  expect(ys[0]).toBeLessThan(INF);
  expect(ys[1]).toBe(INF);
  expect(ys[5]).toBe(0);
});
