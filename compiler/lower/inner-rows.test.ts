/**
 * Loops inside loops in machine code: rows of matrices, vectors walked for each row, conditions and failures inside. The
 * sums of a row are folded in order, so they have the interpreter's bits, however many rows are done at once and
 * whatever is left over.
 */

import { afterAll, describe, expect, test } from 'vitest';
import { compile } from '../compile.ts';
import { Both } from '../testing/both.ts';
import { parseProgram } from '../text.ts';

const both = new Both();
afterAll(() => both.dispose());

const EDGES = [0.1, -0, Number.NaN, 1e16, -1e16, 3, Number.POSITIVE_INFINITY, 5e-324, -7.25];
const floats = (n: number): number[] => Array.from({ length: n }, (_, k) => EDGES[(k * 5 + n) % EDGES.length] ?? 0);
const tame = (n: number): number[] => Array.from({ length: n }, (_, k) => ((k * 37 + n) % 23) / 7 - 1);
const row = (body: string): string => `|m: vec[f64], w: vec[f64], n: i64|
  let d = len(w);
  result(for(rangeiter(0L, n, 1L), appender[f64], |b, r, row| let s = row * d; let t = s + d; ${body}))`;

describe('rows', () => {
  test.each([
    [
      'a product with a vector',
      'merge(b, result(for(zip(iter(m, s, t, 1L), w), merger[f64,+], |c, i, e| merge(c, e.$0 * e.$1))))',
    ],
    [
      'two results, with a condition inside',
      `let r = result(for(zip(iter(m, s, t, 1L), w), {merger[f64,+], merger[i64,max]}, |c, i, e|
         if(e.$0 > e.$1, {merge(c.$0, e.$0), merge(c.$1, i)}, {merge(c.$0, sqrt(e.$1)), c.$1})));
       merge(b, r.$0 + f64(r.$1))`,
    ],
    [
      'a loop in a loop',
      `merge(b, result(for(w, merger[f64,+], |c, i, x| merge(c,
         result(for(iter(m, s, t, 1L), merger[f64,min](x), |k, j, y| merge(k, y * x)))))))`,
    ],
    [
      'a row that is read by one loop after the other, and looked up',
      `let sum = result(for(iter(m, s, t, 1L), merger[f64,+], |c, i, x| merge(c, x)));
       merge(b, result(for(rangeiter(0L, d, 1L), merger[f64,+], |c, i, k| merge(c, lookup(m, s + k) - sum * lookup(w, d - 1L - k)))))`,
    ],
    [
      'an inner loop in a branch',
      'if(row % 3L == 1L, merge(b, result(for(iter(m, s, t, 1L), merger[f64,+], |c, i, x| merge(c, x)))), b)',
    ],
  ])('%s', async (_name, body) => {
    const p = parseProgram(row(body));
    for (const [n, d] of [
      [11, 3],
      [8, 1],
      [3, 0],
    ] as const) {
      await both.agrees(p, [floats(n * d), tame(d), BigInt(n)]);
    }
  });

  test('of which one is not inside stop at the same row as the interpreter', async () => {
    const p = parseProgram(
      row('merge(b, result(for(zip(iter(m, s, t, 1L), w), merger[f64,+], |c, i, e| merge(c, e.$0 * e.$1))))'),
    );
    expect(await both.ends(p, [floats(26), tame(3), 9n])).toBe('BadIteratorLength');
    const q = parseProgram(
      row('merge(b, result(for(w, merger[f64,+], |c, i, x| merge(c, x * lookup(m, s + i * i)))))'),
    );
    expect(await both.ends(q, [floats(26), tame(3), 9n])).toBe('ArrayOutOfBounds');
  });

  test('of other kinds: f32, i64, u8', async () => {
    for (const [ty, n] of [
      ['f32', 1],
      ['i64', 1n],
      ['u8', 1],
    ] as const) {
      const p = parseProgram(`|m: vec[${ty}], w: vec[${ty}], n: i64|
        let d = len(w);
        result(for(rangeiter(0L, n, 1L), appender[${ty}], |b, r, row|
          merge(b, result(for(zip(iter(m, row * d, row * d + d, 1L), w), merger[${ty},+], |c, i, e| merge(c, e.$0 * e.$1))))))`);
      const values = (count: number) =>
        Array.from({ length: count }, (_, k) => (typeof n === 'bigint' ? BigInt(k * k - 5) : (k * k) % 200));
      for (const rows of [13, 4]) await both.agrees(p, [values(rows * 5), values(5), BigInt(rows)]);
    }
  });

  test('and pairs, whose sums go to one cell', async () => {
    const p = parseProgram(`|x: vec[f64], y: vec[f64]| {
      map(x, |a| result(for(y, merger[f64,+], |c, i, e| merge(c, (a - e) * (a - e))))),
      result(for(x, merger[i64,+], |b, i, a| for(y, b, |c, j, e| if(a < e, merge(c, j), c))))}`);
    for (const [n, m] of [
      [17, 5],
      [8, 0],
    ] as const) {
      await both.agrees(p, [tame(n), tame(m)]);
    }
  });

  test('are done several at once unless that is off', async () => {
    const p = parseProgram(
      row('merge(b, result(for(zip(iter(m, s, t, 1L), w), merger[f64,+], |c, i, e| merge(c, e.$0 * e.$1))))'),
    );
    const said = async (disable: readonly string[]): Promise<string> =>
      (await compile(p, { disable })).plan.decisions.map((d) => d.choice).join('\n');
    expect(await said([])).toContain('inner loops for all lanes at once; 2 iterations together');
    expect(await said(['tile-loops'])).not.toContain('inner loops for all lanes');
  });
});
