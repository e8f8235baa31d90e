/**
 * Signs: a negation is moved into a neighbour or meets another one. On floats only the sign bit moves, so these hold
 * for zeros, infinities and NaN. What holds for integers alone is in `int.ts`, for floats alone in `float.ts`.
 */

import { rulesOver } from './notation.ts';
import { FLOATS, NUMBERS, over, type Rule, SIGNED } from './pattern.ts';

const all = rulesOver('all', over(NUMBERS));

export const negateRules: readonly Rule[] = [
  ...all('double-negation', '-(-x) -> x'),
  ...all('sub-neg', 'x - (-y) -> x + y'),
  ...all('add-neg', 'x + (-y) -> x - y', '(-x) + y -> y - x'),
  ...all('mul-neg', '(-x) * (-y) -> x * y', '(-x) * c -> x * (-c)'),
  ...all('neg-mul', '-(x * c) -> x * (-c)'),
  ...all('mul-minus-one', 'x * -1 -> -x'),
  // Unsigned -1 is the largest value.
  ...rulesOver('all', over([...SIGNED, ...FLOATS]))('div-minus-one', 'x / -1 -> -x'),
  ...all('eq-neg', '-x == -y -> x == y', '-x != -y -> x != y', '-x == c -> x == -c', '-x != c -> x != -c'),
];
