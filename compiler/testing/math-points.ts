/**
 * Sample arguments for the math functions, and kernels that map a function over a column. Used to measure the math
 * library through the interpreter and to compare targets with it bit for bit.
 */

import { KernelBuilder, un } from '../sir/build.ts';
import { kernelArray, runKernel } from '../sir/interp.ts';
import type { Kernel, SUn } from '../sir/kernel.ts';
import { expandMath } from '../sir/passes/expand-math.ts';
import { verifyKernel } from '../sir/verify.ts';
import type { ExactFunction } from './exact-math.ts';

/** out[i] = f(x[i]), not expanded. */
export function callKernel(f: SUn, kind: 'f64' | 'f32'): Kernel {
  const k = new KernelBuilder(`map_${f}_${kind}`);
  const x = k.buf('x', kind, 'read');
  const out = k.buf('out', kind, 'write');
  k.store(out, k.index, un(f, k.load(x, k.index)));
  return k.finish();
}

/** out[i] = f(x[i]) with library code. */
export function mathKernel(f: SUn, kind: 'f64' | 'f32'): Kernel {
  const kernel = expandMath(callKernel(f, kind));
  verifyKernel(kernel);
  return kernel;
}

/** The kernel's out column for the arguments. */
export function mapKernel(kernel: Kernel, xs: readonly number[], useWide: boolean): number[] {
  const kind = kernel.bufs[0]?.elem ?? 'f64';
  const input = kind === 'f32' ? Float32Array.from(xs) : Float64Array.from(xs);
  const out = kernelArray(kind, xs.length);
  const [begin, part, rowsPerPart] = [0, 0, xs.length];
  runKernel(kernel, {
    bufs: [input, out],
    scalars: [],
    begin,
    end: xs.length,
    part,
    rowsPerPart,
    cells: [],
    cursors: [],
    useWide,
  });
  return Array.from(out, Number);
}

/** A small linear congruential generator: the same points on every run. */
function* uniform(seed: number): Generator<number, never> {
  let state = BigInt(seed);
  for (;;) {
    state = (state * 6364136223846793005n + 1442695040888963407n) & 0xffffffffffffffffn;
    yield Number(state >> 11n) / 2 ** 53;
  }
}

/** Finite arguments over the whole domain of `f`, dense where the function or its code is delicate. */
export function points(f: ExactFunction, kind: 'f64' | 'f32', count = 300): readonly number[] {
  const next = uniform(f.length * 7 + f.charCodeAt(1));
  const all: number[] = [];
  const range = (lo: number, hi: number): void => {
    for (let i = 0; i < count; i++) all.push(lo + (hi - lo) * next.next().value);
  };
  /** Both signs, spread over the exponents. */
  const scales = (lo: number, hi: number, signed = true): void => {
    for (let i = 0; i < count; i++) {
      const v = 2 ** (lo + (hi - lo) * next.next().value);
      all.push(signed && next.next().value < 0.5 ? -v : v);
    }
  };
  const [lowest, highest] = kind === 'f64' ? [-1074, 1023.99] : [-149, 127.99];
  switch (f) {
    case 'exp':
      range(-1, 1);
      range(-5, 5);
      range(kind === 'f64' ? -745 : -103, kind === 'f64' ? 709 : 88);
      range(kind === 'f64' ? -745 : -103, kind === 'f64' ? -708 : -87);
      scales(lowest, 0);
      break;
    case 'log':
      range(0.5, 2);
      range(0.98, 1.02);
      range(1e-3, 10);
      scales(lowest, highest, false);
      break;
    case 'sin':
    case 'cos': {
      range(-Math.PI, Math.PI);
      range(-100, 100);
      scales(-30, kind === 'f64' ? 20.6 : 12.6);
      scales(lowest, 0);
      // Next to multiples of pi/2, where the reduction cancels most.
      const turns = kind === 'f64' ? 2 ** 20 : 2 ** 12;
      for (let i = 0; i < count * 2; i++) {
        const near = Math.floor(turns ** next.next().value) * (Math.PI / 2);
        all.push(near, -near);
      }
      break;
    }
    case 'asin':
    case 'acos':
      range(-1, 1);
      range(0.4, 0.6);
      for (let i = 0; i < count; i++) all.push(1 - 2 ** (-40 * next.next().value), 2 ** (-40 * next.next().value) - 1);
      scales(f === 'asin' ? lowest : -60, 0);
      break;
    case 'atan':
      range(-3, 3);
      scales(-40, 40);
      scales(lowest, 0);
      break;
    case 'tanh':
    case 'erf':
      range(-1.5, 1.5);
      range(-7, 7);
      scales(lowest, 0);
      break;
    default:
      f satisfies never;
  }
  return kind === 'f32' ? all.map(Math.fround) : all;
}
