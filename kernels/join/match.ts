/**
 * match(left_valid, right_valid, left keys.., right keys..): for each left row the first right row with its key, or -1.
 *
 *     match([], [], [7, 5, 8], [5, 7, 5])  =>  [1L, 0L, -1L]
 *
 * Semi and anti joins are filters by it, and a join whose right keys are unique reads the right columns at these rows.
 */

import { I64, type PrimSpec, vec } from '../../compiler/index.ts';
import { vectorOf } from '../column.ts';
import { keysOf, keysProblem, matchesOf } from './keys.ts';

export const match: PrimSpec = {
  name: 'match',
  doc: 'match(left_valid, right_valid: vec[bool], left keys.., right keys..: vec[scalar]): vec[i64], the first right row of each left row, or -1',
  pure: true,

  typing: (args) => keysProblem('match', args) ?? vec(I64),

  run(args, alloc) {
    const keys = keysOf('match', args);
    const matches = matchesOf(keys);
    const rows = Array.from({ length: keys.left.rows }, (_, row) => matches(row)[0] ?? -1);
    return vectorOf('i64', rows, alloc);
  },
};
