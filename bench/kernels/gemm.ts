/** Products of matrices: of 1024 rows, alone and as a layer of a network; with the transpose; many small ones; with a vector.
 *  `rows` counts the elements of the first. */

import type { Random } from '../workloads/random.ts';
import type { Workload } from '../workloads/workload.ts';

export function gemmOf(kind: 'f32' | 'f64'): Workload {
  const columns = kind === 'f32' ? Float32Array : Float64Array;
  const round = kind === 'f32' ? Math.fround : (x: number): number => x;
  return {
    name: `gemm_${kind}`,
    peers: 'gemm',
    about: 'the product of two square matrices',
    unit: 'elements',
    rows: 1024 * 1024,
    text: `|a: vec[${kind}], b: vec[${kind}], n: i64| cudf[gemm,vec[${kind}]](false, false, n, n, n, a, b)`,
    handFused: { loops: 0, why: 'a primitive is no loop of a program' },
    make: (rows, random) => {
      const n = Math.floor(Math.sqrt(rows));
      // Whole numbers below 16: every sum is exact in both kinds, so that libraries may add in any order.
      const matrix = (): Floats => new columns(n * n).map(() => random.whole(0, 15));
      const [a, b] = [matrix(), matrix()];
      return { inputs: [a, b, n], js: () => [product(a, b, n, round)], near: ['exact'] };
    },
  };
}

/** A bias and max(x, 0) in one primitive with the product. */
export const LAYER: Workload = {
  ...gemmOf('f32'),
  name: 'gemm_relu_f32',
  peers: 'gemm:relu',
  about: 'the product of two square matrices, a number a column added, and 0 for what is below 0',
  text: '|a: vec[f32], b: vec[f32], c: vec[f32], n: i64| cudf[gemm_relu,vec[f32]](false, false, n, n, n, a, b, c)',
  make: (rows, random) => {
    const n = Math.floor(Math.sqrt(rows));
    const [a, b] = [wholes(n * n, random), wholes(n * n, random)];
    // About half of the elements stay above 0.
    const bias = wholes(n, random).map((x) => x - 56.25 * n);
    const js = (): readonly Floats[] => [
      product(a, b, n, Math.fround).map((sum, place) => Math.max(0, sum + (bias[place % n] as number))),
    ];
    return { inputs: [a, b, bias, n], js, near: ['exact'] };
  },
};

/** A matrix and its transpose. */
export const SYRK: Workload = {
  ...gemmOf('f32'),
  name: 'syrk_f32',
  peers: 'gemm:syrk',
  about: 'the product of a square matrix and its transpose',
  text: '|a: vec[f32], n: i64| cudf[syrk,vec[f32]](false, n, n, a)',
  make: (rows, random) => {
    const n = Math.floor(Math.sqrt(rows));
    const a = wholes(n * n, random);
    const transposed = a.map((_, place) => a[(place % n) * n + Math.floor(place / n)] as number);
    return { inputs: [a, n], js: () => [product(a, transposed, n, Math.fround)], near: ['exact'] };
  },
};

const SIDE = 32;
/** Many small products. */
export const BATCHED: Workload = {
  ...gemmOf('f32'),
  name: 'gemm_batched_f32',
  peers: 'gemm:batched',
  about: `products of pairs of matrices of ${SIDE} rows and columns`,
  rows: 4_000_000,
  text: `|a: vec[f32], b: vec[f32], batch: i64| cudf[gemm_batched,vec[f32]](false, false, batch, ${SIDE}L, ${SIDE}L, ${SIDE}L, a, b)`,
  make: (rows, random) => {
    const batch = Math.floor(rows / SIDE ** 2);
    const [a, b] = [wholes(batch * SIDE ** 2, random), wholes(batch * SIDE ** 2, random)];
    const js = (): Floats => {
      const c = new Float32Array(a.length);
      for (let at = 0; at < c.length; at += SIDE ** 2) {
        const pair = [a, b].map((of) => of.subarray(at, at + SIDE ** 2)) as [Float32Array, Float32Array];
        c.set(product(...pair, SIDE, Math.fround), at);
      }
      return c;
    };
    return { inputs: [a, b, batch], js: () => [js()], near: ['exact'] };
  },
};

/** A matrix times a vector, which reads it once. */
export const VECTOR: Workload = {
  ...gemmOf('f32'),
  name: 'gemv_f32',
  peers: 'gemm:vector',
  about: 'the product of a square matrix and a vector',
  rows: 4096 * 4096,
  text: '|a: vec[f32], x: vec[f32], n: i64| cudf[gemm,vec[f32]](false, false, n, 1L, n, a, x)',
  make: (rows, random) => {
    const n = Math.floor(Math.sqrt(rows));
    const [a, x] = [wholes(n * n, random), wholes(n, random)];
    return { inputs: [a, x, n], js: () => [timesVector(a, x)], near: ['exact'] };
  },
};

/** Whole numbers below 16. */
const wholes = (length: number, random: Random): Float32Array =>
  new Float32Array(length).map(() => random.whole(0, 15));

type Floats = Float32Array | Float64Array;

function product(a: Floats, b: Floats, n: number, round: (x: number) => number): Floats {
  const c = a.slice().fill(0);
  for (let i = 0; i < n; i++) {
    for (let l = 0; l < n; l++) {
      const x = a[i * n + l] as number;
      for (let j = 0; j < n; j++) c[i * n + j] = (c[i * n + j] as number) + round(x * (b[l * n + j] as number));
    }
  }
  return c;
}

function timesVector(a: Floats, x: Floats): Float32Array {
  const n = x.length;
  return new Float32Array(n).map((_, row) => {
    let sum = 0;
    for (let l = 0; l < n; l++) sum += (a[row * n + l] as number) * (x[l] as number);
    return sum;
  });
}
