/**
 * One form for what can be written in two.
 *
 *     2 * x  ->  x * 2          3 < x  ->  x > 3          p & q  ->  p && q
 *
 * Constants go to the right: the other rules look for them there only, so this one stands for the commutativity that
 * they do not try. Exact on floats as well: a sum or a product of two does not depend on their order, and every NaN is
 * the same value. On bools `&` is `&&`, which is strict in Core, too, and `|` is `||`.
 */

import { rulesOver } from './notation.ts';
import { INTS, NO_KINDS, NUMBERS, over, type Rule, SCALARS } from './pattern.ts';

const NAME = 'constant-right';

export const canonicalRules: readonly Rule[] = [
  ...rulesOver('all', NO_KINDS)('bool-bits', 'p & q -> p && q', 'p | q -> p || q'),
  ...rulesOver('all', over(NUMBERS))(
    NAME,
    'c + x -> x + c',
    'c * x -> x * c',
    'min(c, x) -> min(x, c)',
    'max(c, x) -> max(x, c)',
  ),
  ...rulesOver('int', over(INTS))(NAME, 'c & x -> x & c', 'c | x -> x | c', 'c ^ x -> x ^ c'),
  ...rulesOver('all', over(['bool']))(NAME, 'c && x -> x && c', 'c || x -> x || c', 'c ^ x -> x ^ c'),
  ...rulesOver('all', over(SCALARS))(
    NAME,
    'c == x -> x == c',
    'c != x -> x != c',
    'c < x -> x > c',
    'c <= x -> x >= c',
    'c > x -> x < c',
    'c >= x -> x <= c',
  ),
];
