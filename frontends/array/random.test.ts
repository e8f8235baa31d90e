import { afterAll, describe, expect, it } from 'vitest';
import { readEnv, Session } from '../../runtime/index.ts';
import { testSessions } from '../core/sessions-fixture.ts';
import * as wa from './index.ts';

const one = new Session({ threads: 1 }, readEnv({}));
const sessions = [...testSessions(), { name: 'wasm, one thread', session: one }];
afterAll(() => Promise.all(sessions.map((s) => s.session.dispose())));

/** One array of each kind, by a generator of this seed. */
function arraysOf(seed: number | bigint, session: Session): readonly wa.NDArray[] {
  const rng = wa.defaultRng(seed, { session });
  return [
    rng.random(1000),
    rng.uniform(-1, 3, 1000, { dtype: 'f32' }),
    rng.normal(5, 2, 1000),
    rng.standardNormal(1000, { dtype: 'f32' }),
    rng.integers(-3, 4n, 1000),
    rng.permutation(1000),
    rng.permutation(wa.array(['a', 'b', 'c'])),
  ];
}
const listed = (x: readonly wa.NDArray[]): Promise<unknown[][]> => Promise.all(x.map((a) => a.toList()));
const numbers = async (x: wa.NDArray): Promise<number[]> => (await x.toList()).map(Number);

describe.each(sessions)('random arrays on $name', ({ session }) => {
  it('are decided by the seed and the number of the call, not by machines, threads or the order of evaluation', async () => {
    const made = arraysOf(7, session);
    const want = await listed(arraysOf(7, one));
    expect(await listed([...made].reverse())).toEqual([...want].reverse());
    expect(await listed(made)).toEqual(want);
    expect(await listed(arraysOf(7n, session))).toEqual(want);
    const other = await listed(arraysOf(8, session));
    expect(other.slice(0, 6).filter((list, k) => JSON.stringify(list) === JSON.stringify(want[k]))).toEqual([]);
    const rng = wa.defaultRng(7, { session });
    expect(await listed([rng.random(3)])).not.toEqual(await listed([rng.random(3)]));
  });

  it('lie where they are asked to, and are fused with what is made of them', async () => {
    const [random, uniform, normal, standard, integers, permutation, letters] = arraysOf(3, session);
    if (!random || !uniform || !normal || !standard || !integers || !permutation || !letters) throw new Error();
    const within = async (x: wa.NDArray, low: number, high: number): Promise<boolean> =>
      (await numbers(x)).every((v) => v >= low && v < high);
    expect(await Promise.all([within(random, 0, 1), within(uniform, -1, 3), within(integers, -3, 4)])).toEqual([
      true,
      true,
      true,
    ]);
    expect(new Set(await numbers(integers)).size).toBe(7);
    expect((await numbers(permutation)).sort((a, b) => a - b)).toEqual(Array.from({ length: 1000 }, (_, k) => k));
    expect((await letters.toList()).sort()).toEqual(['a', 'b', 'c']);
    expect(await random.mean().item()).toBeCloseTo(0.5, 1);
    expect(await normal.mean().item()).toBeCloseTo(5, 0);
    expect(await normal.sub(normal.mean()).pow(2).mean().sqrt().item()).toBeCloseTo(2, 0);
    expect([random.dtype, uniform.dtype, integers.dtype, permutation.dtype, standard.length]).toEqual([
      ...['f64', 'f32', 'i64', 'i64'],
      1000,
    ]);
    const kept = random.compress(random.lt(0.5));
    expect((await numbers(wa.defaultRng(1).permutation(kept))).sort()).toEqual((await numbers(kept)).sort());
    expect(await numbers(wa.defaultRng(1, { session }).random(0))).toEqual([]);
  });
});

it('refuses ranges without numbers', () => {
  const rng = wa.defaultRng(1);
  expect(() => rng.integers(3, 3, 1)).toThrow('W8006: there is no integer from 3 up to 3, without it');
  expect(() => rng.normal(0, -1, 1)).toThrow('in: defaultRng(1) > normal(0, -1, 1)');
  expect(() => rng.uniform(0, Infinity, 1)).toThrow('W8006: bounds are two finite numbers in order');
  expect(() => rng.random(-1)).toThrow('a size is a whole number from 0 on, found the number -1');
  expect(() => wa.defaultRng(1.5)).toThrow('W8006: a seed is an integer of 64 bits, found the number 1.5');
});
