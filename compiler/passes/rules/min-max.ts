/**
 * `min` and `max`. On floats they give NaN if either side is NaN and order -0 below +0, so an operand may only go where
 * it is the other one: `min(x, smallest)` is not the smallest for NaN.
 */

import { rulesOver } from './notation.ts';
import { INTS, NUMBERS, over, type Rule } from './pattern.ts';

const numbers = rulesOver('all', over(NUMBERS));
const int = rulesOver('int', over(INTS));

export const minMaxRules: readonly Rule[] = [
  ...numbers('min-max-same', 'min(x, x) -> x', 'max(x, x) -> x'),
  ...numbers('min-max-identity', 'min(x, MAX) -> x', 'max(x, MIN) -> x'),
  ...int('int-min-max-extreme', 'min(x, MIN) -> MIN', 'max(x, MAX) -> MAX'),
  ...numbers('min-min', 'min(min(x, c), d) -> min(x, min(c, d))'),
  ...numbers('max-max', 'max(max(x, c), d) -> max(x, max(c, d))'),
  ...numbers(
    'min-max-again',
    'min(min(x, y), y) -> min(x, y)',
    'min(min(x, y), x) -> min(x, y)',
    'min(y, min(x, y)) -> min(x, y)',
    'min(x, min(x, y)) -> min(x, y)',
    'max(max(x, y), y) -> max(x, y)',
    'max(max(x, y), x) -> max(x, y)',
    'max(y, max(x, y)) -> max(x, y)',
    'max(x, max(x, y)) -> max(x, y)',
  ),
  ...int(
    'int-min-max-absorb',
    'min(x, max(x, y)) -> x',
    'min(x, max(y, x)) -> x',
    'min(max(x, y), x) -> x',
    'min(max(y, x), x) -> x',
    'max(x, min(x, y)) -> x',
    'max(x, min(y, x)) -> x',
    'max(min(x, y), x) -> x',
    'max(min(y, x), x) -> x',
  ),
  ...int('int-empty-range', 'max(min(x, c), d) -> d if c <= d', 'min(max(x, c), d) -> d if d <= c'),
];
