/**
 * gemm_batched(ta, tb, batch, m, n, k, a, b): the products of so many pairs of matrices, all of the same sizes, one behind
 * the other. Each is the product of gemm.
 *
 *     gemm_batched(false, false, 2L, 1L, 1L, 2L, [1.0, 2.0, 3.0, 4.0], [1.0, 1.0, 2.0, 0.0])  =>  [3.0, 6.0]
 */

import { I64, type PrimSpec, type Value } from '../../compiler/index.ts';
import { found } from '../column.ts';
import { products, productType } from './gemm.ts';
import { type Factors, factorsOf, sizeOf } from './lines.ts';

export const gemmBatched: PrimSpec = {
  name: 'gemm_batched',
  doc: 'gemm_batched(ta: bool, tb: bool, batch: i64, m: i64, n: i64, k: i64, a: vec[T], b: vec[T]): vec[T]',
  pure: true,

  typing([ta, tb, batch, ...rest]) {
    if (batch !== I64) return `gemm_batched needs how many products as i64, found ${found(batch)}`;
    const product = productType('gemm_batched', [ta, tb, ...rest]);
    if (typeof product === 'string' || rest.length === 5) return product;
    return `gemm_batched takes eight arguments, found ${rest.length + 3}`;
  },

  run: (args, alloc) => products(batchOf(args), alloc),
};

export function batchOf([ta = false, tb = false, batch = 0n, ...rest]: readonly Value[]): Factors {
  return factorsOf('gemm_batched', [ta, tb, ...rest], sizeOf('gemm_batched', 'batch', batch));
}
