/**
 * `select`, which evaluates both sides: a side that is not chosen may only go if it is free of failures. Values of any
 * type are chosen, so most of these hold for any type.
 */

import { rulesOver } from './notation.ts';
import { INTS, NO_KINDS, ORDERED, over, type Rule } from './pattern.ts';

const any = rulesOver('all', NO_KINDS);
const ordered = rulesOver('int', over(ORDERED));
const int = rulesOver('int', over(INTS));

export const selectRules: readonly Rule[] = [
  ...any('select-constant', 'select(true, u, v) -> u', 'select(false, u, v) -> v'),
  ...any('select-same', 'select(p, u, u) -> u'),
  ...any('select-not', 'select(!p, u, v) -> select(p, v, u)'),
  ...any(
    'select-known',
    'select(p, u, select(p, v, w)) -> select(p, u, w)',
    'select(p, select(p, u, v), w) -> select(p, u, w)',
  ),
  ...any(
    'select-bool',
    'select(p, true, false) -> p',
    'select(p, false, true) -> !p',
    'select(p, q, false) -> p && q',
    'select(p, true, q) -> p || q',
  ),
  // Two choices of one value become one: only where the inner one has no other reader.
  ...any(
    'select-join',
    'select(p, select(q, u, v), v) -> select(p && q, u, v)',
    'select(p, u, select(q, u, v)) -> select(p || q, u, v)',
  ),
  // Not on floats: -0 == +0, and min and max keep a NaN that a comparison passes over.
  ...ordered(
    'select-equal',
    'select(x == y, x, y) -> y',
    'select(x == y, y, x) -> x',
    'select(x != y, x, y) -> x',
    'select(x != y, y, x) -> y',
  ),
  ...int(
    'select-min',
    'select(x < y, x, y) -> min(x, y)',
    'select(x <= y, x, y) -> min(x, y)',
    'select(x > y, y, x) -> min(x, y)',
    'select(x >= y, y, x) -> min(x, y)',
  ),
  ...int(
    'select-max',
    'select(x > y, x, y) -> max(x, y)',
    'select(x >= y, x, y) -> max(x, y)',
    'select(x < y, y, x) -> max(x, y)',
    'select(x <= y, y, x) -> max(x, y)',
  ),
];
