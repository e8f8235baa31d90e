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
    ['one a row', (i) => BigInt(i) * 7919n, 1, new RegExp(`^tables of ${N} entries$`)],
    ['one a row, near each other', (i) => BigInt(i) * 3n, 1, /^\d{6} places by key, drawn out as keys go on/],
    ['some, near each other, in no order', (i) => spread(i, 40_000) / 7919n, 1, /^\d{5} places by key, and tables of/],
    ['one for every row that passes', (i) => (i % 10 === 0 ? spread(i, N) : -1n), 1, /^tables of 3\d{4} entries$/],
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

  it('near each other, in several parts, and some far away later on', async () => {
    const keys = BigInt64Array.from({ length: N }, (_x, i) =>
      i > 2 * cost.SAMPLE_ROWS && i % 997 === 0 ? BigInt(i) << 40n : spread(i, 1000) / 7919n,
    );
    const want = byHand(keys);
    for (const threads of [1, 3]) {
      const value = await session.evaluate(counted, [column(keys)], { threads });
      expect(firstDifference(value, want)).toBe(null);
      const [loop] = session.lastRun?.launches ?? [];
      expect(loop?.choices[0]?.choice).toMatch(/^1\d{3} places by key, and/);
      expect(loop?.parts).toBeGreaterThan(2);
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

describe('the rows that a branch takes', () => {
  const ROWS = cost.MIN_TRIED_ROWS + 1234;
  /** Dear work under a condition, in every kind of output: kept rows, a sum in lanes, and a table updated row by row. */
  const guarded = parseProgram(`|x: vec[f64], lo: f64|
    let r = for(x, {appender[f64], merger[f64,min], vecmerger[f64,+]([0.0, 0.0])}, |b, i, e|
      if(e < lo,
        let y = 1.0 / (e + 1.0) / (e + 2.0) / (e + 3.0);
        {merge(b.$0, y), merge(b.$1, y * e), merge(b.$2, {i & 1L, y})},
        b));
    {result(r.$0), result(r.$1), result(r.$2)}`);

  function byHand(x: Float64Array, lo: number): { readonly kept: number[]; least: number; readonly sums: number[] } {
    const out = { kept: [] as number[], least: Number.POSITIVE_INFINITY, sums: [0, 0] };
    const parts = Array.from({ length: Math.ceil(x.length / cost.PART_ROWS) }, () => [0, 0]);
    for (const [i, e] of x.entries()) {
      if (!(e < lo)) continue;
      const y = 1 / (e + 1) / (e + 2) / (e + 3);
      out.kept.push(y);
      out.least = Math.min(out.least, y * e);
      const part = parts[Math.floor(i / cost.PART_ROWS)] ?? [];
      part[i & 1] = (part[i & 1] ?? 0) + y;
    }
    for (const part of parts) out.sums = out.sums.map((sum, k) => sum + (part[k] ?? 0));
    return out;
  }

  const value = (i: number): number => (Math.imul(i + 1, 0x9e3779b1) >>> 0) / 2 ** 32;
  const jumps = 'blocks that no row takes are jumped over';
  const masks = 'all rows are computed under masks';
  it.each<[name: string, lo: number, x: (i: number) => number, choice: string]>([
    ['none', 0, value, jumps],
    ['one in a thousand', 0.001, value, jumps],
    ['half', 0.5, value, masks],
    ['all', 2, value, masks],
    ['all, but none at first', 0.5, (i) => (i < cost.TRIAL_ROWS ? 1 : value(i) / 2), jumps],
    ['none, but all at first', 0.5, (i) => (i < cost.TRIAL_ROWS ? value(i) / 2 : 1), masks],
    ['in runs', 0.5, (i) => (Math.floor(i / 1000) % 2 === 0 ? 0 : 1) + value(i) / 2, jumps],
    ['NaN among them', 0.001, (i) => (i % 3 === 0 ? Number.NaN : value(i)), jumps],
  ])('%s', async (_, lo, at, choice) => {
    const x = Float64Array.from({ length: ROWS }, (_x, i) => at(i));
    const want = byHand(x, lo);
    for (const threads of [1, 3]) {
      const found = await session.evaluate(guarded, [column(x), lo], { threads });
      expect(session.lastRun?.launches[0]?.choices).toMatchObject([{ what: 'loop0', choice }]);
      const [kept, least, sums] = typeof found === 'object' && found.kind === 'struct' ? found.fields : [];
      expect(firstDifference(kept ?? 0, [want.kept])).toBe(null);
      expect(least).toBe(want.least);
      expect(firstDifference(sums ?? 0, [want.sums])).toBe(null);
    }
  });

  it('short loops are computed under masks, without a trial', async () => {
    const x = Float64Array.from({ length: cost.MIN_TRIED_ROWS - 1 }, (_x, i) => value(i));
    await session.evaluate(guarded, [column(x), 0.001]);
    expect(session.lastRun?.launches[0]?.choices).toEqual([]);
  });

  it('fails at the first row that fails, in the trial and after it', async () => {
    const failing = parseProgram(`|x: vec[i64]|
      result(for(x, merger[i64,+], |b, i, e| if(e < 5L, merge(b, 100L / e / (e + 7L) / (e + 9L) % (e + 11L)), b)))`);
    for (const bad of [
      [77, 99],
      [cost.TRIAL_ROWS + 5, ROWS - 1],
    ] as const) {
      const x = BigInt64Array.from({ length: ROWS }, (_x, i) => (bad.some((at) => at === i) ? 0n : 6n + BigInt(i)));
      await expect(session.evaluate(failing, [column(x)])).rejects.toThrow(`in row ${bad[0]} of the loop`);
    }
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
