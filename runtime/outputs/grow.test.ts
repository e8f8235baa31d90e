/** How often a loop runs that appends several rows for a row: once wherever it is known how many, and the same rows always. */

import { afterAll, describe, expect, it, vi } from 'vitest';
import {
  compile,
  fromColumns,
  type IValue,
  interpret,
  paramTypes,
  plainMemory,
  resultType,
  toColumns,
} from '../../compiler/index.ts';
import { parseProgram } from '../../compiler/text.ts';
import { CpuDevice } from '../cpu/device.ts';
import { execute } from '../execute.ts';

const device = new CpuDevice({ threads: 2 });
const launches = vi.spyOn(device, 'launch');
afterAll(() => device.dispose());

/** How often the kernels of a program were run; its value must be that of the interpreter. */
async function runs(text: string, args: readonly IValue[]): Promise<number> {
  const p = parseProgram(text);
  launches.mockClear();
  const { plan, wasm } = await compile(p);
  const columns = paramTypes(p).map((t, k) => toColumns(t, args[k] ?? 0, plainMemory));
  const program = await device.prepare(wasm.bytes);
  const value = await execute(plan, columns, { device, program, prims: new Map(), threads: 2, onLaunch: null });
  expect(fromColumns(resultType(p), value)).toEqual(interpret(p, args));
  device.unload(program);
  return launches.mock.calls.length;
}
const longs = (n: number, f: (k: number) => number = (k) => k): IValue =>
  Array.from({ length: n }, (_, k) => BigInt(f(k)));
const N = 16384 + 100;

describe('an appender of several rows a row runs once', () => {
  it.each([0n, 3n])('where all rows append %d, by an inner range', async (m) => {
    const body = 'for(rangeiter(0L, m, 1L), b, |c, j, f| merge(c, e * f))';
    expect(await runs(`|x: vec[i64], m: i64| result(for(x, appender[i64], |b, i, e| ${body}))`, [longs(N), m])).toBe(1);
  });

  it('where all walk another vector, with more behind it', async () => {
    const text = `|x: vec[i64], y: vec[i64]|
      result(for(x, appender[i64], |b, i, e| for(y, merge(b, e), |c, j, f| merge(merge(c, e + f), f))))`;
    expect(await runs(text, [longs(500), longs(30)])).toBe(1);
  });

  it('where every row has a window of its own', async () => {
    const text = `|x: vec[i64], m: i64| let rows = len(x) / m;
      result(for(rangeiter(0L, rows, 1L), appender[i64], |b, i, e|
        let start = e * m;
        for(iter(x, start, start + m, 1L), b, |c, j, f| merge(c, f * i))))`;
    expect(await runs(text, [longs(3000), 30n])).toBe(1);
  });

  it('where there are at most so many, and few bytes', async () => {
    const text = `|x: vec[i64], y: vec[i64]|
      result(for(x, appender[i64], |b, i, e| for(y, b, |c, j, f| if(f * 7L < e, merge(c, f), c))))`;
    expect(await runs(text, [longs(900), longs(100)])).toBe(1);
    const slices = `|x: vec[i64], y: vec[i64], m: i64|
      result(for(x, appender[i64], |b, i, e| for(slice(y, e, m), b, |c, j, f| merge(c, f))))`;
    expect(await runs(slices, [longs(90), longs(100), 20n])).toBe(1);
    expect(await runs(slices, [longs(90), longs(100), -1n])).toBe(1);
  });
});

describe('it runs once more', () => {
  it('where every row says how many, and two are too few', async () => {
    const text = `|x: vec[i64]| result(for(x, appender[i64], |b, i, e| for(rangeiter(0L, e, 1L), b, |c, j, f| merge(c, f))))`;
    expect(await runs(text, [longs(40)])).toBe(2);
    expect(await runs(text, [longs(40, () => 1)])).toBe(1);
  });
});
