/**
 * Columns above 2 GiB, where addresses have the sign bit: loops, tables, dictionaries, sorts, vectors in vectors and stages
 * of a stream give what they give below. The heap only reserves the low half, so that no memory is touched there.
 */

import { afterAll, expect, it } from 'vitest';
import { fromColumns, type IValue, paramTypes, resultType, toColumns } from '../compiler/index.ts';
import { parseProgram } from '../compiler/text.ts';
import { init } from './session.ts';
import { columnsOf } from './value.ts';

const LOW = 2 ** 31;
const below = await init({ threads: 2 });
const above = await init({ threads: 2 });
const block = above.heap.reserve(LOW);
afterAll(async () => {
  above.heap.release(block);
  await Promise.all([below.dispose(), above.dispose()]);
});

const N = 40_000;
const TEXTS: readonly string[] = [
  'result(for(x, merger[i64,+], |b, i, e| merge(b, e * i)))',
  'result(for(x, appender[i64], |b, i, e| merge(b, e + 1L)))',
  'result(for(x, appender[i64], |b, i, e| if(e % 3L == 0L, merge(b, e), b)))',
  'result(for(x, appender[i64], |b, i, e| for(rangeiter(0L, e & 3L, 1L), b, |c, j, f| merge(c, f * e))))',
  'result(for(x, vecmerger[i64,+](x), |b, i, e| merge(b, {e % 1000L, e})))',
  'tovec(result(for(x, dictmerger[i64,{i64,i64},+], |b, i, e| merge(b, {e % 5000L, {1L, e}}))))',
  'sort(x, |a, b| i32(b % 100L - a % 100L))',
  'result(for(x, appender[i64], |b, i, e| merge(b, lookup(x, (e * 7L) % len(x)))))',
  'result(for(slice(x, 5L, 200L), appender[vec[i64]], |b, i, e| merge(b, slice(x, i, e % 4L))))',
  'slice(slice(x, 100L, 5000L), 7L, 20L)',
];

it.each(TEXTS)('%s', async (body) => {
  const p = parseProgram(`|x: vec[i64]| ${body}`);
  const [t] = paramTypes(p);
  if (t === undefined) throw new Error('no parameter');
  const data: IValue = Array.from({ length: N }, (_, k) => BigInt((k * 7919) % N));
  const values = [];
  for (const s of [below, above]) {
    const x = toColumns(t, data, s.heap);
    const value = await s.evaluate(p, [x]);
    const streamed = body.startsWith('result(for(x, merger') ? await s.stream(p, [null], [[x], [x]]) : null;
    for (const c of [...columnsOf(x), ...columnsOf(value)]) {
      if (s === above && c.length > 0) expect(c.byteOffset).toBeGreaterThanOrEqual(LOW);
    }
    values.push([fromColumns(resultType(p), value), streamed]);
    s.release(value);
    s.release(x);
  }
  expect(values[1]).toEqual(values[0]);
});
