/**
 * What the joins take: whether the rows of each side have a key, then the key columns of the left side, then those of the
 * right one.
 *
 *     join_inner(left_valid, right_valid, l1, .., lK, r1, .., rK)
 *
 * A validity has one bool a row, false where a part of the key is null, or no element at all where no row is null. A null
 * matches nothing, not even a null. Two keys are equal when all their columns are: NaN equals NaN and -0 equals +0, as in
 * pandas, Polars and DuckDB, so that every row finds itself.
 */

import type { TypedArray } from '../../compiler/index.ts';
import { BOOL, fail, type ScalarKind, type Type, type Value, vec } from '../../compiler/index.ts';
import { columnKind, columnOf, found } from '../column.ts';

/** One of the two tables that are joined. */
export interface Side {
  readonly rows: number;
  /** False where the key is null; null where no row's is. */
  readonly valid: TypedArray | null;
}

/** A column of the key on both sides. */
export interface KeyPair {
  readonly kind: ScalarKind;
  readonly left: TypedArray;
  readonly right: TypedArray;
}

export interface JoinKeys {
  readonly left: Side;
  readonly right: Side;
  readonly pairs: readonly KeyPair[];
}

/** What is wrong with the types of the arguments, or null. */
export function keysProblem(who: string, args: readonly Type[]): string | null {
  const [leftValid, rightValid, ...keys] = args;
  if (leftValid !== vec(BOOL) || rightValid !== vec(BOOL)) {
    return `${who} needs two vec[bool] first: which left and which right rows have a key`;
  }
  if (keys.length === 0 || keys.length % 2 === 1) {
    return `${who} needs as many left as right key columns, found ${keys.length} columns`;
  }
  const half = keys.length / 2;
  for (const [k, left] of keys.slice(0, half).entries()) {
    const right = keys[half + k];
    if (columnKind(left) === null) return `${who} joins by vectors of scalars, found ${found(left)}`;
    if (left !== right) return `${who}: key ${k + 1} is ${found(left)} on the left and ${found(right)} on the right`;
  }
  return null;
}

/** The arguments that a typing rule let in. W6003 where columns of a side, which is called so, differ in length. */
export function keysOf(
  who: string,
  args: readonly Value[],
  said: readonly [string, string] = ['left columns', 'right columns'],
): JoinKeys {
  const [leftValid, rightValid, ...keys] = args.map(columnOf);
  const half = keys.length / 2;
  const side = (name: string, valid: typeof leftValid, columns: typeof keys): Side => {
    const rows = columns[0]?.length ?? 0;
    const other = [...columns, ...(valid === undefined || valid.length === 0 ? [] : [valid])].find(
      (c) => c.length !== rows,
    );
    if (other !== undefined) fail('W6003', `${who}: ${name} of lengths ${rows} and ${other.length}`);
    return { rows, valid: valid === undefined || valid.length === 0 ? null : valid.cells };
  };
  const [lefts, rights] = [keys.slice(0, half), keys.slice(half)];
  const pairs = lefts.flatMap(({ kind, cells }, k): KeyPair[] => {
    const right = rights[k];
    return right === undefined ? [] : [{ kind, left: cells, right: right.cells }];
  });
  return { left: side(said[0], leftValid, lefts), right: side(said[1], rightValid, rights), pairs };
}

/** The right rows of each left row's key, in order: the meaning of every join. */
export function matchesOf({ left, right, pairs }: JoinKeys): (leftRow: number) => readonly number[] {
  // A map tells keys apart as joins do: NaN is one key, and so are both zeros.
  const codes = pairs.map(() => new Map<number | bigint, number>());
  const textOf = (row: number, of: 'left' | 'right'): string =>
    pairs
      .map((pair, k) => {
        const [cell, known] = [pair[of][row] ?? 0, codes[k]];
        const code = known?.get(cell) ?? known?.size ?? 0;
        known?.set(cell, code);
        return code;
      })
      .join();
  const rows = new Map<string, number[]>();
  for (let row = 0; row < right.rows; row++) {
    if (right.valid?.[row] === 0) continue;
    const text = textOf(row, 'right');
    const known = rows.get(text);
    if (known === undefined) rows.set(text, [row]);
    else known.push(row);
  }
  return (row) => (left.valid?.[row] === 0 ? [] : (rows.get(textOf(row, 'left')) ?? []));
}
