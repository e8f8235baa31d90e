import { afterAll, describe, expect, it, vi } from 'vitest';
import {
  appender,
  BOOL,
  Builder,
  F64,
  I64,
  i64,
  lit,
  merger,
  type PrimSpec,
  type Program,
  range,
  scan,
  type Value,
  vec,
} from '../compiler/index.ts';
import { LruCache } from './cache.ts';
import { readEnv } from './env.ts';
import { defaultSession, init, Session } from './session.ts';

const sessions: Session[] = [];
async function session(options: Parameters<typeof init>[0] = {}): Promise<Session> {
  const made = await init(options);
  sessions.push(made);
  return made;
}
afterAll(() => Promise.all(sessions.map((s) => s.dispose())));

/** The sum of x * k. */
function scaledSum(k: number, hint = 'x'): Program {
  const b = new Builder();
  const x = b.param(vec(F64), hint);
  const out = b.loop([scan(x)], b.builder(merger(F64, '+')), (acc, _i, e) =>
    b.merge(acc, b.bin('*', e ?? acc, lit(F64, k))),
  );
  return b.finish(b.result(out));
}
/** The vector 0, 1, ... n - 1 as f64. */
function counting(n: number): Program {
  const b = new Builder();
  const out = b.loop([range(i64(0), i64(n), i64(1))], b.builder(appender(F64)), (acc, i) =>
    b.merge(acc, b.cast(F64, i)),
  );
  return b.finish(b.result(out));
}
const doubles = (...values: readonly number[]): Value => ({
  kind: 'vec',
  elem: F64,
  length: values.length,
  cols: [Float64Array.from(values)],
});

describe('fast math', () => {
  it('is another program in the cache, and off unless asked for', async () => {
    const s = await session({ threads: 1 });
    const b = new Builder();
    const x = b.param(F64, 'x');
    const n = b.param(F64, 'n');
    const p = b.finish(b.bin('-', b.bin('+', x, lit(F64, 2 ** 60)), b.bin('+', n, lit(F64, 2 ** 60))));
    expect(await s.evaluate(p, [1, 0])).toBe(0);
    const fast = await s.compile(p, { fastMath: true });
    expect(fast).not.toBe(await s.compile(p));
    expect(await s.compile(p, { fastMath: true })).toBe(fast);
    expect(await s.evaluate(p, [1, 0])).toBe(0);
    const swift = await session({ threads: 1, fastMath: true });
    const c = new Builder();
    const [y, z] = [c.param(F64, 'y'), c.param(F64, 'z')];
    const q = c.finish(c.bin('-', c.bin('+', y, z), z));
    expect([await swift.evaluate(q, [1, 1e30]), await swift.evaluate(q, [1, 1e30], { fastMath: false })]).toEqual([
      1, 0,
    ]);
    const [off, on] = [await swift.explain(q, { fastMath: false }), await swift.explain(q)];
    expect(on.final.length).toBeLessThan(off.final.length);
  });
});

