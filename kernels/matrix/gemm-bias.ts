/**
 * gemm_bias(ta, tb, m, n, k, a, b, bias): the product of gemm with a number added to each column, none where `bias` is empty.
 * The others of its family also put each element through a function, so that a layer of a network is one primitive:
 *
 *     gemm_relu       max(x, 0)
 *     gemm_sigmoid    1 / (1 + exp(-x))
 *     gemm_tanh       tanh(x)
 *     gemm_gelu       x / 2 * (1 + erf(x / sqrt(2)))
 *
 *     gemm_relu(false, false, 1L, 2L, 1L, [2.0], [1.0, 3.0], [1.0, -9.0])  =>  [3.0, 0.0]
 */

import { fail, type PrimSpec, type TypedArray, type Value } from '../../compiler/index.ts';
import { columnOf, found } from '../column.ts';
import { ACTIVATIONS, type Activation, activated, scalarMaths } from './activation.ts';
import { products, productType } from './gemm.ts';
import { type Factors, factorsOf } from './lines.ts';

export const gemmNameOf = (activation: Activation): string => `gemm_${activation}`;

/** A product, and what is done with its elements. */
export interface Layer extends Factors {
  /** A number a column; none for zeros. */
  readonly bias: TypedArray;
}

/** The arguments of a primitive of the family. W6003 for a bias of another length than there are columns. */
export function layerOf(activation: Activation, args: readonly Value[]): Layer {
  const who = gemmNameOf(activation);
  const factors = factorsOf(who, args.slice(0, 7));
  const { cells: bias } = columnOf(args[7]);
  const columns = factors.b.lines;
  if (bias.length !== 0 && bias.length !== columns) {
    fail('W6003', `${who}: a bias of ${bias.length} elements for ${columns} columns`, {
      help: 'a bias has an element for each column, or none at all',
    });
  }
  return { ...factors, bias };
}

const layer = (activation: Activation): PrimSpec => ({
  name: gemmNameOf(activation),
  doc: `${gemmNameOf(activation)}(ta: bool, tb: bool, m: i64, n: i64, k: i64, a: vec[T], b: vec[T], bias: vec[T]): vec[T]`,
  pure: true,

  typing(types) {
    const who = gemmNameOf(activation);
    const product = productType(who, types);
    if (typeof product === 'string') return product;
    if (types[7] !== product) {
      return `${who} adds a bias of the type of the matrices, ${found(product)}, found ${found(types[7])}`;
    }
    return types.length === 8 ? product : `${who} takes eight arguments, found ${types.length}`;
  },

  run(args, alloc) {
    const l = layerOf(activation, args);
    const product = products(l, alloc);
    const { cells } = columnOf(product);
    const maths = scalarMaths(l.kind);
    for (let place = 0; place < cells.length; place++) {
      const sum = maths.bin('+', Number(cells[place]), Number(l.bias[place % l.b.lines] ?? 0));
      cells[place] = activated(activation, maths, sum);
    }
    return product;
  },
});

export const layers: readonly PrimSpec[] = ACTIVATIONS.map(layer);
