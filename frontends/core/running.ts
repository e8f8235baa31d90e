/**
 * Running sums, products and extrema of a column: what it comes to up to each row.
 *
 * Types are those of the reductions: integers and bool are added and multiplied in i64, f32 in f64 and rounded at the end.
 * A missing element adds nothing and stays missing; NaN stays from where it is on.
 */

import { F64, I64, isFloatKind, type MergeOp, partialIdentity, type ScalarType } from '../../compiler/index.ts';
import * as cell from './cell.ts';
import { type LazyColumn, single, store } from './column.ts';
import { isNumberType } from './dtype.ts';
import { operand } from './operand.ts';
import { castTo, mismatch, type Where } from './ops.ts';
import * as prim from './prim.ts';
import type { Site } from './trail.ts';

export type Running = 'cumsum' | 'cumprod' | 'cummin' | 'cummax';

const JOINS = { cumsum: '+', cumprod: '*', cummin: 'min', cummax: 'max' } as const satisfies Record<Running, MergeOp>;
const SCANS = { cumsum: 'scan_sum', cumprod: 'scan_prod', cummin: 'scan_min', cummax: 'scan_max' } as const;

export function runningColumn(op: Running, c: LazyColumn, where: Where): LazyColumn {
  const isExtremum = op === 'cummin' || op === 'cummax';
  const fits = isNumberType(c.dtype) || c.dtype === (isExtremum ? 'timestamp' : 'bool');
  if (!fits) mismatch(where, `${op} needs numbers${isExtremum ? ' or timestamps' : ''}`, [c]);
  const { ty: own } = c.value;
  const ty = isExtremum ? own : isFloatKind(own.scalar) ? F64 : I64;
  const joined = scanned(op, c, ty, where);
  const dtype = isExtremum ? c.dtype : ty === F64 ? 'f64' : 'i64';
  const value = c.valid === null ? joined : cell.select(c.valid, joined, cell.zero(ty));
  const result = operand(dtype, value, c.valid);
  const rounded = c.dtype === 'f32' ? castTo('f32', result, where) : result;
  return single(store([rounded], c.space, c.session, where));
}

/** The running value in `ty`, where missing elements change nothing. */
function scanned(op: Running, c: LazyColumn, ty: ScalarType, where: Site): cell.InputCell {
  const value = cell.cast(ty, c.value);
  const none = cell.lit(ty, partialIdentity(JOINS[op], ty.scalar));
  const present = c.valid === null ? value : cell.select(c.valid, value, none);
  const kind = ty === F64 ? 'f64' : 'i64';
  const dtype = ty === c.value.ty ? c.dtype : kind;
  const stored = single(store([operand(dtype, present, null)], c.space, c.session, where));
  return cell.input(prim.call(SCANS[op], [prim.column(stored.value.ref)], ty, where), ty);
}

/** How many elements are present up to each row, itself included. */
export function runningCount(c: LazyColumn, where: Site): cell.InputCell {
  const present = operand('i64', cell.cast(I64, c.valid ?? cell.TRUE), null);
  const stored = single(store([present], c.space, c.session, where));
  return scanned('cumsum', stored, I64, where);
}
