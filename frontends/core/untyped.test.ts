/** Calls that the types forbid, as plain JavaScript can make them: each is refused with a code, none is believed. */

import { inspect } from 'node:util';
import { expect, it } from 'vitest';
import { WeldError } from '../../compiler/index.ts';
import * as wa from '../array/index.ts';
import * as wf from '../frame/index.ts';
import * as wt from '../tensor/index.ts';

const table = wf.fromColumns({ a: [1, 2, null], s: ['x', 'y', null] });
const features = wt.stack([table.column('a')]);

/** Calls `on[name](..args)` without the help of types. */
const call = (on: object, name: string, ...args: readonly unknown[]): unknown =>
  Reflect.apply(Reflect.get(on, name), on, args);
const condition = wf.when(wf.col('a').gt(1));

it.each([
  ['a misspelt option', () => call(table, 'sort', 'a', { desc: true }), "there is no option 'desc'"],
  ['a misspelt option, with the nearest', () => call(table, 'sort', 'a', { decending: true }), "mean 'descending'"],
  ['a flag for options', () => call(table, 'sort', 'a', true), 'options are an object, found the boolean true'],
  ['a flag that is none', () => call(table, 'sort', 'a', { descending: 'yes' }), 'descending is true, false or a list'],
  ['no sort key', () => call(table, 'sort'), 'a column is named by a string, found undefined'],
  ['no join options', () => call(table, 'join', table), 'options are an object, found undefined'],
  ['a misspelt join option', () => call(table, 'join', table, { onn: 'a' }), "did you mean 'on'?"],
  ['a join with no frame', () => call(table, 'join', {}, { on: 'a' }), 'join needs a frame or a table'],
  ['no columns', () => call(wf, 'fromColumns'), 'a frame is made of one column or more'],
  ['no name', () => call(table, 'column'), 'W8003: there is no column undefined'],
  ['a number for a name', () => call(wf.col('a'), 'alias', 3), 'a column is named by a string, found the number 3'],
  ['when without then', () => call(table, 'select', { x: condition }), 'when(cond).then(a).otherwise(b)'],
  ['when without otherwise', () => call(table, 'select', { x: condition.then(1) }), 'an unfinished when(..)'],
  ['a promise in an expression', () => call(wf.col('a'), 'add', Promise.resolve(1)), 'found an object (Promise)'],
  ['an object for a column', () => call(table, 'withColumns', { x: table }), 'found an object (Frame)'],
  ['a bigint beyond i64', () => wf.fromColumns({ a: [1n, 2n ** 63n] }), 'item 1, 9223372036854775808, does not fit'],
  ['one column for a list', () => call(wt, 'stack', table.column('a')), 'stack takes a list of columns'],
  ['nothing to stack', () => call(wt, 'stack'), 'stack takes a list of columns, found undefined'],
  ['text for weights', () => call(features, 'matmul', 'x'), 'found "x"'],
  ['text for a tensor', () => call(wt, 'tensor', 'x'), 'numbers are a typed array, a list or rows of numbers'],
  ['a misspelt option of an array', () => call(wa, 'sort', [1], { desc: true }), "there is no option 'desc'"],
  [
    'a way to rank that is none',
    () => call(wa, 'rankdata', wa.array([1]), 'mean'),
    "'dense', 'ordinal', found \"mean\"",
  ],
  ['a number to sort', () => call(wa, 'sort', 5), 'must be a typed array or a list, found the number 5'],
  ['a side that is none', () => call(wa, 'searchsorted', wa.array([1]), 1, 'up'), "'left' or 'right', found \"up\""],
  [
    'a rank in a direction that is none',
    () => call(wf.col('a'), 'rank', 'min', { descending: 1 }),
    'true or false, found',
  ],
  [
    'a rank that is none',
    () => table.select(wf.col('a').rank(JSON.parse('"mean"'))),
    'average, min, max, dense, ordinal',
  ],
  ['no seed', () => call(wa, 'defaultRng'), 'a seed is an integer of 64 bits, found undefined'],
  ['no size', () => call(wa.defaultRng(1), 'random'), 'a size is a whole number from 0 on, found undefined'],
  ['text for a bound', () => call(wa.defaultRng(1), 'uniform', 'a', 1, 1), 'finite numbers in order, found "a"'],
  ['a third axis', () => call(features, 'sum', 2), 'an axis is 0 or 1, found the number 2'],
  ['a third axis', () => call(features, 'mean', 2), 'an axis is 0 or 1, found the number 2'],
  ['integers in a tensor', () => call(features, 'astype', 'i32'), 'a tensor is of f32 or f64, found "i32"'],
  ['an array beyond memory', () => wa.ones(1e12), 'a length is a whole number from 0 to 536870912'],
  ['steps of zero', () => wa.arange(0, 10, 0), 'the step of arange is not 0'],
  ['nothing to fill with', () => call(wa, 'full', 3), 'full needs a number, found undefined'],
])('%s', (_, f, message) => {
  expect(f).toThrow(WeldError);
  expect(f).toThrow(message);
});

it.each([
  ['one name for a list', () => call(wf, 'readCSV', { text: 'a,b\n1,2' }, { columns: 'a' }), "columns: ['a']"],
  ['no source', () => call(wf, 'readParquet'), 'a source is a path, a URL or a Uint8Array, found undefined'],
  ['a buffer for bytes', () => call(wf, 'readParquet', new ArrayBuffer(8)), 'new Uint8Array(buffer)'],
  ['no Arrow table', () => call(wf, 'fromArrow', {}), 'an Arrow table, or the path, URL or bytes'],
  ['bytes that are no Arrow', () => wf.fromArrow(new TextEncoder().encode('hello')), 'W8002: <bytes>'],
])('%s', async (_, f, message) => {
  await expect(f()).rejects.toThrow(WeldError);
  await expect(f()).rejects.toThrow(message);
});

it('a lazy value that is printed says what it is, without computing', () => {
  const df = wf.fromColumns({ a: [1, null], s: ['x', 'y'] });
  expect(String(df)).toBe('Frame { a: f64?, s: string } (lazy: await collect())');
  expect(inspect({ df })).toContain('Frame { a: f64?, s: string }');
  expect(inspect(df.column('a').add(1))).toBe('NDArray { f64, length 2 } (lazy: await toArray())');
  expect(inspect(df.filter(wf.col('a').gt(0)).column('a').sum())).toBe('Scalar { f64 } (lazy: await item())');
  expect(inspect(wt.stack([df.column('a')]))).toMatch(/^Tensor \{ f64, shape \(2, 1\) \}/);
});
