/**
 * Floats, bit for bit but for the payload of NaN. Nothing is re-associated: `x + 1e16 - 1e16` is 0 at x = 1. The
 * identity of a sum is -0, for `-0 + 0` is 0; `x - x` is NaN at infinity; `x * 0` has a sign.
 *
 * A division by a power of two is a multiplication by its inverse: both round one exact quotient once, so they agree
 * where the result is subnormal, too, as long as the inverse itself is a number of the kind.
 */

import { rulesOver } from './notation.ts';
import { FLOATS, over, type Rule } from './pattern.ts';

const float = rulesOver('all', over(FLOATS));

export const floatRules: readonly Rule[] = [
  ...float('float-add-zero', 'x + -0 -> x'),
  ...float('float-sub-zero', 'x - 0 -> x'),
  ...float('float-zero-sub', '-0 - x -> -x'),
  ...float('div-power-of-two', 'x / c -> x * (1 / c) if power2(c)'),
  ...float('div-neg', '(-x) / (-y) -> x / y', '(-x) / c -> x / (-c)', 'c / (-x) -> (-c) / x'),
  ...float('neg-div', '-(x / c) -> x / (-c)'),
];
