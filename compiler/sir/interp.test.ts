import { expect, test } from 'vitest';
import { bin, cast, cmp, KernelBuilder, lanes, lit, splat, un } from './build.ts';
import { type KernelCall, runKernel } from './interp.ts';

function call(over: Partial<KernelCall>): KernelCall {
  return {
    bufs: [],
    scalars: [],
    begin: 0,
    end: 0,
    part: 0,
    rowsPerPart: 100,
    cells: [],
    cursors: [],
    useWide: false,
    ...over,
  };
}

test('loads, stores, scalars and a reduction', () => {
  const k = new KernelBuilder('axpy');
  const x = k.buf('x', 'f32', 'read');
  const out = k.buf('out', 'f32', 'write');
  const a = k.scalar('a', 'f32');
  const sum = k.reduction('sum', 'f64', '+');
  const y = k.let(bin('*', k.load(x, k.index), a));
  k.store(out, k.index, y);
  k.accum(sum, cast(y, 'f64'));
  const c = call({
    bufs: [new Float32Array([1, 2, 3]), new Float32Array(3)],
    scalars: [0.5],
    end: 3,
    cells: [10],
  });
  expect(runKernel(k.finish(), c)).toBeNull();
  expect(c.bufs[1]).toStrictEqual(new Float32Array([0.5, 1, 1.5]));
  expect(c.cells).toStrictEqual([13]);
});

test('no rows: cells and cursors stay', () => {
  const k = new KernelBuilder('none');
  k.reduction('sum', 'f64', '+');
  k.cursor();
  const c = call({ cells: [-0], cursors: [4], useWide: true });
  expect(runKernel(k.finish(), c)).toBeNull();
  expect([c.cells, c.cursors]).toStrictEqual([[-0], [4]]);
});

test('a push lands at the cursor of its part', () => {
  const k = new KernelBuilder('odd');
  const x = k.buf('x', 'i32', 'read');
  const out = k.buf('out', 'i32', 'write');
  const cursor = k.cursor();
  const v = k.load(x, k.index);
  k.if(cmp('!=', bin('%', v, lit('i32', 2)), lit('i32', 0)), () => k.push(cursor, [[out, v]]));
  const c = call({
    bufs: [new Int32Array([0, 0, 0, 0, 3, 4, -5, 6]), new Int32Array(8)],
    begin: 4,
    end: 8,
    part: 1,
    rowsPerPart: 4,
    cursors: [0],
  });
  expect(runKernel(k.finish(), c)).toBeNull();
  expect(c.bufs[1]).toStrictEqual(new Int32Array([0, 0, 0, 0, 3, -5, 0, 0]));
  expect(c.cursors).toStrictEqual([2]);
});

test('wide code runs while enough rows are left, the body does the rest', () => {
  const k = new KernelBuilder('mark');
  const out = k.buf('out', 'i32', 'write');
  k.store(out, k.index, lit('i32', 1));
  k.wide(4, () => k.store(out, k.index, lanes([2, 3, 4, 5].map((v) => lit('i32', v)))));
  const run = (useWide: boolean): unknown => {
    const c = call({ bufs: [new Int32Array(7)], end: 7, useWide });
    runKernel(k.finish(), c);
    return Array.from(c.bufs[0] ?? [], Number);
  };
  expect(run(true)).toStrictEqual([2, 3, 4, 5, 1, 1, 1]);
  expect(run(false)).toStrictEqual([1, 1, 1, 1, 1, 1, 1]);
});

test('a failure tells code and row; a failing wide iteration fails at its row', () => {
  const k = new KernelBuilder('check');
  const x = k.buf('x', 'i32', 'read');
  const cursor = k.cursor();
  const list = k.buf('list', 'i32', 'write');
  const v = k.load(x, k.index);
  k.fail('DivisionByZero', cmp('==', v, lit('i32', 0)));
  k.push(cursor, [[list, v]]);
  k.wide(2, () => {
    const w = k.load(x, k.index, 2);
    k.push(cursor, [[list, lit('i32', 9)]]);
    k.push(cursor, [[list, lit('i32', 9)]]);
    k.fail('DivisionByZero', cmp('==', w, splat(lit('i32', 0), 2)));
  });
  for (const useWide of [false, true]) {
    const c = call({ bufs: [new Int32Array([1, 2, 3, 0]), new Int32Array(4)], end: 4, cursors: [0], useWide });
    expect(runKernel(k.finish(), c)).toStrictEqual({ code: 3, row: 3 });
    expect(c.cursors).toStrictEqual([3]);
  }
});

test('loads outside a buffer are found, but for the padding behind it', () => {
  const k = new KernelBuilder('far');
  const x = k.buf('x', 'f64', 'read');
  const at = k.scalar('at', 'i32');
  k.store(k.buf('out', 'f64', 'write'), k.index, k.load(x, at));
  const run = (index: number): unknown => {
    const c = call({ bufs: [new Float64Array(0), new Float64Array([7])], scalars: [index], end: 1 });
    runKernel(k.finish(), c);
    return c.bufs[1]?.[0];
  };
  expect(run(0)).toBe(0);
  expect(run(7)).toBe(0);
  expect(() => run(8)).toThrow('load at 8');
  expect(() => run(-1)).toThrow('load at -1');
});

test('erf is its library code', () => {
  const k = new KernelBuilder('erf');
  k.store(k.buf('out', 'f64', 'write'), k.index, un('erf', lit('f64', 0.5)));
  const c = call({ bufs: [new Float64Array(1)], end: 1 });
  runKernel(k.finish(), c);
  expect(c.bufs[0]?.[0]).toBeCloseTo(0.5204998778130465, 15);
});
