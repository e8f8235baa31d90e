/**
 * What an algebraic rule is: data, and nothing but data. One pair of patterns drives the matcher (`match.ts`), the
 * proof (`compiler/testing/smt`) and the random tests, so what is proved is what runs.
 *
 *     rule('int-add-add', 'int', over(INTS), '(x + c) + d -> x + (c + d)')
 *
 * Variables are letters, and the letter says what they stand for:
 *
 *     x y z   an operand of the kind T        p q r   a bool operand        u v w   an operand of any type
 *     c d e   a literal of the kind T         0 -1 MIN MAX true   a literal (MIN and MAX: the extremes of T)
 *
 * T, U and V are kinds: `T(U(x))` casts there and back. A rule lists the kinds that it holds for, each is proved. What
 * the right side computes of literals alone is computed when the rule fires. A condition on literals follows `if`.
 *
 * The laws of the house, checked by `rules.test.ts`: a rule goes one way and what it makes costs no more than what it
 * replaces; where it does, the operations that it looks through must have no other reader (`needsOnce`). An operand
 * that the right side no longer reads (`dropped`) must be free of failures.
 */

import { binCost, unCost } from '../../analysis/price.ts';
import type { BinOp, UnOp } from '../../core/op.ts';
import { COMPARISONS } from '../../core/op.ts';
import { identityOf, normalise, type ScalarValue } from '../../core/scalar.ts';
import { isFloatKind, isIntKind, isSignedKind, SCALAR_KINDS, type ScalarKind } from '../../core/types.ts';

export type KindVar = 'T' | 'U' | 'V';
/** What a pattern stands for: a scalar of a kind that is looked up, a bool, or a value of any type. */
export type Sort = KindVar | 'bool' | 'any';

export type Pattern =
  | { readonly p: 'var'; readonly name: string; readonly sort: Sort }
  /** A literal of kind T, whatever its value. */
  | { readonly p: 'const'; readonly name: string }
  /** The literal of kind T that stands for this number. */
  | { readonly p: 'num'; readonly value: number | 'MIN' | 'MAX' }
  | { readonly p: 'bool'; readonly value: boolean }
  | { readonly p: 'bin'; readonly op: BinOp; readonly a: Pattern; readonly b: Pattern }
  | { readonly p: 'un'; readonly op: UnOp; readonly a: Pattern }
  | { readonly p: 'cast'; readonly to: KindVar; readonly a: Pattern }
  | { readonly p: 'select'; readonly cond: Pattern; readonly a: Pattern; readonly b: Pattern }
  /** In conditions: the float is a power of two of either sign, it and its inverse are normal numbers. */
  | { readonly p: 'power2'; readonly a: Pattern };

/**
 * For what arithmetic a rule holds. `all`: as the semantics have it, on every kind that the rule lists, floats
 * included. `int`: integers and bools, exact under wrap-around. `fast-math`: over the real numbers, so floats may
 * differ in rounding, overflow, NaN and the sign of zero; applied when `fastMath` is asked for.
 */
export type Soundness = 'all' | 'int' | 'fast-math';
export type Kinds = Readonly<Partial<Record<KindVar, ScalarKind>>>;

export interface Rule {
  /** kebab-case, what it applies to first. Several rules may share a name when they say one thing. */
  readonly name: string;
  readonly sound: Soundness;
  readonly kinds: readonly Kinds[];
  /** The same choices of kinds as keys (`kindsKey`), to be looked up. */
  readonly allowed: ReadonlySet<string>;
  readonly left: Pattern;
  readonly right: Pattern;
  readonly when: Pattern | null;
  /** The rule as it was written. */
  readonly text: string;
  /** The operands of the left side that the right side does not read. */
  readonly dropped: readonly string[];
  /** What the right side makes costs more than the root of the left side. */
  readonly needsOnce: boolean;
}

export const INTS = SCALAR_KINDS.filter(isIntKind);
export const SIGNED = INTS.filter(isSignedKind);
export const UNSIGNED = INTS.filter((k) => !isSignedKind(k));
export const FLOATS = SCALAR_KINDS.filter(isFloatKind);
export const NUMBERS: readonly ScalarKind[] = [...INTS, ...FLOATS];
/** Kinds on which comparisons are a total order, and equal values the same value. */
export const ORDERED: readonly ScalarKind[] = ['bool', ...INTS];
export const SCALARS: readonly ScalarKind[] = SCALAR_KINDS;
/** A rule on bools or on any type has no kinds to choose. */
export const NO_KINDS: readonly Kinds[] = [{}];

/** A rule for each of these kinds T. */
export const over = (kinds: readonly ScalarKind[]): readonly Kinds[] => kinds.map((T) => ({ T }));
export const kindsKey = (k: Kinds): string => `${k.T ?? ''},${k.U ?? ''},${k.V ?? ''}`;

/** The value of a literal pattern in a kind. */
export function numberIn(kind: ScalarKind, value: number | 'MIN' | 'MAX'): ScalarValue {
  if (typeof value === 'number') return normalise(kind, value);
  if (kind === 'bool') return value === 'MAX';
  // The smallest value is what `max` starts from, the largest what `min` does.
  return identityOf(value === 'MIN' ? 'max' : 'min', kind);
}

/** The sort of a pattern's value. */
export function sortOf(p: Pattern): Sort {
  switch (p.p) {
    case 'var':
      return p.sort;
    case 'const':
    case 'num':
      return 'T';
    case 'bool':
    case 'power2':
      return 'bool';
    case 'bin':
      return COMPARISONS.has(p.op) || p.op === '&&' || p.op === '||' ? 'bool' : sortOf(p.a);
    case 'un':
      return sortOf(p.a);
    case 'cast':
      return p.to;
    case 'select':
      return sortOf(p.a);
    default:
      return p satisfies never;
  }
}

/** The parts of a pattern. */
export function partsOf(p: Pattern): readonly Pattern[] {
  switch (p.p) {
    case 'var':
    case 'const':
    case 'num':
    case 'bool':
      return [];
    case 'bin':
      return [p.a, p.b];
    case 'un':
    case 'cast':
    case 'power2':
      return [p.a];
    case 'select':
      return [p.cond, p.a, p.b];
    default:
      return p satisfies never;
  }
}

/** A pattern and all that is inside it. */
export const nodesOf = (p: Pattern): readonly Pattern[] => [p, ...partsOf(p).flatMap(nodesOf)];
export type VarPattern = Extract<Pattern, { readonly p: 'var' }>;

/** The operands that a pattern names, each once. */
export function varsOf(p: Pattern): readonly VarPattern[] {
  const byName = new Map<string, VarPattern>();
  for (const n of nodesOf(p)) if (n.p === 'var') byName.set(n.name, n);
  return [...byName.values()];
}
/** The names of the literals of any value, each once. */
export const constsOf = (p: Pattern): readonly string[] => [
  ...new Set(nodesOf(p).flatMap((n) => (n.p === 'const' ? [n.name] : []))),
];
/** True when a pattern is made of literals only. */
export const isConstant = (p: Pattern): boolean => nodesOf(p).every((n) => n.p !== 'var');

/** What the operation at the root of a pattern costs, without its parts. */
export function rootCost(p: Pattern): number {
  switch (p.p) {
    case 'bin':
      return binCost(p.op);
    case 'un':
      return unCost(p.op);
    case 'cast':
    case 'select':
      return 1;
    default:
      return 0;
  }
}
/** What it costs to compute a pattern from its variables. */
export const costOf = (p: Pattern): number =>
  isConstant(p) ? 0 : partsOf(p).reduce((sum, q) => sum + costOf(q), rootCost(p));
