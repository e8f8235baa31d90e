import fc from 'fast-check';
import { expect, test } from 'vitest';
import { arbKernel, callOf } from '../../testing/arb-kernel.ts';
import { bin, KernelBuilder, lit, un } from '../build.ts';
import { runKernel } from '../interp.ts';
import type { Kernel } from '../kernel.ts';
import { laneReductions } from '../shape.ts';
import { verifyKernel } from '../verify.ts';
import { expandMath } from './expand-math.ts';
import { interleave } from './interleave.ts';
import { vectorize } from './vectorize.ts';

const finish = (k: Kernel): Kernel => interleave(expandMath(vectorize(k, { always: true }).kernel));

test('iterations stand side by side, and the rows that are left go to the body', () => {
  const k = new KernelBuilder('map');
  const x = k.load(k.buf('x', 'f64', 'read'), k.index);
  k.store(k.buf('out', 'f64', 'write'), k.index, bin('*', un('exp', x), lit('f64', 2)));
  const kernel = finish(k.finish());
  verifyKernel(kernel);
  expect(kernel.wide?.lanes).toBe(2);
  expect(kernel.wide?.step).toBe(8);
  const xs = Float64Array.from({ length: 11 }, (_, i) => i / 3 - 2);
  const bufs = [xs, new Float64Array(11)];
  const rest = { scalars: [], begin: 0, end: 11, part: 0, rowsPerPart: 11, cells: [], cursors: [] };
  runKernel(kernel, { ...rest, bufs, useWide: true });
  const plain = [xs, new Float64Array(11)];
  runKernel(kernel, { ...rest, bufs: plain, useWide: false });
  expect(bufs[1]).toStrictEqual(plain[1]);
});

test('sums of floats do not wait for each other, unless there are many; integers may', () => {
  const sums = (kind: 'f64' | 'i64', count: number): number => {
    const k = new KernelBuilder('sums');
    const x = k.load(k.buf('x', kind, 'read'), k.index);
    for (let i = 0; i < count; i++) k.accum(k.reduction(`s${i}`, kind, '+'), x);
    const kernel = finish(k.finish());
    verifyKernel(kernel);
    expect(kernel.wide?.step).toBe(8);
    return laneReductions(kernel.wide?.body ?? []).get(0)?.copies ?? 0;
  };
  expect([sums('f64', 1), sums('f64', 2), sums('f64', 3), sums('i64', 1)]).toStrictEqual([4, 4, 1, 1]);
});

test('copies of row-by-row statements are left where they are', () => {
  const k = new KernelBuilder('filter');
  const x = k.load(k.buf('x', 'f64', 'read'), k.index);
  const out = k.buf('out', 'f64', 'write');
  const cursor = k.cursor();
  k.push(cursor, [[out, un('sqrt', x)]]);
  k.push(cursor, [[out, x]]);
  const wide = vectorize(k.finish(), { always: true, apart: false }).kernel;
  expect(interleave(wide)).toBe(wide);
});

test('a long body is left alone: it has work enough for one', () => {
  const k = new KernelBuilder('long');
  let x = k.load(k.buf('x', 'f64', 'read'), k.index);
  for (let i = 0; i < 2000; i++) x = k.let(bin('*', x, lit('f64', 1.5)));
  k.store(k.buf('out', 'f64', 'write'), k.index, x);
  const wide = vectorize(k.finish(), { always: true }).kernel;
  expect(wide.wide).not.toBeNull();
  expect(interleave(wide)).toBe(wide);
});

test('changes no output of random kernels', () => {
  fc.assert(
    fc.property(arbKernel({ functions: ['exp', 'sin'] }), (c) => {
      const once = expandMath(vectorize(c.kernel, { always: true }).kernel);
      const twice = interleave(once);
      verifyKernel(twice);
      const outcome = (kernel: Kernel) => {
        const call = callOf({ ...c, kernel }, true);
        const status = runKernel(kernel, call);
        return { status, ...(status === null ? { bufs: call.bufs, cursors: call.cursors } : {}) };
      };
      expect(outcome(twice)).toStrictEqual(outcome(once));
    }),
    { numRuns: 200, seed: 5 },
  );
});
