import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { runs } from '../../compiler/testing/runs.ts';
import { refusal } from '../core/refusal-fixture.ts';
import { testSessions } from '../core/sessions-fixture.ts';
import type { Item } from '../core/values.ts';
import { col, fromColumns } from './index.ts';

const sessions = testSessions();
afterAll(() => Promise.all(sessions.map((s) => s.session.dispose())));

/** The quantile of what is there, by its definition. */
function quantileOf(all: readonly (number | null)[], q: number): number | null {
  const sorted = all.filter((v) => v !== null).sort((a, b) => a - b);
  if (sorted.length === 0 || sorted.some(Number.isNaN)) return sorted.length === 0 ? null : Number.NaN;
  const at = q * (sorted.length - 1);
  const [a = 0, b = a] = sorted.slice(Math.floor(at), Math.floor(at) + 2);
  const part = at - Math.floor(at);
  return (part === 0 || a === b || !Number.isFinite(a) ? a : a + (b - a) * part) + 0;
}

describe.each(sessions)('values by their order on $name', ({ session }) => {
  const frame = () =>
    fromColumns({ k: ['a', 'b', 'a', null], x: [3, 1, null, 2], n: new Int32Array([5, 5, 1, 2]) }, { session });

  it('have medians, quantiles and counts of what is different, of a frame', async () => {
    const f = frame();
    const all = f.select({
      median: col('x').median(),
      share: col('n').add(1).quantile(0.25),
      names: col('k').nUnique(),
      values: col('n').nUnique(),
      none: col('x').add(Number.NaN).median(),
    });
    expect(await all.toRecords()).toEqual([{ median: 2, share: 2.75, names: 3, values: 3, none: Number.NaN }]);
    const none = f.filter(col('n').gt(9)).select({ median: col('x').median(), values: col('x').nUnique() });
    expect(await none.toRecords()).toEqual([{ median: null, values: 0 }]);
    const above = f.filter(col('x').ge(col('x').median())).select('x', { apart: col('x').sub(col('x').median()) });
    expect(await above.toRecords()).toEqual([
      { x: 3, apart: 0.5 },
      { x: 2, apart: -0.5 },
    ]);
  });

  it('have them by group, too', async () => {
    const value = fc.oneof(fc.constantFrom(null, 0, -0, 1, 2.5, Infinity, Number.NaN), fc.integer({ min: -3, max: 3 }));
    const rows = fc.array(fc.tuple(fc.constantFrom('a', 'b', 'c', null), fc.boolean(), value), { maxLength: 14 });
    const property = async (list: readonly (readonly [string | null, boolean, number | null])[]): Promise<void> => {
      const [k, flag, x] = [list.map((r) => r[0]), list.map((r) => r[1]), list.map((r) => r[2])];
      // A list of nothing but null has no type.
      const f = fromColumns({ k: [...k, 'd'], flag: [...flag, true], x: [...x, 7] }, { session });
      for (const keys of [['k'], ['k', 'flag']]) {
        const groups = new Map<string, (number | null)[]>();
        for (const [i, v] of [...x, 7].entries()) {
          const name = JSON.stringify([[...k, 'd'][i], ...(keys.length > 1 ? [[...flag, true][i]] : [])]);
          groups.set(name, [...(groups.get(name) ?? []), v]);
        }
        const aggregates = {
          low: col('x').quantile(0.3),
          middle: col('x').median(),
          different: col('x').nUnique(),
          names: col('k').nUnique(),
          sum: col('x').sum(),
        };
        const got = await f
          .groupBy(...keys)
          .agg(aggregates)
          .toRecords();
        const plain = (v: Item | undefined): unknown => (v === 0 ? 0 : v);
        expect(got.map((r) => [plain(r['low']), plain(r['middle']), r['different'], r['names']])).toEqual(
          [...groups.values()].map((all) => [
            quantileOf(all, 0.3),
            quantileOf(all, 0.5),
            new Set(all.map((v) => (v === 0 ? 0 : v))).size,
            1,
          ]),
        );
      }
    };
    await fc.assert(fc.asyncProperty(rows, property), runs(31, 0.05));
  });

  it('run up and are ranked', async () => {
    const f = frame().withColumns({
      sum: col('x').cumSum(),
      least: col('n').cumMin(),
      most: col('x').mul(2).cumMax(),
      product: col('n').cumProd(),
      place: col('n').rank('min', { descending: true }),
      mean: col('x').rank(),
    });
    expect(await f.drop('k', 'x', 'n').toRecords()).toEqual([
      { sum: 3, least: 5, most: 6, product: 5, place: 1, mean: 3 },
      { sum: 4, least: 5, most: 6, product: 25, place: 1, mean: 1 },
      { sum: null, least: 1, most: null, product: 25, place: 4, mean: null },
      { sum: 6, least: 1, most: 6, product: 50, place: 3, mean: 2 },
    ]);
    const firsts = frame().filter(col('k').rank('dense').le(1)).select(col('n').cumSum().max());
    expect(await firsts.toRecords()).toEqual([{ n: 6 }]);
  });
});

it('are refused where a group is meant, and where they make no sense', () => {
  const f = fromColumns({ k: ['a'], x: [1] });
  expect(refusal(() => f.groupBy('k').agg(col('x').cumSum().max()))).toMatchInlineSnapshot(`
    "W8006: col("x").cumSum() goes by all rows, not by those of a group
      in: fromColumns({ k, x }) > groupBy("k") > agg(col("x").cumSum().max())
      help: compute it first, with withColumns(..)"
  `);
  expect(refusal(() => f.select(col('x').quantile(2)))).toMatchInlineSnapshot(`
    "W8006: a share is a number from 0 to 1, found the number 2
      in: fromColumns({ k, x }) > select(col("x").quantile(2))"
  `);
  expect(refusal(() => f.select(col('k').cumSum()))).toMatchInlineSnapshot(`
    "W8004: col("k").cumSum(): cumsum needs numbers, found string
      in: fromColumns({ k, x }) > select(col("k").cumSum())"
  `);
  expect(refusal(() => f.select(col('x').sum().median()))).toMatchInlineSnapshot(`
    "W8006: col("x").sum(): an aggregate cannot stand inside another
      in: fromColumns({ k, x }) > select(col("x").sum().median())
      help: compute the inner one first, with withColumns(..)"
  `);
});
