/**
 * Programs made of the patterns of an algebraic rule: for tests that run a rule, and for those that run what a solver
 * says is wrong with one.
 *
 * Operands are the parameters of the program, in the order of `varsOf`; constants are literals.
 */

import fc from 'fast-check';
import { Builder, lit } from '../core/build.ts';
import type { IValue } from '../core/ivalue.ts';
import type { Atom } from '../core/op.ts';
import type { Program } from '../core/program.ts';
import { identityOf, normalise, type ScalarValue } from '../core/scalar.ts';
import { BOOL, F64, I64, isFloatKind, type ScalarKind, scalar, struct, type Type, vec } from '../core/types.ts';
import { InternalError } from '../diag/diagnostic.ts';
import { evaluate, kindOf } from '../passes/rules/constants.ts';
import { constsOf, type Kinds, type Pattern, type Rule, type Sort, sortOf, varsOf } from '../passes/rules/pattern.ts';

export type Consts = ReadonlyMap<string, ScalarValue>;
/** What stands for the operands: makes the atom of a variable, given its type. */
export type Operands = (b: Builder, name: string, ty: Type) => Atom;

const asParam: Operands = (b, name, ty) => b.param(ty, name);

/** Code for a pattern, given the atoms of its operands and the values of its constants. */
export function emitPattern(
  b: Builder,
  p: Pattern,
  kinds: Kinds,
  consts: Consts,
  operands: ReadonlyMap<string, Atom>,
): Atom {
  const value = (q: Pattern): Atom => {
    switch (q.p) {
      case 'var': {
        const a = operands.get(q.name);
        if (a === undefined) throw new InternalError(`the left side has no ${q.name}`);
        return a;
      }
      case 'bin':
        return b.bin(q.op, value(q.a), value(q.b));
      case 'un':
        return b.un(q.op, value(q.a));
      case 'cast':
        return b.emit({ kind: 'cast', to: scalar(kindOf(q.to, kinds)), a: value(q.a) });
      case 'select':
        return b.select(value(q.cond), value(q.a), value(q.b));
      default:
        return lit(kindOf(sortOf(q), kinds), evaluate(q, kinds, consts));
    }
  };
  return value(p);
}

/** The program that computes a pattern; its operands are those of `rule`'s left side, read or not. */
export function programOf(
  p: Pattern,
  rule: Rule,
  kinds: Kinds,
  consts: Consts,
  any: Type = I64,
  operand: Operands = asParam,
): Program {
  const b = new Builder();
  const atoms = new Map(varsOf(rule.left).map((v) => [v.name, operand(b, v.name, typeOfSort(v.sort, kinds, any))]));
  return b.finish(emitPattern(b, p, kinds, consts, atoms));
}

const typeOfSort = (s: Sort, kinds: Kinds, any: Type): Type =>
  s === 'any' ? any : s === 'bool' ? BOOL : scalar(kindOf(s, kinds));

/** Types for operands of any type, and a few values of each. */
const ANY: readonly (readonly [Type, readonly IValue[]])[] = [
  [F64, [0, -0, Number.NaN, 1.5]],
  [vec(I64), [[], [1n], [1n, 2n]]],
  [struct([BOOL, F64]), [true, false].flatMap((x) => [0, Number.NaN].map((y) => ({ kind: 'struct', fields: [x, y] })))],
];

/** A choice of everything that a rule leaves open. */
export interface RuleCase {
  readonly kinds: Kinds;
  readonly consts: Consts;
  readonly any: Type;
  readonly args: readonly IValue[];
}

/** Random cases of a rule; with `tame`, small whole numbers, on which real arithmetic is exact. */
export function arbRuleCase(rule: Rule, tame: boolean): fc.Arbitrary<RuleCase> {
  const names = constsOf(rule.left);
  return fc.tuple(fc.constantFrom(...rule.kinds), fc.constantFrom(...ANY)).chain(([kinds, [any, values]]) => {
    const scalars = (k: ScalarKind): fc.Arbitrary<ScalarValue> => (tame ? tameScalar(k) : arbScalar(k));
    const consts = fc
      .tuple(...names.map(() => scalars(kinds.T ?? 'bool')))
      .map((vs) => new Map(names.map((name, k) => [name, vs[k] ?? 0] as const)))
      .filter((c) => rule.when === null || evaluate(rule.when, kinds, c) === true);
    const args = fc.tuple(
      ...varsOf(rule.left).map((v) => (v.sort === 'any' ? fc.constantFrom(...values) : scalars(kindOf(v.sort, kinds)))),
    );
    return fc.record({ kinds: fc.constant(kinds), consts, any: fc.constant(any), args });
  });
}

/** Numbers of which some are equal, some extreme, some powers of two. */
export function arbScalar(k: ScalarKind): fc.Arbitrary<ScalarValue> {
  if (k === 'bool') return fc.boolean();
  const few = fc.constantFrom(0, 1, -1, 2, 3, -3, 8).map((v) => normalise(k, v));
  const ends = fc.constantFrom(identityOf('min', k), identityOf('max', k));
  if (!isFloatKind(k))
    return fc.oneof(
      few,
      few,
      ends,
      fc.bigInt({ min: 0n, max: 2n ** 64n - 1n }).map((v) => wrapped(k, v)),
    );
  const odd = fc.constantFrom(-0, Number.NaN, 0.1, 1e16, 1e30, 2 ** -149, 5e-324, 0.25, -1024, 2 ** 100);
  const bits = k === 'f32' ? fc.float() : fc.double();
  return fc.oneof(
    few,
    ends,
    odd.map((v) => normalise(k, v)),
    bits,
  );
}
const wrapped = (k: ScalarKind, v: bigint): ScalarValue =>
  k === 'i64' || k === 'u64' ? normalise(k, v) : normalise(k, Number(BigInt.asIntN(32, v)));

const tameScalar = (k: ScalarKind): fc.Arbitrary<ScalarValue> =>
  k === 'bool' ? fc.boolean() : fc.integer({ min: -9, max: 9 }).map((v) => normalise(k, v));
