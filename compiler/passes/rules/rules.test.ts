import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { Builder, i64 } from '../../core/build.ts';
import { EXACT, type FloatMatch } from '../../core/compare.ts';
import { interpret } from '../../core/interp.ts';
import { printProgram } from '../../core/print.ts';
import { type Program, resultType } from '../../core/program.ts';
import { normalise, type ScalarValue } from '../../core/scalar.ts';
import { BOOL, I64, isFloatKind, isIntKind, isScalar, type ScalarType, type Type } from '../../core/types.ts';
import { InternalError, WeldError } from '../../diag/diagnostic.ts';
import { DEFAULT_PASS_OPTIONS } from '../../options.ts';
import { compareOutcomes, outcomeOf } from '../../testing/differential.ts';
import { arbRuleCase, type Operands, programOf, type RuleCase } from '../../testing/rule-case.ts';
import { runs } from '../../testing/runs.ts';
import { dce } from '../dce.ts';
import { fold } from '../fold.ts';
import { type Pass, runPasses } from '../pass.ts';
import { rewriteForward } from '../rewrite.ts';
import { evaluate, kindOf } from './constants.ts';
import { applyRules, indexRules } from './match.ts';
import { parsePattern, rule } from './notation.ts';
import {
  constsOf,
  isConstant,
  type Kinds,
  kindsKey,
  nodesOf,
  over,
  partsOf,
  type Rule,
  SCALARS,
  sortOf,
  varsOf,
} from './pattern.ts';
import { ALL_RULES } from './table.ts';

const title = (r: Rule): string => `${r.name}: ${r.text}`;
const TABLE = ALL_RULES.map((r) => [title(r), r] as const);

/** A pass of some rules, all their preconditions on the program granted; `seen` gets the rules that apply. */
function only(rules: readonly Rule[], seen: Set<Rule> = new Set()): Pass {
  const index = indexRules(rules);
  return {
    name: 'only',
    doc: 'some rules',
    run: (p) =>
      rewriteForward(p, {
        visit(op, sym, fw) {
          const found = applyRules(index, op, sym, { fw, safe: () => true, once: () => true, enabled: () => true });
          if (found !== undefined) seen.add(found.rule);
          return found?.verdict;
        },
      }),
  };
}
const apply = (p: Program, pass: Pass): Program => runPasses(p, [pass], DEFAULT_PASS_OPTIONS).program;

/** What a run of fold with the given switches fired. */
function fired(p: Program, disable: readonly string[] = []): readonly string[] {
  const { trace } = runPasses(p, [fold], { ...DEFAULT_PASS_OPTIONS, check: true, fastMath: true, disable });
  return Object.keys(trace[0]?.fired ?? {});
}
const allBut = (name: string): readonly string[] => (fold.rules ?? []).filter((n) => n !== name);

/** On whole numbers real arithmetic rounds only where a constant was divided: 2 roundings more. */
const matchOf = (r: Rule, c: RuleCase): FloatMatch =>
  r.sound === 'fast-math' ? { match: 'rel', within: c.kinds.T === 'f32' ? 2 ** -22 : 2 ** -51 } : EXACT;

