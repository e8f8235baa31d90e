/**
 * gemm(ta, tb, m, n, k, a, b): the product of two matrices, row by row, of f32 or f64: A is m x k and B is k x n, or stored
 * transposed (k x m, n x k) where `ta` or `tb` says so. The result is m x n.
 *
 *     gemm(false, false, 2L, 1L, 2L, [1.0, 2.0, 3.0, 4.0], [1.0, 1.0])  =>  [3.0, 7.0]
 *
 * The products of an element are added one after the other, from 0 and from the first on, each step rounded in the type of
 * the matrices; so its bits do not depend on tiles, threads or machines.
 */

import {
  type Allocator,
  BOOL,
  fail,
  I64,
  invariant,
  type PrimSpec,
  type TypedArray,
  type Value,
  type VecValue,
  vec,
} from '../../compiler/index.ts';
import { type Column, columnKind, columnOf, found, vector } from '../column.ts';

export const gemm: PrimSpec = {
  name: 'gemm',
  doc: 'gemm(ta: bool, tb: bool, m: i64, n: i64, k: i64, a: vec[T], b: vec[T]): vec[T], the product of two matrices',
  pure: true,

  typing([ta, tb, m, n, k, a, b, ...rest]) {
    if (ta !== BOOL || tb !== BOOL) {
      return `gemm needs two bools first, which matrix is transposed, found ${found(ta)} and ${found(tb)}`;
    }
    const sizes = [m, n, k];
    if (sizes.some((s) => s !== I64)) return `gemm needs three sizes of i64, found ${sizes.map(found).join(', ')}`;
    const kind = columnKind(a);
    if ((kind !== 'f32' && kind !== 'f64') || a?.kind !== 'vec') {
      return `gemm multiplies matrices of f32 or f64, found ${found(a)}`;
    }
    if (b !== a) return `gemm multiplies matrices of one type, found ${found(a)} and ${found(b)}`;
    return rest.length === 0 ? vec(a.elem) : `gemm takes seven arguments, found ${rest.length + 7}`;
  },

  run: (args, alloc) => products(factorsOf('gemm', args, 1), alloc),
};

/** The products of the pairs of matrices, one behind the other. */
export function products({ batch, m, n, k, a, b, aAt, bAt }: Factors, alloc: Allocator): VecValue {
  const c = alloc.alloc(a.kind, batch * m * n);
  const round = a.kind === 'f32' ? Math.fround : (x: number): number => x;
  for (let product = 0; product < batch; product++) {
    const [atA, atB, atC] = [product * m * k, product * k * n, product * m * n];
    for (let i = 0; i < m; i++) {
      for (let j = 0; j < n; j++) {
        let sum = 0;
        for (let l = 0; l < k; l++) {
          sum = round(sum + round(at(a.cells, atA + aAt(i, l)) * at(b.cells, atB + bAt(l, j))));
        }
        c[atC + i * n + j] = sum;
      }
    }
  }
  return vector(a.kind, c);
}

const at = (cells: TypedArray, place: number): number => Number(cells[place]);

/** The matrices of products, and where the elements of the first ones are. */
export interface Factors {
  readonly batch: number;
  readonly m: number;
  readonly n: number;
  readonly k: number;
  readonly a: Column;
  readonly b: Column;
  aAt(i: number, l: number): number;
  bAt(l: number, j: number): number;
  readonly transposed: readonly [boolean, boolean];
}

/** Most elements of a matrix: kernels count in i32. */
const MOST = 2 ** 31 - 1;

/**
 * The arguments of gemm, with `batch` matrices in each vector. W6003 for vectors that have not as many elements as their sizes
 * say; W8005 for a bad size.
 */
export function factorsOf(who: string, [ta, tb, ...rest]: readonly Value[], batch: number): Factors {
  const [m = 0, n = 0, k = 0] = rest.slice(0, 3).map((s, place) => sizeOf(who, 'mnk'.charAt(place), s));
  const [a, b] = rest.slice(3).map(columnOf);
  invariant(a !== undefined && b !== undefined, () => `${who} without matrices`);
  const check = (name: string, { length }: Column, rows: number, columns: number): void => {
    if (length === batch * rows * columns) return;
    const matrices = batch === 1 ? 'a matrix' : `${batch} matrices`;
    const has = batch === 1 ? 'has' : 'have';
    fail(
      'W6003',
      `${who}: ${name} has ${length} elements, ${matrices} of ${rows} x ${columns} ${has} ${batch * rows * columns}`,
    );
  };
  check('a', a, m, k);
  check('b', b, k, n);
  if (batch * m * n > MOST) fail('W8005', `${who}: a product of ${batch * m} x ${n} elements, the most is ${MOST}`);
  return {
    batch,
    m,
    n,
    k,
    a,
    b,
    aAt: (i, l) => (ta === true ? l * m + i : i * k + l),
    bAt: (l, j) => (tb === true ? j * k + l : l * n + j),
    transposed: [ta === true, tb === true],
  };
}

/** A size that is an argument. */
export function sizeOf(who: string, name: string, size: Value): number {
  const n = Number(size);
  return n >= 0 && n <= MOST ? n : fail('W8005', `${who}: ${name} is ${n}, sizes are 0 to ${MOST}`);
}
