/**
 * Every workload: the interpreter, generated code with one and two threads, without and with the passes, and the plain
 * JavaScript loop give the same answer; and the fused program has as many loops as one writes by hand.
 */

import { afterAll, describe, expect, it } from 'vitest';
import { fromColumns, interpret, paramTypes, plainMemory, resultType, toColumns } from '../../compiler/index.ts';
import { countLoops, optimize } from '../../compiler/pipeline.ts';
import { Session } from '../../runtime/index.ts';
import { MICRO } from '../micro/index.ts';
import { EVERY_PASS } from '../suites/switches.ts';
import { WORKLOADS } from './index.ts';
import { difference, leavesOf } from './near.ts';
import { argumentsOf, fill, instanceOf, programOf } from './workload.ts';

const session = new Session({ threads: 2 });
afterAll(() => session.dispose());

/** Rows for the interpreter; for generated code, so many that a loop runs in parts. */
const FEW = 400;
const MANY = 20_000;

const ALL = [...WORKLOADS, ...MICRO];

it('fill columns of 64 bits with whole numbers', () => {
  const numbers = [0, -0, 1, -1, 2 ** 31, 2 ** 32, -(2 ** 32), 2 ** 53 - 1, 1 - 2 ** 53, -123_456_789_012];
  const column = new BigInt64Array(numbers.length);
  fill(column, Float64Array.from(numbers));
  expect([...column]).toEqual(numbers.map((x) => BigInt(x)));
});

it('have names of their own', () => {
  expect(new Set(ALL.map((w) => w.name)).size).toBe(ALL.length);
});

describe.each(ALL.map((w) => [w.name, w] as const))('%s', (_, w) => {
  const program = programOf(w);

  it.each([0, 1, FEW])('interpreted on %i rows', (rows) => {
    const { inputs, js, near } = instanceOf(w, rows);
    const args = argumentsOf(program, inputs, plainMemory);
    const types = paramTypes(program);
    const value = interpret(
      program,
      args.map((a, k) => fromColumns(types[k] ?? resultType(program), a)),
    );
    expect(difference(leavesOf(toColumns(resultType(program), value, plainMemory)), js(), near)).toBeNull();
  });

  it.each([0, 1, MANY])('as generated code on %i rows', async (rows) => {
    const { inputs, js, near } = instanceOf(w, rows);
    const want = js();
    // An answer without rows would show nothing.
    if (rows === MANY) expect(want.every((leaf) => leaf.length > 0)).toBe(true);
    const args = argumentsOf(program, inputs, session.heap);
    for (const disable of [EVERY_PASS, []]) {
      for (const threads of [1, 2]) {
        const value = await session.evaluate(program, args, { target: 'wasm', threads, disable });
        expect(difference(leavesOf(value), want, near), `${threads} threads, without ${disable}`).toBeNull();
      }
    }
  });

  it('has the loops that are stated', () => {
    const loops = countLoops(optimize(program).program);
    expect(loops).toBe(w.gap?.loops ?? w.handFused.loops);
    if (w.gap !== undefined) expect(w.gap.loops).not.toBe(w.handFused.loops);
  });
});
