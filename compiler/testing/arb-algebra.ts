/**
 * Random scalar code that the optimizer's algebra has something to say about: the left side of a rule, with the kinds
 * and literals that it asks for, over operands in scope. Code drawn at random rarely looks like `(x ^ y) ^ y`, so a
 * corpus without this would test few of the rules among the others, and in the middle of programs.
 */

import type { Atom } from '../core/op.ts';
import { normalise, type ScalarValue } from '../core/scalar.ts';
import { appender, BOOL, type ScalarKind, type ScalarType, scalar, struct, type VecType } from '../core/types.ts';
import { evaluate, kindOf } from '../passes/rules/constants.ts';
import { constsOf, type Kinds, type Rule, varsOf } from '../passes/rules/pattern.ts';
import { ALL_RULES } from '../passes/rules/table.ts';
import { plain } from './arb-builder.ts';
import type { Gen } from './arb-gen.ts';
import { ONE, type Scope, structSize, type Var } from './arb-scope.ts';
import { SCALARS } from './arb-types.ts';
import { type Consts, emitPattern } from './rule-case.ts';

/** What makes conditions on literals true: powers of two of either sign, and pairs in either order. */
const FEW: readonly number[] = [2, 8, 1, -1, 3, 0.25, -4, 0];
/** Draws before one of those is taken. */
const DRAWS = 3;
/** Rules that only some programs are optimized with count twice. */
const TABLE: readonly Rule[] = [...ALL_RULES, ...ALL_RULES.filter((r) => r.sound === 'fast-math')];
/** More than the rules that one row takes. */
const MOST_RULES = 28;

export class AlgebraGen {
  readonly #gen: Gen;
  constructor(gen: Gen) {
    this.#gen = gen;
  }

  /** A map to structs of such code; nothing when there is none in it. */
  column(of: Var<VecType>, scope: Scope): readonly Var[] {
    const { b, tape, walks, loops } = this.#gen;
    const fields = Array.from({ length: tape.pick(MOST_RULES) }, () => tape.choose(SCALARS));
    if (fields.length === 0) return [];
    const walk = walks.along([of]);
    return loops.filled(plain(appender(struct(fields))), walk, (acc, i, elems) => {
      const inner = walks.body(scope, walk, i, elems);
      const row = b.struct(fields.map((ty) => this.expr(ty, inner, 1)));
      const size = structSize(fields.map(() => ONE));
      return { builder: b.merge(acc, row), tallies: [{ least: 1, most: 1, size }] };
    });
  }

  /** Code for a scalar of type `ty` that a rule would rewrite. */
  expr(ty: ScalarType, scope: Scope, depth: number): Atom {
    const { b, tape, scalars } = this.#gen;
    const rule = TABLE[tape.pick(TABLE.length + 4)];
    if (rule === undefined) return this.#same(ty, scope, depth);
    const kinds = rule.kinds[tape.pick(rule.kinds.length)] ?? {};
    const operand = (of: ScalarType): Atom =>
      tape.pick(3) === 0 ? scalars.expr(of, scope, depth - 1) : scalars.leaf(of, scope);
    const atoms = new Map(
      varsOf(rule.left).map((v) => [v.name, operand(v.sort === 'any' ? ty : scalar(kindOf(v.sort, kinds)))]),
    );
    const value = emitPattern(b, rule.left, kinds, this.#literals(rule, kinds), atoms);
    return b.cast(ty, value);
  }

  /** A choice between a value and itself. */
  #same(ty: ScalarType, scope: Scope, depth: number): Atom {
    const { b, scalars } = this.#gen;
    const [cond, value] = [scalars.expr(BOOL, scope, depth - 1), scalars.leaf(ty, scope)];
    return b.if(
      cond,
      () => value,
      () => value,
    );
  }

  /** Literals for the constants of a rule that meet its condition. */
  #literals(rule: Rule, kinds: Kinds): Consts {
    const { tape } = this.#gen;
    const names = constsOf(rule.left);
    const [kind] = names.length === 0 ? [] : [kindOf('T', kinds)];
    if (kind === undefined) return new Map();
    const good = (c: Consts): boolean => rule.when === null || evaluate(rule.when, kinds, c) === true;
    for (let k = 0; k < DRAWS; k++) {
      const drawn = new Map(names.map((name) => [name, this.#literal(kind)]));
      if (good(drawn)) return drawn;
    }
    const start = tape.pick(FEW.length);
    const few = FEW.map((_, k) => normalise(kind, FEW[(start + k) % FEW.length] ?? 0));
    return combinations(names, few).find(good) ?? new Map(names.map((name) => [name, normalise(kind, 1)]));
  }
  #literal(kind: ScalarKind): ScalarValue {
    const { tape, scalars } = this.#gen;
    if (tape.pick(2) === 0) return normalise(kind, FEW[tape.pick(FEW.length)] ?? 0);
    return scalars.literal(scalar(kind)).lit;
  }
}

/** Every way to give each name one of the values. */
function combinations(names: readonly string[], values: readonly ScalarValue[]): readonly Consts[] {
  return names.reduce<readonly Consts[]>(
    (all, name) => all.flatMap((c) => values.map((v) => new Map([...c, [name, v]]))),
    [new Map()],
  );
}
