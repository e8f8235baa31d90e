/**
 * gemm_strided(ta, tb, m, n, k, a_start, a_stride, b_start, b_stride, a, b): the product of gemm of matrices that are parts of
 * larger ones: each begins at a place of its vector, and from a row to the next one it is a stride, in elements. Rows may
 * overlap, and with a stride of 0 all rows are one. (What BLAS calls the leading dimension.)
 *
 *     // the second column of a 2 x 2 matrix as a row, times itself
 *     gemm_strided(true, false, 1L, 1L, 2L, 1L, 2L, 1L, 2L, [1.0, 2.0, 3.0, 4.0], [1.0, 2.0, 3.0, 4.0])  =>  [20.0]
 */

import { I64, type PrimSpec, type Value } from '../../compiler/index.ts';
import { found } from '../column.ts';
import { products, productType } from './gemm.ts';
import { type Factors, factorsOf, type Place, sizeOf } from './lines.ts';

const NAME = 'gemm_strided';

export const gemmStrided: PrimSpec = {
  name: NAME,
  doc: 'gemm_strided(ta, tb: bool, m, n, k, a_start, a_stride, b_start, b_stride: i64, a: vec[T], b: vec[T]): vec[T]',
  pure: true,

  typing(types) {
    const places = types.slice(5, 9);
    if (places.length < 4 || places.some((t) => t !== I64)) {
      return `gemm_strided needs starts and strides of i64 behind the sizes, found ${places.map(found).join(', ') || 'nothing'}`;
    }
    const product = productType(NAME, [...types.slice(0, 5), ...types.slice(9)]);
    return typeof product === 'string' || types.length === 11
      ? product
      : `${NAME} takes 11 arguments, found ${types.length}`;
  },

  run: (args, alloc) => products(stridedOf(args), alloc),
};

/** The arguments. W6003 where a matrix ends behind its vector; W8005 for bad sizes. */
export function stridedOf(args: readonly Value[]): Factors {
  const place = (name: string, at: number): Place => ({
    start: sizeOf(NAME, `${name}_start`, args[at]),
    stride: sizeOf(NAME, `${name}_stride`, args[at + 1]),
  });
  return factorsOf(NAME, [...args.slice(0, 5), ...args.slice(9)], 1, [place('a', 5), place('b', 7)]);
}
