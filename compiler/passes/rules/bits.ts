/**
 * `& | ^` on integers. On bools `& |` are `&& ||` (`canonical.ts`), and `^` is in `bool.ts`.
 */

import { rulesOver } from './notation.ts';
import { INTS, over, type Rule } from './pattern.ts';

const bits = rulesOver('int', over(INTS));

export const bitsRules: readonly Rule[] = [
  ...bits('bits-and-zero', 'x & 0 -> 0'),
  ...bits('bits-and-ones', 'x & -1 -> x'),
  ...bits('bits-or-zero', 'x | 0 -> x', 'x ^ 0 -> x'),
  ...bits('bits-or-ones', 'x | -1 -> -1'),
  ...bits('bits-same', 'x & x -> x', 'x | x -> x', 'x ^ x -> 0'),
  ...bits('bits-and-and', '(x & c) & d -> x & (c & d)'),
  ...bits('bits-or-or', '(x | c) | d -> x | (c | d)'),
  ...bits('bits-xor-xor', '(x ^ c) ^ d -> x ^ (c ^ d)'),
  ...bits('bits-xor-cancel', '(x ^ y) ^ y -> x', '(x ^ y) ^ x -> y', 'y ^ (x ^ y) -> x', 'x ^ (x ^ y) -> y'),
  ...bits(
    'bits-absorb',
    'x & (x | y) -> x',
    'x & (y | x) -> x',
    '(x | y) & x -> x',
    '(y | x) & x -> x',
    'x | (x & y) -> x',
    'x | (y & x) -> x',
    '(x & y) | x -> x',
    '(y & x) | x -> x',
  ),
  ...bits('bits-distribute', '(x & c) | (x & d) -> x & (c | d)', '(x | c) & (x | d) -> x | (c & d)'),
];
