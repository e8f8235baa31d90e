/**
 * Twelve programs that an optimizer of this language has got wrong, by algebra that ignores types, wrap-around and
 * rounding, and by fusion that ignores indices and ranges. Here each gives its value, with all passes on: interpreted,
 * and as machine code. What the passes leave of them is in `programs/passes/rules/unsound.weld`.
 */

import { afterAll, describe, expect, test } from 'vitest';
import { decodeJson, encodeJson, type Json } from '../compiler/core/json.ts';
import { fromColumns, interpret, plainMemory, resultType, toColumns } from '../compiler/index.ts';
import { optimize } from '../compiler/pipeline.ts';
import { parseProgram } from '../compiler/text.ts';
import { Session } from '../runtime/index.ts';

const FILTERED = 'let f = result(for(v, appender[i64], |b, i, e| if(e > 10L, merge(b, e), b)));';
const MAPPED = 'let m = result(for(v, appender[i64], |b, i, e| merge(b, e * 2L)));';
const FLAT = 'let f = result(for(v, appender[i64], |b, i, e| for(rangeiter(0L, e, 1L), b, |c, j, x| merge(c, x))));';
const indices = (v: string): string => `result(for(${v}, appender[i64], |b, i, e| merge(b, i)))`;
const elements = (it: string): string => `result(for(${it}, appender[i64], |b, i, e| merge(b, e)))`;

/** Text, argument, value. */
const PROGRAMS: readonly (readonly [string, Json, Json])[] = [
  ['|x: i32| x * 3 / 2', 5, 7],
  ['|x: i32| x / 2 * 4', 5, 8],
  ['|x: i32| x * 2 == 5', 2, false],
  ['|x: i32| x * 2 >= 5', 2, false],
  ['|x: i32| x / 2 == 3', 7, true],
  ['|x: i32| x + 1 > 0', 2147483647, false],
  ['|x: u32| x - 1u32 > 5u32', 0, true],
  ['|x: f64| x + 1e16 - 1e16', 1, 0],
  [`|v: vec[i64]| ${FILTERED} ${indices('f')}`, [5, 60, 7, 80], [0, 1]],
  [`|v: vec[i64]| ${FLAT} ${indices('f')}`, [2, 1], [0, 1, 2]],
  [`|v: vec[i64]| ${MAPPED} ${elements('iter(m, 0L, 10L, 2L)')}`, [0, 1, 2, 3, 4, 5, 6, 7, 8, 9], [0, 4, 8, 12, 16]],
  [`|v: vec[i64]| ${FILTERED} ${elements('iter(f, 0L, 2L, 1L)')}`, [5, 60, 7, 80, 90], [60, 80]],
];

const session = new Session({ threads: 1 });
afterAll(() => session.dispose());

describe('not fooled by', () => {
  test.each(PROGRAMS)('%s', async (text, arg, want) => {
    const p = parseProgram(text);
    const ty = resultType(p);
    const args = p.body.params.map((s) => decodeJson(p.syms.type(s), arg));
    expect(encodeJson(ty, interpret(p, args))).toEqual(want);
    expect(encodeJson(ty, interpret(optimize(p, { check: true }).program, args))).toEqual(want);
    const columns = p.body.params.map((s, k) => toColumns(p.syms.type(s), args[k] ?? 0, plainMemory));
    expect(encodeJson(ty, fromColumns(ty, await session.evaluate(p, columns, { target: 'wasm' })))).toEqual(want);
  });
  // A scalar program is run by the host; in a loop the same expressions are machine code.
  test.each(PROGRAMS.slice(0, 8))('%s, in a loop', async (text, arg, want) => {
    const [, ty = '', body = ''] = /^\|x: (\w+)\| (.*)$/.exec(text) ?? [];
    const out = want === true || want === false ? 'bool' : ty;
    const p = parseProgram(`|v: vec[${ty}]| result(for(v, appender[${out}], |b, i, x| merge(b, ${body})))`);
    const args = p.body.params.map((s) => decodeJson(p.syms.type(s), [arg]));
    const columns = p.body.params.map((s, k) => toColumns(p.syms.type(s), args[k] ?? 0, plainMemory));
    const value = await session.evaluate(p, columns, { target: 'wasm' });
    expect(encodeJson(resultType(p), fromColumns(resultType(p), value))).toEqual([want]);
  });
});
