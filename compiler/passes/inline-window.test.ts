/**
 * Matrices that are maps, read by rows: the three passes that take them apart keep values and errors, for every width,
 * length and stride, good or bad, and machine code agrees. `spec/programs/passes` has what they do and when they do not.
 */

import fc from 'fast-check';
import { afterAll, describe, expect, test } from 'vitest';
import { countLoops, optimize } from '../pipeline.ts';
import { Both } from '../testing/both.ts';
import { difference, onePass } from '../testing/one-pass.ts';
import { runs } from '../testing/runs.ts';
import { parseProgram } from '../text.ts';
import { inlineWindow } from './inline-window.ts';
import { scanLookups } from './scan-lookups.ts';
import { splitIndex } from './split-index.ts';

const size = fc.constantFrom('n', 'p', '3L', '0L');
const LOOPS = [
  'result(for(iter(m, s, t, D), merger[f64,+], |c, j, x| merge(c, x * f64(j))))',
  'result(for(zip(iter(m, s, t, D), iter(m, s, t, D)), merger[f64,+](0.5), |c, j, x| merge(c, x.$0 - x.$1 * 0.25)))',
  '(let a = result(for(iter(m, s, t, D), merger[f64,max], |c, j, x| merge(c, x))); a - result(for(iter(m, s, t, D), merger[f64,+], |c, j, x| merge(c, x - a))))',
  'if(row > 1L, result(for(iter(m, s, t, D), merger[f64,*], |c, j, x| merge(c, x))), 7.0)',
];
/** Maps of which no element fails. */
const MAPS = [
  ['rangeiter(0L, L, 1L)', 'f64(e)'],
  ['rangeiter(0L, L, 1L)', 'f64(e + i) * p_'],
  ['rangeiter(0L, L, 1L)', 'select(W == 0L, 0.5, f64(e / max(W, 1L)) - f64(e % max(W, 1L)))'],
  ['x', 'e * f64(i)'],
] as const;

