/**
 * syrk(ta, n, k, a): the product of a matrix A of n rows and k columns, or stored transposed (k x n) where `ta` says so, and
 * its own transpose: n x n, symmetric. The elements are those of gemm, of which half are computed.
 *
 *     syrk(false, 2L, 2L, [1.0, 2.0, 3.0, 4.0])  =>  [5.0, 11.0, 11.0, 25.0]
 */

import { BOOL, I64, type PrimSpec, type Value, vec } from '../../compiler/index.ts';
import { columnKind, found } from '../column.ts';
import { products } from './gemm.ts';
import { factorsOf, sizeOf } from './lines.ts';

export const syrk: PrimSpec = {
  name: 'syrk',
  doc: 'syrk(ta: bool, n: i64, k: i64, a: vec[T]): vec[T], the product of a matrix and its transpose',
  pure: true,

  typing([ta, n, k, a, ...rest]) {
    if (ta !== BOOL) return `syrk needs a bool first, whether the matrix is transposed, found ${found(ta)}`;
    if (n !== I64 || k !== I64) return `syrk needs two sizes of i64, found ${found(n)} and ${found(k)}`;
    const kind = columnKind(a);
    if ((kind !== 'f32' && kind !== 'f64') || a?.kind !== 'vec') {
      return `syrk multiplies a matrix of f32 or f64, found ${found(a)}`;
    }
    return rest.length === 0 ? vec(a.elem) : `syrk takes four arguments, found ${rest.length + 4}`;
  },

  run: (args, alloc) => products(factorsOf('syrk', asGemm(args)), alloc),
};

/** The arguments of gemm for the same product. W8005 for a bad size. */
export function asGemm([ta = false, n = 0n, k = 0n, a = false]: readonly Value[]): readonly Value[] {
  sizeOf('syrk', 'n', n);
  sizeOf('syrk', 'k', k);
  return [ta, ta !== true, n, n, k, a, a];
}
