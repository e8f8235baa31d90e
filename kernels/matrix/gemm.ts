/**
 * gemm(ta, tb, m, n, k, a, b): the product of two matrices, row by row, of f32 or f64: A is m x k and B is k x n, or stored
 * transposed (k x m, n x k) where `ta` or `tb` says so. The result is m x n.
 *
 *     gemm(false, false, 2L, 1L, 2L, [1.0, 2.0, 3.0, 4.0], [1.0, 1.0])  =>  [3.0, 7.0]
 *
 * The products of an element are added one after the other, from 0 and from the first on, each step rounded in the type of
 * the matrices; so its bits do not depend on tiles, threads or machines.
 */

import { type Allocator, BOOL, I64, type PrimSpec, type Type, type VecValue } from '../../compiler/index.ts';
import { columnKind, found, vector } from '../column.ts';
import { type Factors, factorsOf } from './lines.ts';

export const gemm: PrimSpec = {
  name: 'gemm',
  doc: 'gemm(ta: bool, tb: bool, m: i64, n: i64, k: i64, a: vec[T], b: vec[T]): vec[T], the product of two matrices',
  pure: true,

  typing(types) {
    const product = productType('gemm', types);
    if (typeof product === 'string' || types.length === 7) return product;
    return `gemm takes seven arguments, found ${types.length}`;
  },

  run: (args, alloc) => products(factorsOf('gemm', args), alloc),
};

/** The type of a product for the types of seven arguments, or what is wrong with them. */
export function productType(who: string, [ta, tb, m, n, k, a, b]: readonly (Type | undefined)[]): Type | string {
  if (ta !== BOOL || tb !== BOOL) {
    return `${who} needs two bools first, which matrix is transposed, found ${found(ta)} and ${found(tb)}`;
  }
  const sizes = [m, n, k];
  if (sizes.some((s) => s !== I64)) return `${who} needs three sizes of i64, found ${sizes.map(found).join(', ')}`;
  const kind = columnKind(a);
  if ((kind !== 'f32' && kind !== 'f64') || a === undefined) {
    return `${who} multiplies matrices of f32 or f64, found ${found(a)}`;
  }
  return b === a ? a : `${who} multiplies matrices of one type, found ${found(a)} and ${found(b)}`;
}

/** The products of the pairs of matrices, one behind the other. */
export function products({ kind, batch, a, b }: Factors, alloc: Allocator): VecValue {
  const { k } = a;
  const c = alloc.alloc(kind, batch * a.lines * b.lines);
  if (c.length === 0) return vector(kind, c);
  const round = kind === 'f32' ? Math.fround : (x: number): number => x;
  let place = 0;
  for (let product = 0; product < batch; product++) {
    const [startA, startB] = [a.start + product * a.lines * k, b.start + product * k * b.lines];
    for (let i = 0; i < a.lines; i++) {
      for (let j = 0; j < b.lines; j++) {
        let sum = 0;
        for (let l = 0; l < k; l++) {
          const x = Number(a.cells[startA + i * a.line + l * a.step]);
          sum = round(sum + round(x * Number(b.cells[startB + j * b.line + l * b.step])));
        }
        c[place++] = sum;
      }
    }
  }
  return vector(kind, c);
}
