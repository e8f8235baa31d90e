/**
 * Sample arguments for the math functions, and kernels that map a function over columns. Used to measure the math
 * library and to compare targets with it bit for bit.
 */

import { bin, KernelBuilder, un } from '../sir/build.ts';
import { kernelArray, runKernel } from '../sir/interp.ts';
import type { Kernel, SUn } from '../sir/kernel.ts';
import type { BinaryMath, MathName } from '../sir/lib/index.ts';
import { expandMath } from '../sir/passes/expand-math.ts';
import { verifyKernel } from '../sir/verify.ts';

type FloatKind = 'f64' | 'f32';
/** An argument, or two. */
export type Point = readonly [x: number, y: number];

export const isBinary = (f: MathName | SUn): f is BinaryMath => f === 'pow' || f === 'atan2';

/** out[i] = f(x[i]), or f(x[i], y[i]), not expanded. */
export function callKernel(f: MathName | SUn, kind: FloatKind): Kernel {
  const k = new KernelBuilder(`map_${f}_${kind}`);
  const x = k.buf('x', kind, 'read');
  if (isBinary(f)) {
    const y = k.buf('y', kind, 'read');
    const out = k.buf('out', kind, 'write');
    k.store(out, k.index, bin(f, k.load(x, k.index), k.load(y, k.index)));
    return k.finish();
  }
  const out = k.buf('out', kind, 'write');
  k.store(out, k.index, un(f, k.load(x, k.index)));
  return k.finish();
}

/** The same with library code. */
export function mathKernel(f: MathName | SUn, kind: FloatKind): Kernel {
  const kernel = expandMath(callKernel(f, kind));
  verifyKernel(kernel);
  return kernel;
}

/** The kernel's out column for the arguments. */
export function mapKernel(kernel: Kernel, args: readonly Point[], useWide: boolean): number[] {
  const kind = kernel.bufs[0]?.elem ?? 'f64';
  const column = (part: 0 | 1) => {
    const values = args.map((p) => p[part]);
    return kind === 'f32' ? Float32Array.from(values) : Float64Array.from(values);
  };
  const out = kernelArray(kind, args.length);
  const [begin, part, rowsPerPart] = [0, 0, args.length];
  runKernel(kernel, {
    bufs: [column(0), ...(kernel.bufs.length === 3 ? [column(1)] : []), out],
    scalars: [],
    begin,
    end: args.length,
    part,
    rowsPerPart,
    cells: [],
    cursors: [],
    useWide,
  });
  return Array.from(out, Number);
}

/** A small linear congruential generator: the same points on every run. */
function uniform(seed: number): () => number {
  let state = BigInt(seed);
  return () => {
    state = (state * 6364136223846793005n + 1442695040888963407n) & 0xffffffffffffffffn;
    return Number(state >> 11n) / 2 ** 53;
  };
}

/** What the formats differ in. */
const RANGES = {
  f64: {
    lowest: -1074,
    highest: 1023.99,
    overflow: 709.7,
    underflow: -745,
    denormal: -708,
    erfc: 26.54,
    turns: 2 ** 20,
  },
  f32: { lowest: -149, highest: 127.99, overflow: 88.7, underflow: -103, denormal: -87, erfc: 10.05, turns: 2 ** 12 },
} as const;

/** `count` times a few arguments over the whole domain of `f`, dense where the function or its code is delicate. */
export function points(f: MathName, kind: FloatKind, count = 300, seed = 0): readonly Point[] {
  const next = uniform(seed * 1000 + f.length * 7 + f.charCodeAt(1));
  const r = RANGES[kind];
  const all: Point[] = [];
  const each = (make: () => number | Point): void => {
    for (let i = 0; i < count; i++) {
      const made = make();
      all.push(typeof made === 'number' ? [made, 0] : made);
    }
  };
  const within = (lo: number, hi: number): number => lo + (hi - lo) * next();
  /** Spread over the exponents. */
  const scale = (lo: number, hi: number): number => 2 ** within(lo, hi);
  const either = (v: number): number => (next() < 0.5 ? -v : v);
  const range = (lo: number, hi: number): void => each(() => within(lo, hi));
  const scales = (lo: number, hi: number): void => each(() => either(scale(lo, hi)));
  switch (f) {
    case 'exp':
    case 'expm1':
      range(-1, 1);
      range(-5, 5);
      range(f === 'exp' ? r.underflow : -45, r.overflow);
      if (f === 'exp') range(r.underflow, r.denormal);
      scales(r.lowest, 0);
      break;
    case 'log':
    case 'log2':
    case 'log10':
      range(0.5, 2);
      range(0.98, 1.02);
      range(1e-3, 10);
      each(() => scale(r.lowest, r.highest));
      break;
    case 'log1p':
      range(-0.999, 1.5);
      range(-0.3, 0.42);
      each(() => scale(-1, r.highest));
      each(() => -1 + scale(kind === 'f64' ? -52 : -23, -1));
      scales(r.lowest, 0);
      break;
    case 'sin':
    case 'cos':
    case 'tan':
      range(-Math.PI, Math.PI);
      range(-100, 100);
      scales(-30, Math.log2(r.turns) + 0.6);
      scales(r.lowest, 0);
      scales(0, r.highest);
      // Next to multiples of pi/2, where the reduction cancels most.
      each(() => either(Math.floor(r.turns ** next()) * (Math.PI / 2)));
      each(() => either(Math.floor(2 ** (50 * next())) * (Math.PI / 2)));
      break;
    case 'asin':
    case 'acos':
      range(-1, 1);
      range(0.4, 0.6);
      each(() => either(1 - scale(-40, 0)));
      scales(f === 'asin' ? r.lowest : -60, 0);
      break;
    case 'atan':
      range(-3, 3);
      scales(-40, 40);
      scales(r.lowest, 0);
      break;
    case 'atan2':
      each(() => [within(-3, 3), within(-3, 3)]);
      each(() => [either(scale(-20, 20)), either(scale(-20, 20))]);
      each(() => [either(scale(r.lowest, r.highest)), either(scale(r.lowest, r.highest))]);
      break;
    case 'tanh':
    case 'erf':
      range(-1.5, 1.5);
      range(-7, 7);
      scales(r.lowest, 0);
      break;
    case 'sinh':
    case 'cosh':
      range(-1.5, 1.5);
      range(-8, 8);
      range(-r.overflow - 0.6, r.overflow + 0.6);
      scales(r.lowest, 0);
      break;
    case 'erfc':
      range(-1, 1);
      range(-6, 6);
      range(0, r.erfc);
      scales(r.lowest, 0);
      break;
    case 'normcdf':
      range(-1, 1);
      range(-8, 8);
      range(-r.erfc * Math.SQRT2, 0);
      scales(r.lowest, 0);
      break;
    case 'pow':
      each(() => [scale(-3, 3), within(-20, 20)]);
      each(() => [within(0.9, 1.1), within(-2000, 2000)]);
      each(() => [scale(r.lowest, r.highest), within(-2, 2)]);
      // Any x, with a result anywhere in the range.
      each(() => {
        const x = scale(r.lowest, r.highest);
        return [x, within(r.lowest, r.highest) / Math.log2(x)];
      });
      each(() => {
        const x = 1 + either(scale(kind === 'f64' ? -50 : -22, -5));
        return [x, within(r.lowest, r.highest) / Math.log2(x)];
      });
      break;
    default:
      f satisfies never;
  }
  return kind === 'f32' ? all.map(([x, y]) => [Math.fround(x), Math.fround(y)]) : all;
}
