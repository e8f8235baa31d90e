import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { testSessions } from '../core/sessions-fixture.ts';
import { col, fromColumns } from './index.ts';
import type { How } from './join.ts';

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

  const row = fc.record({
    s: fc.constantFrom('a', 'b', 'c', null),
    i: fc.option(fc.integer({ min: -2, max: 2 }).map(BigInt)),
    x: fc.constantFrom(0, -0, Number.NaN, 1, null),
  });
  type Row = { readonly s: string | null; readonly i: bigint | null; readonly x: number | null };
  const rows = fc.array(row, { minLength: 1, maxLength: 9 });

  /** The pairs of rows by nested loops, null for none. */
  function pairsOf(l: readonly Row[], r: readonly Row[], on: readonly (keyof Row)[], how: How): (number | null)[][] {
    const same = (a: Row, b: Row): boolean =>
      on.every((k) => a[k] !== null && b[k] !== null && (a[k] === b[k] || (Number.isNaN(a[k]) && Number.isNaN(b[k]))));
    const inner = l.map((a, i) => r.flatMap((b, k) => (same(a, b) ? [[i, k]] : [])));
    if (how === 'semi' || how === 'anti')
      return inner.flatMap((p, i) => (p.length > 0 === (how === 'semi') ? [[i, null]] : []));
    const outer = how === 'left' || how === 'full';
    const pairs = inner.flatMap((p, i): (number | null)[][] => (p.length === 0 && outer ? [[i, null]] : p));
    if (how !== 'right' && how !== 'full') return pairs;
    const partners = new Set(inner.flat().map((p) => p[1]));
    return [...pairs, ...r.flatMap((_, k) => (partners.has(k) ? [] : [[null, k]]))];
  }

  const shown = (v: unknown): unknown => (typeof v === 'bigint' ? Number(v) : v);

  it('joins like nested loops, in every way, by keys of every kind', { timeout: 60_000 }, async () => {
    const hows = fc.constantFrom<How>('inner', 'left', 'right', 'full', 'semi', 'anti');
    const ons = fc.constantFrom<readonly (keyof Row)[]>(['s'], ['i'], ['x'], ['s', 'i'], ['i', 'x', 's']);
    // Unique keys and not, on a right side that is here and on one that is not computed yet.
    const sides = fc.tuple(rows, rows, fc.boolean(), fc.boolean());
    await fc.assert(
      fc.asyncProperty(sides, hows, ons, async ([l, all, unique, isHere], how, on) => {
        const r = unique ? all.filter((a, k) => !pairsOf([a], all.slice(0, k), on, 'inner').length) : all;
        for (const k of ['s', 'i', 'x'] as const) fc.pre([l, r].every((side) => side.some((a) => a[k] !== null)));
        const data = (side: readonly Row[]) => ({
          s: side.map((a) => a.s),
          i: side.map((a) => a.i),
          x: side.map((a) => a.x),
        });
        const lf = fromColumns({ ...data(l), row: l.map((_, k) => k) }, { session });
        const here = fromColumns({ ...data(r), v: r.map((_, k) => k * 10) });
        const rf = isHere ? here : here.filter(col('v').gt(-1));
        const joined = lf.join(rf, { on, how });
        const found = await joined.select('row', ...(how === 'semi' || how === 'anti' ? [] : ['v']), ...on).toRecords();
        const want = pairsOf(l, r, on, how).map(([i = null, k = null]) => ({
          row: i,
          ...(how === 'semi' || how === 'anti' ? {} : { v: k === null ? null : k * 10 }),
          ...Object.fromEntries(on.map((c) => [c, shown((i === null ? r[k ?? 0] : l[i])?.[c])])),
        }));
        expect(found).toEqual(want);
      }),
      { numRuns: 40, seed: 11 },
    );
  });

  it('brings keys to one type', async () => {
    const l = fromColumns({ k: new Int32Array([1, -2, 3]), f: new Float32Array([0.5, 2, 3]) }, { session });
    const r = fromColumns({ k: new BigInt64Array([-2n, 1n << 40n, 1n]), f: [2, 0.5, 7], v: [1, 2, 3] });
    const lazy = r.filter(col('v').gt(0));
    for (const right of [r, lazy]) {
      expect(await l.join(right, { on: 'k' }).select('k', 'v').toRecords()).toEqual([
        { k: 1, v: 3 },
        { k: -2, v: 1 },
      ]);
      expect(await l.join(right, { on: 'f' }).select('f', 'v').toRecords()).toEqual([
        { f: 0.5, v: 2 },
        { f: 2, v: 1 },
      ]);
    }
    const full = await l.join(lazy, { on: 'k', how: 'full' }).select('k', 'v').toRecords();
    expect(full).toEqual([1, -2, 3, 2 ** 40].map((k, at) => ({ k, v: [3, 1, null, 2][at] })));
    const names = l.join(lazy, { leftOn: ['k', 'f'], rightOn: ['k', 'f'], how: 'left', suffix: 's' });
    expect([names.columns, await names.select('v').toRecords()]).toEqual([
      ['k', 'f', 'v'],
      [{ v: null }, { v: 1 }, { v: null }],
    ]);
  });

  it('checks how often keys are there', async () => {
    const l = fromColumns({ k: [1, 2, 2], n: [1, 2, 3] }, { session });
    const r = fromColumns({ k: [2, 1, 5, null, null], v: [1, 2, 3, 4, 5] });
    const lazy = r.filter(col('v').gt(0));
    for (const how of ['inner', 'left', 'semi'] as const) {
      const want = await l.join(lazy, { on: 'k', how }).toRecords();
      for (const right of [r, lazy])
        expect(await l.join(right, { on: 'k', how, validate: 'm:1' }).toRecords()).toEqual(want);
    }
    await expect(l.join(lazy, { on: 'k', validate: '1:1' }).toRecords()).rejects.toThrow(
      'W6015: check_unique: rows 1 and 2',
    );
    await expect(l.join(lazy, { on: 'k', how: 'full', validate: '1:m' }).toRecords()).rejects.toThrow('W6015');
    const twice = fromColumns({ k: [7, 7] });
    await expect(l.join(twice.filter(col('k').gt(0)), { on: 'k', validate: 'm:1' }).toRecords()).rejects.toThrow(
      'W6015',
    );
    expect(() => l.join(twice, { on: 'k', validate: 'm:1' })).not.toThrow();
    const whole = fromColumns({ k: new Int32Array([7, 7]) });
    expect(() => l.withColumns({ k: col('k').cast('i32') }).join(whole, { on: 'k', validate: 'm:1' })).toThrow(
      'W8006: the right key "k" has 7 in rows 0 and 1',
    );
  });

  it('looks few unique rows up in the loop, and matches others by a primitive', async () => {
    const l = fromColumns({ k: new Int32Array([1, 2]), n: [1, 2] }, { session });
    const r = fromColumns({ k: new Int32Array([2, 3]), v: [1, 2] });
    const final = async (f: ReturnType<typeof l.join>): Promise<string> => (await f.explain()).final;
    expect(await final(l.join(r, { on: 'k' }))).not.toContain('cudf');
    expect(await final(l.join(r, { on: 'k', how: 'anti' }))).not.toContain('cudf');
    expect(await final(l.join(r, { on: 'k', how: 'full' }))).toContain('cudf[join_full');
    const lazy = r.filter(col('v').gt(0));
    expect(await final(l.join(lazy, { on: 'k' }))).toContain('cudf[join_inner');
    expect(await final(l.join(lazy, { on: 'k', how: 'semi' }))).toContain('cudf[match');
    expect(await final(l.join(lazy, { on: 'k', how: 'left', validate: 'm:1' }))).toContain('cudf[match');
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
