/**
 * join_inner, join_left, join_right, join_full(left_valid, right_valid, left keys.., right keys..): the pairs of rows with
 * equal keys, as left rows beside right rows.
 *
 *     join_full([], [], [7, 5, 8], [5, 7, 5, 9])  =>  {[0L, 1L, 1L, 2L, -1L], [1L, 0L, 2L, -1L, 3L]}
 *
 * Pairs come in the order of the left rows, and those of one left row in the order of the right rows. `left` and `full`
 * also give each left row that has no right one, beside -1 and in its place; `right` and `full` give the right rows that
 * have no left one at the end, in their order. More than MOST_PAIRS pairs are W6009.
 */

import { fail, I64, type PrimSpec, struct, vec } from '../../compiler/index.ts';
import { vectorOf } from '../column.ts';
import { type JoinKeys, keysOf, keysProblem, matchesOf } from './keys.ts';

export const JOIN_NAMES = ['join_inner', 'join_left', 'join_right', 'join_full'] as const;
export type JoinName = (typeof JOIN_NAMES)[number];

/** As many rows as a loop over the pairs can have. */
export const MOST_PAIRS = 2 ** 31 - 1 - 2 ** 14;

/** Does a join keep the rows of a side that have no partner? */
export const keepsLeft = (name: JoinName): boolean => name === 'join_left' || name === 'join_full';
export const keepsRight = (name: JoinName): boolean => name === 'join_right' || name === 'join_full';

export const joins: readonly PrimSpec[] = JOIN_NAMES.map((name) => ({
  name,
  doc: `${name}(left_valid, right_valid: vec[bool], left keys.., right keys..: vec[scalar]): {vec[i64],vec[i64]}, the rows of both sides that belong together`,
  pure: true,

  typing: (args) => keysProblem(name, args) ?? struct([vec(I64), vec(I64)]),

  run(args, alloc) {
    const { lefts, rights } = pairsOf(name, keysOf(name, args));
    return { kind: 'struct', fields: [vectorOf('i64', lefts, alloc), vectorOf('i64', rights, alloc)] };
  },
}));

function pairsOf(name: JoinName, keys: JoinKeys): { readonly lefts: number[]; readonly rights: number[] } {
  const find = matchesOf(keys);
  const none = keepsLeft(name) ? [-1] : [];
  const matches = Array.from({ length: keys.left.rows }, (_, left) => find(left));
  const partners = new Set<number>();
  for (const rights of new Set(matches)) for (const right of rights) partners.add(right);
  const alone = Array.from({ length: keepsRight(name) ? keys.right.rows : 0 }, (_, right) => right).filter(
    (right) => !partners.has(right),
  );
  const found = matches.map((rights) => (rights.length === 0 ? none : rights));
  checkPairs(
    name,
    found.reduce((sum, rights) => sum + rights.length, alone.length),
  );
  const [lefts, rights]: [number[], number[]] = [[], []];
  const pair = (left: number, right: number): void => {
    lefts.push(left);
    rights.push(right);
  };
  for (const [left, of] of found.entries()) for (const right of of) pair(left, right);
  for (const right of alone) pair(-1, right);
  return { lefts, rights };
}

/** W6009 for more pairs than a loop has rows. */
export function checkPairs(name: JoinName, pairs: number): void {
  if (pairs <= MOST_PAIRS) return;
  fail('W6009', `${name}: ${pairs} pairs of rows with equal keys, the most is ${MOST_PAIRS}`, {
    help: 'some keys are there many times on both sides: group one side by its key first, or join by more columns',
  });
}
