/**
 * joinAsof: each left row beside the nearest right one, by time or another number, where keys `by` are equal if there are
 * any. Rows of the left side stay as they are, in any order; the right side ascends (W6016). Nulls and NaN are near to
 * nothing.
 */

import { I64, invariant, isBigKind, isFloatKind, type ScalarType } from '../../compiler/index.ts';
import type { Cell } from '../core/cell.ts';
import * as cell from '../core/cell.ts';
import { commonSession } from '../core/column.ts';
import { fitsKind, isNumberType } from '../core/dtype.ts';
import { type Operand, typeName } from '../core/operand.ts';
import { checkOptions } from '../core/options.ts';
import * as prim from '../core/prim.ts';
import { refuse, type Site } from '../core/trail.ts';
import { describe } from '../core/values.ts';
import { addedColumns, columnPairs, listOf, oneOf } from './join.ts';
import { inOneType, joinKeys, type KeyColumns, type StoredKeys, sidesOf, storeKeys } from './join-keys.ts';
import { readOrNull } from './join-lookup.ts';
import type { State } from './state.ts';

const STRATEGIES = ['backward', 'forward', 'nearest'] as const;

export interface AsofOptions {
  /** The column by which rows are near, when both sides call it the same: numbers or timestamps. */
  readonly on?: string;
  readonly leftOn?: string;
  readonly rightOn?: string;
  /** Columns that are equal. */
  readonly by?: string | readonly string[];
  readonly leftBy?: string | readonly string[];
  readonly rightBy?: string | readonly string[];
  /** The last right row that is not after the left one (the default), the first that is not before it, or the nearer. */
  readonly strategy?: (typeof STRATEGIES)[number];
  /** How far they may be apart, for timestamps in microseconds. */
  readonly tolerance?: number | bigint;
  /** As in `join`. */
  readonly suffix?: string;
}

const OPTIONS = ['on', 'leftOn', 'rightOn', 'by', 'leftBy', 'rightBy', 'strategy', 'tolerance', 'suffix'] as const;

export function joinAsof(left: State, right: State, options: AsofOptions, site: Site): State {
  checkOptions(options, OPTIONS, site);
  const { strategy = 'backward', suffix = '_right' } = options;
  oneOf('strategy', STRATEGIES, strategy, site);
  const [leftOn, rightOn] = [options.leftOn ?? options.on, options.rightOn ?? options.on];
  if (leftOn === undefined || rightOn === undefined) {
    refuse(site, 'W8006', 'joinAsof needs the column by which rows are near', {
      help: `give { on: 'time' } or { leftOn: 'a', rightOn: 'b' }`,
    });
  }
  const lefts = [leftOn, ...listOf(options.leftBy ?? options.by)];
  const rights = [rightOn, ...listOf(options.rightBy ?? options.by)];
  const columns = columnPairs(left, lefts, right, rights, site);
  const pairs = joinKeys(columns, site).map((key) => inOneType(key, site));
  const ty = distanceType(columns[0], pairs[0]?.[0], site);
  const stored = (k: 0 | 1, of: State): StoredKeys =>
    storeKeys(
      pairs.map((pair) => pair[k]),
      of,
      false,
      site,
    );
  const tolerance = options.tolerance === undefined ? [] : [toleranceOf(options.tolerance, ty, site)];
  const sides = sidesOf({ left: stored(0, left), right: stored(1, right) });
  const row = cell.input(prim.call(`asof_${strategy}`, [prim.list(ty, tolerance), ...sides], I64, site), I64);
  // What is near may be elsewhere, so the right values stay where they have a name of their own.
  const dropped = leftOn === rightOn ? rights : rights.slice(1);
  const added = addedColumns(left, right, dropped, suffix, site);
  const session = commonSession([left, right], site);
  return readOrNull({ left, added, session, site }, { row, found: cell.bin('>=', row, cell.zero(I64)) });
}

/** The type in which distances are. */
function distanceType(columns: KeyColumns | undefined, on: Operand | undefined, site: Site): ScalarType {
  invariant(columns !== undefined && on !== undefined, () => 'joinAsof without a column to be near by');
  if (isNumberType(on.dtype) || on.dtype === 'timestamp') return on.value.ty;
  return refuse(site, 'W8004', `joinAsof is by numbers or timestamps; ${columns.leftOn} is ${typeName(columns.left)}`);
}

function toleranceOf(tolerance: unknown, ty: ScalarType, site: Site): Cell {
  const kind = ty.scalar;
  const isNumber = typeof tolerance === 'bigint' || typeof tolerance === 'number';
  if (isNumber && tolerance >= 0) {
    if (isFloatKind(kind)) return cell.lit(ty, Number(tolerance));
    const isWhole = typeof tolerance === 'bigint' || Number.isInteger(tolerance);
    if (isWhole && fitsKind(kind, BigInt(tolerance))) {
      return cell.lit(ty, isBigKind(kind) ? BigInt(tolerance) : Number(tolerance));
    }
  }
  return refuse(site, 'W8006', `joinAsof: tolerance is a distance of type ${kind}, found ${describe(tolerance)}`);
}
