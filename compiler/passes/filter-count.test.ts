/**
 * Lengths of filtered, flattened and zipped vectors, counted: the pass applies, changes no value and no error, and
 * machine code agrees.
 */

import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { interpret } from '../core/interp.ts';
import { countLoops, optimize } from '../pipeline.ts';
import { Both } from '../testing/both.ts';
import { difference, onePass } from '../testing/one-pass.ts';
import { runs } from '../testing/runs.ts';
import { parseProgram } from '../text.ts';
import { filterCount } from './filter-count.ts';

const MERGES = [
  'if(e.$0 > 0.0, merge(b, e.$0), b)',
  'if(e.$0 > 0.0, merge(merge(b, e.$0), 1.0), if(e.$1 < 2L, merge(b, 0.5), b))',
  'for(rangeiter(0L, max(e.$1, 0L), 1L), b, |b, i, k| merge(b, e.$0))',
  'merge(b, e.$0)',
  'b',
];
const LENS = ['len(v)', '{len(v), len(v)}', 'map(y, |k| k + len(v))'];
const value = fc.constantFrom(0, -0, 1.5, Number.NaN, -2);
const count = fc.constantFrom(0n, 1n, 3n, -1n);

const both = new Both();
afterAll(() => both.dispose());

describe('vectors of which only the length is read', () => {
  test('are counted', () => {
    fc.assert(
      fc.property(
        fc.constantFrom(...MERGES),
        fc.constantFrom(...LENS),
        fc.boolean(),
        fc.array(value, { maxLength: 9 }),
        fc.array(count, { maxLength: 9 }),
        (merge, len, joined, x, y) => {
          const loop = joined
            ? `let r = result(for(zip(x, y), {appender[f64], merger[i64,+]}, |b, i, e|
                 {(let b = b.$0; ${merge}), merge(b.$1, e.$1)})); let v = r.$0; {r.$1, ${len}}`
            : `let v = result(for(zip(x, y), appender[f64], |b, i, e| ${merge})); ${len}`;
          const p = parseProgram(`|x: vec[f64], y: vec[i64]| ${loop}`);
          const { program, fired } = onePass(filterCount, p);
          expect(fired).toBe(1);
          expect(difference(p, program, [x, y])).toBeNull();
          expect(onePass(filterCount, program).fired).toBe(0);
        },
      ),
      runs(20240704),
    );
  });

  test('are made where something else is read, or something else is made', () => {
    const reads = fc.constantFrom(
      '{len(v), v}',
      '{len(v), sum(v)}',
      '{len(v), lookup(v, 0L)}',
      '{len(v), {v, len(v)}}',
    );
    const way = fc.constantFrom(
      'let v = result(for(x, appender[f64], |b, i, e| if(e > 0.0, merge(b, e), b)));',
      'let v = result(for(x, vecmerger[f64,+]([1.0, 2.0]), |b, i, e| merge(b, {i & 1L, e})));',
      'let r = result(for(x, {appender[f64], merger[f64,+]}, |b, i, e| {merge(b.$0, e), merge(b.$1, e)})); let v = r.$0;',
    );
    fc.assert(
      fc.property(reads, way, fc.nat(2), fc.array(value, { maxLength: 5 }), (read, made, whole, x) => {
        const out = whole > 0 || !made.startsWith('let r') ? (whole === 1 ? 'len(v)' : read) : '{r, len(v)}';
        const p = parseProgram(`|x: vec[f64]| ${made} ${out}`);
        const { program, fired } = onePass(filterCount, p);
        expect(difference(p, program, [x])).toBeNull();
        expect(fired).toBe(out === 'len(v)' && !made.includes('vecmerger') ? 1 : 0);
      }),
      runs(20240707),
    );
  });

  test('take one loop, in machine code too', async () => {
    const p = parseProgram(
      '|x: vec[f64], y: vec[i64]| let v = filter(map(x, |e| e * 2.0), |e| e > 1.0); len(v) + sum(y)',
    );
    const { program } = optimize(p, { check: true });
    expect(countLoops(program)).toBe(2);
    const args = [
      [0.25, 3, Number.NaN, 0.75, -1, 9],
      [4n, 5n],
    ];
    expect(interpret(program, args)).toBe(12n);
    expect(await both.agrees(p, args)).toBe(12n);
    expect(await both.agrees(p, [[], []])).toBe(0n);
  });
});
