/**
 * THE table of algebraic rules, in the order in which they are tried. A rule enters it with its proof: the deep suite
 * proves every line for every kind it lists (`rules.proof.test.ts`).
 */

import { bitsRules } from './bits.ts';
import { boolRules } from './bool.ts';
import { canonicalRules } from './canonical.ts';
import { castRules } from './cast.ts';
import { compareRules } from './compare.ts';
import { fastRules } from './fast.ts';
import { floatRules } from './float.ts';
import { intRules } from './int.ts';
import { indexRules, type RuleIndex } from './match.ts';
import { minMaxRules } from './min-max.ts';
import { negateRules } from './negate.ts';
import type { Rule } from './pattern.ts';
import { selectRules } from './select.ts';

/** Sound on every input. */
export const EXACT_RULES: readonly Rule[] = [
  ...canonicalRules,
  ...boolRules,
  ...negateRules,
  ...intRules,
  ...floatRules,
  ...bitsRules,
  ...compareRules,
  ...minMaxRules,
  ...selectRules,
  ...castRules,
];
export const ALL_RULES: readonly Rule[] = [...EXACT_RULES, ...fastRules];
/** The names of all rules, each once. */
export const RULE_NAMES: readonly string[] = [...new Set(ALL_RULES.map((r) => r.name))];

const exact = indexRules(EXACT_RULES);
const all = indexRules(ALL_RULES);
/** The rules that apply, with or without fast math. */
export const rulesFor = (fastMath: boolean): RuleIndex => (fastMath ? all : exact);
