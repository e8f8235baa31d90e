import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { testSessions } from '../core/sessions-fixture.ts';
import { col, fromColumns } from './index.ts';

const sessions = testSessions();
afterAll(() => Promise.all(sessions.map((s) => s.session.dispose())));

describe.each(sessions)('sort and join on $name', ({ session }) => {
  it('sorts stably by several keys, nulls last, NaN after numbers', async () => {
    const f = fromColumns(
      { s: ['b', null, 'a', 'b', 'a'], x: [1, 2, Number.NaN, null, 3], i: new Int32Array([0, 1, 2, 3, 4]) },
      { session },
    );
    const order = async (by: string[], options = {}): Promise<unknown> =>
      (await f.sort(by, options).toRecords()).map((r) => r['i']);
    expect(await order(['s'])).toEqual([2, 4, 0, 3, 1]);
    expect(await order(['s'], { descending: true })).toEqual([0, 3, 2, 4, 1]);
    expect(await order(['s', 'x'], { descending: [false, true] })).toEqual([4, 2, 0, 3, 1]);
    expect(await order(['x'])).toEqual([0, 1, 4, 2, 3]);
    expect(await order(['x'], { nullsLast: false })).toEqual([3, 0, 1, 4, 2]);
    expect(await order(['x'], { descending: true, nullsLast: false })).toEqual([3, 4, 1, 0, 2]);
    const top = f
      .filter(col('x').isNotNull())
      .withColumns({ y: col('x').mul(-1) })
      .sort(col('y'))
      .head(2);
    expect(await top.select('i', 'y').toRecords()).toEqual([
      { i: 4, y: -3 },
      { i: 1, y: -2 },
    ]);
  });

  it('finds the first rows of a sort without sorting the rest', async () => {
    const n = 5000;
    const x = Float64Array.from({ length: n }, (_, k) => ((k * 7919) % n) / 8);
    const f = fromColumns({ x, row: Int32Array.from(x.keys()) }, { session });
    const top = f.sort('x', { descending: true }).head(3);
    expect(await top.toRecords()).toEqual(
      await f
        .sort('x', { descending: true })
        .collect()
        .then((t) => t.toRecords().slice(0, 3)),
    );
    const page = f.filter(col('x').gt(1)).sort('x').slice(20, 3);
    expect(await page.select('x').toRecords()).toEqual([{ x: 3.625 }, { x: 3.75 }, { x: 3.875 }]);
    for (const cut of [top, page]) expect((await cut.explain()).final).toContain('cudf[argtopk');
    const all = await f.sort('x').explain();
    expect([all.final.includes('cudf[argsort'), all.final.includes('cudf[argtopk')]).toEqual([true, false]);
  });

  const key = fc.constantFrom('a', 'b', 'c', 'd', null);
  const number = fc.option(fc.integer({ min: -3, max: 3 }).map(BigInt));

  it('joins like nested loops, by strings and by integers', { timeout: 60_000 }, async () => {
    const left = fc.array(fc.record({ s: key, i: number }), { minLength: 1, maxLength: 12 });
    const right = fc.uniqueArray(fc.record({ s: key, i: number }), { maxLength: 5, selector: (r) => r.s });
    await fc.assert(
      fc.asyncProperty(left, right, fc.constantFrom('inner', 'left'), fc.boolean(), async (l, r, how, byString) => {
        const unique = byString ? r : r.filter((x, k) => r.findIndex((y) => y.i === x.i) === k);
        fc.pre(l.some((x) => x.s !== null) && l.some((x) => x.i !== null));
        fc.pre(unique.some((x) => x.s !== null) && unique.some((x) => x.i !== null));
        const data = (rows: typeof l) => ({ s: rows.map((x) => x.s), i: rows.map((x) => x.i) });
        const lf = fromColumns({ ...data(l), row: l.map((_, k) => k) }, { session });
        const rf = fromColumns({ ...data(unique), v: unique.map((_, k) => k * 10) });
        const on = byString ? 's' : 'i';
        const got = await lf.join(rf, { on, how }).select('row', 'v').toRecords();
        const want = l.flatMap((x, k): { row: number; v: number | null }[] => {
          const hit = unique.findIndex((y) => x[on] !== null && y[on] === x[on]);
          if (hit < 0) return how === 'left' ? [{ row: k, v: null }] : [];
          return [{ row: k, v: hit * 10 }];
        });
        expect(got).toEqual(want);
      }),
      { numRuns: 60, seed: 11 },
    );
  });

  it('names right columns that the left side has, and keeps their nulls', async () => {
    const l = fromColumns({ code: ['x', 'y'], v: [1, 2] }, { session });
    const r = fromColumns({ id: ['y', 'x'], v: [null, 5], t: ['p', 'q'] });
    const joined = l.filter(col('v').gt(0)).join(r, { leftOn: 'code', rightOn: 'id', how: 'left' });
    expect(await joined.toRecords()).toEqual([
      { code: 'x', v: 1, v_right: 5, t: 'q' },
      { code: 'y', v: 2, v_right: null, t: 'p' },
    ]);
    const computed = await r.groupBy('id').agg(col('v').sum()).collect();
    expect(await l.join(computed, { leftOn: 'code', rightOn: 'id', suffix: '2' }).select('v2').toRecords()).toEqual([
      { v2: 5 },
      { v2: 0 },
    ]);
  });

  it('joins with an empty right side', async () => {
    const l = fromColumns({ s: ['x', 'y'], i: new Int32Array([1, 2]) }, { session });
    const r = fromColumns({ s: [''], i: new Int32Array([1]), v: [1] }).filter(col('v').gt(1));
    const none = await r.collect();
    expect(await l.join(none, { on: 's' }).toRecords()).toEqual([]);
    expect((await l.join(none, { on: 'i', how: 'left' }).toRecords()).map((x) => x['v'])).toEqual([null, null]);
  });
});
