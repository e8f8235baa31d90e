import { Worker } from 'node:worker_threads';
import { afterAll, describe, expect, it } from 'vitest';
import { cost } from '../../compiler/index.ts';
import { bin, cast, cmp, get, KernelBuilder, lit } from '../../compiler/sir/build.ts';
import type { Kernel } from '../../compiler/sir/kernel.ts';
import { compileWasm } from '../../compiler/target/wasm/emit.ts';
import { fillColumn } from '../value.ts';
import { CpuDevice } from './device.ts';
import { CHUNK_ROWS } from './parts.mjs';
import { type LoadedModule, Pool } from './pool.ts';
import { losingPool, tinyModule as module } from './testing/tiny.ts';

const MEMORY = new WebAssembly.Memory({ initial: 16, maximum: 65536, shared: true });
const pools: { dispose(): Promise<void> }[] = [];
const pool = (threads: number): Pool => {
  const made = new Pool(MEMORY, threads);
  pools.push(made);
  return made;
};
afterAll(() => Promise.all(pools.map((p) => p.dispose())));

// args + 4 * part counts the rows: i32.atomic.rmw.add(args + part * 4, end - begin); return 0
const COUNT = module(
  ...[0x20, 0, 0x20, 3, 0x41, 4, 0x6c, 0x6a],
  ...[0x20, 2, 0x20, 1, 0x6b],
  ...[0xfe, 0x1e, 2, 0, 0x1a, 0x41, 0],
);
/** Traps in every part but the first. */
const TRAP = module(0x20, 3, 0x04, 0x40, 0x00, 0x0b, 0x41, 0);
/** Counts up from begin to a multiple of 10,000 and adds 1 at args, so that a call takes some microseconds. */
const SLOW = module(
  ...[0x03, 0x40, 0x20, 1, 0x41, 1, 0x6a, 0x22, 1, 0x41, ...[0x90, 0xce, 0], 0x6f, 0x0d, 0, 0x0b],
  ...[0x20, 0, 0x41, 1, 0xfe, 0x1e, 2, 0, 0x1a, 0x41, 0],
);
/** Fails in parts from 3 on. */
const FAIL = module(
  ...[0x20, 0, 0x20, 3, 0x41, 4, 0x6c, 0x6a, 0x41, 1, 0xfe, 0x1e, 2, 0, 0x1a],
  ...[0x20, 3, 0x41, 3, 0x4e],
);

const words = (address: number, n: number): Int32Array => new Int32Array(MEMORY.buffer, address, n);
const job = (loaded: LoadedModule, args: number, rows: number, threads: number) => ({
  module: loaded,
  kernel: 'f',
  args,
  rows,
  rowsPerPart: CHUNK_ROWS,
  threads,
  signal: null,
});

