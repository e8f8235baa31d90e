/**
 * Integer arithmetic, exact under wrap-around: it is a ring, so sums and products of constants may be put together in
 * any order. Division is not part of that: `x * 3 / 2` is not `x * (3 / 2)`, `x / 2 * 4` is not `x * 2`, and
 * `x * 2 / 2` is not `x`, because the product may have wrapped.
 *
 * A difference with a constant becomes a sum, so that chains of both meet in one rule: `x - 1 + 3  ->  x + -1 + 3  ->
 * x + 2`.
 */

import { rulesOver } from './notation.ts';
import { INTS, NUMBERS, over, type Rule, SIGNED, UNSIGNED } from './pattern.ts';

const int = rulesOver('int', over(INTS));

export const intRules: readonly Rule[] = [
  ...int('int-add-zero', 'x + 0 -> x'),
  ...int('int-sub-zero', 'x - 0 -> x'),
  ...int('int-zero-sub', '0 - x -> -x'),
  ...int('int-mul-zero', 'x * 0 -> 0'),
  ...rulesOver('all', over(NUMBERS))('mul-one', 'x * 1 -> x'),
  ...rulesOver('all', over(NUMBERS))('div-one', 'x / 1 -> x'),

  // What cancels.
  ...int('int-sub-same', 'x - x -> 0'),
  ...int(
    'int-cancel',
    '(x + y) - y -> x',
    '(x + y) - x -> y',
    '(x - y) + y -> x',
    'y + (x - y) -> x',
    'x - (x - y) -> y',
    '(x - y) - x -> -y',
    'x - (x + y) -> -y',
    'x - (y + x) -> -y',
  ),
  ...int('int-neg-sub', '-(x - y) -> y - x'),
  ...int('int-neg-add', '-(x + c) -> (-c) - x'),

  // Constants meet.
  ...int('int-sub-constant', 'x - c -> x + (-c)'),
  ...int('int-add-add', '(x + c) + d -> x + (c + d)'),
  ...int('int-constant-sub', '(c - x) + d -> (c + d) - x', 'c - (x + d) -> (c - d) - x', 'c - (d - x) -> x + (c - d)'),
  ...int('int-mul-mul', '(x * c) * d -> x * (c * d)'),
  ...int('int-distribute', 'x * c + x * d -> x * (c + d)', 'x * c + x -> x * (c + 1)', 'x + x * c -> x * (c + 1)'),

  // The divisor is not zero, so nothing fails.
  ...int('int-rem-one', 'x % 1 -> 0'),
  ...rulesOver('int', over(SIGNED))('int-rem-minus-one', 'x % -1 -> 0'),
  ...rulesOver('int', over(UNSIGNED))('rem-power-of-two', 'x % c -> x & (c - 1) if c != 0 && (c & (c - 1)) == 0'),
];
