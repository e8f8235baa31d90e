/** Reductions of lazy columns to scalars, by one loop for all of them. */

import { invariant } from '../../compiler/index.ts';
import type { Cell } from './cell.ts';
import * as cell from './cell.ts';
import type { LazyColumn, Space } from './column.ts';
import { isFloatType } from './dtype.ts';
import { reduceNode } from './node.ts';
import type { Operand } from './operand.ts';
import type { Where } from './ops.ts';
import * as ops from './ops.ts';
import { type ReadSlot, type Reduction, reduction, Slots } from './reduce.ts';
import { originOf, type Site } from './trail.ts';

/** Reductions of columns of one space to scalars, by one loop, NumPy's way: floats of no values are NaN, not missing. */
export function reduceColumns(
  op: Reduction,
  columns: readonly LazyColumn[],
  space: Space,
  where: Where,
): readonly Operand[] {
  const slots = new Slots(space.length);
  const late = columns.map((c) => reduction(op, c, slots, where));
  const read = readSlots(slots, space, where);
  return late.map((make, k) => {
    const made = make(read);
    const value = op === 'sum' && columns[k]?.dtype === 'f32' ? ops.castTo('f32', made, where) : made;
    if (value.valid === null || !isFloatType(value.dtype)) return value;
    // A mean of no values divides 0 by 0 already; an extremum still holds the identity.
    const nan = cell.lit(value.value.ty, Number.NaN);
    return { ...value, value: op === 'mean' ? value.value : cell.select(value.valid, value.value, nan), valid: null };
  });
}

/** The number of rows, i64. */
export function lengthOf(space: Space, site: Site): Cell {
  const slots = new Slots(space.length);
  const length = slots.count(null);
  return length(readSlots(slots, space, site));
}

/** Makes the loop for collected slots, and reads them after it. */
export function readSlots(slots: Slots, space: Space, site: Site): ReadSlot {
  const all = slots.all;
  const node = reduceNode({ kind: 'reduce', slots: all, anchor: space.anchor, origin: originOf(site) });
  return (slot) => {
    const ty = all[slot]?.value.ty;
    invariant(ty !== undefined, () => `a reduction has no slot ${slot}`);
    return cell.outer(node, slot, ty);
  };
}