describe('the table', () => {
  test.each(TABLE)('%s', (_title, r) => {
    expect(r.name).toMatch(/^[a-z]+(-[a-z]+)*$/);
    const names = (p: Rule['left']): readonly string[] => [...varsOf(p).map((v) => v.name), ...constsOf(p)];
    for (const name of names(r.right)) expect(names(r.left)).toContain(name);
    if (r.when !== null) expect(isConstant(r.when)).toBe(true);
    // The root of the left side is an operation that is not computed at once.
    expect(isConstant(r.left)).toBe(false);
    for (const kinds of r.kinds) {
      const used = Object.values(kinds);
      if (r.sound === 'int') expect(used.some(isFloatKind)).toBe(false);
      if (r.sound === 'fast-math') expect(used.every(isFloatKind)).toBe(true);
      expect(
        sortOf(r.right) === sortOf(r.left) || kindOf(sortOf(r.left), kinds) === kindOf(sortOf(r.right), kinds),
      ).toBe(true);
      // What is computed of constants when the rule fires cannot fail.
      for (const n of nodesOf(r.right)) {
        if (n.p === 'bin' && isConstant(n) && isIntKind(kindOf(sortOf(n.a), kinds))) expect('/%').not.toContain(n.op);
      }
    }
    // A constant to compute is never an operand of its own on the left: it would have been computed.
    for (const n of nodesOf(r.left)) if (partsOf(n).length > 0) expect(isConstant(n)).toBe(false);
  });

  test('no rule stands twice, and those that cost more than the root are few', () => {
    const lines = ALL_RULES.flatMap((r) => r.kinds.map((k) => `${r.sound === 'fast-math'} ${r.text} ${kindsKey(k)}`));
    expect(new Set(lines).size).toBe(lines.length);
    expect([...new Set(ALL_RULES.filter((r) => r.needsOnce).map((r) => r.name))]).toEqual([
      'de-morgan',
      'neg-div',
      'select-join',
    ]);
  });
});

describe('every rule keeps the value on random operands, and is reached in the table', () => {
  test.each(TABLE)('%s', (_title, r) => {
    const [seen, reached] = [new Set<Rule>(), new Set<Rule>()];
    const others = r.sound === 'fast-math' ? ALL_RULES : ALL_RULES.filter((o) => o.sound !== 'fast-math');
    const [alone, together] = [only([r], seen), only(others, reached)];
    fc.assert(
      fc.property(arbRuleCase(r, r.sound === 'fast-math'), (c) => {
        const p = programOf(r.left, r, c.kinds, c.consts, c.any);
        const want = outcomeOf(() => interpret(p, c.args));
        seen.clear();
        for (const pass of [alone, together]) {
          const after = apply(p, pass);
          const got = outcomeOf(() => interpret(after, c.args));
          const diff = compareOutcomes(resultType(p), want, got, matchOf(r, c));
          if (diff !== null) throw new Error(`${diff}\n${printProgram(p)}\n${printProgram(after)}`);
        }
        return seen.has(r);
      }),
      runs(4711),
    );
    expect(reached.has(r), 'no other rule always comes first').toBe(true);
  });
});

