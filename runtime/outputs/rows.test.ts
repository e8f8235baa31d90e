/** Filters keep the same rows, in the order of the input, whatever runs them: 1, 2, 3 or 7 threads, or the interpreter. */

import { isDeepStrictEqual } from 'node:util';
import { afterAll, describe, expect, it } from 'vitest';
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

const THREADS = [1, 2, 3, 7];
const devices = THREADS.map((threads) => new CpuDevice({ threads }));
afterAll(() => Promise.all(devices.map((d) => d.dispose())));

/** Several parts, the last of an odd number of rows. */
const ROWS = 3 * 16384 + 4321;
const column = (f: (row: number) => number): IValue => Array.from({ length: ROWS }, (_, row) => f(row));
const COLUMNS: readonly IValue[] = [
  column((row) => Math.imul(row, 0x9e3779b1) >> 8),
  column((row) => (row % 7 === 0 ? Number.NaN : row / 3)),
  column((row) => (row * 13) % 251),
];

describe('a filter keeps the same rows with any number of threads', () => {
  it.each([
    ['of one column', 'filter(x, |e| e < 1000000)'],
    ['that keeps all', 'filter(x, |e| e == e)'],
    ['that keeps none', 'filter(y, |e| e < -1.0)'],
    ['that keeps NaN', 'filter(y, |e| e != e)'],
    ['of bytes', 'filter(z, |e| e > u8(100))'],
    ['of a struct in four lanes', 'filter(zip(x, z), |e| e.$0 > 0)'],
    ['of a struct in two lanes', 'filter(zip(x, y, z), |e| e.$0 > 0)'],
    ['before a map', 'map(filter(zip(x, y), |e| e.$0 > 0), |e| sqrt(e.$1) + f64(e.$0))'],
    [
      'with one or another value',
      'result(for(x, appender[i32], |b,i,e| if(e > 9, merge(b, e), if(e < -99, merge(b, -e), b))))',
    ],
  ])('%s', async (_, body) => {
    const p = parseProgram(`|x: vec[i32], y: vec[f64], z: vec[u8]| ${body}`);
    const { plan, wasm } = await compile(p);
    const want = interpret(p, COLUMNS);
    for (const [k, device] of devices.entries()) {
      const program = await device.prepare(wasm.bytes);
      const columns = paramTypes(p).map((t, i) => toColumns(t, COLUMNS[i] ?? [], plainMemory));
      const threads = THREADS[k] ?? 1;
      const value = await execute(plan, columns, { device, program, prims: new Map(), threads, onLaunch: null });
      const got = fromColumns(resultType(p), value);
      // Of long columns that are equal, `toEqual` takes a hundred times as long.
      if (!isDeepStrictEqual(got, want)) expect(got, `${threads} threads`).toEqual(want);
      device.unload(program);
    }
  });
});
