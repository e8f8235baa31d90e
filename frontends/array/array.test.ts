import fc from 'fast-check';
import { afterAll, describe, expect, it } from 'vitest';
import { refusal } from '../core/refusal-fixture.ts';
import { testSessions } from '../core/sessions-fixture.ts';
import * as wa from './index.ts';

const sessions = testSessions();
afterAll(() => Promise.all(sessions.map((s) => s.session.dispose())));

const doubles = fc.array(fc.double(), { maxLength: 20 }).map((x) => Float64Array.from(x));

describe.each(sessions)('array on $name', ({ session }) => {
  const array = (x: Parameters<typeof wa.array>[0]): wa.NDArray => wa.array(x, { session });
  const list = async (x: wa.NDArray): Promise<unknown[]> => [...(await x.toArray())];

  it('computes element-wise like JavaScript', async () => {
    await fc.assert(
      fc.asyncProperty(doubles, async (x) => {
        const a = array(x);
        const y = a.mul(2).add(1).div(a.sub(3)).abs().minimum(10);
        const want = Array.from(x, (v) => Math.min(Math.abs((v * 2 + 1) / (v - 3)), 10));
        expect(await list(y)).toEqual(want);
        expect(await list(wa.where(a.gt(0), a, a.neg()))).toEqual(Array.from(x, (v) => (v > 0 ? v : -v)));
      }),
      { numRuns: 100, seed: 5 },
    );
  });

  it('has math functions within a few units in the last place', async () => {
    const x = [0.1, -0.5, 0.999, 1e-300, 0];
    const pairs: [wa.NDArray, (v: number) => number][] = [
      [wa.exp(array(x)), Math.exp],
      [wa.expm1(array(x)), Math.expm1],
      [wa.log1p(array(x)), Math.log1p],
      [wa.log2(array(x).abs()), (v) => Math.log2(Math.abs(v))],
      [wa.log10(array(x).abs()), (v) => Math.log10(Math.abs(v))],
      [wa.sin(array(x)), Math.sin],
      [wa.arcsin(array(x)), Math.asin],
      [wa.arccos(array(x)), Math.acos],
      [wa.arctan(array(x)), Math.atan],
      [wa.arctan2(array(x), -0.25), (v) => Math.atan2(v, -0.25)],
      [wa.arctan2(1, array(x)), (v) => Math.atan2(1, v)],
      [wa.tan(array(x)), Math.tan],
      [wa.sinh(array(x)), Math.sinh],
      [wa.cosh(array(x)), Math.cosh],
      [wa.tanh(array(x)), Math.tanh],
      [wa.radians(array(x)), (v) => v * (Math.PI / 180)],
    ];
    for (const [got, f] of pairs) {
      for (const [k, v] of (await list(got)).entries()) {
        const want = f(x[k] ?? 0);
        const apart = Object.is(v, want) ? 0 : Math.abs(Number(v) - want);
        expect(apart).toBeLessThanOrEqual(Math.abs(want) * 2 ** -50);
      }
    }
    expect(await list(wa.log(array([1, 0, -1])))).toEqual([0, -Infinity, Number.NaN]);
    expect(await list(wa.sqrt(array([4, -0, -1])))).toEqual([2, -0, Number.NaN]);
    // erf(1), erfc(1) and the normal distribution at 1, from tables.
    const one = array([1]);
    const [erf, erfc, cdf] = await Promise.all([wa.erf(one), wa.erfc(one), wa.normcdf(one)].map(list));
    expect(erf?.[0]).toBeCloseTo(0.842700792949715, 14);
    expect(erfc?.[0]).toBeCloseTo(0.157299207050285, 14);
    expect(cdf?.[0]).toBeCloseTo(0.841344746068543, 14);
    expect(await list(wa.power(array([2, 9, -8]), array([10, 0.5, 1 / 3])))).toEqual([1024, 3, Number.NaN]);
  });

  it('rounds to whole numbers, from the middle to the even one, and leaves integers alone', async () => {
    const x = array([-1.5, -0.5, 0.5, 2.5, 1e300, -0]);
    expect(await list(wa.floor(x))).toEqual([-2, -1, 0, 2, 1e300, -0]);
    expect(await list(wa.ceil(x))).toEqual([-1, -0, 1, 3, 1e300, -0]);
    expect(await list(wa.trunc(x))).toEqual([-1, -0, 0, 2, 1e300, -0]);
    expect(await list(wa.rint(x))).toEqual([-2, -0, 0, 2, 1e300, -0]);
    const whole = wa.round(array(new BigInt64Array([2n ** 60n + 1n])));
    expect([whole.dtype, await list(whole)]).toEqual(['i64', [2n ** 60n + 1n]]);
    expect(wa.floor(array(new Float32Array([1.5]))).dtype).toBe('f32');
  });

  it('promotes, and keeps weak numbers weak', async () => {
    const i = array(new Int32Array([7, -7]));
    const f = array(new Float32Array([0.1, 2]));
    const l = array(new BigInt64Array([1n, 2n]));
    expect([i.add(1), i.add(1.5), f.add(1.5), i.add(l), f.add(i), l.div(2), i.gt(1)].map((x) => x.dtype)).toEqual([
      'i32',
      'f64',
      'f32',
      'i64',
      'f64',
      'f64',
      'bool',
    ]);
    expect(await list(i.mod(3))).toEqual([1, 2]);
    expect(await list(wa.divide(1, array([2, 0])))).toEqual([0.5, Infinity]);
    expect(await list(i.div(2))).toEqual([3.5, -3.5]);
    expect(await list(f.mul(3))).toEqual([Math.fround(Math.fround(0.1) * 3), 6]);
    expect(await list(array(new Uint8Array([250])).add(10))).toEqual([4]);
    expect(await list(array([300.7, -1, Number.NaN]).astype('u8'))).toEqual([255, 0, 0]);
  });

  it('reduces, of nothing too', async () => {
    const x = array([3, 1, 2]);
    expect(await Promise.all([x.sum(), x.mean(), x.min(), x.max(), x.count()].map((s) => s.item()))).toEqual([
      6, 2, 1, 3, 3,
    ]);
    const none = x.compress(x.gt(9));
    expect(await Promise.all([none.sum(), none.mean(), none.min()].map((s) => s.item()))).toEqual([
      0,
      Number.NaN,
      Number.NaN,
    ]);
    expect(await array([1, Number.NaN]).max().item()).toBe(Number.NaN);
    const ints = array(new BigInt64Array([2n ** 62n, 2n ** 61n]));
    expect(await ints.sum().bigint()).toBe(2n ** 62n + 2n ** 61n);
    await expect(ints.sum().item()).rejects.toThrow('W8006');
    await expect(ints.compress(ints.lt(0)).max().item()).rejects.toThrow('W8005');
    expect(array(new Float32Array([1])).sum().dtype).toBe('f32');
    expect(await x.sub(x.mean()).pow(2).mean().sqrt().item()).toBeCloseTo(Math.sqrt(2 / 3), 12);
  });

  it('propagates missing elements and skips them in reductions', async () => {
    const x = array([1, null, 3]);
    expect(await x.add(1).toList()).toEqual([2, null, 4]);
    expect(await list(x.add(1))).toEqual([2, Number.NaN, 4]);
    expect(await x.mean().item()).toBe(2);
    expect(await x.count().item()).toBe(2);
    expect(await x.gt(2).toList()).toEqual([false, null, true]);
    expect(await list(x.fillNull(0))).toEqual([1, 0, 3]);
    await expect(x.gt(2).toArray()).rejects.toThrow('W8004');
    expect(await x.compress(x.gt(2)).toList()).toEqual([3]);
  });

  it('makes constant and counted arrays', async () => {
    expect(await list(wa.arange(1, 2, 0.25))).toEqual([1, 1.25, 1.5, 1.75]);
    expect(await list(wa.linspace(0, 1, 3))).toEqual([0, 0.5, 1]);
    expect(await list(wa.ones(2).add(wa.zeros(2)))).toEqual([1, 1]);
    expect(await list(wa.clip(array([1, 5, 9]), 2, null))).toEqual([2, 5, 9]);
    expect(await list(wa.clip(array([1, 5, 9]), null, 6))).toEqual([1, 5, 6]);
  });
});

it('refuses with both lengths, types and calls', () => {
  const x = wa.array([1, 2, 3]);
  expect(refusal(() => x.add(1).mul(wa.array([1])))).toMatchInlineSnapshot(`
    "W8005: the lengths 3 and 1 differ
      in: array(..) > add(1) > mul(array)
      help: combine columns of equal length, or reduce one of them to a scalar first"
  `);
  expect(refusal(() => x.and(true))).toMatchInlineSnapshot(`
    "W8004: array.and(true): and needs two bool values, found f64 and bool
      in: array(..) > and(true)"
  `);
  expect(refusal(() => wa.add(1, 2))).toMatchInlineSnapshot(`
    "W8006: add needs at least one array
      in: add(1, 2)
      help: make one with array(..) or frame.column(..)"
  `);
  expect(refusal(() => wa.array(new Uint8Array(1)).add(256))).toMatchInlineSnapshot(`
    "W8004: the number 256 does not fit in u8
      in: array(..) > add(256)
      help: cast('i64') or cast('f64') first"
  `);
  expect(refusal(() => wa.zeros(-1))).toMatchInlineSnapshot(`
    "W8006: a length is a whole number from 0 to 536870912, found the number -1
      in: zeros(..)"
  `);
});
