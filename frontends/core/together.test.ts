/** Several results by one program: the same as by one each, with what they share computed once. */

import { afterAll, describe, expect, it } from 'vitest';
import { type DataColumn, init, type Session } from '../../runtime/index.ts';
import { array, type NDArray } from '../array/index.ts';
import { col, type DataTable, evaluate, explain, type Frame, fromColumns, len, type Scalar } from '../frame/index.ts';
import { stack, type Tensor } from '../tensor/index.ts';
import { testSessions } from './sessions-fixture.ts';

const sessions = testSessions();
afterAll(() => Promise.all(sessions.map((s) => s.session.dispose())));

interface Wanted {
  readonly zones: Frame;
  readonly pace: NDArray;
  readonly mean: Scalar;
  readonly x: Tensor;
  readonly first: Frame;
}
/** Results of all kinds over the rows that one filter leaves. */
function wanted(session: Session, n = 1000): Wanted {
  const trips = fromColumns(
    {
      fare: Float64Array.from({ length: n }, (_, k) => (k % 7) - 2),
      zone: Int32Array.from({ length: n }, (_, k) => k % 5),
      note: Array.from({ length: n }, (_, k) => (k % 3 === 0 ? null : k)),
    },
    { session },
  ).filter(col('fare').gt(0));
  const fare = trips.column('fare');
  return {
    zones: trips.groupBy('zone').agg(col('fare').sum(), len()),
    pace: fare.mul(2),
    mean: fare.mean(),
    x: stack([fare, fare.log()]).mul(3),
    first: trips.head(4),
  };
}
const columnsOf = (t: DataTable): readonly unknown[] =>
  t.columns.map((c: DataColumn) => [c.dtype, [...c.data.subarray(0, c.length)], c.validity && [...c.validity]]);

describe.each(sessions)('results together on $name', ({ session }) => {
  it('are what each would be by itself', async () => {
    const w = wanted(session);
    const [zones, pace, mean, x, first] = await evaluate([w.zones, w.pace, w.mean, w.x, w.first]);
    expect(columnsOf(zones)).toEqual(columnsOf(await w.zones.collect()));
    expect(pace).toEqual(await w.pace.toArray());
    expect(mean).toBe(await w.mean.item());
    expect(x).toEqual(await w.x.toArray());
    expect(columnsOf(first)).toEqual(columnsOf(await w.first.collect()));
    expect(first.names).toEqual(['fare', 'zone', 'note']);
  });

  it('may be data already, the same twice, one or none', async () => {
    const f = fromColumns({ a: [1, 2, 3] }, { session });
    const [data, sum, again] = await evaluate([f, f.column('a').sum(), f], { threads: 1 });
    expect([data.toRecords(), sum, again.toRecords()]).toEqual([[{ a: 1 }, { a: 2 }, { a: 3 }], 6, data.toRecords()]);
    expect(await evaluate([f.column('a').max()])).toEqual([3]);
    expect(await evaluate([])).toEqual([]);
  });

  it('may differ in length, each by itself', async () => {
    const f = fromColumns({ a: [1, 2, 3] }, { session });
    const [all, some] = await evaluate([f.column('a').add(1), f.filter(col('a').gt(1)).column('a')]);
    expect([[...all], [...some]]).toEqual([
      [2, 3, 4],
      [2, 3],
    ]);
  });

  it('are refused where one of them would be', async () => {
    const none = fromColumns({ a: new Int32Array([1]) }, { session }).filter(col('a').gt(1));
    const both = evaluate([none, none.column('a').max()]);
    await expect(both).rejects.toThrow('W8005: the reduction of no values has no value');
  });
});

describe('one program', () => {
  it('reads the rows once, where each result by itself reads them again', async () => {
    const session = await init({ threads: 1 });
    try {
      const w = wanted(session);
      const all = [w.zones, w.mean, w.pace, w.x];
      const together = await explain(all);
      const apart = await Promise.all([w.zones, w.mean, w.pace, w.x].map((v) => v.explain()));
      expect(apart.map((x) => x.loopsAfter)).toEqual([2, 1, 1, 1]);
      expect(together.loopsAfter).toBe(2);
      expect(together.bytesAfter).toBeLessThan(apart.reduce((sum, x) => sum + x.bytesAfter, 0));
      expect(together.text).toMatch(/^loops: /);
    } finally {
      await session.dispose();
    }
  });
});

describe('what cannot be evaluated together', () => {
  it('is refused: values of two sessions, and what is not lazy', async () => {
    const [a, b] = [await init({ threads: 1 }), await init({ threads: 1 })];
    try {
      const two = evaluate([array([1], { session: a }).sum(), array([2], { session: b })]);
      await expect(two).rejects.toThrow(
        /W8007: values of two sessions meet in one expression\n {2}in: evaluate\(\[\.\.\]\)/,
      );
    } finally {
      await Promise.all([a.dispose(), b.dispose()]);
    }
    const numbers = array([1, 2]);
    const plain = evaluate([numbers, 5 as never]);
    await expect(plain).rejects.toThrow(
      'W8006: evaluate takes frames, arrays, tensors and lazy scalars; value 2 is the number 5',
    );
    await expect(evaluate(numbers as never)).rejects.toThrow('W8006: evaluate takes a list of lazy values');
  });
});
