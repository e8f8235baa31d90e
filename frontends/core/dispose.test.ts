import { afterAll, beforeEach, describe, expect, it } from 'vitest';
import { array } from '../array/index.ts';
import { col, evaluate, type Frame, fromArrow, fromColumns, readCSV } from '../frame/index.ts';
import { stack, tensor } from '../tensor/index.ts';
import { testSessions } from './sessions-fixture.ts';

const sessions = testSessions();
afterAll(() => Promise.all(sessions.map((s) => s.session.dispose())));

const DATA = Float64Array.from({ length: 1000 }, (_, k) => k);

describe.each(sessions)('what is disposed on $name', ({ session }) => {
  let before = 0;
  beforeEach(() => {
    before = session.heap.used;
  });
  const held = (): number => session.heap.used - before;
  const frame = (): Frame => fromColumns({ x: DATA.slice(), k: Int32Array.from(DATA, (x) => x % 7) }, { session });

  it('a table gives its memory back, at the end of a block', async () => {
    using f = frame();
    const big = f.filter(col('x').gt(500));
    {
      using table = await big.collect();
      expect(table.length).toBe(499);
      expect(held()).toBeGreaterThan(499 * 12);
      expect(table.column('x').data[0]).toBe(501);
    }
    // What is left are copies of the caller's columns, which only generated code needs.
    expect(held()).toBeLessThan(1000 * 12 + 3 * 128);
    f.dispose();
    expect(held()).toBe(0);
  });

  it('a table that was disposed is refused, and so is what was made of it', async () => {
    const table = await frame().collect();
    const derived = table.lazy().select(col('x').add(1).alias('y'));
    const again = table.lazy();
    table.dispose();
    table.dispose();
    expect([table.names, table.length, table.schema]).toEqual([['x', 'k'], 1000, { x: 'f64', k: 'i32' }]);
    const message = 'W8009: the data of the table was disposed';
    for (const use of [
      () => table.columns,
      () => table.column('x'),
      () => table.toColumns(),
      () => table.toRecords(),
      () => table.toString(),
      () => table.lazy(),
    ]) {
      expect(use).toThrow(message);
    }
    await expect(derived.collect()).rejects.toThrow('W8009: the data of table.lazy was disposed');
    await expect(again.collect()).rejects.toThrow('W8009: the data of table.lazy was disposed');
    expect(() => frame().join(again, { on: 'k' })).toThrow('W8009');
  });

  it('of several results each is disposed apart', async () => {
    using f = frame();
    const kept = f.filter(col('x').lt(10));
    const [one, two, xs] = await evaluate([kept, kept, kept.column('x')]);
    one.dispose();
    using other = await f.filter(col('x').gt(900)).collect();
    expect(other.length).toBe(99);
    expect([...two.column('x').data]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    two.dispose();
    expect([...xs]).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8, 9]);
    session.release(xs);
    other.dispose();
    f.dispose();
    expect(held()).toBe(0);
  });

  it('what was read goes back with its frame; a table of the same columns keeps them', async () => {
    const text = `a,b\n${Array.from({ length: 300 }, (_, k) => `${k},${k % 3 === 0 ? '' : `s${k % 5}`}`).join('\n')}\n`;
    const read = await readCSV({ text }, { session });
    expect(held()).toBeGreaterThan(0);
    const table = await read.collect();
    const sum = read.column('a').sum();
    expect(await sum.item()).toBe(44_850);
    read.dispose();
    await expect(sum.item()).rejects.toThrow('W8009: the data of readCSV was disposed');
    await expect(read.collect()).rejects.toThrow('W8009: the data of readCSV was disposed');
    expect(held()).toBeGreaterThan(0);
    using other = await frame().filter(col('x').gt(5)).collect();
    expect(other.length).toBe(994);
    expect(table.toRecords()[299]).toEqual({ a: 299, b: 's4' });
    table.dispose();
    other.dispose();

    const arrow = await fromArrow(await frame().toArrow(), { session });
    arrow.dispose();
    await expect(arrow.toRecords()).rejects.toThrow('W8009: the data of fromArrow was disposed');
  });

  it('data of the caller stay theirs; the copies go back', async () => {
    const mine = DATA.slice();
    const a = array(mine, { session });
    const twice = a.mul(2);
    const t = tensor(
      [
        [1, 2],
        [3, 4],
      ],
      { session },
    );
    const s = stack([a, [...DATA]], { session });
    session.release(await twice.toArray());
    expect(Array.from(await t.add(1).toArray())).toEqual([2, 3, 4, 5]);
    expect((await s.matmul([1, 1]).toArray())[10]).toBe(20);
    s.dispose();
    await expect(s.toNested()).rejects.toThrow('W8009: the data of tensor.stack was disposed');
    expect(await a.sum().item()).toBe(499_500);
    for (const x of [a, t]) x.dispose();
    expect(held()).toBe(0);
    expect(mine).toEqual(DATA);
    await expect(twice.toArray()).rejects.toThrow('W8009: the data of array.array was disposed');
    await expect(a.toList()).rejects.toThrow('W8009: the data of array.array was disposed');
    await expect(t.toArray()).rejects.toThrow('W8009: the data of tensor.tensor was disposed');
    expect(() => array(mine, { session }).add(1)).not.toThrow();
  });

  it('what is computed from others holds nothing: disposing of it does nothing', async () => {
    using f = frame();
    const [narrow, column] = [f.select('x'), f.column('x')];
    for (const x of [narrow, column, column.add(1), stack([column])]) x.dispose();
    expect(await column.sum().item()).toBe(499_500);
    expect(await narrow.toRecords()).toHaveLength(1000);
  });

  it('data that are being read stay until that is done', async () => {
    const f = frame();
    const running = f.filter(col('x').ge(500)).column('x').sum().item();
    f.dispose();
    await expect(f.column('x').sum().item()).rejects.toThrow('W8009: the data of fromColumns was disposed');
    expect(await running).toBe(374_750);
    expect(held()).toBe(0);
  });

  it('what copies its values holds no memory afterwards, nor does a validity that marks nothing', async () => {
    using f = fromColumns({ x: [1, null, 3, ...DATA], y: [...DATA, 1, 2, 3] }, { session });
    const x = f.column('x');
    await x.mul(2).toList();
    await x.mul(2).toArray();
    await stack([x.mul(2), x]).toArray();
    await f.select(col('x').add(1).alias('z')).toRecords();
    using all = await f.select(col('x').fillNull(0).add(1).alias('z')).collect();
    using some = await f.filter(col('y').lt(100)).filter(col('x').gt(2)).select('x').collect();
    expect([all.column('z').validity, some.column('x').validity]).toEqual([null, null]);
    for (const d of [all, some, f]) d.dispose();
    expect(held()).toBe(0);
  });
});
