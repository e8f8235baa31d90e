/**
 * What goes wrong from outside: threads that end, memory that is out, and very many evaluations. Each leaves a session
 * that works and holds nothing more than before.
 */

import type { Worker } from 'node:worker_threads';
import { afterAll, describe, expect, it, vi } from 'vitest';
import { plainMemory, toColumns, type Value } from '../compiler/index.ts';
import { isDeep } from '../compiler/testing/runs.ts';
import { parseProgram, parseType } from '../compiler/text.ts';
import { collectGarbage } from './cpu/collect.ts';
import { init, type Session } from './session.ts';

const { workers } = vi.hoisted(() => ({ workers: [] as Worker[] }));
vi.mock('node:worker_threads', async (original) => {
  const real = await original<typeof import('node:worker_threads')>();
  class Recorded extends real.Worker {
    constructor(...args: ConstructorParameters<typeof Worker>) {
      super(...args);
      workers.push(this);
    }
  }
  return { ...real, Worker: Recorded };
});

const sessions: Session[] = [];
async function open(options: Parameters<typeof init>[0]): Promise<Session> {
  const made = await init(options);
  sessions.push(made);
  return made;
}
afterAll(() => Promise.all(sessions.map((s) => s.dispose())));

describe('a worker that ends in the middle of a run', () => {
  // With a signal the event loop turns while the run goes on, so that the worker can be terminated.
  const { signal } = new AbortController();
  const program = parseProgram(
    '|n: i64| len(tovec(result(for(rangeiter(0L, n, 1L), dictmerger[i64,i64,+], |b, i, e| merge(b, {e * e % 999L, 1L})))))',
  );

  it('is W6014, frees what the run held, and the next run has another worker', async () => {
    const s = await open({ threads: 2 });
    const n = 30_000_000n;
    const run = (): Promise<Value> => s.evaluate(program, [n], { signal });
    const want = await run();
    let lost = 0;
    for (let round = 0; round < 10 && lost < 1; round++) {
      await s.warmUp();
      const before = s.heap.used;
      const outcome = run().catch((e: unknown) => e);
      // On a busy machine the worker may wake late: each round gives it more time.
      const timer = setTimeout(() => workers.at(-1)?.terminate(), 10 * round);
      const value = await outcome;
      // Behind the run it would end a worker that starts, which the next run is told.
      clearTimeout(timer);
      if (value instanceof Error) {
        expect(value).toMatchObject({ code: 'W6014', kind: 'WorkerLost' });
        lost++;
      } else {
        // It ended before it had begun.
        expect(value).toBe(want);
      }
      expect(s.heap.used).toBe(before);
      expect(await s.evaluate(program, [1_000_000n])).toBe(want);
    }
    expect(lost).toBeGreaterThan(0);
  });
});

describe('a limit of 64 MiB', () => {
  const LARGER: readonly string[] = [
    '|n: i64| result(for(rangeiter(0L, n, 1L), appender[i64], |b, i, e| merge(b, e)))',
    '|n: i64| result(for(rangeiter(0L, n, 1L), appender[i64], |b, i, e| if(e % 3L != 0L, merge(b, e), b)))',
    '|n: i64| len(tovec(result(for(rangeiter(0L, n, 1L), dictmerger[i64,i64,+], |b, i, e| merge(b, {e, 1L})))))',
    '|n: i64| sort(result(for(rangeiter(0L, n, 1L), appender[i64], |b, i, e| merge(b, -e))), |a, b| i32(a - b))',
    '|n: i64| iterate([0L], |v| {result(for(v, appender[i64], |b, i, e| merge(merge(b, e), e))), len(v) < n})',
  ];

  it.each(LARGER)('%s', async (text) => {
    const s = await open({ threads: 2, memoryLimitBytes: 64 * 2 ** 20 });
    const program = parseProgram(text);
    s.release(await s.evaluate(program, [1000n]));
    expect(s.heap.used).toBe(0);
    await expect(s.evaluate(program, [12_000_000n])).rejects.toMatchObject({ code: 'W6006', kind: 'OutOfMemory' });
    expect(s.heap.used).toBe(0);
    s.release(await s.evaluate(program, [1000n]));
    expect(s.heap.used).toBe(0);
  });

  it('holds for arguments as well', async () => {
    const s = await open({ threads: 1, memoryLimitBytes: 64 * 2 ** 20 });
    const sum = parseProgram('|x: vec[f64]| result(for(x, merger[f64,+], |b, i, e| merge(b, e)))');
    const ones = (length: number): Value => {
      const cols = [new Float64Array(length).fill(1)];
      return { kind: 'vec', elem: parseType('f64'), length, cols };
    };
    await expect(s.evaluate(sum, [ones(9_000_000)])).rejects.toMatchObject({ code: 'W6006' });
    expect(await s.evaluate(sum, [ones(1_000_000)])).toBe(1_000_000);
  });
});

