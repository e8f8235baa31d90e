/**
 * Reductions of operands: which monoids a sum, mean, count, min or max is made of, and what is computed from them after
 * the loop. Used over a whole space (slots of a ReduceNode) and per group (slots of a GroupNode).
 *
 * It happens in two steps, because the values after the loop name a node that is made of all slots: `reduction` first
 * adds what it needs to `Slots` and gives a `Late` operand; when the node is there, `late(read)` makes the operand.
 *
 * Missing values are skipped: they merge the identity. Integers and bool are summed in i64, floats in f64; `mean`
 * divides sum by count in f64. NaN is a value: it makes sum, mean, min and max NaN, as in NumPy. Of no values: sum and
 * count are 0; mean, min and max are missing.
 */

import type { MergeOp, ScalarType } from '../../compiler/index.ts';
import { F64, I64, isFloatKind, partialIdentity, scalarBytes } from '../../compiler/index.ts';
import type { Cell } from './cell.ts';
import * as cell from './cell.ts';
import { isFloatType, isNumberType } from './dtype.ts';
import type { Slot } from './node.ts';
import { type Operand, operand } from './operand.ts';
import { mismatch, type Where } from './ops.ts';

export type Reduction = 'sum' | 'mean' | 'count' | 'min' | 'max' | 'len';

/** The cell of slot k, after the loop. */
export type ReadSlot = (slot: number) => Cell;
/** Something that is made once the node of the slots is there. */
export type Late<T> = (read: ReadSlot) => T;

/** Collects the slots of one loop; equal ones are shared. */
export class Slots {
  readonly #made: { readonly slot: Slot; readonly source: Cell; readonly mask: Cell | null }[] = [];
  /** The number of rows when it is known and each is merged, else null (always null per group). */
  readonly length: number | null;
  /** True when something is merged for certain: a group has a row. */
  readonly nonEmpty: boolean;

  constructor(length: number | null, nonEmpty: boolean = length !== null && length > 0) {
    this.length = length;
    this.nonEmpty = nonEmpty;
  }
  get all(): readonly Slot[] {
    return this.#made.map((m) => m.slot);
  }

  /** `source`, converted to `ty`, merged over the rows where `mask` holds. */
  merged(op: MergeOp, source: Cell, ty: ScalarType, mask: Cell | null): Late<Cell> {
    const same = this.#made.findIndex(
      (m) => m.slot.op === op && m.source === source && m.mask === mask && m.slot.value.ty === ty,
    );
    if (same >= 0) return (read) => read(same);
    const value = cell.cast(ty, source);
    const masked = mask === null ? value : cell.select(mask, value, cell.lit(ty, partialIdentity(op, ty.scalar)));
    const slot = this.#made.push({ slot: { op, value: masked }, source, mask }) - 1;
    return (read) => read(slot);
  }

  /** How many rows there are where `mask` holds, i64. */
  count(mask: Cell | null): Late<Cell> {
    if (mask !== null) return this.merged('+', mask, I64, null);
    if (this.length === null) return this.merged('+', ONE, I64, null);
    const length = cell.given(I64, BigInt(this.length));
    return () => length;
  }
}

const ONE = cell.lit(I64, 1n);

/** `op` of `a`: adds slots, and gives the operand that holds the result after the loop. */
export function reduction(op: Reduction, a: Operand, slots: Slots, where: Where): Late<Operand> {
  switch (op) {
    case 'len': {
      const rows = slots.count(null);
      return (read) => operand('i64', rows(read), null);
    }
    case 'count': {
      const present = slots.count(a.valid);
      return (read) => operand('i64', present(read), null);
    }
    case 'sum':
      return sum(a, slots, where);
    case 'mean':
      return mean(a, slots, where);
    case 'min':
    case 'max': {
      if (!isNumberType(a.dtype) && a.dtype !== 'timestamp')
        mismatch(where, `${op} needs a number or a timestamp`, [a]);
      const best = slots.merged(op, a.value, a.value.ty, a.valid);
      const valid = someOf(a, slots);
      return (read) => operand(a.dtype, best(read), valid(read));
    }
    default:
      return op satisfies never;
  }
}

function sum(a: Operand, slots: Slots, where: Where): Late<Operand> {
  if (a.dtype !== 'bool' && !isNumberType(a.dtype)) mismatch(where, 'sum needs numbers', [a]);
  if (!isFloatType(a.dtype)) {
    const total = slots.merged('+', a.value, I64, a.valid);
    return (read) => operand('i64', total(read), null);
  }
  const total = slots.merged('+', a.value, F64, a.valid);
  // The sum of nothing but missing values is -0, the identity of addition: adding +0 makes it 0.
  return (read) => operand('f64', a.valid === null ? total(read) : cell.bin('+', total(read), cell.lit(F64, 0)), null);
}

function mean(a: Operand, slots: Slots, where: Where): Late<Operand> {
  if (a.dtype !== 'bool' && !isNumberType(a.dtype)) mismatch(where, 'mean needs numbers', [a]);
  // Narrow integers cannot overflow i64, and share their sum with `sum`; wide ones are summed in f64.
  const kind = a.value.ty.scalar;
  const total = slots.merged('+', a.value, isFloatKind(kind) || scalarBytes(kind) === 8 ? F64 : I64, a.valid);
  const count = slots.count(a.valid);
  const valid = someOf(a, slots);
  return (read) => {
    const quotient = cell.bin('/', cell.cast(F64, total(read)), cell.cast(F64, count(read)));
    return operand('f64', quotient, valid(read));
  };
}

/** True when there are values at all; null when that is known beforehand. */
function someOf(a: Operand, slots: Slots): Late<Cell | null> {
  if (a.valid === null && slots.nonEmpty) return () => null;
  const count = slots.count(a.valid);
  return (read) => cell.bin('>', count(read), cell.lit(I64, 0n));
}
