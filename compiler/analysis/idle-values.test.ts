/** Which dictionaries have values that nobody reads, and that programs with them give what the interpreter gives. */

import { afterAll, expect, it } from 'vitest';
import type { IValue } from '../core/ivalue.ts';
import { optimize } from '../pipeline.ts';
import { Both } from '../testing/both.ts';
import { parseProgram } from '../text.ts';
import { idleValues } from './idle-values.ts';

const both = new Both();
afterAll(() => both.dispose());

const DICT = 'result(for(x, dictmerger[i64,i64,+], |b, i, e| if(e > 1L, merge(b, {e % 7L, e}), b)))';
const TWO = `for(x, {dictmerger[i64,i64,+], dictmerger[i64,i64,max]}, |b, i, e|
  {merge(b.$0, {e % 5L, e}), merge(b.$1, {e % 3L, e})})`;

const CASES: readonly [name: string, rest: string, idle: readonly number[]][] = [
  ['the keys', `let d = ${DICT}; map(tovec(d), |e| e.$0 * 2L)`, [0]],
  ['how many there are, and whether one is there', `let d = ${DICT}; {len(tovec(d)), keyexists(d, 3L)}`, [0]],
  ['an entry by its place', `let v = tovec(${DICT}); if(len(v) > 0L, lookup(v, 0L).$0, 0L)`, [0]],
  ['keys beside another vector', `let v = tovec(${DICT}); map(zip(v, map(v, |e| e.$0)), |e| e.$0.$0 + e.$1)`, [0]],
  ['look-ups in a loop', `let d = ${DICT}; map(x, |e| keyexists(d, e))`, [0]],
  ['a value', `let d = ${DICT}; map(tovec(d), |e| e.$1)`, []],
  ['a value of some', `let d = ${DICT}; map(tovec(d), |e| if(e.$0 > 2L, e.$1, 0L))`, []],
  ['the value of a key', `let d = ${DICT}; {len(tovec(d)), optlookup(d, 3L).$1}`, []],
  ['whole entries', `let d = ${DICT}; tovec(d)`, []],
  ['the dictionary', DICT, []],
  ['one of two', `let r = ${TWO}; {map(tovec(result(r.$0)), |e| e.$0), map(tovec(result(r.$1)), |e| e.$1)}`, [0]],
  [
    'a dictionary that is gone on with',
    `let d = for(x, for(x, dictmerger[i64,i64,+], |b, i, e| merge(b, {e, 1L})),
    |b, i, e| merge(b, {e + 1L, 1L})); map(tovec(result(d)), |e| e.$0)`,
    [],
  ],
];

it.each(CASES)('%s', async (_name, rest, idle) => {
  const p = parseProgram(`|x: vec[i64]| ${rest}`);
  const found = [...idleValues(optimize(p).program.body).values()].flatMap((s) => [...s]);
  expect(found).toEqual(idle);
  for (const n of [0, 1, 40]) {
    const x: IValue = Array.from({ length: n }, (_, k) => BigInt((k * 13) % 23));
    await both.agrees(p, [x]);
  }
});
