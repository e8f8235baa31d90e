import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { runs } from '../../compiler/testing/runs.ts';
import { refusal } from '../core/refusal-fixture.ts';
import { testSessions } from '../core/sessions-fixture.ts';
import * as wa from './index.ts';

const sessions = testSessions();
afterAll(() => Promise.all(sessions.map((s) => s.session.dispose())));

/** Few values, so that there are equal ones; NaN, zeros of both signs, infinities, missing ones. */
const element = fc.oneof(
  fc.constantFrom(0, -0, 1, 2, 2.5, -7, Number.NaN, Infinity, -Infinity),
  fc.constant(null),
  fc.double(),
);
const elements = fc.array(element, { maxLength: 12 });
const whole = fc.array(fc.oneof(fc.bigInt({ min: -3n, max: 3n }), fc.constant(null)), { maxLength: 12 });

type Number_ = number | bigint;
/** The order of numbers that are there: NaN last; zeros are equal. */
const below = (a: Number_, b: Number_): boolean => a < b || (Number.isNaN(b) && !Number.isNaN(a));
const same = (a: Number_, b: Number_): boolean => !below(a, b) && !below(b, a);
const isThere = <T>(x: T | null): x is T => x !== null;

/** Rows in order, as it is defined: stable, NaN behind numbers and missing elements behind all, in both directions. */
function orderOf(x: readonly (Number_ | null)[], descending: boolean): number[] {
  const rows = [...x.keys()];
  const group = (v: Number_ | null | undefined): number =>
    v === null || v === undefined ? 2 : Number.isNaN(v) ? 1 : 0;
  return rows.sort((i, j) => {
    const [a, b] = [x[i], x[j]];
    const apart = group(a) - group(b);
    if (apart !== 0 || group(a) > 0 || a == null || b == null) return apart || i - j;
    return (
      (descending ? Number(below(a, b)) - Number(below(b, a)) : Number(below(b, a)) - Number(below(a, b))) || i - j
    );
  });
}
/** Zeros have one sign: `sort` tells them apart where nothing is missing. */
const plain = (x: readonly unknown[]): unknown[] => x.map((v) => (v === 0 ? 0 : v));

