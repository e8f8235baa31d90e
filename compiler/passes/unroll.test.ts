/**
 * Loops of few rounds with any builder, at the top and inside loops: the pass applies, changes nothing, and machine code
 * agrees.
 */

import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { countLoops, optimize } from '../pipeline.ts';
import { Both } from '../testing/both.ts';
import { difference, onePass } from '../testing/one-pass.ts';
import { runs } from '../testing/runs.ts';
import { parseProgram } from '../text.ts';
import { unroll } from './unroll.ts';

const BUILDERS: readonly (readonly [builder: string, merge: string])[] = [
  ['appender[f64]', 'merge(b, e)'],
  ['appender[i64](2L)', 'if(e > 0.0, merge(b, i), merge(merge(b, i), -i))'],
  ['merger[f64,+]', 'merge(b, e)'],
  ['merger[f64,*](p)', 'merge(b, e)'],
  ['merger[{f64,i64},min]', 'merge(b, {e, i})'],
  ['merger[{f64,i64},+]({p, 3L})', 'if(e > 0.0, merge(b, {e, i}), b)'],
  ['dictmerger[f64,i64,+]', 'merge(b, {e, i})'],
  ['groupmerger[f64,i64]', 'merge(b, {e, i})'],
  ['vecmerger[f64,max]([p, p])', 'merge(b, {i % 2L, e})'],
  ['{merger[f64,max], appender[f64]}', '{merge(b.$0, e), for([e, p], b.$1, |b, j, f| merge(b, f))}'],
];
const number = fc.constantFrom('p', '0.0', '-0.0', '1.5', '(0.0/0.0)', '(1.0/0.0)');
const data = fc.oneof(
  fc.array(number, { maxLength: 8 }).map((xs) => `([${xs.join(', ')}]: vec[f64])`),
  fc
    .tuple(fc.integer({ min: -9, max: 9 }), fc.nat(8), fc.integer({ min: 1, max: 4 }))
    .map(([from, rounds, by]) => `RANGE(${from}L, ${from + rounds * by}L, ${by}L)`),
);

describe('loops of few rounds', () => {
  test('give the same values', () => {
    fc.assert(
      fc.property(
        data,
        fc.constantFrom(...BUILDERS),
        fc.boolean(),
        fc.constantFrom(0, -0, Number.NaN, 2.5),
        (walked, [builder, merge], inside, p) => {
          const body = walked.startsWith('RANGE') ? `let e = f64(x); ${merge}` : `let e = x; ${merge}`;
          const loop = `for(${walked.replace('RANGE', 'rangeiter')}, ${builder}, |b, i, x| ${body})`;
          const made = builder.startsWith('{')
            ? `(let r = result(${loop}); {r.$0, r.$1})`
            : builder.startsWith('dict') || builder.startsWith('group')
              ? `tovec(result(${loop}))`
              : `result(${loop})`;
          const text = inside ? `|p: f64| map([p, p, p, p, p, p, p, p, p], |p| ${made})` : `|p: f64| ${made}`;
          const before = parseProgram(text);
          const { program, fired } = onePass(unroll, before);
          expect(fired, text).toBeGreaterThan(0);
          expect(difference(before, program, [p])).toBeNull();
        },
      ),
      runs(20240703),
    );
  });

  test('of bad ranges, and zips that do not agree, go on being errors', () => {
    const bound = fc.integer({ min: -2, max: 5 });
    const iterator = fc.oneof(
      fc.tuple(bound, bound, bound).map(([from, to, by]) => `rangeiter(${from}L, ${to}L, ${by}L)`),
      fc.array(fc.constantFrom('p', '4L'), { minLength: 1, maxLength: 4 }).map((xs) => `[${xs.join(', ')}]`),
    );
    const iters = fc.array(iterator, { minLength: 1, maxLength: 2 });
    fc.assert(
      fc.property(iters, (all) => {
        const [walked, e] = all.length === 1 ? [all[0], 'e'] : [`zip(${all.join(', ')})`, 'e.$0 * e.$1'];
        const p = parseProgram(`|p: i64| result(for(${walked}, merger[i64,+], |b, i, e| merge(b, ${e} + i)))`);
        expect(difference(p, onePass(unroll, p).program, [7n])).toBeNull();
      }),
      runs(20240706, 2),
    );
  });

  const both = new Both();
  afterAll(() => both.dispose());
  test.each([
    [
      'a polynomial',
      '|x: vec[f64]| map(x, |x| result(for([2.0, -1.0, 0.5], merger[f64,+], |b, i, c| merge(b, c * x))))',
    ],
    [
      'an appender',
      '|x: vec[f64]| result(for(x, appender[f64], |b, i, e| for([1.0, 2.0, e], b, |b, j, f| merge(b, f * e))))',
    ],
    [
      'a dictmerger',
      '|x: vec[f64]| tovec(result(for(x, dictmerger[i64,i64,+], |b, i, e| for([0L, 1L, 5L], b, |b, j, f| merge(b, {f + i % 2L, j})))))',
    ],
    ['no loop', '|x: vec[f64]| result(for([len(x), 3L], merger[i64,+](4L), |b, i, e| merge(b, e * i)))'],
  ])('%s in machine code', async (_name, text) => {
    const p = parseProgram(text);
    expect(countLoops(optimize(p).program)).toBe(text.includes('for(x') || text.includes('map(x') ? 1 : 0);
    for (const x of [[1, -0, Number.NaN, 0.1, 1e16, -1e16], [3], []]) await both.agrees(p, [x]);
  });
});
