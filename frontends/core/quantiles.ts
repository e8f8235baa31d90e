/**
 * Quantiles of a column: the values below which shares of the others lie, between neighbours on a straight line, in f64.
 *
 * As in the other reductions missing elements are skipped, one NaN makes all quantiles NaN, and those of no elements are
 * NaN. The primitive has NaN last, so whether there is one is found by the loop that makes the column.
 */

import { F64, isFloatKind } from '../../compiler/index.ts';
import type { Cell } from './cell.ts';
import * as cell from './cell.ts';
import { type LazyColumn, single, store } from './column.ts';
import { isNumberType } from './dtype.ts';
import { reduceNode } from './node.ts';
import { type Operand, operand } from './operand.ts';
import { mismatch, type Where } from './ops.ts';
import { presentOnly } from './order.ts';
import * as prim from './prim.ts';
import { originOf } from './trail.ts';

/** The quantiles of `shares`, which are 0 to 1, as scalars. */
export function quantileScalars(c: LazyColumn, shares: readonly number[], where: Where): readonly Operand[] {
  const { ref, guarded } = quantiles(c, shares, where);
  return shares.map((_, k) => operand('f64', guarded(cell.element(ref, F64, k)), null));
}

/** The same as a column. */
export function quantileColumn(c: LazyColumn, shares: readonly number[], where: Where): LazyColumn {
  const { ref, guarded } = quantiles(c, shares, where);
  const space = { length: shares.length, anchor: ref };
  return single(store([operand('f64', guarded(cell.input(ref, F64)), null)], space, c.session, where));
}

function quantiles(c: LazyColumn, shares: readonly number[], where: Where) {
  if (!isNumberType(c.dtype)) mismatch(where, 'quantiles are of numbers', [c]);
  const present = presentOnly(c, where);
  const given = prim.list(
    F64,
    shares.map((q) => cell.given(F64, q)),
  );
  const ref = prim.call('quantile', [given, prim.column(present.value.ref)], F64, where);
  const nan = isFloatKind(c.value.ty.scalar) ? anyNaN(present, where) : cell.FALSE;
  const guarded = (value: Cell): Cell => cell.select(nan, cell.lit(F64, Number.NaN), value);
  return { ref, guarded };
}

/** Whether an element is NaN: the greatest one is NaN then. */
function anyNaN({ value, space }: LazyColumn, where: Where): Cell {
  const slots = [{ op: 'max' as const, value }];
  const node = reduceNode({ kind: 'reduce', slots, anchor: space.anchor, origin: originOf(where) });
  const greatest = cell.outer(node, 0, value.ty);
  return cell.bin('!=', greatest, greatest);
}
