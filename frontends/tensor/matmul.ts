/**
 * Rows times weights, in one of two ways. Products are added in the order of the features in both, so a row has the same
 * bits wherever it is computed.
 *
 *     loop   y_j = x_1 w_1j + ... + x_k w_kj, unrolled: few weights, as scalars. It fuses with what is before and after.
 *     gemm   the primitive, over the features side by side in one vector: any number of weights. What follows it, a bias
 *            and an activation, it does itself (`gemm_relu`), unless the product is also read otherwise.
 */

import { invariant } from '../../compiler/index.ts';
import type { Cell } from '../core/cell.ts';
import * as cell from '../core/cell.ts';
import type { LazyColumn } from '../core/column.ts';
import { loopNode, type Node, type PrimArg, primNode } from '../core/node.ts';
import { bothValid, type Operand, operand } from '../core/operand.ts';
import * as prim from '../core/prim.ts';
import { originOf, type Site } from '../core/trail.ts';
import { type MatrixLayout, matrixLayout } from './layout.ts';
import type { FloatKind } from './shape.ts';

/**
 * The most weights for which the loop is taken, by how the features are held: from there on it takes longer than `gemm`. The
 * primitive takes columns side by side, which costs as much as a few dozen weights; the loop reads a matrix with gaps.
 */
export const MOST_UNROLLED = { columns: 256, matrix: 64 } as const;

/** The m columns of the product of k columns and k rows of m weights, all of `kind`; k is at least 1. */
export function unrolled(
  features: readonly Operand[],
  weights: readonly (readonly Cell[])[],
  kind: FloatKind,
): readonly Operand[] {
  const width = weights[0]?.length ?? 0;
  const valid = features.reduce<Cell | null>((v, f) => bothValid(v, f.valid), null);
  return Array.from({ length: width }, (_, j) => {
    const terms = features.map((f, i) => {
      const weight = weights[i]?.[j];
      invariant(weight !== undefined, () => `no weight for feature ${i} and output ${j}`);
      return cell.bin('*', f.value, weight);
    });
    return operand(
      kind,
      terms.reduce((sum, term) => cell.bin('+', sum, term)),
      valid,
    );
  });
}

/** A product by `gemm`, and what was done with it since. */
export interface Product {
  /** The sizes and the matrices. */
  readonly args: readonly PrimArg[];
  readonly bias: PrimArg | null;
  /** The nodes up to here, which one primitive does together. */
  readonly nodes: readonly Node[];
}

/** What may be done with the elements of a product by the primitive that makes it. */
export type Activation = 'relu' | 'sigmoid' | 'tanh' | 'gelu';

/** The product of matrices of m x k and k x n elements, as a column of m x n. */
export function gemm(
  a: LazyColumn,
  b: LazyColumn,
  { m, n, k }: { readonly m: Cell; readonly n: Cell; readonly k: Cell },
  length: number | null,
  site: Site,
): { readonly elements: LazyColumn; readonly product: Product } {
  const { ty } = a.value;
  const sizes = [m, n, k].map(prim.scalar);
  const args = [prim.flag(false), prim.flag(false), ...sizes, prim.column(a.value.ref), prim.column(b.value.ref)];
  const ref = prim.call('gemm', args, ty, site);
  const elements = { ...a, value: cell.input(ref, ty), space: { length, anchor: ref } };
  return { elements, product: { args, bias: null, nodes: [ref.node] } };
}

/** `result`, an operator on the elements of a product: a loop, unless the primitive may do it. */
export function finished(
  l: MatrixLayout,
  product: Product,
  result: Operand,
  by: { readonly bias: PrimArg } | { readonly activation: Activation },
  site: Site,
): MatrixLayout {
  const { args, nodes } = product;
  const { ty } = l.elements.value;
  const bias = 'bias' in by ? by.bias : product.bias;
  const name = 'bias' in by ? 'gemm_bias' : `gemm_${by.activation}`;
  const origin = originOf(site);
  const call = primNode({ kind: 'prim', name, args: [...args, bias ?? prim.list(ty, [])], outs: [ty], origin });
  const { anchor } = l.elements.space;
  const instead = { by: call, skipped: nodes };
  const node = loopNode({ kind: 'loop', keep: null, outs: [result.value], anchor, origin, instead });
  const ref = { node, index: 0 };
  const elements = { ...l.elements, value: cell.input(ref, ty), space: { ...l.elements.space, anchor: ref } };
  return matrixLayout(elements, l.width, l.space, 'bias' in by ? { args, bias, nodes: [...nodes, node] } : null);
}
