/**
 * Comparisons. Moving a constant across `+` is exact for `==` and `!=`, because adding is a bijection on wrapped
 * integers, and wrong for an order: `x + 1 > 0` is false at the largest x. Across `*` and `/` even `==` is wrong:
 * `x * 2 == 5` has no solution, `x == 5 / 2` has one.
 *
 * Floats keep what NaN makes false on both sides; `!(x < y)` is not `x >= y` there.
 */

import { rulesOver } from './notation.ts';
import { FLOATS, INTS, NO_KINDS, NUMBERS, ORDERED, over, type Rule, SCALARS } from './pattern.ts';

const scalars = rulesOver('all', over(SCALARS));
const numbers = rulesOver('all', over(NUMBERS));
const ordered = rulesOver('int', over(ORDERED));
const int = rulesOver('int', over(INTS));
const float = rulesOver('all', over(FLOATS));

export const compareRules: readonly Rule[] = [
  ...scalars('less-than-itself', 'x < x -> false', 'x > x -> false'),
  ...ordered('same-compare', 'x == x -> true', 'x <= x -> true', 'x >= x -> true', 'x != x -> false'),
  ...numbers('beyond-extreme', 'x < MIN -> false', 'x > MAX -> false'),
  ...int('within-extremes', 'x >= MIN -> true', 'x <= MAX -> true'),

  ...rulesOver('all', NO_KINDS)('not-equal', '!(u == v) -> u != v', '!(u != v) -> u == v'),
  ...ordered('not-order', '!(x < y) -> x >= y', '!(x <= y) -> x > y', '!(x > y) -> x <= y', '!(x >= y) -> x < y'),

  ...int(
    'int-eq-constant',
    'x + c == d -> x == d - c',
    'x + c != d -> x != d - c',
    'c - x == d -> x == c - d',
    'c - x != d -> x != c - d',
  ),
  ...int('bits-eq-constant', '(x ^ c) == d -> x == (c ^ d)', '(x ^ c) != d -> x != (c ^ d)'),
  ...int(
    'int-eq-sum',
    'x + c == y + c -> x == y',
    'x + c != y + c -> x != y',
    'x - y == 0 -> x == y',
    'x - y != 0 -> x != y',
  ),
  ...float(
    'float-order-neg',
    '-x < -y -> x > y',
    '-x <= -y -> x >= y',
    '-x > -y -> x < y',
    '-x >= -y -> x <= y',
    '-x < c -> x > -c',
    '-x <= c -> x >= -c',
    '-x > c -> x < -c',
    '-x >= c -> x <= -c',
  ),

  // Two comparisons of one pair.
  ...scalars(
    'compare-join',
    'x < y || x == y -> x <= y',
    'x == y || x < y -> x <= y',
    'x > y || x == y -> x >= y',
    'x == y || x > y -> x >= y',
    'x <= y && x >= y -> x == y',
    'x >= y && x <= y -> x == y',
    'x <= y && x != y -> x < y',
    'x != y && x <= y -> x < y',
    'x >= y && x != y -> x > y',
    'x != y && x >= y -> x > y',
  ),
  ...ordered('order-join', 'x < y || x > y -> x != y', 'x > y || x < y -> x != y'),

  // Two bounds on one value. A bound that is NaN fails everything: min and max keep it, so `||` is for integers.
  ...numbers(
    'bounds-join',
    'x < c && x < d -> x < min(c, d)',
    'x <= c && x <= d -> x <= min(c, d)',
    'x > c && x > d -> x > max(c, d)',
    'x >= c && x >= d -> x >= max(c, d)',
  ),
  ...int(
    'int-bounds-join',
    'x < c || x < d -> x < max(c, d)',
    'x <= c || x <= d -> x <= max(c, d)',
    'x > c || x > d -> x > min(c, d)',
    'x >= c || x >= d -> x >= min(c, d)',
  ),
];
