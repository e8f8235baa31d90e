/**
 * check_unique(valid, keys..): the validity as it is, where no two rows have the same key; W6015 with two rows that have.
 *
 *     check_unique([], [5, 7, 5])  =>  W6015: check_unique: rows 0 and 2 have the same key
 *
 * Rows without a key (`keys.ts`) have none in common. A join that promises unique keys takes the validity from here.
 */

import { type Allocator, BOOL, fail, type PrimSpec, type TypedArray, vec } from '../../compiler/index.ts';
import { columnKind, found, vector } from '../column.ts';
import { type JoinKeys, keysOf, matchesOf } from './keys.ts';

export const checkUnique: PrimSpec = {
  name: 'check_unique',
  doc: 'check_unique(valid: vec[bool], keys..: vec[scalar]): vec[bool], the validity, where no two rows have the same key',
  pure: true,

  typing([valid, ...keys]) {
    if (valid !== vec(BOOL))
      return `check_unique needs a vec[bool] first: which rows have a key, found ${found(valid)}`;
    const bad = keys.find((k) => columnKind(k) === null);
    if (bad !== undefined) return `check_unique takes vectors of scalars, found ${found(bad)}`;
    return keys.length === 0 ? 'check_unique needs at least one key' : vec(BOOL);
  },

  run(args, alloc) {
    const keys = sidesOf(args);
    const find = matchesOf(keys);
    for (let row = 0; row < keys.left.rows; row++) {
      const [first = row] = find(row);
      if (first !== row) refuseTwice(first, row);
    }
    return validityOf(keys, alloc);
  },
};

/** The rows joined with themselves. */
export function sidesOf([valid, ...keys]: Parameters<PrimSpec['run']>[0]): JoinKeys {
  return keysOf('check_unique', [valid ?? false, valid ?? false, ...keys, ...keys], ['columns', 'columns']);
}

export function refuseTwice(first: number, second: number): never {
  return fail('W6015', `check_unique: rows ${first} and ${second} have the same key`, {
    help: 'group by the key first, or join without the promise that it is there once',
  });
}

/** A copy of the validity. */
export function validityOf({ left: { valid } }: JoinKeys, alloc: Allocator) {
  const copy = alloc.alloc('bool', valid?.length ?? 0);
  if (valid !== null) bytesOf(copy).set(bytesOf(valid));
  return vector('bool', copy);
}
const bytesOf = (a: TypedArray): Uint8Array => new Uint8Array(a.buffer, a.byteOffset, a.byteLength);
