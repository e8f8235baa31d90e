import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { WeldError } from '../../compiler/index.ts';
import { testSessions } from '../core/sessions-fixture.ts';
import { col, fromColumns } from './index.ts';

const sessions = testSessions();
afterAll(() => Promise.all(sessions.map((s) => s.session.dispose())));

const time = (minutes: number): Date => new Date(60_000 * minutes);

describe.each(sessions)('joinAsof on $name', ({ session }) => {
  const quotes = fromColumns({
    t: [0, 1, 2, 2, 4, 9].map(time),
    sym: ['A', 'B', 'A', 'B', 'A', 'C'],
    bid: [10, 20, 11, 21, null, 30],
  });
  const trades = fromColumns({ t: [3, 0, 2, 8].map(time), sym: ['A', 'B', 'B', 'D'], n: [1, 2, 3, 4] }, { session });

  it('takes the nearest row by time and key', async () => {
    const bids = async (options: object): Promise<unknown[]> =>
      (await trades.joinAsof(quotes, { on: 't', ...options }).toRecords()).map((r) => r['bid']);
    expect(await bids({})).toEqual([21, 10, 21, null]);
    expect(await bids({ by: 'sym' })).toEqual([11, null, 21, null]);
    expect(await bids({ by: 'sym', strategy: 'forward' })).toEqual([null, 20, 21, null]);
    expect(await bids({ leftBy: ['sym'], rightBy: ['sym'], strategy: 'nearest' })).toEqual([11, 20, 21, null]);
    expect(await bids({ tolerance: 60_000_000 })).toEqual([21, 10, 21, null]);
    expect(await bids({ tolerance: 59_999_999n })).toEqual([null, 10, 21, null]);
    const filtered = quotes.filter(col('bid').lt(21));
    expect(await trades.joinAsof(filtered, { on: 't' }).select('bid').toRecords()).toEqual([
      { bid: 11 },
      { bid: 10 },
      { bid: 11 },
      { bid: 11 },
    ]);
  });

  it('keeps the left rows, and right values under a name of their own', async () => {
    const renamed = quotes.rename({ t: 'quoted' }).head(2);
    const joined = trades
      .filter(col('n').lt(3))
      .joinAsof(renamed, { leftOn: 't', rightOn: 'quoted', by: 'sym', strategy: 'nearest' });
    expect(joined.columns).toEqual(['t', 'sym', 'n', 'quoted', 'bid']);
    expect(await joined.toRecords()).toEqual([
      { t: time(3), sym: 'A', n: 1, quoted: time(0), bid: 10 },
      { t: time(0), sym: 'B', n: 2, quoted: time(1), bid: 20 },
    ]);
  });

  it('finds what a search from the first row on finds', { timeout: 60_000 }, async () => {
    const cell = fc.option(fc.constantFrom(0, 1, 2, 5, Number.NaN));
    const side = fc.array(fc.record({ x: cell, k: fc.integer({ min: 0, max: 1 }) }), { minLength: 1, maxLength: 9 });
    await fc.assert(
      fc.asyncProperty(side, side, fc.boolean(), async (l, unordered, byKey) => {
        fc.pre([l, unordered].every((s) => s.some((r) => r.x !== null)));
        const r = unordered.toSorted((a, b) => (a.x ?? 0) - (b.x ?? 0) || 0).filter((a) => !Number.isNaN(a.x));
        fc.pre(r.some((a) => a.x !== null));
        const sorted = r.toSorted((a, b) => (a.x ?? -1) - (b.x ?? -1));
        const data = (s: typeof l) => ({ x: s.map((a) => a.x), k: Int32Array.from(s, (a) => a.k) });
        const [lf, rf] = [
          fromColumns(data(l), { session }),
          fromColumns({ ...data(sorted), row: sorted.map((_, k) => k) }),
        ];
        const found = await lf
          .joinAsof(rf, { on: 'x', ...(byKey ? { by: 'k' } : {}), tolerance: 2 })
          .select('row')
          .toRecords();
        const want = l.map((a) =>
          sorted.findLastIndex(
            (b) => a.x !== null && b.x !== null && b.x <= a.x && a.x - b.x <= 2 && (!byKey || a.k === b.k),
          ),
        );
        expect(found.map((f) => f['row'] ?? -1)).toEqual(want);
      }),
      { numRuns: 40, seed: 12 },
    );
  });

  it('refuses a right side that does not ascend', async () => {
    const falls = quotes.sort('t', { descending: true });
    await expect(trades.joinAsof(falls, { on: 't' }).toRecords()).rejects.toThrow(
      'W6016: asof_backward: the values of the right side do not ascend in row 1',
    );
  });
});

it('says what is wrong with its options', () => {
  const f = fromColumns({ t: new Int32Array([1]), s: ['a'] });
  const refusal = (options: object, right: unknown = f): string => {
    try {
      Reflect.apply(f.joinAsof, f, [right, options]);
    } catch (e) {
      if (e instanceof WeldError) return e.message;
      throw e;
    }
    throw new Error('nothing was refused');
  };
  expect(refusal({})).toMatchInlineSnapshot(`
    "W8006: joinAsof needs the column by which rows are near
      in: fromColumns({ t, s }) > joinAsof({})
      help: give { on: 'time' } or { leftOn: 'a', rightOn: 'b' }"
  `);
  expect(refusal({ on: 's' })).toMatchInlineSnapshot(`
    "W8004: joinAsof is by numbers or timestamps; s is string
      in: fromColumns({ t, s }) > joinAsof({"on":"s"})"
  `);
  expect(refusal({ on: 't', strategy: 'last' })).toMatchInlineSnapshot(`
    "W8006: strategy is one of 'backward', 'forward', 'nearest', found "last"
      in: fromColumns({ t, s }) > joinAsof({"on":"t","strategy":"last"})"
  `);
  expect(refusal({ on: 't', tolerance: -1n })).toMatchInlineSnapshot(`
    "W8006: joinAsof: tolerance is a distance of type i32, found the bigint -1
      in: fromColumns({ t, s }) > joinAsof({"on":"t","tolerance":"-1n"})"
  `);
  expect(refusal({ on: 't', leftBy: 's' })).toMatchInlineSnapshot(`
    "W8006: 2 left and 1 right key columns are given
      in: fromColumns({ t, s }) > joinAsof({"on":"t","leftBy":"s"})"
  `);
  expect(refusal({ on: 't' }, 7)).toMatchInlineSnapshot(`
    "W8006: joinAsof needs a frame or a table, found the number 7
      in: fromColumns({ t, s }) > joinAsof({"on":"t"})"
  `);
});
