import { afterAll, describe, expect, it } from 'vitest';
import * as wa from '../array/index.ts';
import { testSessions } from '../core/sessions-fixture.ts';
import {
  col,
  type Frame,
  fromArrow,
  fromColumns,
  len,
  lit,
  readCSV,
  readNDJSON,
  readParquet,
  scanCSV,
  scanNDJSON,
  when,
} from './index.ts';

const sessions = testSessions();
afterAll(() => Promise.all(sessions.map((s) => s.session.dispose())));

describe.each(sessions)('frame on $name', ({ session }) => {
  const flights = (): Frame =>
    fromColumns(
      {
        origin: ['JFK', 'LAX', null, 'JFK', 'SFO'],
        delay: [1, null, 3, Number.NaN, -0],
        n: new Int32Array([1, 2, 3, 4, 5]),
        big: new BigInt64Array([1n, -2n, 3n, -4n, 5n]),
        late: [true, false, null, true, false],
      },
      { session },
    );
  const column = async (f: Frame, name: string): Promise<unknown> =>
    (await f.select(name).toRecords()).map((r) => r[name]);

  it('filters rows where the predicate is true, not null', async () => {
    expect(await column(flights().filter(col('delay').ge(0)), 'n')).toEqual([1, 3, 5]);
    expect(await column(flights().filter(col('late')), 'n')).toEqual([1, 4]);
    expect(await column(flights().filter(col('origin').eq('JFK'), col('n').gt(1)), 'n')).toEqual([4]);
    expect(await column(flights().filter(col('origin').ne('JFK')), 'n')).toEqual([2, 5]);
    expect(await column(flights().filter(col('origin').isIn(['SFO', 'LAX', 'nowhere'])), 'n')).toEqual([2, 5]);
    const many = ['a', 'b', 'c', 'SFO', 'd', 'e'];
    expect(await column(flights().filter(col('origin').isIn(many)), 'n')).toEqual([5]);
    expect(await column(flights().filter(col('origin').isIn(many).not()), 'n')).toEqual([1, 2, 4]);
    expect(await column(flights().filter(col('n').gt(99)), 'origin')).toEqual([]);
    expect(await column(flights().filter(lit(true)), 'n')).toEqual([1, 2, 3, 4, 5]);
  });

  it('drops nullability that a predicate rules out', async () => {
    const of = (f: Frame): (boolean | undefined)[] => ['origin', 'delay', 'n'].map((k) => f.schema[k]?.nullable);
    expect(of(flights())).toEqual([true, true, false]);
    expect(of(flights().filter(col('delay').isNotNull().and(col('n').gt(1))))).toEqual([true, false, false]);
    expect(of(flights().filter(col('origin').eq('JFK')))).toEqual([false, true, false]);
    expect(of(flights().filter(col('delay').isNotNull().or(col('n').gt(1))))).toEqual([true, true, false]);
    expect(await column(flights().filter(col('delay').isNotNull()), 'delay')).toEqual([1, 3, Number.NaN, -0]);
  });

  it('computes expressions with nulls', async () => {
    const f = flights().select({
      sum: col('delay').add(col('n')),
      ratio: col('n').div(2),
      mod: col('big').mod(3),
      zero: col('n').mod(0),
      either: col('late').or(col('n').gt(2)),
      both: col('late').and(col('n').gt(3)),
      filled: col('delay').fillNull(7),
      name: col('origin').fillNull('unknown'),
      size: when(col('n').gt(3)).then('big').otherwise('small'),
      maybe: when(col('late')).then(col('n')).otherwise(null),
      clipped: col('n').min(4).max(2),
      known: col('delay').isNull(),
      nan: col('delay').isNaN(),
      inside: col('n').between(2, 4),
      neg: col('big').neg().abs().cast('f64').sqrt(),
    });
    expect(await f.toRecords()).toEqual([
      {
        sum: 2,
        ratio: 0.5,
        mod: 1,
        zero: null,
        either: true,
        both: false,
        filled: 1,
        name: 'JFK',
        size: 'small',
        maybe: 1,
        clipped: 2,
        known: false,
        nan: false,
        inside: false,
        neg: 1,
      },
      {
        sum: null,
        ratio: 1,
        mod: 1,
        zero: null,
        either: false,
        both: false,
        filled: 7,
        name: 'LAX',
        size: 'small',
        maybe: null,
        clipped: 2,
        known: true,
        nan: null,
        inside: true,
        neg: Math.sqrt(2),
      },
      {
        sum: 6,
        ratio: 1.5,
        mod: 0,
        zero: null,
        either: true,
        both: false,
        filled: 3,
        name: 'unknown',
        size: 'small',
        maybe: null,
        clipped: 3,
        known: false,
        nan: false,
        inside: true,
        neg: Math.sqrt(3),
      },
      {
        sum: Number.NaN,
        ratio: 2,
        mod: 2,
        zero: null,
        either: true,
        both: true,
        filled: Number.NaN,
        name: 'JFK',
        size: 'big',
        maybe: 4,
        clipped: 4,
        known: false,
        nan: true,
        inside: true,
        neg: 2,
      },
      {
        sum: 5,
        ratio: 2.5,
        mod: 2,
        zero: null,
        either: true,
        both: false,
        filled: -0,
        name: 'SFO',
        size: 'big',
        maybe: null,
        clipped: 4,
        known: false,
        nan: false,
        inside: false,
        neg: Math.sqrt(5),
      },
    ]);
    expect(f.dtypes.slice(0, 5)).toEqual(['f64', 'f64', 'i64', 'i32', 'bool']);
  });

  it('rounds, and has the functions of libm', async () => {
    const f = flights().select({
      round: col('n').div(2).round(),
      floor: col('n').div(-2).floor(),
      kept: col('n').trunc(),
      angle: col('n').sub(3).atan2(0),
      log: col('n').log2(),
      small: col('n')
        .mul(2 ** -70)
        .expm1(),
      tail: col('n').mul(-40).normcdf(),
    });
    const { log = [], ...rest } = await f.toColumns();
    expect(Array.from(log, Number)[3]).toBe(2);
    expect(Object.fromEntries(Object.entries(rest).map(([k, v]) => [k, Array.from(v, Number)]))).toEqual({
      round: [0, 1, 2, 2, 2],
      floor: [-1, -1, -2, -2, -3],
      kept: [1, 2, 3, 4, 5],
      angle: [-Math.PI / 2, -Math.PI / 2, 0, Math.PI / 2, Math.PI / 2],
      small: [1, 2, 3, 4, 5].map((n) => n * 2 ** -70),
      tail: [0, 0, 0, 0, 0],
    });
    expect(f.dtypes[2]).toBe('i32');
  });

  it('brings strings of several dictionaries together', async () => {
    const maybe = when(col('n').gt(3)).then('big').otherwise(null);
    const f = flights().select({
      a: col('origin').fillNull(maybe).fillNull('none'),
      b: maybe.fillNull(col('origin')),
      c: col('origin').eq(maybe.fillNull('LAX')),
      d: when(col('n').lt(3)).then(col('origin')).otherwise('JFK').eq('JFK'),
    });
    expect(await f.toRecords()).toEqual([
      { a: 'JFK', b: 'JFK', c: false, d: true },
      { a: 'LAX', b: 'LAX', c: true, d: false },
      { a: 'none', b: null, c: null, d: true },
      { a: 'JFK', b: 'big', c: false, d: true },
      { a: 'SFO', b: 'big', c: false, d: true },
    ]);
    const g = f
      .withColumns({ e: col('b').fillNull(col('a')).ne('big') })
      .groupBy('e', 'b')
      .agg(len());
    expect(await g.toRecords()).toEqual([
      { e: true, b: 'JFK', len: 1 },
      { e: true, b: 'LAX', len: 1 },
      { e: true, b: null, len: 1 },
      { e: false, b: 'big', len: 2 },
    ]);
  });

  it('stores zero beside a null that was computed', async () => {
    const table = await flights()
      .select({ e: col('delay').exp() })
      .collect();
    expect([...table.column('e').data].map((v) => Number(v) === 0)).toEqual([false, true, false, false, false]);
    expect([...(table.column('e').validity ?? [])]).toEqual([1, 0, 1, 1, 1]);
  });

  it('selects aggregates as one row and mixes them with rows', async () => {
    const f = flights();
    const one = f.select(col('n').sum(), col('delay').count().alias('c'), len(), lit(1).alias('k'));
    expect(await one.toRecords()).toEqual([{ n: 15, c: 4, len: 5, k: 1 }]);
    expect(one.length).toBe(1);
    const centred = f.withColumns({ d: col('n').sub(col('n').mean()) });
    expect(await column(centred, 'd')).toEqual([-2, -1, 0, 1, 2]);
    const none = f
      .filter(col('n').gt(9))
      .select({ s: col('n').sum(), m: col('n').mean(), x: col('n').max(), l: len() });
    expect(await none.toRecords()).toEqual([{ s: 0, m: null, x: null, l: 0 }]);
  });

  it('renames, drops, slices and takes heads and tails', async () => {
    const f = flights().rename({ n: 'id' }).drop('late', 'big');
    expect(f.columns).toEqual(['origin', 'delay', 'id']);
    expect(await column(f.head(2), 'id')).toEqual([1, 2]);
    expect(await column(f.tail(2), 'id')).toEqual([4, 5]);
    expect(await column(f.slice(1, 3), 'origin')).toEqual(['LAX', null, 'JFK']);
    expect(await column(f.slice(-2), 'id')).toEqual([4, 5]);
    expect(await column(f.slice(9, 3), 'id')).toEqual([]);
    expect(await column(f.filter(col('id').gt(2)).head(2), 'id')).toEqual([3, 4]);
    expect([f.head(9).length, f.tail(2).length, f.tail(0).length]).toEqual([5, 2, 0]);
  });

  it('keeps lengths and columns of empty frames', async () => {
    const empty = fromColumns({ x: new Float64Array(0), s: [] as string[], o: new Int32Array(0) }, { session });
    const f = empty.filter(col('x').gt(0)).withColumns({ y: col('x').mul(2) });
    expect((await f.collect()).toString()).toContain('(0, 4)');
    expect(await empty.groupBy('o').agg(col('x').sum(), len()).toRecords()).toEqual([]);
    expect(await empty.sort('x').toRecords()).toEqual([]);
  });

  it('reads NDJSON', async () => {
    const f = await readNDJSON({ text: '{"a":1,"b":"x"}\n{"b":"y"}' }, { session });
    expect(await f.filter(col('b').eq('y')).toRecords()).toEqual([{ a: null, b: 'y' }]);
  });
  it('reads in batches, each of which is gone when the next one comes', async () => {
    const rows = Array.from({ length: 10 }, (_, n) => ({ n, s: n % 3 === 0 ? 'a' : 'b' }));
    const csv = { text: `n,s\n${rows.map(({ n, s }) => `${n},${s}\n`).join('')}` };
    const ndjson = { text: rows.map((row) => JSON.stringify(row)).join('\n') };
    const before = session.heap.used;
    for (const scan of [
      () => scanCSV(csv, { session, batchRows: 4 }),
      () => scanNDJSON(ndjson, { session, batchRows: 4 }),
    ]) {
      const sums: unknown[] = [];
      let last: Frame | null = null;
      for await (const batch of scan()) {
        if (last !== null) await expect(last.select('n').collect()).rejects.toThrow('W8009');
        last = batch;
        sums.push(await batch.filter(col('s').eq('b')).select(col('n').sum()).toRecords());
      }
      expect(sums).toEqual([[{ n: 3 }], [{ n: 16 }], [{ n: 8 }]]);
      for await (const batch of scan()) {
        expect(batch.length).toBe(4);
        break;
      }
      expect(session.heap.used).toBe(before);
    }
  });
  it('reads CSV and prints', async () => {
    const f = await readCSV({ text: 'a,b\n1,x\n2,y\n' }, { session });
    expect((await f.withColumns({ c: col('a').mul(2) }).collect()).toString()).toMatchInlineSnapshot(`
      "shape: (2, 3)
      ┌─────┬────────┬─────┐
      │   a ┆ b      ┆   c │
      │ --- ┆ ---    ┆ --- │
      │ i64 ┆ string ┆ i64 │
      ╞═════╪════════╪═════╡
      │   1 ┆ x      ┆   2 │
      │   2 ┆ y      ┆   4 │
      └─────┴────────┴─────┘"
    `);
  });

  it('goes through Arrow, columns and records', async () => {
    const source = flights().withColumns({ t: [new Date(0), null, new Date(1), new Date(2), new Date(3)] });
    const back = await fromArrow(await source.toArrow(), { session });
    expect(back.schema).toEqual(source.schema);
    expect(await back.toRecords()).toEqual(await source.toRecords());
    const columns = await source.select('n', 'origin', 't').head(2).toColumns();
    expect(columns).toEqual({ n: new Int32Array([1, 2]), origin: ['JFK', 'LAX'], t: [new Date(0), null] });
    const lazily = (await source.collect()).lazy().filter(col('n').gt(4));
    expect(await column(lazily, 'origin')).toEqual(['SFO']);
    await expect(readParquet('/nowhere.parquet', { session })).rejects.toThrow('W8001');
  });

  it('passes columns to arrays and back without evaluation', async () => {
    const f = flights().filter(col('delay').isNotNull());
    const z = wa.multiply(f.column('n'), 10).sub(f.column('delay'));
    expect(await column(f.withColumns({ z }).filter(col('z').gt(10)), 'z')).toEqual([27, 50]);
    const g = flights().withColumns({ k: wa.array([5, 4, 3, 2, 1]), m: [1, null, 3, 4, 5] });
    expect(await column(g.filter(col('k').gt(3)), 'm')).toEqual([1, null]);
  });
});