describe('session', () => {
  it('evaluates, and compiles programs that are equal up to names once', async () => {
    const s = await session({ threads: 2 });
    expect(await s.evaluate(scaledSum(2), [doubles(1, 2, 3.5)])).toBe(13);
    expect(s.lastRun?.cached).toBe(false);
    expect(await s.evaluate(scaledSum(2, 'other'), [doubles(4)])).toBe(8);
    expect(s.lastRun?.cached).toBe(true);
    expect(await s.evaluate(scaledSum(3), [doubles(4)])).toBe(12);
    expect(s.lastRun?.cached).toBe(false);
    expect(await s.compile(scaledSum(3))).toBe(await s.compile(scaledSum(3)));
    expect(await s.compile(scaledSum(3), { disable: ['fold'] })).not.toBe(await s.compile(scaledSum(3)));
  });

  it('evaluates several programs at the same time', async () => {
    const s = await session({ threads: 2 });
    const x: Value = { kind: 'vec', elem: F64, length: 100000, cols: [new Float64Array(100000).fill(1)] };
    const scales = [1, 2, 3, 1, 2, 3];
    const values = await Promise.all(scales.map((k) => s.evaluate(scaledSum(k), [x])));
    expect(values).toEqual(scales.map((k) => k * 100000));
  });

  it('gives the same value on the interpreter', async () => {
    const s = await session({ threads: 1 });
    expect(await s.evaluate(scaledSum(2), [doubles(1, 2, 3.5)], { target: 'interp' })).toBe(13);
    await expect(s.evaluate(scaledSum(2), [1], { target: 'interp' })).rejects.toThrow(
      'W8006: argument 1 must be vec[f64], found a number',
    );
  });

  it('has the primitives of kernels/, and takes more', async () => {
    const b = new Builder();
    const x = b.param(vec(F64), 'x');
    const p = b.finish(b.cudf('argsort', vec(I64), [b.vec(BOOL, [lit(BOOL, true)]), x]));
    const twice: PrimSpec = { name: 'argsort', doc: '', pure: true, typing: () => vec(I64), run: () => 0 };
    const s = await session({ threads: 1 });
    const order = await s.evaluate(p, [doubles(1, 3, 2, Number.NaN)]);
    expect(order).toMatchObject({ kind: 'vec', length: 4 });
    expect(typeof order === 'object' && order.kind === 'vec' ? [...(order.cols[0] ?? [])] : null).toEqual([
      1n,
      2n,
      0n,
      3n,
    ]);
    await expect(init({ prims: [twice] })).rejects.toThrow('W8006: the primitive argsort is registered already');
  });

  it('frees results on request', async () => {
    const s = await session({ threads: 1 });
    const value = await s.evaluate(counting(1000), []);
    expect(s.heap.used).toBeGreaterThan(8000);
    s.release(value);
    expect(s.heap.used).toBe(0);
  });

  it('owns a value for a block, and refuses it afterwards', async () => {
    const s = await session({ threads: 1 });
    const owned = s.own(await s.evaluate(counting(1000), []));
    const { value } = owned;
    {
      using held = s.own(await s.evaluate(scaledSum(2), [owned.value]));
      expect(held.value).toBe(999_000);
      using also = owned;
      expect(also).toBe(owned);
    }
    owned.dispose();
    expect(s.heap.used).toBe(0);
    expect(() => owned.value).toThrow('W8009: a value that was disposed is used again');
    await expect(s.evaluate(scaledSum(2), [value])).rejects.toThrow('W8009: a column that was disposed is used again');
    // Its memory is another's now.
    using other = s.own(await s.evaluate(counting(1000), []));
    await expect(s.evaluate(scaledSum(2), [value])).rejects.toThrow('W8009: a column that was disposed is used again');
    expect(await s.evaluate(scaledSum(2), [other.value])).toBe(999_000);
  });

  it('collects garbage before it runs out of memory', async () => {
    const s = await session({ threads: 1, memoryLimitBytes: 10_000_000 });
    for (let k = 0; k < 30; k++) await s.evaluate(counting(200_000), []);
    const kept = await s.evaluate(counting(800_000), []);
    await expect(s.evaluate(counting(800_000), [])).rejects.toThrow('W6006: out of memory');
    s.release(kept);
    await s.evaluate(counting(800_000), []);
  });

  it('refuses options that make no sense', async () => {
    await expect(init({ memoryLimitBytes: 0 })).rejects.toThrow('W8006: memoryLimitBytes must be above 0, found 0');
    await expect(init({ threads: 0 })).rejects.toThrow('W8006: threads must be a whole number of at least 1, found 0');
  });

  it('ends with dispose, twice if need be, and keeps its values', async () => {
    const s = await init({ threads: 2 });
    await s.warmUp();
    const value = await s.evaluate(counting(3), []);
    await s.dispose();
    await s.dispose();
    expect(typeof value === 'object' && value.kind === 'vec' ? [...(value.cols[0] ?? [])] : null).toEqual([0, 1, 2]);
    await expect(s.evaluate(counting(3), [])).rejects.toThrow('W8009: the session was disposed');
  });

  it('ends with its block', async () => {
    let kept: Session;
    {
      await using s = await init({ threads: 1 });
      expect(await s.evaluate(scaledSum(2), [doubles(1)])).toBe(2);
      kept = s;
    }
    await expect(kept.evaluate(counting(3), [])).rejects.toThrow('W8009: the session was disposed');
  });

  it('logs what it does when asked to', async () => {
    const lines: string[] = [];
    const spy = vi.spyOn(console, 'error').mockImplementation((line: string) => void lines.push(line));
    const s = new Session({ threads: 1 }, { ...readEnv({ WELD_DEBUG: '5', WELD_CHECK: '1' }), trace: null });
    sessions.push(s);
    await s.evaluate(scaledSum(2), [doubles(1)]);
    spy.mockRestore();
    const log = lines.join('\n');
    for (const part of ['weld: plan', '(module', ': 1 rows, 1 parts, ', 'weld: compile ']) expect(log).toContain(part);
  });

  it('is shared by default', async () => {
    // Not disposed: test files of one process share it, too.
    expect(await defaultSession()).toBe(await defaultSession());
  });
});

