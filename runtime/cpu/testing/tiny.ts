/**
 * For tests of the pool: modules of one function `f(args, begin, end, part)` from the bytes of its body, and a pool that
 * loses a worker in the middle of a job.
 */

import type { Worker } from 'node:worker_threads';
import { CHUNK_ROWS } from '../parts.mjs';
import { Pool, startWorker } from '../pool.ts';

/** (module (memory (import "env" "memory")) (func (export "f") (param i32 i32 i32 i32) (result i32) BODY)) */
export function tinyModule(...body: readonly number[]): Uint8Array {
  const text = (s: string): number[] => [s.length, ...new TextEncoder().encode(s)];
  const section = (id: number, ...bytes: number[]): number[] => [id, bytes.length, ...bytes];
  return new Uint8Array([
    ...[0, 0x61, 0x73, 0x6d, 1, 0, 0, 0],
    ...section(1, 1, 0x60, 4, 0x7f, 0x7f, 0x7f, 0x7f, 1, 0x7f),
    ...section(2, 1, ...text('env'), ...text('memory'), 2, 3, 1, 0x80, 0x80, 4),
    ...section(3, 1, 0),
    ...section(7, 1, ...text('f'), 0, 0),
    ...section(10, 1, body.length + 2, 0, ...body, 0x0b),
  ]);
}

/** Part 0 waits until args[0] is set, at most 2^28 rounds; part 1 sets it, and then waits for args[4] as long. */
const MEET = tinyModule(
  // if (part == 1) args[0] = 1
  ...[0x20, 3, 0x04, 0x40, 0x20, 0, 0x41, 1, 0xfe, 0x17, 2, 0, 0x0b],
  // begin = 0; do {} while (begin++ != 2^28 && args[4 * part] == 0)
  ...[0x41, 0, 0x21, 1, 0x03, 0x40, 0x20, 1, 0x41, 1, 0x6a, 0x22, 1, 0x41, 0x80, 0x80, 0x80, 0x80, 1, 0x47],
  ...[0x20, 0, 0x20, 3, 0x41, 4, 0x6c, 0x6a, 0xfe, 0x10, 2, 0, 0x45, 0x71, 0x0d, 0, 0x0b, 0x41, 0],
);

export interface LosingPool {
  readonly pool: Pool;
  /** All workers that it started, in order. */
  readonly workers: readonly Worker[];
  /** Runs a job whose worker is terminated inside a part. */
  lose(): Promise<void>;
}

/** A pool of one worker; the jobs of `lose` use the two words at `args`. */
export function losingPool(memory: WebAssembly.Memory, args: number): LosingPool {
  const workers: Worker[] = [];
  const pool = new Pool(memory, 2, (Thread, data) => {
    const worker = startWorker(Thread, data);
    workers.push(worker);
    return worker;
  });
  const job = { kernel: 'f', args, rows: 2 * CHUNK_ROWS, rowsPerPart: CHUNK_ROWS, threads: 2, signal: null };
  return {
    pool,
    workers,
    async lose() {
      const module = await pool.load(MEET);
      // Mostly the calling thread takes part 0 and the worker part 1; where it is the other way round, nothing is lost.
      for (let tries = 0; tries < 20; tries++) {
        await pool.ready();
        new Int32Array(memory.buffer, args, 2).fill(0);
        const run = pool.run({ ...job, module });
        // The event loop turns when the calling thread is done, and the worker is not.
        setImmediate(() => workers.at(-1)?.terminate());
        await run;
      }
    },
  };
}