describe('preconditions', () => {
  const ANY = I64;
  /** A case of the rule, always the same one. */
  const sample = (r: Rule): RuleCase => fc.sample(arbRuleCase(r, true), { seed: 7, numRuns: 1 })[0] ?? never();
  const never = (): never => {
    throw new Error('a rule has a case');
  };
  /** Operands of which those named are made of a division by the parameter `d`. */
  const risky =
    (names: ReadonlySet<string>): Operands =>
    (b, name, ty) => {
      if (!names.has(name)) return b.param(ty, name);
      const quotient = b.bin('/', i64(1), b.param(I64, 'd'));
      if (ty === I64) return quotient;
      return ty === BOOL ? b.bin('==', quotient, i64(0)) : b.emit({ kind: 'cast', to: scalarOf(ty), a: quotient });
    };
  const scalarOf = (ty: Type): ScalarType => (isScalar(ty) ? ty : never());

  const dropping = TABLE.filter(([, r]) => r.dropped.length > 0);
  test.each(dropping)('an operand that can fail is not dropped: %s', (_title, r) => {
    const { kinds, consts } = sample(r);
    const left = (names: readonly string[]): Program => programOf(r.left, r, kinds, consts, ANY, risky(new Set(names)));
    const kept = varsOf(r.left).flatMap((v) => (r.dropped.includes(v.name) ? [] : [v.name]));
    expect(fired(left(kept), allBut(r.name)), 'operands that stay may fail').toEqual([r.name]);
    for (const name of r.dropped) expect(fired(left([name]), allBut(r.name))).toEqual([]);
    const p = left(r.dropped);
    const { program } = runPasses(p, [fold, dce], { ...DEFAULT_PASS_OPTIONS, fastMath: r.sound === 'fast-math' });
    const zeros = p.body.params.map((s) => zeroOf(p.syms.type(s)));
    expect(outcomeOf(() => interpret(program, zeros))).toEqual(outcomeOf(() => interpret(p, zeros)));
  });
  const zeroOf = (ty: Type): ScalarValue => (isScalar(ty) ? normalise(ty.scalar, 0) : never());

  test.each(TABLE)('other kinds are left alone, and the switch works: %s', (_title, r) => {
    const { kinds, consts } = sample(r);
    const p = programOf(r.left, r, kinds, consts, ANY);
    expect(fired(p, allBut(r.name))).toEqual([r.name]);
    expect(fired(p, fold.rules ?? [])).toEqual([]);
    expect(fired(p, [r.name])).not.toContain(r.name);
    const { trace } = runPasses(p, [fold], DEFAULT_PASS_OPTIONS);
    if (r.sound === 'fast-math') expect(Object.keys(trace[0]?.fired ?? {})).not.toContain(r.name);
    if (nodesOf(r.left).some((n) => n.p === 'cast')) return;
    for (const k of over(SCALARS)) {
      if (kinds.T === undefined || r.allowed.has(kindsKey(k)) || !allows(r, k)) continue;
      const other = programOf(r.left, r, k, new Map([...consts.keys()].map((c) => [c, normalise(k.T ?? 'bool', 2)])));
      // A rule of the same name may say it of the other kind.
      if (apply(other, only([r])) !== other) throw new Error(`fires for ${k.T}`);
    }
  });
  /** The left side is well typed with operands of this kind. */
  function allows(r: Rule, k: Kinds): boolean {
    try {
      programOf(r.left, r, k, new Map(constsOf(r.left).map((c) => [c, normalise(k.T ?? 'bool', 2)])));
      return true;
    } catch (e) {
      if (e instanceof WeldError) return false;
      throw e;
    }
  }

  test.each(TABLE.filter(([, r]) => r.when !== null))('constants must meet the condition: %s', (_title, r) => {
    for (const kinds of r.kinds) {
      const bad = [0, 3, 7, -1]
        .map(
          (v) =>
            new Map(constsOf(r.left).map((c, k) => [c, normalise(kinds.T ?? 'bool', k === 0 ? v : 4 - v)] as const)),
        )
        .filter((c) => r.when !== null && evaluate(r.when, kinds, c) !== true);
      expect(bad.length).toBeGreaterThan(0);
      for (const consts of bad) {
        const p = programOf(r.left, r, kinds, consts);
        expect(apply(p, only([r]))).toBe(p);
      }
    }
  });

  test('two negations become one only where nobody else reads them', () => {
    const program = (more: boolean): Program => {
      const b = new Builder();
      const [p, q] = [b.un('not', b.param(BOOL, 'p')), b.un('not', b.param(BOOL, 'q'))];
      const both = b.bin('&&', p, q);
      return b.finish(more ? b.struct([both, p]) : both);
    };
    expect(fired(program(false))).toEqual(['de-morgan']);
    expect(fired(program(true))).toEqual([]);
  });
});

describe('the notation', () => {
  test('precedence, signs and calls', () => {
    const text = (s: string): string => JSON.stringify(parsePattern(s));
    expect(text('x + c * -y')).toBe(text('x + (c * (-y))'));
    expect(text('x < y || p && q')).toBe(text('(x < y) || (p && q)'));
    expect(text('x - y - z')).toBe(text('(x - y) - z'));
    expect(parsePattern('-0')).toEqual({ p: 'num', value: -0 });
    expect(parsePattern('!select(p, q, T(U(x)) == x)').p).toBe('un');
  });
  test.each(['x +', 'x + k', 'min(x)', 'x # y', '(x', 'x y', 'T(x, y)'])('%s is refused', (s) => {
    expect(() => parsePattern(s)).toThrow(InternalError);
  });
  test('what is dropped and what it costs', () => {
    const r = rule('r', 'all', over(['i32']), 'select(p, x / y, x) -> x');
    expect([r.dropped, r.needsOnce]).toEqual([['p', 'y'], false]);
    expect(rule('r', 'all', over(['i32']), 'x + y -> x / y').needsOnce).toBe(true);
  });
});