describe('pool', () => {
  it('runs every row of every part once, on 1, 2 and 3 threads', async () => {
    for (const threads of [1, 2, 3]) {
      const p = pool(threads);
      await p.ready();
      const loaded = p.load(COUNT);
      for (const rows of [1, CHUNK_ROWS, CHUNK_ROWS + 1, 40 * CHUNK_ROWS + 17]) {
        const parts = Math.ceil(rows / CHUNK_ROWS);
        words(4096, parts).fill(0);
        for (let round = 1; round <= 20; round++) await p.run(job(loaded, 4096, rows, threads));
        const want = Array.from({ length: parts }, (_, k) => 20 * Math.min(CHUNK_ROWS, rows - k * CHUNK_ROWS));
        expect([...words(4096, parts)]).toEqual(want);
      }
    }
  });

  it('cuts a large part in calls of one chunk', async () => {
    const p = pool(1);
    const loaded = p.load(COUNT);
    words(4096, 2).fill(0);
    await p.run({ ...job(loaded, 4096, 5 * CHUNK_ROWS + 3, 1), rowsPerPart: 4 * CHUNK_ROWS });
    expect([...words(4096, 2)]).toEqual([4 * CHUNK_ROWS, CHUNK_ROWS + 3]);
  });

  it('works before the workers are up, and with jobs at the same time', async () => {
    const p = pool(3);
    const loaded = p.load(COUNT);
    const rows = 10 * CHUNK_ROWS;
    words(4096, 20).fill(0);
    await Promise.all([0, 1, 2, 3].map((k) => p.run(job(loaded, 4096 + 40 * (k % 2), rows, 1 + k))));
    expect([...words(4096, 20)]).toEqual(Array.from({ length: 20 }, () => 2 * CHUNK_ROWS));
  });

  it('finishes all parts before a failing one', async () => {
    const p = pool(2);
    await p.ready();
    const loaded = p.load(FAIL);
    for (let round = 0; round < 50; round++) {
      words(4096, 40).fill(0);
      await p.run(job(loaded, 4096, 40 * CHUNK_ROWS, 2));
      expect([...words(4096, 4)]).toEqual([1, 1, 1, 1]);
    }
  });

  it('turns a trap into an error, wherever it happens, and goes on', async () => {
    for (const threads of [1, 2]) {
      const p = pool(threads);
      await p.ready();
      const traps = p.load(TRAP);
      const counts = p.load(COUNT);
      for (let round = 0; round < 5; round++) {
        const run = async (): Promise<void> => p.run(job(traps, 0, 40 * CHUNK_ROWS, threads));
        await expect(run).rejects.toThrow(/kernel f trapped/);
      }
      words(4096, 2).fill(0);
      await p.run(job(counts, 4096, 2 * CHUNK_ROWS, threads));
      expect([...words(4096, 2)]).toEqual([CHUNK_ROWS, CHUNK_ROWS]);
    }
  });

  it('ends at a signal, on 1 and 2 threads, and goes on', async () => {
    for (const threads of [1, 2]) {
      const p = pool(threads);
      await p.ready();
      const loaded = await p.load(SLOW);
      const stop = new AbortController();
      words(4096, 2).fill(0);
      const run = p.run({ ...job(loaded, 4096, 100_000 * CHUNK_ROWS, threads), signal: stop.signal });
      setImmediate(() => stop.abort());
      await expect(run).rejects.toThrow('W6013: the run was cancelled by its signal\n  note: AbortError');
      const done = words(4096, 1)[0] ?? 0;
      expect(done).toBeGreaterThan(0);
      await p.run({ ...job(loaded, 4096, 20 * CHUNK_ROWS, threads), signal: new AbortController().signal });
      expect(words(4096, 1)[0]).toBe(done + 20);
    }
  });

  it('lets other jobs run while one with a signal takes its turns', async () => {
    const p = pool(1);
    const [slow, counts] = [await p.load(SLOW), await p.load(COUNT)];
    words(4096, 30).fill(0);
    const long = p.run({ ...job(slow, 4096, 2000 * CHUNK_ROWS, 1), signal: new AbortController().signal });
    for (let round = 0; round < 5; round++) {
      await new Promise((resume) => setImmediate(resume));
      await p.run(job(counts, 4160, 3 * CHUNK_ROWS, 1));
    }
    await long;
    expect([words(4096, 1)[0], ...words(4160, 3)]).toEqual([2000, ...[0, 1, 2].map(() => 5 * CHUNK_ROWS)]);
  });

  it('fails when a worker ends inside a job, and takes another one for the next', async () => {
    const losing = losingPool(MEMORY, 4096);
    pools.push(losing.pool);
    for (let round = 0; round < 3; round++) {
      await expect(losing.lose()).rejects.toThrow(/^W6014: worker thread 0 ended in the middle of a run/);
      const loaded = await losing.pool.load(COUNT);
      words(4096, 40).fill(0);
      await losing.pool.run(job(loaded, 4096, 40 * CHUNK_ROWS, 2));
      expect([...words(4096, 40)]).toEqual(Array.from({ length: 40 }, () => CHUNK_ROWS));
    }
  });

  it('does not care for a worker that ends between jobs', async () => {
    const losing = losingPool(MEMORY, 4096);
    pools.push(losing.pool);
    const loaded = await losing.pool.load(COUNT);
    for (let round = 0; round < 3; round++) {
      await losing.pool.ready();
      await losing.workers.at(-1)?.terminate();
      words(4096, 4).fill(0);
      await losing.pool.run(job(loaded, 4096, 4 * CHUNK_ROWS, 2));
      expect([...words(4096, 4)]).toEqual([1, 1, 1, 1].map(() => CHUNK_ROWS));
    }
    expect(losing.workers.length).toBe(4);
  });

  it('says so when workers do not come up', async () => {
    const p = new Pool(MEMORY, 2, () => new Worker('process.exit(3)', { eval: true }));
    pools.push(p);
    await expect(p.ready()).rejects.toThrow('W6014: worker thread 0 did not start: it ended with exit code 3');
  });

  it('ends a job whose pool is disposed', async () => {
    const p = pool(2);
    await p.ready();
    const loaded = await p.load(SLOW);
    const run = p.run({ ...job(loaded, 4096, 1000 * CHUNK_ROWS, 2), signal: new AbortController().signal });
    setImmediate(() => p.dispose());
    await Promise.resolve(run).catch((e: unknown) => expect(String(e)).toContain('W6014'));
  });

  it('forgets modules and loads them again', async () => {
    const p = pool(2);
    await p.ready();
    const loaded = p.load(COUNT);
    words(4096, 4).fill(0);
    await p.run(job(loaded, 4096, 4 * CHUNK_ROWS, 2));
    p.unload(loaded);
    await p.run(job(loaded, 4096, 4 * CHUNK_ROWS, 2));
    expect([...words(4096, 4)]).toEqual([1, 1, 1, 1].map(() => 2 * CHUNK_ROWS));
  });
});

