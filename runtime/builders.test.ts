/** Builders that one program returns and the next goes on with, on both targets. */

import { afterAll, describe, expect, it } from 'vitest';
import { fromColumns, paramTypes, plainMemory, resultType, toColumns, type Value } from '../compiler/index.ts';
import { parseProgram, parseType } from '../compiler/text.ts';
import { init, type Session } from './index.ts';

const sessions: Session[] = [];
async function open(threads: number): Promise<Session> {
  const made = await init({ threads });
  sessions.push(made);
  return made;
}
afterAll(() => Promise.all(sessions.map((s) => s.dispose())));

const numbers = (...values: readonly number[]): Value => ({
  kind: 'vec',
  elem: parseType('i32'),
  length: values.length,
  cols: [Int32Array.from(values)],
});

const BUILDERS: readonly (readonly [type: string, merged: string])[] = [
  ['appender[i32]', 'e'],
  ['merger[i32,+](100)', 'e'],
  ['merger[{i32,f64},min]', '{e, f64(e)}'],
  ['vecmerger[i32,+]([1, 1, 1, 1])', '{i64(e & 3), e}'],
  ['dictmerger[i32,i32,max]', '{e % 3, e}'],
  ['dictmerger[{i32,bool},i64,+]', '{{e % 3, e > 2}, i}'],
  ['appender[vec[i32]]', '[e, 7]'],
  ['dictmerger[vec[i32],i32,+]', '{[e % 3], e}'],
  ['groupmerger[i32,i64]', '{e % 3, i}'],
  ['groupmerger[vec[i32],{i32,vec[i64]}]', '{[e % 3], {e, [i, i]}}'],
];

describe.each(['wasm', 'interp'] as const)('builders between programs on %s', (target) => {
  it.each(BUILDERS)('%s', async (builder, merged) => {
    const session = await open(2);
    const type = builder.replace(/\(.*$/, '');
    const first = parseProgram(`|v: vec[i32]| for(v, ${builder}, |b, i, e| merge(b, ${merged}))`);
    const next = parseProgram(`|v: vec[i32], b: ${type}| result(for(v, b, |b, i, e| merge(b, ${merged})))`);
    const last = parseProgram(`|b: ${type}| result(b)`);
    expect(paramTypes(next)[1]).toBe(resultType(first));
    const run = (p: typeof first, ...args: readonly Value[]): Promise<Value> => session.evaluate(p, args, { target });
    const held = await run(first, numbers(5, 3, -4, 8));
    const once = await run(next, numbers(7, 3, 100), held);
    // The same builder may be gone on with again: a run works on a copy.
    const value = (v: Value) => fromColumns(resultType(next), v);
    expect(value(await run(next, numbers(7, 3, 100), held))).toEqual(value(once));
    const all = parseProgram(
      `|v: vec[i32]| result(for(v, ${builder}, |b, i, e| merge(b, ${merged.replace(/\bi\b/g, '(i - if(i > 3L, 4L, 0L))')})))`,
    );
    const rows = (p: typeof all, v: Value) => fromColumns(resultType(p), v);
    expect(rows(next, once)).toEqual(rows(all, await run(all, numbers(5, 3, -4, 8, 7, 3, 100))));
    expect(rows(last, await run(last, held))).toEqual(rows(last, await run(last, held)));
  });

  it('structs of builders', async () => {
    const session = await open(1);
    const type = '{appender[i32],merger[i32,+]}';
    const first = parseProgram(`|v: vec[i32]| for(v, ${type}, |b, i, e| {merge(b.$0, e), merge(b.$1, e)})`);
    const next = parseProgram(`|b: ${type}, n: i32| {result(merge(b.$0, n)), result(merge(b.$1, n))}`);
    const held = await session.evaluate(first, [numbers(1, 2)], { target });
    const done = await session.evaluate(next, [held, 40], { target });
    expect(fromColumns(resultType(next), done)).toMatchObject({ fields: [[1, 2, 40], 43] });
  });

  it('a value of another type is refused', async () => {
    const session = await open(1);
    const p = parseProgram('|b: appender[i32]| result(b)');
    const wrong = toColumns(parseType('vec[f64]'), [1.5], plainMemory);
    await expect(session.evaluate(p, [wrong], { target })).rejects.toThrow('argument 1');
  });
});
