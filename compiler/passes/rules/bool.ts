/**
 * Bools. `&&` and `||` are strict in Core, both sides are evaluated, so a side that no longer counts must be free of
 * failures before it may go.
 */

import { rulesOver } from './notation.ts';
import { NO_KINDS, type Rule } from './pattern.ts';

const bool = rulesOver('all', NO_KINDS);

export const boolRules: readonly Rule[] = [
  ...bool('double-negation', '!(!p) -> p'),
  ...bool('and-constant', 'p && true -> p', 'p && false -> false'),
  ...bool('or-constant', 'p || false -> p', 'p || true -> true'),
  ...bool('bool-same', 'p && p -> p', 'p || p -> p'),
  ...bool('bool-contradiction', 'p && !p -> false', '!p && p -> false', 'p || !p -> true', '!p || p -> true'),
  ...bool('bool-eq-constant', 'p == true -> p', 'p == false -> !p', 'p != false -> p', 'p != true -> !p'),
  ...bool('xor-constant', 'p ^ true -> !p', 'p ^ false -> p'),
  ...bool('xor-same', 'p ^ p -> false', 'p ^ !p -> true', '!p ^ p -> true'),
  ...bool('not-eq-not', '!p == !q -> p == q', '!p != !q -> p != q', '!p == q -> p != q', '!p != q -> p == q'),
  ...bool(
    'bool-absorb',
    'p && (p || q) -> p',
    'p && (q || p) -> p',
    '(p || q) && p -> p',
    '(q || p) && p -> p',
    'p || (p && q) -> p',
    'p || (q && p) -> p',
    '(p && q) || p -> p',
    '(q && p) || p -> p',
  ),
  ...bool(
    'bool-implied',
    'p && (!p || q) -> p && q',
    'p && (q || !p) -> p && q',
    'p || (!p && q) -> p || q',
    'p || (q && !p) -> p || q',
  ),
  // Two negations become one: only where the two have no other reader.
  ...bool('de-morgan', '!p && !q -> !(p || q)', '!p || !q -> !(p && q)'),
];
