import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { parseProgram } from '../compiler/text.ts';
import type { Given } from './given.ts';
import { init, type Session } from './session.ts';

const SUM = parseProgram('|x: vec[f64], by: i64| result(for(x, merger[f64,+], |b, i, e| merge(b, e * f64(by))))');

describe('arguments', () => {
  let session: Session;
  beforeAll(async () => {
    session = await init({ threads: 1 });
  });
  afterAll(() => session.dispose());
  const evaluate = (...args: readonly unknown[]) => session.evaluate(SUM, args as readonly Given[]);

  it('may be typed arrays where vectors of their numbers are', async () => {
    expect(await evaluate(Float64Array.of(1, 2, 3), 2n)).toBe(12);
    expect(await evaluate(new Float64Array(0), 2n)).toBe(0);
    expect(await session.evaluate(SUM, [Float64Array.of(1, 2), 3n], { target: 'interp' })).toBe(9);
    const mask = parseProgram('|x: vec[bool]| result(for(x, merger[i64,+], |b, i, e| merge(b, select(e, 1L, 0L))))');
    expect(await session.evaluate(mask, [Uint8Array.of(1, 0, 1)])).toBe(2n);
  });

  it('may be typed arrays in batches', async () => {
    const batches = [[Float64Array.of(1, 2)], [Float64Array.of(3)]];
    expect(await session.stream(SUM, [null, 2n], batches)).toBe(12);
    await expect(session.stream(SUM, [null, 2n], [[Float32Array.of(1)]])).rejects.toThrow(
      'W8006: column 1 of the batch must be vec[f64], found a typed array, Float32Array',
    );
    await expect(session.stream(SUM, [null, 2n], [[3]])).rejects.toThrow(
      'W8006: column 1 of the batch must be vec[f64], found a number',
    );
  });

  it('belong to a program', async () => {
    const run = (program: unknown): Promise<unknown> => session.evaluate(program as typeof SUM, []);
    await expect(run('|x: i64| x')).rejects.toThrow('W8006: a program is needed, found a string');
    await expect(run(undefined)).rejects.toThrow('W8006: a program is needed, found undefined');
    await expect(run({})).rejects.toThrow('W8006: a program is needed, found an object, Object');
  });

  it('are told what they are and should be', async () => {
    const refusal = async (...args: readonly unknown[]): Promise<string> => {
      const error = await evaluate(...args).catch((e: unknown) => e);
      return error instanceof Error ? error.message : 'no error';
    };
    expect(await refusal(Float32Array.of(1), 2n)).toMatchInlineSnapshot(`
      "W8006: argument 1 must be vec[f64], found a typed array, Float32Array
        help: the typed array of f64 is Float64Array"
    `);
    expect(await refusal(Float64Array.of(1), Float64Array.of(1))).toMatchInlineSnapshot(`
      "W8006: argument 2 must be i64, found a typed array, Float64Array
        help: typed arrays are vectors of numbers"
    `);
    expect(await refusal([1, 2], 2n)).toMatchInlineSnapshot(`
      "W8006: argument 1 must be vec[f64], found an array
        help: toColumns of weld-ts/compiler makes values of JavaScript ones"
    `);
    expect(await refusal(Float64Array.of(1), 2)).toMatchInlineSnapshot(`
      "W8006: argument 2 must be i64, found a number
        help: write 2n"
    `);
    expect(await refusal(null, 2n)).toMatchInlineSnapshot(`
      "W8006: argument 1 must be vec[f64], found null
        help: toColumns of weld-ts/compiler makes values of JavaScript ones"
    `);
    expect(await refusal(undefined, 2n)).toMatchInlineSnapshot(`
      "W8006: argument 1 must be vec[f64], found undefined
        help: toColumns of weld-ts/compiler makes values of JavaScript ones"
    `);
    expect(await refusal(new Map(), 2n)).toMatchInlineSnapshot(`
      "W8006: argument 1 must be vec[f64], found an object, Map
        help: toColumns of weld-ts/compiler makes values of JavaScript ones"
    `);
    expect(await refusal(new DataView(new ArrayBuffer(8)), 2n)).toMatchInlineSnapshot(`
      "W8006: argument 1 must be vec[f64], found an object, DataView
        help: toColumns of weld-ts/compiler makes values of JavaScript ones"
    `);
    expect(await refusal(Float64Array.of(1))).toMatchInlineSnapshot(`"W2005: the program takes 2 arguments, found 1"`);
    expect(await refusal(Float64Array.of(1), 2n, Float64Array.of(1))).toMatchInlineSnapshot(
      `"W2005: the program takes 2 arguments, found 3"`,
    );
  });
});