/** s += f64(x[i]) * k; pushes x where x % 3 == 0; fails with ArrayOutOfBounds where x == 999983. */
function sampleKernel(): Kernel {
  const k = new KernelBuilder('sample');
  const x = k.buf('x', 'i32', 'read');
  const out = k.buf('out', 'i32', 'write');
  const scale = k.scalar('k', 'f64');
  const s = k.reduction('s', 'f64', '+');
  const c = k.cursor();
  const v = k.load(x, k.index);
  k.fail('ArrayOutOfBounds', cmp('==', v, lit('i32', 999983)));
  k.accum(s, bin('*', cast(v, 'f64'), get(scale.reg, 'f64')));
  k.if(cmp('==', bin('%', v, lit('i32', 3)), lit('i32', 0)), () => k.push(c, [[out, v]]));
  return k.finish();
}

describe('cpu device', () => {
  it('launches by the ABI with the same bits on 1, 2 and 3 threads', async () => {
    const kernel = sampleKernel();
    const { bytes } = await compileWasm([kernel], { check: true });
    const n = cost.MIN_PARALLEL_ROWS + 3 * CHUNK_ROWS + 5;
    const input = Int32Array.from({ length: n }, (_, k) => (k * 7919) % 100003);
    const outcomes = [];
    for (const threads of [1, 2, 3]) {
      const device = new CpuDevice({ threads });
      pools.push(device);
      await device.pool.ready();
      const program = await device.prepare(bytes);
      expect(program.kernels).toEqual(['sample']);
      const used = device.info().usedBytes;
      const x = device.upload('i32', input);
      expect(device.upload('i32', input)).toEqual(x);
      const out = device.alloc('i32', n);
      fillColumn(device.read(out), -1);
      const request = {
        program,
        kernel,
        rows: n,
        rowsPerPart: CHUNK_ROWS,
        buffers: [x, out].map((mem) => ({ mem, stride: 0 })),
        scalars: [0.1],
        threads,
      };
      const report = await device.launch(request);
      expect(report.failure).toBeNull();
      const parts = Array.from({ length: report.parts }, (_, p) => p);
      const rows = device.read(out);
      outcomes.push({
        cells: parts.map((p) => report.cell(p, 0)),
        counts: parts.map((p) => report.count(p, 0)),
        rows: parts.map((p) => [...rows.subarray(report.first(p, 0), report.first(p, 0) + report.count(p, 0))]),
      });
      const firsts = parts.map((p) => report.first(p, 0));
      expect(firsts.every((first, p) => first <= p * CHUNK_ROWS)).toBe(true);
      if (threads === 1) {
        // Side by side, and behind the last of them nothing was written.
        const last = parts.length - 1;
        const length = report.first(last, 0) + report.count(last, 0);
        expect([...rows.subarray(0, length)]).toEqual([...input].filter((v) => v % 3 === 0));
        expect(rows.subarray(length + 4).every((v) => v === -1)).toBe(true);
      }
      const view = device.read(x);
      view[2 * CHUNK_ROWS + 7] = 999983;
      view[4 * CHUNK_ROWS] = 999983;
      const failed = await device.launch(request);
      expect(failed.failure).toEqual({ code: 'ArrayOutOfBounds', part: 2, row: 2 * CHUNK_ROWS + 7 });
      device.free(out);
      expect(device.info().usedBytes - used).toBeLessThan(n * 4 + 1024);
    }
    const [first, ...others] = outcomes;
    for (const other of others) expect(other).toEqual(first);
    expect(first?.rows.flat()).toEqual([...input].filter((v) => v % 3 === 0));
  });

  it('refuses a column that was disposed', () => {
    const device = new CpuDevice({ threads: 1 });
    const column = device.heap.alloc('f64', 10);
    device.heap.free(column);
    expect(() => device.upload('f64', column)).toThrow('W8009: a column that was disposed is used again');
  });
});