/** Programs with every output kind, a sort, an error, and host steps that allocate. */
const ALL_KINDS: readonly string[] = [
  '|x: vec[i64]| result(for(x, {merger[i64,+],appender[i64]}, |b, i, e| {merge(b.$0, e), merge(b.$1, e * 2L)}))',
  '|x: vec[i64]| result(for(x, appender[i64], |b, i, e| if(e % 2L == 0L, merge(b, e), b)))',
  '|x: vec[i64]| result(for(x, appender[i64], |b, i, e| for(x, b, |c, j, f| if(f < 2L, merge(c, e + f), c))))',
  '|x: vec[i64]| tovec(result(for(x, dictmerger[i64,i64,+], |b, i, e| merge(b, {e % 7L, 1L}))))',
  '|x: vec[i64]| result(for(x, vecmerger[i64,+](x), |b, i, e| merge(b, {i, e})))',
  '|x: vec[i64]| sort(x, |a, b| i32(b - a))',
  '|x: vec[i64]| slice([lookup(x, 0L), lookup(x, 1L)], 1L, 1L)',
  '|x: vec[i64]| lookup(result(for(x, appender[i64], |b, i, e| merge(b, e))), 1000000L)',
];

async function evaluations(s: Session, count: number): Promise<void> {
  const programs = ALL_KINDS.map(parseProgram);
  const x = toColumns(
    parseType('vec[i64]'),
    Array.from({ length: 100 }, (_, k) => BigInt(k)),
    s.heap,
  );
  for (let k = 0; k < count; k++) {
    const program = programs[k % programs.length];
    if (program === undefined) continue;
    try {
      s.release(await s.evaluate(program, [x]));
    } catch (e) {
      expect(e).toMatchObject({ code: 'W6001' });
    }
  }
  s.release(x);
}

describe('many evaluations', () => {
  it('leave nothing in the heap: 500', async () => {
    const s = await open({ threads: 2 });
    await evaluations(s, 500);
    expect(s.heap.used).toBe(0);
  });

  it.runIf(isDeep)(
    'leave nothing in the process: 10,000 of them, after 2,000, grow it by less than 16 MiB',
    async () => {
      const s = await open({ threads: 2 });
      const resident = async (count: number): Promise<number> => {
        await evaluations(s, count);
        await collectGarbage();
        return process.memoryUsage.rss();
      };
      const before = await resident(2000);
      const after = await resident(10_000);
      expect(s.heap.used).toBe(0);
      expect((after - before) / 2 ** 20).toBeLessThan(16);
    },
  );

  it('give their memory back when nobody holds their values', async () => {
    const s = await open({ threads: 1 });
    const program = parseProgram(ALL_KINDS[0] ?? '');
    const x = toColumns(parseType('vec[i64]'), [1n, 2n], plainMemory);
    for (let k = 0; k < 200; k++) await s.evaluate(program, [x]);
    expect(s.heap.used).toBeGreaterThan(200 * 64);
    await collectGarbage();
    // The column of the argument lives as long as the argument.
    expect(s.heap.used).toBeLessThan(1024);
    expect(x).toBeDefined();
  });
});
