/** What a session finds out about the data while a program runs: no result may depend on it. */

import { afterAll, describe, expect, it } from 'vitest';
import { cost, F64, I64, isVecValue, type TypedArray, type Value } from '../compiler/index.ts';
import { parseProgram } from '../compiler/text.ts';
import { Session } from './session.ts';

const session = new Session({ threads: 3 });
afterAll(() => session.dispose());

const N = cost.MIN_SAMPLED_PARTS * cost.PART_ROWS + 77;

function column(data: TypedArray): Value {
  return { kind: 'vec', elem: data instanceof BigInt64Array ? I64 : F64, length: data.length, cols: [data] };
}

/** Where the columns of a vector are not as expected; told in a line, since a diff of long columns takes minutes. */
function firstDifference(v: Value, want: readonly ArrayLike<number | bigint>[]): string | null {
  const cols = isVecValue(v) ? v.cols.map((c) => c.subarray(0, v.length)) : [];
  if (cols.length !== want.length) return `${cols.length} columns`;
  for (const [k, col] of cols.entries()) {
    const expected = want[k] ?? [];
    if (col.length !== expected.length) return `column ${k}: ${col.length} rows, not ${expected.length}`;
    for (let i = 0; i < col.length; i++) {
      if (!Object.is(col[i], expected[i])) return `column ${k}, row ${i}: ${col[i]}, not ${expected[i]}`;
    }
  }
  return null;
}

describe('the number of groups', () => {
  const counted = parseProgram(`|x: vec[i64]|
    tovec(result(for(x, dictmerger[i64,{i64,i64},+], |b, i, e| if(e >= 0L, merge(b, {e, {1L, i}}), b))))`);

  /** Columns of keys, counts and sums, in first-insertion order. */
  function byHand(keys: BigInt64Array): readonly (readonly bigint[])[] {
    const groups = new Map<bigint, [bigint, bigint]>();
    for (const [i, key] of keys.entries()) {
      if (key < 0n) continue;
      const [n, sum] = groups.get(key) ?? [0n, 0n];
      groups.set(key, [n + 1n, sum + BigInt(i)]);
    }
    const sums = [...groups.values()];
    return [[...groups.keys()], sums.map(([n]) => n), sums.map(([, sum]) => sum)];
  }

  const spread = (i: number, keys: number): bigint => BigInt((Math.imul(i, 0x9e3779b1) >>> 0) % keys) * 7919n;
  it.each<[name: string, key: (i: number) => bigint, runs: number, chosen: RegExp | null]>([
    ['few', (i) => spread(i, 100), 1, null],
    ['some thousands', (i) => spread(i, 5000), 1, /^tables of 6\d{3} entries$/],
    ['one a row', (i) => BigInt(i) * 3n, 1, new RegExp(`^tables of ${N} entries$`)],
    ['one for every row that passes', (i) => (i % 10 === 0 ? BigInt(i) : -1n), 1, /^tables of 3\d{4} entries$/],
    ['few at first', (i) => spread(i, i < N / 2 ? 50 : 40_000), 4, null],
    ['none', () => -1n, 1, null],
  ])('%s', async (_, key, runs, chosen) => {
    const keys = BigInt64Array.from({ length: N }, (_x, i) => key(i));
    const want = byHand(keys);
    for (const threads of [1, 3]) {
      const value = await session.evaluate(counted, [column(keys)], { threads });
      expect(firstDifference(value, want)).toBe(null);
      const [loop] = session.lastRun?.launches ?? [];
      expect(loop).toMatchObject({ rows: N, runs });
      expect(loop?.choices.length).toBe(chosen === null ? 0 : 1);
      if (chosen !== null) expect(loop?.choices[0]?.choice).toMatch(chosen);
      session.release(value);
    }
  });

  it('a row among the first that fails is the row that is told', async () => {
    const divided = parseProgram(`|x: vec[i64]|
      tovec(result(for(x, dictmerger[i64,i64,+], |b, i, e| merge(b, {e, 7L / e}))))`);
    const keys = BigInt64Array.from({ length: N }, (_x, i) => (i === 500 || i === N - 1 ? 0n : BigInt(i + 1)));
    await expect(session.evaluate(divided, [column(keys)])).rejects.toThrow('in row 500 of the loop');
  });
});

describe('the table of a vecmerger', () => {
  const scattered = parseProgram(`|x: vec[i64], t: vec[f64]|
    result(for(x, vecmerger[f64,+](t), |b, i, e| merge(b, {e, 1.0})))`);

  it.each([0, 1, 1000, 100_000])('of %i places', async (places) => {
    const x = BigInt64Array.from({ length: places === 0 ? 0 : N }, (_, i) => BigInt((i * 7919) % places));
    const start = Float64Array.from({ length: places }, (_, k) => (k % 2 === 0 ? -0 : 0.5));
    const want = start.slice();
    for (const at of x) want[Number(at)] = (want[Number(at)] ?? 0) + 1;
    for (const threads of [1, 3]) {
      const value = await session.evaluate(scattered, [column(x), column(start)], { threads });
      expect(firstDifference(value, [want])).toBe(null);
    }
    expect([...start.keys()].every((k) => Object.is(start[k], k % 2 === 0 ? -0 : 0.5))).toBe(true);
  });
});