describe('rows of maps', () => {
  test('give the same values and errors', () => {
    let inlined = 0;
    fc.assert(
      fc.property(
        fc.record({
          map: fc.constantFrom(...MAPS),
          loop: fc.constantFrom(...LOOPS),
          count: size,
          width: size,
          length: fc.oneof(
            size,
            fc.tuple(size, size).map(([a, b]) => `${a} * ${b}`),
          ),
          stride: fc.constantFrom('1L', '1L', '2L', 'p'),
          x: fc.array(fc.constantFrom(1, -0, 0.5, Number.NaN, -3), { maxLength: 9 }),
          p: fc.bigInt({ min: -1n, max: 4n }),
        }),
        ({ map: [over, elem], loop, count, width, length, stride, x, p }) => {
          const text = `|x: vec[f64], p: i64|
            let n = len(x);
            let p_ = f64(p);
            let m = result(for(OVER, appender[f64], |b, i, e| merge(b, ELEM)));
            result(for(rangeiter(0L, COUNT, 1L), appender[f64], |b, i, row|
              let s = row * W; let t = s + W;
              merge(b, LOOP)))`
            .replace('OVER', over)
            .replace('ELEM', elem)
            .replace('COUNT', count)
            .replace('LOOP', loop)
            .replaceAll(/\bL\b/g, length)
            .replaceAll(/\bW\b/g, width)
            .replaceAll(/\bD\b/g, stride);
          const before = parseProgram(text);
          const { program, fired } = onePass(inlineWindow, before);
          if (fired > 0) inlined++;
          for (const after of [
            program,
            onePass(splitIndex, program).program,
            optimize(before, { check: true }).program,
          ]) {
            const found = difference(before, after, [x, p]);
            // A map over a bad range is an error that goes with the map when there is no row.
            if (!(found?.includes('expected BadIteratorLength, found a value') && length.includes('p') && p < 0n)) {
              expect(found).toBeNull();
            }
          }
        },
      ),
      runs(20241101, 0.6),
    );
    expect(inlined).toBeGreaterThan(60);
  });

  test('are divided by nothing where row and column are known, whatever the numbers', () => {
    fc.assert(
      fc.property(
        fc.bigInt({ min: -(2n ** 63n), max: 2n ** 63n - 1n }),
        fc.constantFrom('r', 'r % 7L', 'max(r % 9L, 0L)', 'r / 4294967296L'),
        fc.constantFrom('8L', '4294967295L', '(r % 5L)', 'max(r % 5L, 0L)', 'len(x)'),
        (r, row, width) => {
          const p = parseProgram(`|r: i64, x: vec[i8]|
            let row = ${row};
            let w = ${width};
            let s = row * w;
            let t = min(s + w, s + 3L);
            {result(for(rangeiter(s, t, 1L), merger[i64,+], |b, j, k| merge(b, k / w * 1000L + k % w))),
             result(for(rangeiter(s, s + 8L, 1L), merger[i64,+], |b, j, k| merge(b, k / 8L * 1000L + k % 8L)))}`);
          expect(difference(p, onePass(splitIndex, p).program, [r, [1, 2, 3]])).toBeNull();
        },
      ),
      runs(20241102, 0.6),
    );
  });

  test('and what is looked up in them at the index of a loop', () => {
    const vec = fc.constantFrom('u', 'v', 'w');
    const iterator = fc.oneof(
      vec,
      fc.constantFrom('n', 'k', '2L').map((n) => `rangeiter(0L, ${n}, 1L)`),
    );
    const data = fc.array(fc.constantFrom(1n, 5n, -2n), { minLength: 1, maxLength: 3 });
    fc.assert(
      fc.property(
        fc.array(iterator, { minLength: 1, maxLength: 3 }),
        fc.array(iterator, { minLength: 1, maxLength: 2 }),
        fc.tuple(vec, vec),
        fc.tuple(data, data, data),
        ([...outer], [...inner], [a, b], args) => {
          const walk = (its: readonly string[]): string => (its.length === 1 ? `${its[0]}` : `zip(${its.join(', ')})`);
          const last = (its: readonly string[], e: string): string =>
            its.length === 1 ? e : `${e}.$${its.length - 1}`;
          const p = parseProgram(`|u: vec[i64], v: vec[i64], w: vec[i64]|
            let n = len(u);
            let k = len(v);
            result(for(${walk(outer)}, appender[i64], |b, i, e|
              for(${walk(inner)}, merge(b, lookup(${a}, i)), |c, j, f|
                if(j > 0L, merge(c, lookup(${b}, j) + ${last(outer, 'e')}), merge(c, lookup(${a}, j) - ${last(inner, 'f')} * lookup(${b}, i))))))`);
          expect(difference(p, onePass(scanLookups, p).program, args)).toBeNull();
        },
      ),
      runs(20241103, 0.6),
    );
  });

  const both = new Both();
  afterAll(() => both.dispose());
  test.each([
    ['with the length of a vector', 'len(x)', 'n * n'],
    ['with a width that is given', 'p', 'p * n'],
    ['that are not all inside', 'len(x)', 'n * n - min(p, n)'],
  ])('%s in machine code', async (_name, width, length) => {
    const p = parseProgram(`|x: vec[f64], p: i64|
      let n = len(x);
      let d = ${width};
      let m = result(for(rangeiter(0L, ${length}, 1L), appender[f64], |b, i, k| merge(b, lookup(x, k % d) - lookup(x, k / d))));
      result(for(rangeiter(0L, n, 1L), appender[f64], |b, i, row|
        merge(b, result(for(iter(m, row * d, row * d + d, 1L), merger[f64,+], |c, j, x| merge(c, x * x))))))`);
    expect(countLoops(optimize(p).program)).toBe(2);
    const x = [1, -0, Number.NaN, 0.1, 1e16, -1e16, 3];
    for (const [vec, by] of [
      [x, 0n],
      [x, 1n],
      [x.slice(1), 3n],
      [[3], 1n],
      [[], 1n],
    ] as const) {
      await both.outcome(p, [vec, by]);
    }
  });
});