describe.each(sessions)('the order of an array on $name', ({ session }) => {
  const array = (x: Parameters<typeof wa.array>[0]): wa.NDArray => wa.array(x, { session });
  const listed = async (x: readonly wa.NDArray[]): Promise<unknown[][]> => {
    const tables = await Promise.all(x.map((a) => a.toList()));
    return tables.map(plain);
  };

  it('sorts, ranks and picks out like plain JavaScript', async () => {
    const property = async (list: readonly (Number_ | null)[], descending: boolean, k: number): Promise<void> => {
      // A list of nothing but null has no type.
      const values = list.every((v) => v === null) && list.length > 0 ? [...list, 1] : [...list];
      const x = array(values);
      const order = orderOf(values, descending);
      const at = (row: number): Number_ | null => values[row] ?? null;
      const present = values.filter(isThere);
      const firsts = orderOf(values, k >= 0).slice(0, Math.abs(k));
      const different = orderOf(present, false)
        .map((row) => present[row] ?? 0)
        .filter((v, i, all) => i === 0 || !same(v, all[i - 1] ?? 0));
      const ranked = (rank: (v: Number_) => number): (number | null)[] =>
        values.map((v) => (v === null ? null : rank(v)));
      const ahead = (v: Number_): number =>
        present.filter((u) => (descending && !Number.isNaN(u) && !Number.isNaN(v) ? below(v, u) : below(u, v))).length;
      const equal = (v: Number_): number => present.filter((u) => same(u, v)).length;
      const asked = [
        wa.sort(x, { descending }),
        wa.argsort(x, { descending }),
        wa.take(x, wa.argsort(x, { descending })),
        wa.topk(x, k),
        wa.argtopk(x, k),
        wa.unique(x),
        wa.rankdata(x, 'min', { descending }),
        wa.rankdata(x, 'max', { descending }),
        wa.rankdata(x, 'average', { descending }),
      ];
      const small = (v: Number_ | null): unknown => (typeof v === 'bigint' ? Number(v) : v);
      expect(await listed(asked)).toEqual(
        [
          order.map(at),
          order,
          order.map(at),
          firsts.map(at),
          firsts,
          different,
          ranked((v) => ahead(v) + 1),
          ranked((v) => ahead(v) + equal(v)),
          ranked((v) => ahead(v) + (equal(v) + 1) / 2),
        ].map((list) => plain(list.map(small))),
      );
    };
    const arbitrary = fc.tuple(fc.oneof(elements, whole), fc.boolean(), fc.integer({ min: -14, max: 14 }));
    await fc.assert(
      fc.asyncProperty(arbitrary, ([list, descending, k]) => property(list, descending, k)),
      runs(11, 0.06),
    );
  });

  it('finds the quantiles of what is there', async () => {
    const property = async (list: readonly (number | null)[], q: number): Promise<void> => {
      const x = array([1, ...list]).compress(array([false, ...list.map(() => true)]));
      const sorted = list.filter(isThere).sort((a, b) => a - b || Number(Object.is(b, -0)) - Number(Object.is(a, -0)));
      const at = q * (sorted.length - 1);
      const [a = Number.NaN, b = a] = sorted.slice(Math.floor(at), Math.floor(at) + 2);
      const part = at - Math.floor(at);
      const between = part === 0 || a === b || !Number.isFinite(a) ? a : a + (b - a) * part;
      const want = sorted.some(Number.isNaN) ? Number.NaN : between;
      const three = [wa.quantile(x, q), wa.quantile(x, [q, 0.5]), wa.median(x)] as const;
      const [share, both, median] = await wa.evaluate(three);
      expect(plain([share, both[0]])).toEqual(plain([want, want]));
      expect(both[1]).toEqual(median);
    };
    const shares = fc.oneof(fc.constantFrom(0, 0.5, 1), fc.double({ min: 0, max: 1, noNaN: true }));
    await fc.assert(fc.asyncProperty(elements, shares, property), runs(12, 0.1));
    expect(
      await array([])
        .add(wa.median(array([1, 3])))
        .toList(),
    ).toEqual([]);
    expect(await wa.percentile(array(new Int32Array([4, 1, 3, 2])), [0, 25, 100]).toList()).toEqual([1, 1.75, 4]);
    expect(
      await array([1, 5, 9])
        .sub(wa.median(array([1, 5, 9])))
        .toList(),
    ).toEqual([-4, 0, 4]);
  });

  it('adds, multiplies and compares what comes up to an element', async () => {
    const property = async (list: readonly (number | null)[]): Promise<void> => {
      const values = list.every((v) => v === null) && list.length > 0 ? [...list, 1] : [...list];
      const x = array(values);
      const running = (none: number, join: (a: number, b: number) => number): (number | null)[] => {
        let sum = none;
        return values.map((v) => {
          if (v === null) return null;
          sum = join(sum, v);
          return sum;
        });
      };
      const all = [wa.cumsum(x), wa.cumprod(x), wa.cummin(x), wa.cummax(x)];
      expect(await listed(all)).toEqual(
        [
          running(0, (a, b) => a + b),
          running(1, (a, b) => a * b),
          running(Infinity, Math.min),
          running(-Infinity, Math.max),
        ].map(plain),
      );
    };
    await fc.assert(fc.asyncProperty(elements, property), runs(13, 0.1));
    const dtypes = [new Uint8Array(1), new Float32Array(1), new BigInt64Array(1)].map((data) => {
      const x = array(data);
      return [wa.cumsum(x).dtype, wa.cummax(x).dtype];
    });
    expect(dtypes).toEqual([
      ['i64', 'u8'],
      ['f32', 'f32'],
      ['i64', 'i64'],
    ]);
    expect(await wa.cumsum(array([true, false, true])).toList()).toEqual([1, 1, 2]);
    // Added in f64 and rounded once.
    const f32 = new Float32Array([2 ** 24, 1, 1]);
    expect(await wa.cumsum(array(f32)).toList()).toEqual([2 ** 24, 2 ** 24, 2 ** 24 + 2]);
  });

  it('looks for places, and takes elements', async () => {
    const sorted = array([1, 2, 2, 4]);
    const values = array([2, 0, null, 9, Number.NaN]);
    expect(await wa.searchsorted(sorted, values).toList()).toEqual([1, 0, null, 4, 4]);
    expect(await wa.searchsorted(sorted, values, 'right').toList()).toEqual([3, 0, null, 4, 4]);
    expect(await wa.searchsorted(array(new Int32Array([1, 3])), 2.5).item()).toBe(1);
    expect(await wa.searchsorted(sorted, sorted.mean()).item()).toBe(3);
    const words = array(['pear', 'apple', null, 'fig', 'apple']);
    const inOrder = wa.unique(words);
    expect(await inOrder.toList()).toEqual(['apple', 'fig', 'pear']);
    expect(await wa.searchsorted(inOrder, array(['fig', 'banana', 'zoo'])).toList()).toEqual([1, 1, 3]);
    expect(await wa.sort(words, { descending: true }).toList()).toEqual(['pear', 'fig', 'apple', 'apple', null]);
    expect(await wa.rankdata(words, 'dense').toList()).toEqual([3, 1, null, 2, 1]);
    expect(
      await wa
        .sort(array(['b', 'a', 'b']))
        .eq(array(['a', 'b', 'b']))
        .toList(),
    ).toEqual([true, true, true]);
    const days = [new Date(86_400_000), new Date(0)];
    expect(await wa.sort(array(days)).toList()).toEqual([days[1], days[0]]);
    expect(await wa.topk(array([true, false, true]), 2).toList()).toEqual([true, true]);

    expect(await wa.take(words, array([-1n, 0n, null, 2n])).toList()).toEqual(['apple', 'pear', null, null]);
    expect(await wa.take(sorted, new Int32Array([-1, 0])).toList()).toEqual([4, 1]);
    await expect(wa.take(sorted, new Int32Array([4])).toList()).rejects.toThrow('W6001');
    await expect(wa.take(sorted.compress(sorted.gt(1)), new Int32Array([-4])).toList()).rejects.toThrow('W6001');
  });

  it('subtracts each element from the next one', async () => {
    const x = array([1, 4, null, 9, 16, 25]);
    expect(wa.diff(x).length).toBe(5);
    expect(await wa.diff(x).toList()).toEqual([3, null, null, 7, 9]);
    expect(await wa.diff(array([1, 4, 9, 16]), 2).toList()).toEqual([2, 2]);
    expect(await wa.diff(array([1])).toList()).toEqual([]);
    expect(await wa.diff(array([])).toList()).toEqual([]);
    const kept = array([5, 1, 2, 4]).compress(array([false, true, true, true]));
    expect(await wa.diff(kept.mul(kept)).toList()).toEqual([3, 12]);
    expect(await wa.diff(kept, 9).toList()).toEqual([]);
  });
});

