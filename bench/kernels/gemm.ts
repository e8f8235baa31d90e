/** Products of square matrices of 1024 rows, alone and as a layer of a network. `rows` counts the elements of one. */

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
    const of = (length: number): Float32Array => new Float32Array(length).map(() => random.whole(0, 15));
    const [a, b] = [of(n * n), of(n * n)];
    // About half of the elements stay above 0.
    const bias = of(n).map((x) => x - 56.25 * n);
    const js = (): readonly Floats[] => [
      product(a, b, n, Math.fround).map((sum, place) => Math.max(0, sum + (bias[place % n] as number))),
    ];
    return { inputs: [a, b, bias, n], js, near: ['exact'] };
  },
};

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
