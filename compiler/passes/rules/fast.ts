/**
 * Fast math: equal over the real numbers, and nothing more is claimed. Rounding, overflow, NaN, infinities and the sign
 * of zero may differ from what the program says, so these rules apply only when `fastMath` is asked for.
 */

import { rulesOver } from './notation.ts';
import { FLOATS, over, type Rule } from './pattern.ts';

const fast = rulesOver('fast-math', over(FLOATS));

export const fastRules: readonly Rule[] = [
  ...fast('fast-add-zero', 'x + 0 -> x'),
  ...fast('fast-sub-constant', 'x - c -> x + (-c)'),
  ...fast('fast-zero-sub', '0 - x -> -x'),
  ...fast('fast-mul-zero', 'x * 0 -> 0'),
  ...fast('fast-sub-same', 'x - x -> 0'),
  ...fast(
    'fast-cancel',
    '(x + y) - y -> x',
    '(x + y) - x -> y',
    '(x - y) + y -> x',
    'y + (x - y) -> x',
    'x - (x - y) -> y',
  ),
  ...fast('fast-neg-sub', '-(x - y) -> y - x'),
  ...fast('fast-add-add', '(x + c) + d -> x + (c + d)'),
  ...fast(
    'fast-constant-sub',
    '(c - x) + d -> (c + d) - x',
    'c - (x + d) -> (c - d) - x',
    'c - (d - x) -> x + (c - d)',
  ),
  ...fast('fast-mul-mul', '(x * c) * d -> x * (c * d)'),
  ...fast('fast-distribute', 'x * c + x * d -> x * (c + d)', 'x * c + x -> x * (c + 1)', 'x + x * c -> x * (c + 1)'),
  ...fast('fast-div-constant', 'x / c -> x * (1 / c) if c != 0'),
  ...fast('fast-pow', 'pow(x, 1) -> x', 'pow(x, 2) -> x * x', 'pow(x, 3) -> x * x * x', 'pow(x, -1) -> 1 / x'),
  ...fast('fast-not-order', '!(x < y) -> x >= y', '!(x <= y) -> x > y', '!(x > y) -> x <= y', '!(x >= y) -> x < y'),
];
