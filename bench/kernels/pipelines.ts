/**
 * Pipelines of arrays and tensors around a primitive: their programs are those that the frontends write, so what is measured
 * is what is fused with the primitive, too.
 */

import { printProgram } from '../../compiler/index.ts';
import * as wa from '../../frontends/array/index.ts';
import * as wt from '../../frontends/tensor/index.ts';
import { sumOf } from '../workloads/near.ts';
import type { Workload } from '../workloads/workload.ts';

const textOf = (lazy: wa.NDArray | wa.Scalar | wt.Tensor): string => printProgram(lazy.toProgram().program);

const [x, y] = [wa.array(new Float64Array(2)), wa.array(new Float64Array(2))];
const [INNER, OUTER] = [784, 256];
const matrix = (rows: number, width: number): wt.Tensor => wt.tensor(new Float32Array(rows * width), [rows, width]);

export const PIPELINES: readonly Workload[] = [
  {
    name: 'median_pipeline',
    about: 'the median of x y + x, by `median` of `weld-ts/array`',
    peers: 'pipelines:median',
    unit: 'elements',
    rows: 10_000_000,
    text: textOf(wa.median(x.mul(y).add(x))),
    handFused: { loops: 1, why: 'the elements, and whether one is NaN' },
    make: (rows, random) => {
      const [a, b] = [0, 1].map(() => Float64Array.from({ length: rows }, () => random.uniform(0, 1)));
      if (a === undefined || b === undefined) throw new Error();
      return { inputs: [a, b, 0.5], js: () => [Float64Array.of(medianOf(a, b))], near: ['exact'] };
    },
  },
  {
    name: 'cumsum_pipeline',
    about: 'the root of the running sum of x y, by `cumsum` of `weld-ts/array`',
    peers: 'pipelines:cumsum',
    unit: 'elements',
    rows: 10_000_000,
    text: textOf(wa.cumsum(x.mul(y)).sqrt()),
    handFused: { loops: 2, why: 'what is added, and the roots' },
    make: (rows, random) => {
      const [a, b] = [0, 1].map(() => Float64Array.from({ length: rows }, () => random.uniform(0, 1)));
      if (a === undefined || b === undefined) throw new Error();
      const js = (): readonly Float64Array[] => {
        let sum = 0;
        const root = (v: number, i: number): number => {
          sum += v * (b[i] ?? 0);
          return Math.sqrt(sum);
        };
        return [a.map(root)];
      };
      return { inputs: [a, b], js, near: [sumOf(rows, 2)] };
    },
  },
  {
    name: 'layer_784_256',
    about: 'a layer of a network, 784 features to 256, relu(x w + b), by `matmul` of `weld-ts/tensor`',
    peers: 'pipelines:layer',
    unit: 'rows',
    rows: 10_000,
    text: textOf(
      matrix(2, INNER)
        .matmul(matrix(INNER, OUTER))
        .add(wt.tensor(new Float32Array(OUTER)))
        .relu(),
    ),
    handFused: { loops: 0, why: 'a primitive is no loop of a program' },
    make: (rows, random) => {
      // Whole numbers: every sum is exact, so that libraries may add in any order.
      const of = (length: number): Float32Array => new Float32Array(length).map(() => random.whole(-7, 8));
      const [features, weights, bias] = [of(rows * INNER), of(INNER * OUTER), of(OUTER)];
      return {
        inputs: [features, weights, bias, rows],
        js: () => [layer(rows, features, weights, bias)],
        near: ['exact'],
      };
    },
  },
];

function medianOf(a: Float64Array, b: Float64Array): number {
  const sorted = a.map((v, i) => v * (b[i] ?? 0) + v).sort();
  const at = (sorted.length - 1) / 2;
  const [low = Number.NaN, high = low] = [sorted[Math.floor(at)], sorted[Math.ceil(at)]];
  return low + (high - low) * (at - Math.floor(at));
}

function layer(rows: number, x: Float32Array, w: Float32Array, bias: Float32Array): Float32Array {
  const to = new Float32Array(rows * OUTER);
  for (let i = 0; i < rows; i++) {
    for (let l = 0; l < INNER; l++) {
      const v = x[i * INNER + l] as number;
      for (let j = 0; j < OUTER; j++)
        to[i * OUTER + j] = (to[i * OUTER + j] as number) + v * (w[l * OUTER + j] as number);
    }
    for (let j = 0; j < OUTER; j++) {
      to[i * OUTER + j] = Math.max(0, (to[i * OUTER + j] as number) + (bias[j] as number));
    }
  }
  return to;
}
