/**
 * Each math function on a column, for the suite `maths`: what an element costs beside the engine's own function in a
 * loop, and NumPy's where it has one (f64 only). Arguments lie where the function is mostly used; for angles and exponents that is
 * also where the cost is that of most arguments.
 */

import { erf } from '../workloads/erf.ts';
import type { Near } from '../workloads/near.ts';
import type { Workload } from '../workloads/workload.ts';

interface MathFunction {
  readonly word: string;
  /** By JavaScript; of two arguments where `second` is there. */
  readonly js: (x: number, y: number) => number;
  readonly domain: readonly [low: number, high: number];
  readonly second?: readonly [low: number, high: number];
  /** NumPy's name, where it has the function. */
  readonly numpy?: string;
  /** Both sides together, in units of the last place, beyond the usual: JavaScript has not all of these functions. */
  readonly apart?: number;
}

const FUNCTIONS: readonly MathFunction[] = [
  { word: 'exp', js: Math.exp, domain: [-20, 20], numpy: 'exp' },
  { word: 'expm1', js: Math.expm1, domain: [-2, 2], numpy: 'expm1' },
  { word: 'log', js: Math.log, domain: [1e-3, 1e3], numpy: 'log' },
  { word: 'log1p', js: Math.log1p, domain: [-0.5, 2], numpy: 'log1p' },
  { word: 'log2', js: Math.log2, domain: [1e-3, 1e3], numpy: 'log2' },
  { word: 'log10', js: Math.log10, domain: [1e-3, 1e3], numpy: 'log10' },
  { word: 'sqrt', js: Math.sqrt, domain: [0, 1e3], numpy: 'sqrt' },
  { word: 'sin', js: Math.sin, domain: [-100, 100], numpy: 'sin' },
  { word: 'cos', js: Math.cos, domain: [-100, 100], numpy: 'cos' },
  { word: 'tan', js: Math.tan, domain: [-100, 100], numpy: 'tan' },
  { word: 'asin', js: Math.asin, domain: [-1, 1], numpy: 'arcsin' },
  { word: 'acos', js: Math.acos, domain: [-1, 1], numpy: 'arccos' },
  { word: 'atan', js: Math.atan, domain: [-5, 5], numpy: 'arctan' },
  { word: 'atan2', js: Math.atan2, domain: [-5, 5], second: [-5, 5], numpy: 'arctan2' },
  { word: 'sinh', js: Math.sinh, domain: [-3, 3], numpy: 'sinh' },
  { word: 'cosh', js: Math.cosh, domain: [-3, 3], numpy: 'cosh' },
  { word: 'tanh', js: Math.tanh, domain: [-3, 3], numpy: 'tanh' },
  { word: 'erf', js: erf, domain: [-3, 3], apart: 100 },
  { word: 'erfc', js: (x) => 1 - erf(x), domain: [-3, 1], apart: 100 },
  { word: 'normcdf', js: (x) => 0.5 + 0.5 * erf(x * Math.SQRT1_2), domain: [-1, 4], apart: 100 },
  { word: 'pow', js: (x, y) => x ** y, domain: [0.1, 10], second: [-5, 5], numpy: 'power' },
  { word: 'floor', js: Math.floor, domain: [-100, 100], numpy: 'floor' },
];

const KINDS = ['f64', 'f32'] as const;
/** Both sides are off by a few units; where a result is next to a zero JavaScript's f64 argument is the same. */
const ULPS = 16;

function workloadOf(f: MathFunction, kind: 'f64' | 'f32'): Workload {
  const { word, js, domain, second } = f;
  const column = `vec[${kind}]`;
  const near: Near = { relative: (ULPS + (f.apart ?? 0)) * (kind === 'f64' ? 2 ** -53 : 2 ** -24) };
  return {
    name: `${word}_${kind}`,
    // Answers of other libraries are compared to nine digits, which f32 has not.
    ...(f.numpy === undefined || kind === 'f32' ? {} : { peers: `maths:${f.numpy}` }),
    about: `${word} of a column of ${kind}`,
    unit: 'elements',
    rows: 1_000_000,
    text:
      second === undefined
        ? `|x: ${column}| map(x, |e| ${word}(e))`
        : `|x: ${column}, y: ${column}| map(zip(x, y), |e| ${word}(e.$0, e.$1))`,
    handFused: { loops: 1, why: 'there is one' },
    make: (rows, random) => {
      const make = ([low, high]: readonly [number, number]): Float64Array | Float32Array => {
        const values = Float64Array.from({ length: rows }, () => random.uniform(low, high));
        return kind === 'f64' ? values : Float32Array.from(values);
      };
      const x = make(domain);
      if (second === undefined) return { inputs: [x], js: () => [mapped(x, x, js)], near: [near] };
      const y = make(second);
      return { inputs: [x, y], js: () => [mapped(x, y, js)], near: [near] };
    },
  };
}

/** A loop of its own for each process, as only one function is called in each. */
function mapped(
  x: Float64Array | Float32Array,
  y: Float64Array | Float32Array,
  f: (x: number, y: number) => number,
): Float64Array | Float32Array {
  const out = x.slice();
  for (let i = 0; i < out.length; i++) out[i] = f(x[i] as number, y[i] as number);
  return out;
}

export const MATHS: readonly Workload[] = KINDS.flatMap((kind) => FUNCTIONS.map((f) => workloadOf(f, kind)));