it('runs one loop into a primitive, and one out of it', async () => {
  const x = wa.array(new Float64Array(8));
  const share = wa.cumsum(x.mul(2).add(1)).div(10).sqrt();
  const { loopsBefore, loopsAfter, final } = await share.explain();
  expect([loopsBefore, loopsAfter, final.match(/cudf\[\w+/g)]).toEqual([4, 2, ['cudf[scan_sum']]);
});

it('refuses with the call, its types and what is allowed', () => {
  const x = wa.array([1, 2, null]);
  expect(refusal(() => wa.median(wa.array(['a'])))).toMatchInlineSnapshot(`
    "W8004: array.median(): quantiles are of numbers, found string
      in: array(..) > median()"
  `);
  expect(refusal(() => wa.cumsum(wa.array(['a'])))).toMatchInlineSnapshot(`
    "W8004: array.cumsum(): cumsum needs numbers, found string
      in: array(..) > cumsum()"
  `);
  expect(refusal(() => wa.quantile(x.add(1), 50))).toMatchInlineSnapshot(`
    "W8006: quantile takes numbers from 0 to 1, found the number 50
      in: array(..) > add(1) > quantile(50)"
  `);
  expect(refusal(() => wa.searchsorted(x, 1))).toMatchInlineSnapshot(`
    "W8004: array.searchsorted(1, 'left'): places are looked for among elements that are all there, found f64 with nulls
      in: array(..) > searchsorted(1, 'left')
      help: leave missing elements out first: x.compress(x.isNull().not())"
  `);
  expect(refusal(() => wa.searchsorted(wa.array([1]), wa.array(['a'])))).toMatchInlineSnapshot(`
    "W8004: array.searchsorted(array, 'left'): searchsorted needs values like those of the sorted array, found f64 and string
      in: array(..) > searchsorted(array, 'left')"
  `);
  expect(refusal(() => wa.topk(x, 1.5))).toMatchInlineSnapshot(`
    "W8006: k is a whole number, found the number 1.5
      in: array(..) > topk(1.5)"
  `);
  expect(refusal(() => wa.take(x, x))).toMatchInlineSnapshot(`
    "W8004: array.take(rows): rows are integers, found f64 with nulls
      in: array(..) > take(rows)"
  `);
});
