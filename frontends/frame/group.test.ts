import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { testSessions } from '../core/sessions-fixture.ts';
import { col, fromColumns, len } from './index.ts';

const sessions = testSessions();
afterAll(() => Promise.all(sessions.map((s) => s.session.dispose())));

interface Row {
  readonly s: string | null;
  readonly k: number;
  readonly x: number | null;
}
const rows: fc.Arbitrary<Row[]> = fc.array(
  fc.record({
    s: fc.constantFrom('a', 'b', '', 'ü', null),
    k: fc.integer({ min: -2, max: 2 }),
    // Multiples of 1/4: sums are exact, so that every order of addition gives the same bits.
    x: fc.option(fc.integer({ min: -1000, max: 1000 }).map((n) => n / 4)),
  }),
  { maxLength: 40 },
);

/** Groups in plain JavaScript, in order of first appearance. */
function grouped(data: readonly Row[], key: (r: Row) => string): Row[][] {
  const groups = new Map<string, Row[]>();
  for (const r of data) groups.set(key(r), [...(groups.get(key(r)) ?? []), r]);
  return [...groups.values()];
}
const present = (g: readonly Row[]): number[] => g.flatMap((r) => (r.x === null ? [] : [r.x]));
const total = (xs: readonly number[]): number => xs.reduce((a, b) => a + b, 0);
const reduced = (xs: readonly number[], f: (...n: number[]) => number): number | null => (xs.length ? f(...xs) : null);

describe.each(sessions)('groupBy on $name', ({ session }) => {
  const frame = (data: readonly Row[]) =>
    fromColumns(
      { s: data.map((r) => r.s), k: Int32Array.from(data, (r) => r.k), x: data.map((r) => r.x) },
      { session },
    );

  it('agrees with plain JavaScript, by one key and by two', { timeout: 60_000 }, async () => {
    await fc.assert(
      fc.asyncProperty(rows, fc.boolean(), async (data, two) => {
        fc.pre(data.some((r) => r.s !== null) && data.some((r) => r.x !== null));
        const keys = two ? ['k', 's'] : ['s'];
        const g = frame(data)
          .groupBy(...keys)
          .agg(
            col('x').sum().alias('sum'),
            col('x').mean().alias('mean'),
            col('x').min().alias('min'),
            col('x').max().alias('max'),
            col('x').count().alias('count'),
            col('k').sum().alias('ksum'),
            len(),
          );
        const want = grouped(data, (r) => JSON.stringify(two ? [r.k, r.s] : r.s)).map((rs) => ({
          ...(two ? { k: rs[0]?.k, s: rs[0]?.s } : { s: rs[0]?.s }),
          sum: total(present(rs)),
          mean: reduced(present(rs), (...xs) => total(xs) / xs.length),
          min: reduced(present(rs), Math.min),
          max: reduced(present(rs), Math.max),
          count: present(rs).length,
          ksum: total(rs.map((r) => r.k)),
          len: rs.length,
        }));
        // -0 and +0 are one number to a sum that starts from 0.
        const got = (await g.toRecords()).map((r) => ({ ...r, sum: Number(r['sum']) + 0, mean: zero(r['mean']) }));
        expect(got.map(plain)).toEqual(want.map(plain));
      }),
      { numRuns: 60, seed: 7 },
    );
  });
  const zero = (x: unknown): unknown => (x === 0 ? 0 : x);
  const plain = (r: Record<string, unknown>): unknown =>
    Object.fromEntries(Object.entries(r).map(([k, v]) => [k, zero(v)]));

  it('groups by integers, booleans, timestamps and expressions', async () => {
    const t = [new Date(0), new Date(1), new Date(0), null, null];
    const f = fromColumns(
      { i: new BigInt64Array([9n, -1n, 9n, 9n, -1n]), b: [true, null, true, false, null], t, n: [1, 2, 3, 4, 5] },
      { session },
    );
    expect(await f.groupBy('i').agg(col('n').sum()).toRecords()).toEqual([
      { i: 9, n: 8 },
      { i: -1, n: 7 },
    ]);
    expect(await f.groupBy('b').agg(len()).toRecords()).toEqual([
      { b: true, len: 2 },
      { b: null, len: 2 },
      { b: false, len: 1 },
    ]);
    expect(await f.groupBy('t').agg(col('n').max()).toRecords()).toEqual([
      { t: new Date(0), n: 3 },
      { t: new Date(1), n: 2 },
      { t: null, n: 5 },
    ]);
    const parity = col('i').mod(2).alias('odd');
    expect(
      await f
        .groupBy(parity)
        .agg({ share: col('n').sum().div(len()) })
        .toRecords(),
    ).toEqual([{ odd: 1, share: 3 }]);
  });

  it('groups by parts of dates through a table', async () => {
    const t = ['2024-01-01T05:00Z', '2024-01-02T23:00Z', null, '2024-01-08T05:30Z'].map((x) =>
      x ? new Date(x) : null,
    );
    const f = fromColumns({ t, n: [1, 2, 3, 4] }, { session }).withColumns({ h: col('t').dt.hour() });
    expect(await f.groupBy('h').agg(col('n').sum()).toRecords()).toEqual([
      { h: 5, n: 5 },
      { h: 23, n: 2 },
      { h: null, n: 3 },
    ]);
    expect(await f.groupBy(col('t').dt.weekday(), 'h').agg(len()).toRecords()).toEqual([
      { t: 1, h: 5, len: 2 },
      { t: 2, h: 23, len: 1 },
      { t: null, h: null, len: 1 },
    ]);
  });

  it('gives the distinct keys when nothing is aggregated', async () => {
    const f = fromColumns({ a: ['x', 'y', 'x'], b: [1n, 1n, 1n] }, { session });
    expect(await f.groupBy('a', 'b').agg().toRecords()).toEqual([
      { a: 'x', b: 1 },
      { a: 'y', b: 1 },
    ]);
  });

  it('groups what a filter leaves, and filters groups', async () => {
    const f = fromColumns({ a: ['x', 'y', 'x', 'z'], n: [1, 2, 3, 4] }, { session });
    const g = f.filter(col('n').gt(1)).groupBy('a').agg(col('n').sum().alias('s')).filter(col('s').gt(2));
    expect(await g.toRecords()).toEqual([
      { a: 'x', s: 3 },
      { a: 'z', s: 4 },
    ]);
    expect(g.schema).toEqual({ a: { dtype: 'string', nullable: false }, s: { dtype: 'f64', nullable: false } });
  });
});
