/**
 * Every rule of the table is proved, for every kind it lists. The deep suite (`WELD_DEEP=1`) proves all widths and
 * prints a table; the quick one those of 8 bits, bools, values of any type and the real numbers.
 *
 * And the proofs can fail: rules that look right are refuted, each with a counterexample that the interpreter confirms.
 */

import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { interpret } from '../../core/interp.ts';
import { resultType } from '../../core/program.ts';
import type { ScalarKind } from '../../core/types.ts';
import { compareOutcomes, type Outcome, outcomeOf } from '../../testing/differential.ts';
import { programOf } from '../../testing/rule-case.ts';
import { isDeep } from '../../testing/runs.ts';
import { claimsOf } from '../../testing/smt/claim.ts';
import { openSolver, type Solver } from '../../testing/smt/solver.ts';
import { rule } from './notation.ts';
import { constsOf, type Kinds, type Pattern, type Rule, varsOf } from './pattern.ts';
import { ALL_RULES } from './table.ts';

/** For one question. */
const MINUTE = 60_000;

let solver: Solver;
beforeAll(async () => {
  solver = await openSolver();
});
afterAll(() => solver.close());

const SMALL: readonly (ScalarKind | undefined)[] = ['bool', 'i8', 'u8', undefined];
const isSmall = (k: Kinds): boolean => [k.T, k.U, k.V].every((x) => SMALL.includes(x));
/** What is to be proved of a rule in this suite. Over the real numbers there is one proof for all kinds. */
const kindsToProve = (r: Rule): readonly Kinds[] =>
  r.sound === 'fast-math' ? r.kinds.slice(0, 1) : isDeep ? r.kinds : r.kinds.filter(isSmall);

const lines: string[] = [];
const TABLE = ALL_RULES.filter((r) => kindsToProve(r).length > 0).map((r) => [`${r.name}: ${r.text}`, r] as const);

describe('proofs', () => {
  test.each(TABLE)(
    '%s',
    async (title, r) => {
      const proved: string[] = [];
      const open: string[] = [];
      for (const kinds of kindsToProve(r)) {
        const answer = await solver.prove(claimsOf(r, kinds), MINUTE);
        if (answer.verdict === 'refuted') {
          const values = [...answer.counterexample].map(([name, v]) => `${name} = ${v}`);
          throw new Error(`wrong for ${nameOf(r, kinds)}: ${values.join(', ')}`);
        }
        (answer.verdict === 'proved' ? proved : open).push(nameOf(r, kinds));
      }
      const rest = open.length > 0 ? `; not finished in a minute: ${open.join(' ')}` : '';
      lines.push(`${title.padEnd(64)} ${summary(proved)}${rest}`);
      expect(open).toEqual([]);
    },
    isDeep ? 3_600_000 : 30_000,
  );
  afterAll(() => {
    if (isDeep) console.log(['rule and what it is proved for', ...lines].join('\n'));
  });
});
const nameOf = (r: Rule, k: Kinds): string =>
  r.sound === 'fast-math' ? 'real' : [k.T, k.U, k.V].filter((x) => x !== undefined).join('>') || sortsOf(r);
/** What a rule without kinds is about. */
const sortsOf = (r: Rule): string => (varsOf(r.left).some((v) => v.sort === 'any') ? 'any type' : 'bool');
/** Conversions have hundreds of choices: their number will do. */
const summary = (proved: readonly string[]): string =>
  proved.length > 12 ? `${proved.length} choices of kinds` : proved.join(' ');

