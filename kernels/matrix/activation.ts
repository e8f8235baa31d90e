/**
 * What may be done with the elements of a product before they are stored: one formula each, over the maths of whoever
 * computes. The definition of `gemm_bias` and its family computes with scalars, their machine form with lanes, and as both
 * take the same steps they give the same bits.
 */

import { binScalar, unScalar } from '../../compiler/index.ts';
import type { Float } from './float.ts';

export type Activation = 'bias' | 'relu' | 'sigmoid' | 'tanh' | 'gelu';
export const ACTIVATIONS: readonly Activation[] = ['bias', 'relu', 'sigmoid', 'tanh', 'gelu'];

/** Arithmetic on values of some form. */
export interface Maths<E> {
  un(op: 'neg' | 'exp' | 'tanh' | 'erf', x: E): E;
  bin(op: '+' | '*' | '/' | 'max', x: E, y: E): E;
  number(x: number): E;
}

/** The formula of an activation; `bias` leaves elements as they are. NaN stays NaN. */
export function activated<E>(activation: Activation, { un, bin, number }: Maths<E>, x: E): E {
  switch (activation) {
    case 'bias':
      return x;
    case 'relu':
      return bin('max', x, number(0));
    case 'sigmoid':
      return bin('/', number(1), bin('+', un('exp', un('neg', x)), number(1)));
    case 'tanh':
      return un('tanh', x);
    case 'gelu':
      return bin('*', bin('*', x, number(0.5)), bin('+', un('erf', bin('*', x, number(Math.SQRT1_2))), number(1)));
    default:
      return activation satisfies never;
  }
}

/** Arithmetic on numbers, each step rounded to the kind. */
export const scalarMaths = (kind: Float): Maths<number> => ({
  un: (op, x) => Number(unScalar(op, kind, x)),
  bin: (op, x, y) => Number(binScalar(op, kind, x, y)),
  number: (x) => (kind === 'f32' ? Math.fround(x) : x),
});