describe('environment', () => {
  it('reads the switches', () => {
    const env = readEnv({
      WELD_THREADS: '3',
      WELD_DEBUG: '2',
      WELD_CHECK: '1',
      WELD_DISABLE: 'cse, fold',
      WELD_TARGET: 'interp',
      WELD_STOP_AFTER: ' motion ',
      WELD_DUMP: 'dump',
      WELD_CACHE: 'cache',
      WELD_BISECT: '12',
      WELD_SINK: 'binaryen',
    });
    expect(env).toEqual({
      threads: 3,
      debug: 2,
      trace: `weld-trace-${process.pid}.json`,
      check: true,
      disable: ['cse', 'fold'],
      stopAfter: 'motion',
      dump: 'dump',
      cache: 'cache',
      bisect: 12,
      target: 'interp',
      sink: 'binaryen',
    });
    expect(readEnv({ WELD_DUMP: '', WELD_STOP_AFTER: '' })).toMatchObject({
      stopAfter: null,
      dump: null,
      bisect: null,
    });
    expect(readEnv({ WELD_DEBUG: '1' }).trace).toBe(null);
    expect(readEnv({})).toMatchObject({
      debug: 0,
      trace: null,
      check: false,
      disable: [],
      target: 'wasm',
      sink: 'direct',
    });
    expect(readEnv({}).threads).toBeGreaterThan(0);
  });

  it('refuses values that make no sense', () => {
    expect(() => readEnv({ WELD_THREADS: '0' })).toThrow('W8006: WELD_THREADS must be a whole number of at least 1');
    expect(() => readEnv({ WELD_DEBUG: 'yes' })).toThrow(
      'WELD_DEBUG must be a whole number of at least 0, found "yes"',
    );
    expect(() => readEnv({ WELD_CHECK: '2' })).toThrow('WELD_CHECK must be 0 or 1');
    expect(() => readEnv({ WELD_TARGET: 'gpu' })).toThrow('WELD_TARGET must be wasm or interp, found "gpu"');
  });
});

describe('cache', () => {
  it('forgets what was used longest ago, and says so', async () => {
    const gone: number[] = [];
    const cache = new LruCache<number>(2, (v) => gone.push(v));
    const get = (k: number): Promise<number> => cache.get(String(k), async () => k);
    await get(1);
    await get(2);
    await get(1);
    await get(3);
    expect(gone).toEqual([2]);
    expect(cache.size).toBe(2);
    cache.clear();
    await get(4);
    expect(gone).toEqual([2, 1, 3]);
  });

  it('shares work in progress and does not keep failures', async () => {
    const cache = new LruCache<number>(2, () => {});
    let made = 0;
    const make = async (): Promise<number> => {
      made++;
      if (made === 1) throw new Error('first');
      return made;
    };
    const both = await Promise.allSettled([cache.get('a', make), cache.get('a', make)]);
    expect(both.map((r) => r.status)).toEqual(['rejected', 'rejected']);
    expect(made).toBe(1);
    expect(await cache.get('a', make)).toBe(2);
  });
});