/** Rules that are wrong: kinds and text. The first eight are what algebra without types made of real programs. */
const WRONG: readonly (readonly [Kinds, string])[] = [
  [{ T: 'i32' }, 'x * 3 / 2 -> x * (3 / 2)'],
  [{ T: 'i32' }, 'x / 2 * 4 -> x * (4 / 2)'],
  [{ T: 'i32' }, 'x * 2 == c -> x == c / 2'],
  [{ T: 'i32' }, 'x * 2 >= c -> x >= c / 2'],
  [{ T: 'i32' }, 'x / 2 == c -> x == c * 2'],
  [{ T: 'i32' }, 'x + c > d -> x > d - c'],
  [{ T: 'u32' }, 'x - c > d -> x > d + c'],
  [{ T: 'f64' }, '(x + c) - c -> x'],
  // Zeros and NaN.
  [{ T: 'f32' }, 'x + 0 -> x'],
  [{ T: 'f64' }, '0 - x -> -x'],
  [{ T: 'f64' }, 'x - x -> 0'],
  [{ T: 'f64' }, 'x * 0 -> 0'],
  [{ T: 'f64' }, 'x == x -> true'],
  [{ T: 'f64' }, '!(x < y) -> x >= y'],
  [{ T: 'f64' }, 'x - y == 0 -> x == y'],
  [{ T: 'f64' }, 'min(x, MIN) -> MIN'],
  [{ T: 'f64' }, 'max(x, min(x, y)) -> x'],
  [{ T: 'f64' }, 'select(x < y, x, y) -> min(x, y)'],
  [{ T: 'f64' }, 'select(x == y, x, y) -> y'],
  [{ T: 'f64' }, 'x < c || x < d -> x < max(c, d)'],
  // Rounding.
  [{ T: 'f32' }, '(x + c) + d -> x + (c + d)'],
  [{ T: 'i64', U: 'f64', V: 'f32' }, 'V(U(x)) -> V(x)'],
  [{ T: 'i32', U: 'f32' }, 'T(U(x)) -> x'],
  // Wrap-around and signs.
  [{ T: 'i32' }, '-x < -y -> x > y'],
  [{ T: 'i16' }, '(-x) / (-y) -> x / y'],
  [{ T: 'i32' }, '(x * c) / c -> x if c != 0'],
  [{ T: 'i32' }, 'x % c -> x & (c - 1) if c > 0 && (c & (c - 1)) == 0'],
  [{ T: 'u8' }, 'x % c -> x & (c - 1) if c != 0'],
  [{ T: 'u32' }, 'x / -1 -> -x'],
  [{ T: 'i32', U: 'f64', V: 'i8' }, 'V(U(x)) -> V(x)'],
  [{ T: 'i32', U: 'i8', V: 'i64' }, 'V(U(x)) -> V(x)'],
  // An error that comes or goes.
  [{ T: 'i32' }, '0 / x -> 0'],
  [{ T: 'i32' }, 'x / x -> 1'],
  [{ T: 'i32' }, 'x * y -> x * y * y / y'],
];
/** These take seconds. */
const WRONG_SLOW: typeof WRONG = [
  [{ T: 'f32' }, '-(x - y) -> y - x'],
  [{ T: 'f32' }, 'x / c -> x * (1 / c)'],
];

describe('a wrong rule is refuted, and the interpreter agrees', () => {
  test.each(isDeep ? [...WRONG, ...WRONG_SLOW] : WRONG)(
    '%o %s',
    async (kinds, text) => {
      const r = rule('wrong', 'all', [kinds], text);
      const answer = await solver.prove(claimsOf(r, kinds), MINUTE);
      if (answer.verdict !== 'refuted') throw new Error(`the solver says: ${answer.verdict}`);
      const values = answer.counterexample;
      const consts = new Map(constsOf(r.left).map((name) => [name, values.get(name) ?? 0]));
      const args = varsOf(r.left).map((v) => values.get(v.name) ?? 0);
      const run = (side: Pattern): Outcome => outcomeOf(() => interpret(programOf(side, r, kinds, consts), args));
      const [left, right] = [run(r.left), run(r.right)];
      expect(compareOutcomes(resultType(programOf(r.left, r, kinds, consts)), left, right)).not.toBeNull();
    },
    MINUTE,
  );
  test.each(['x / c -> x * c', '(x + c) - d -> x + (d - c)', 'pow(x, 2) -> x * x * x'])(
    'over the real numbers: %s',
    async (text) => {
      const r = rule('wrong', 'fast-math', [{ T: 'f64' }], text);
      expect((await solver.prove(claimsOf(r, { T: 'f64' }), MINUTE)).verdict).toBe('refuted');
    },
  );
  test('on values of any type, nothing is known of ==', async () => {
    const r = rule('wrong', 'all', [{}], 'u == u -> true');
    expect((await solver.prove(claimsOf(r, {}), MINUTE)).verdict).toBe('refuted');
  });
  test('what takes too long is not proved', async () => {
    const r = rule('slow', 'all', [{ T: 'u64' }], '(x / y) / z -> (x / z) / y if true');
    expect((await solver.prove(claimsOf(r, { T: 'u64' }), 1)).verdict).toBe('unknown');
  });
});
