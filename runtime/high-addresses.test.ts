/**
 * Columns above 2 GiB, where addresses have the sign bit, and above 4 GiB, where they have 64 bits: loops, tables,
 * dictionaries, sorts, vectors in vectors and stages of a stream give what they give below. The heap only reserves the low
 * part, so that no memory is touched there. Engines without 64-bit addresses skip the second half.
 */

import { afterAll, expect, it } from 'vitest';
import { fromColumns, type IValue, paramTypes, resultType, toColumns } from '../compiler/index.ts';
import { parseProgram } from '../compiler/text.ts';
import { hasMemory64 } from './cpu/features.ts';
import { init, type Session } from './session.ts';
import { columnsOf } from './value.ts';

const GIB = 2 ** 30;
const below = await init({ threads: 2 });
const sign = await init({ threads: 2 });
const block = sign.heap.reserve(2 * GIB);
const large = hasMemory64() ? await init({ threads: 2, memoryLimitBytes: 5 * GIB }) : null;
afterAll(async () => {
  sign.heap.release(block);
  await Promise.all([below.dispose(), sign.dispose(), large?.dispose()]);
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

it.each(TEXTS)('above 2 GiB: %s', (body) => agrees(body, sign, 2 * GIB));
it.skipIf(large === null).each(TEXTS)('above 4 GiB: %s', async (body) => {
  if (large !== null) await agrees(body, large, 4 * GIB);
});

async function agrees(body: string, above: Session, low: number): Promise<void> {
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
      if (s === above && c.length > 0) expect(c.byteOffset).toBeGreaterThanOrEqual(low);
    }
    values.push([fromColumns(resultType(p), value), streamed]);
    s.release(value);
    s.release(x);
  }
  expect(values[1]).toEqual(values[0]);
}
