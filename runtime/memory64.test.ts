/**
 * Sessions of more than 4 GiB: what lies where, columns longer than 32-bit addresses reach, and what is told apart from
 * sessions of 32-bit addresses. Nothing here touches more than a few pages of what it reserves. Engines without such
 * memories skip all but the refusal; `high-addresses.test.ts` has every builder above 4 GiB.
 */

import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, describe, expect, it } from 'vitest';
import { compile, F64, fromColumns, resultType, type TypedArray, type Value, vec } from '../compiler/index.ts';
import { parseProgram, parseType } from '../compiler/text.ts';
import { writeArtifact } from './artifact.ts';
import { hasMemory64 } from './cpu/features.ts';
import { Heap } from './cpu/heap.ts';
import { readEnv } from './env.ts';
import { wasmExtern } from './externs.ts';
import { init, Session } from './session.ts';

const GIB = 2 ** 30;
const folder = mkdtempSync(join(tmpdir(), 'weld-memory64-'));
const sessions: Session[] = [];
async function open(gib: number): Promise<Session> {
  const made = await init({ threads: 2, memoryLimitBytes: gib * GIB });
  sessions.push(made);
  return made;
}
afterAll(async () => {
  await Promise.all(sessions.map((s) => s.dispose()));
  rmSync(folder, { recursive: true });
});

const column = (elem: string, cols: readonly TypedArray[]): Value => ({
  kind: 'vec',
  elem: parseType(elem),
  length: cols[0]?.length ?? 0,
  cols,
});

it.skipIf(hasMemory64())('engines without memory64 refuse a limit above 4 GiB, and say what to do', async () => {
  await expect(init({ memoryLimitBytes: 5 * GIB })).rejects.toMatchObject({
    code: 'W8006',
    message: expect.stringContaining('the WebAssembly of this engine has no addresses above 4 GiB'),
  });
});

it('a limit of 4 GiB asks for nothing new', () => {
  expect(new Heap({ limitBytes: 4 * GIB }).memory64).toBe(false);
  expect(new Heap().memory64).toBe(false);
});

describe.skipIf(!hasMemory64())('a session of more than 4 GiB', () => {
  it('may have 16 GiB and no more', async () => {
    expect(() => new Heap({ limitBytes: 16 * GIB + 1 })).toThrow(
      'W8006: memoryLimitBytes is 17179869185, the most is 16',
    );
    expect(new Heap({ limitBytes: 16 * GIB }).memory64).toBe(true);
  });

  it('has wide columns above 4 GiB, then in what is left below, and narrow ones below', () => {
    const heap = new Heap({ limitBytes: 6 * GIB });
    const [wide, narrow] = [heap.alloc('f32', 100), heap.alloc('i16', 100)];
    expect(wide.byteOffset).toBeGreaterThanOrEqual(4 * GIB);
    expect(narrow.byteOffset).toBeLessThan(4 * GIB);
    expect([wide, narrow].map((v) => heap.owner(v))).toEqual([wide.byteOffset, narrow.byteOffset]);
    expect(() => heap.reserve(4 * GIB)).toThrow('W6006: out of memory: asked for 4294967296 bytes');
    const most = new Heap({ limitBytes: 16 * GIB });
    const large = most.reserve(11 * GIB, true);
    expect(most.reserve(2 * GIB, true)).toBeLessThan(4 * GIB);
    most.release(large);
    expect(most.used).toBe(2 * GIB + 64);
  });

  it('runs over a column of more than 4 GiB', async () => {
    const s = await open(7);
    const n = 2 ** 29 + 1000;
    const x = s.heap.alloc('f64', n);
    for (let k = 1; k <= 100; k++) x[n - k] = k;
    const at = (k: number): string => `${n - k}L`;
    const p = parseProgram(
      `|x: vec[f64]| {lookup(x, ${at(3)}), slice(x, ${at(2)}, 9L), ` +
        `result(for(iter(x, ${at(101)}, ${at(1)}, 2L), merger[f64,+], |b, i, e| merge(b, e))), ` +
        `result(for(slice(x, ${at(50)}, 50L), appender[f64], |b, i, e| if(e < 4.0, merge(b, lookup(x, i64(e) + ${at(10)})), b)))}`,
    );
    const value = await s.evaluate(p, [column('f64', [x])]);
    // The odd numbers from 3 to 99, behind a zero.
    const odd = 2499;
    expect(fromColumns(resultType(p), value)).toMatchObject({ fields: [3, [2, 1], odd, [7, 8, 9]] });
    s.heap.free(x);
  });

  it('refuses inner vectors that 32 bits do not reach', async () => {
    const s = await open(5);
    const wide = s.heap.alloc('f64', 100);
    const bytes = new Uint8Array(wide.buffer, wide.byteOffset, 800);
    const p = parseProgram('|x: vec[u8]| result(for(x, appender[vec[u8]], |b, i, e| merge(b, slice(x, i, 2L))))');
    await expect(s.evaluate(p, [column('u8', [bytes])])).rejects.toThrow(
      'W5001: generated code does not support inner vectors of 1-byte elements',
    );
  });

  it('gives externs addresses of 64 bits', async () => {
    const s = await open(5);
    const seen: unknown[] = [];
    const sum = (at: bigint, n: number): number => {
      seen.push(typeof at);
      return new Float64Array(s.heap.buffer, Number(at), n).reduce((a, b) => a + b, 0);
    };
    s.register(wasmExtern(s.heap, 'total', [vec(F64)], F64, sum, { pure: true }));
    const p = parseProgram('|v: vec[f64]| cudf[total,f64](map(v, |e| e + 1.0))');
    expect(await s.evaluate(p, [column('f64', [Float64Array.of(1, 2.5)])])).toBe(5.5);
    expect(seen).toEqual(['bigint']);
  });

  it('shares a cache folder with sessions of 32-bit addresses', async () => {
    const p = parseProgram('|x: vec[f64]| result(for(x, merger[f64,+], |b, i, e| merge(b, e * 3.0)))');
    const compiled: boolean[] = [];
    for (const gib of [4, 5, 4, 5]) {
      const s = new Session(
        { threads: 1, cacheFolder: join(folder, 'cache'), memoryLimitBytes: gib * GIB },
        readEnv({}),
      );
      expect(await s.evaluate(p, [column('f64', [Float64Array.of(1, 2)])])).toBe(9);
      compiled.push((await s.compile(p)).compiled !== null);
      await s.dispose();
    }
    expect(compiled).toEqual([true, true, false, false]);
  });

  it('runs artifacts that were built for it, and only those', async () => {
    const p = parseProgram('|x: vec[f64]| result(for(x, appender[f64], |b, i, e| if(e > 1.5, merge(b, e), b)))');
    const x = column('f64', [Float64Array.of(1, 2, 3)]);
    for (const memory64 of [false, true]) {
      const name = join(folder, String(memory64));
      writeArtifact(name, { whole: await compile(p, { memory64 }), stages: null }, '0', { optimized: false, memory64 });
      const [fits, other] = [await open(memory64 ? 5 : 4), await open(memory64 ? 4 : 5)];
      expect(fromColumns(resultType(p), await (await fits.load(name)).run([x]))).toEqual([2, 3]);
      await expect(other.load(name)).rejects.toThrow(
        /^W7002: the artifact was built for sessions of (at most|more than) 4 GiB/,
      );
    }
  });
});
