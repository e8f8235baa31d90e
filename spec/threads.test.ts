/**
 * The promise about threads, on data that leaves the beaten path: huge arguments of sin in the middle of parts, NaN and
 * infinities in sums, groups of every size, filters. Results have the same bits for one thread and for several.
 */

import { afterAll, describe, expect, it } from 'vitest';
import { fromColumns } from '../compiler/core/convert.ts';
import { F64, I32, resultType, type TypedArray } from '../compiler/index.ts';
import { parseProgram } from '../compiler/text.ts';
import { Session } from '../runtime/index.ts';

const session = new Session({ threads: 3 });
afterAll(() => session.dispose());

const N = 70_001;
const x = Float64Array.from({ length: N }, (_, i) => {
  if (i % 9973 === 0) return 1e18 + i;
  if (i % 30011 === 0) return Number.NaN;
  return ((i * 7919) % 20011) / 137 - 60;
});
const k = Int32Array.from({ length: N }, (_, i) => (i * 31) % (i < 40_000 ? 7 : 5003));

const PROGRAMS: Readonly<Record<string, string>> = {
  'a sum of sines': 'result(for(x, merger[f64,+], |b,i,e| merge(b, sin(e))))',
  'a map of sines and cosines': 'result(for(x, appender[f64], |b,i,e| merge(b, sin(e) * cos(e))))',
  'a filter': 'result(for(x, appender[f64], |b,i,e| if(e > 0.0, merge(b, exp(e / 100.0)), b)))',
  'extremes and a product':
    'for(x, {merger[f64,min], merger[f64,max], merger[f64,*]}, |b,i,e| {merge(b.$0, e), merge(b.$1, e), merge(b.$2, 1.0 + e / 1000000.0)})',
  'groups by hash':
    'tovec(result(for(zip(x, k), dictmerger[i32,{f64,i64},+], |b,i,e| merge(b, {e.$1, {log(e.$0 + 61.0), 1L}}))))',
  'dense groups':
    'tovec(result(for(zip(x, k), @(dense:true)dictmerger[i32,f64,+](5003L), |b,i,e| if(e.$0 < 50.0, merge(b, {e.$1, sin(e.$0) + cos(e.$0)}), b))))',
  'a table':
    'result(for(zip(x, k), vecmerger[f64,+](result(for(rangeiter(0L, 5003L, 1L), appender[f64], |b,i,e| merge(b, 0.5)))), |b,i,e| merge(b, {i64(e.$1), e.$0})))',
};

describe('any number of threads gives the same bits', () => {
  it.each(Object.entries(PROGRAMS))('%s', async (_, body) => {
    const wrapped = body.startsWith('for(') ? `result(${body})` : body;
    const program = parseProgram(`|x: vec[f64], k: vec[i32]| ${wrapped}`);
    const args = [column(F64, x), column(I32, k)];
    const run = async (threads: number): Promise<unknown> =>
      fromColumns(resultType(program), await session.evaluate(program, args, { threads }));
    const one = await run(1);
    expect(await run(2)).toStrictEqual(one);
    expect(await run(3)).toStrictEqual(one);
  });

  it('and huge arguments are reduced as JavaScript does', async () => {
    const program = parseProgram('|x: vec[f64], k: vec[i32]| result(for(x, appender[f64], |b,i,e| merge(b, sin(e))))');
    const value = await session.evaluate(program, [column(F64, x), column(I32, k)]);
    const got = fromColumns(resultType(program), value);
    if (!Array.isArray(got)) throw new Error('a vector was expected');
    for (const i of [0, 9973, 2 * 9973]) expect(got[i]).toBe(Math.sin(x[i] ?? 0));
    for (const [i, v] of x.entries())
      expect(Math.abs(Number(got[i]) - Math.sin(v)) <= 1e-15 || Number.isNaN(v)).toBe(true);
  });
});

function column(elem: typeof F64, data: TypedArray) {
  return { kind: 'vec', elem, length: data.length, cols: [data] } as const;
}
