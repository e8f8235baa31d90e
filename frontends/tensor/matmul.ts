/**
 * Rows times weights: y_j = x_1 w_1j + ... + x_k w_kj, unrolled over the k features and summed in their order, so that the
 * product of a row is the same bits wherever it is computed.
 *
 * It fuses with what comes before and after. The primitive `gemm` would need the columns side by side in one vector; even
 * without that copy it takes longer than the loop up to 16 x 16 weights and the same time for 128 x 8. Only at 32 x 32, the
 * most weights that there may be, it takes half.
 */

import { invariant } from '../../compiler/index.ts';
import type { Cell } from '../core/cell.ts';
import * as cell from '../core/cell.ts';
import { bothValid, type Operand, operand } from '../core/operand.ts';
import type { FloatKind } from './shape.ts';

/** The m columns of the product of k columns and k rows of m weights, all of `kind`; k is at least 1. */
export function product(
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
