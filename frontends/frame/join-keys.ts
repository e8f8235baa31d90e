/**
 * The keys of a join: pairs of columns, brought to one type so that equal keys are equal words. Strings meet in one
 * dictionary, integers of several kinds as i64, floats as f64. Nothing else is converted: what a comparison would round is
 * refused (W8004).
 */

import { BOOL } from '../../compiler/index.ts';
import * as cell from '../core/cell.ts';
import { type LazyColumn, store } from '../core/column.ts';
import { isFloatType, isIntType, storageType } from '../core/dtype.ts';
import type { PrimArg } from '../core/node.ts';
import { bothValid, type Operand, operand, typeName } from '../core/operand.ts';
import * as prim from '../core/prim.ts';
import { unifyStrings } from '../core/strings.ts';
import { refuse, type Site } from '../core/trail.ts';
import type { State } from './state.ts';

/** A pair of columns that are compared. */
export interface KeyColumns {
  readonly leftOn: string;
  readonly left: LazyColumn;
  readonly rightOn: string;
  readonly right: LazyColumn;
}
/** The same, and the type in which they meet: their own, or one that has all values of both. */
export interface JoinKey extends KeyColumns {
  readonly meet: 'dictionary' | 'as they are' | 'i64' | 'f64';
}

export const joinKeys = (columns: readonly KeyColumns[], site: Site): readonly JoinKey[] =>
  columns.map((c) => ({ ...c, meet: meetingOf(c, site) }));

function meetingOf({ leftOn, left, rightOn, right }: KeyColumns, site: Site): JoinKey['meet'] {
  if (left.dtype === right.dtype) return left.dtype === 'string' ? 'dictionary' : 'as they are';
  // Not every u64 is an i64.
  const fits = (o: Operand): boolean => isIntType(o.dtype) && o.dtype !== 'u64';
  if (fits(left) && fits(right)) return 'i64';
  if (isFloatType(left.dtype) && isFloatType(right.dtype)) return 'f64';
  const found = `${leftOn} is ${typeName(left)} and ${rightOn} is ${typeName(right)}`;
  return refuse(site, 'W8004', `join keys have one type; ${found}`, {
    help: left.dtype === 'string' || right.dtype === 'string' ? null : 'cast one of them first',
  });
}

/** The columns as operands of one type. */
export function inOneType({ left, right, meet }: JoinKey, site: Site): readonly [left: Operand, right: Operand] {
  if (meet === 'as they are') return [left, right];
  if (meet === 'dictionary') {
    const [a = left, b = right] = unifyStrings([left, right], site);
    return [a, b];
  }
  const inType = (o: Operand): Operand => operand(meet, cell.cast(storageType(meet), o.value), o.valid);
  return [inType(left), inType(right)];
}

/** The keys of a side as a primitive takes them, and the columns that they are stored in. */
export interface StoredKeys {
  /** Where the rows have a key; an empty one: everywhere. */
  readonly mask: PrimArg;
  readonly keys: readonly PrimArg[];
  readonly columns: readonly LazyColumn[];
}

/** With `unique` it is checked that no two rows have the same key. */
export function storeKeys(keys: readonly Operand[], of: State, unique: boolean, site: Site): StoredKeys {
  const valid = keys.reduce<Operand['valid']>((all, key) => bothValid(all, key.valid), null);
  const flag = valid === null ? [] : [operand('bool', valid, null)];
  const stored = store([...keys, ...flag], of.space, of.session, site);
  const columns = stored.slice(0, keys.length);
  const args = columns.map((c) => prim.column(c.value.ref));
  const present = stored[keys.length];
  const own = present === undefined ? prim.flags([]) : prim.column(present.value.ref);
  const mask = unique ? prim.column(prim.call('check_unique', [own, ...args], BOOL, site)) : own;
  return { mask, keys: args, columns };
}

/** Both sides as arguments: the masks, then the keys. */
export const sidesOf = ({ left, right }: Readonly<Record<'left' | 'right', StoredKeys>>): readonly PrimArg[] => [
  left.mask,
  right.mask,
  ...left.keys,
  ...right.keys,
];
