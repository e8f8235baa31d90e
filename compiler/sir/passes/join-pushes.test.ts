/** What is joined to one push, what is not, and that rows stay in order. */

import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { arbKernel, callOf } from '../../testing/arb-kernel.ts';
import { cmp, type Get, KernelBuilder, lit, un } from '../build.ts';
import { runKernel } from '../interp.ts';
import type { Kernel } from '../kernel.ts';
import { kernelText } from '../print.ts';
import { verifyKernel } from '../verify.ts';
import { joinPushes } from './join-pushes.ts';
import { vectorize } from './vectorize.ts';

type Make = (k: KernelBuilder, x: Get, push: (value: ReturnType<typeof un> | Get) => void) => void;

function kernelOf(make: Make): Kernel {
  const k = new KernelBuilder('choice');
  const x = k.load(k.buf('x', 'f64', 'read'), k.index);
  const out = k.buf('out', 'f64', 'write');
  const cursor = k.cursor();
  make(k, x, (value) => k.push(cursor, [[out, value]]));
  return k.finish();
}
const above = (x: Get, value: number) => cmp('>', x, lit('f64', value));

describe('pushes of branches', () => {
  const either = kernelOf((k, x, push) => {
    k.if(
      above(x, 1),
      () => push(x),
      () => k.if(above(x, -1), () => push(un('neg', x))),
    );
  });

  it('that exclude each other become one', () => {
    expect(kernelText(joinPushes(either))).toMatchInlineSnapshot(`
      "kernel choice(x: read f64[], out: write f64[]) {
        cursors 1
        body %0 {
          var %2: bool = false
          var %3: f64 = 0f64
          %1: f64 = x[%0]
          if %1 > 1f64 {
            %2 := true
            %3 := %1
          } else {
            if %1 > -1f64 {
              %2 := true
              %3 := neg(%1)
            }
          }
          if %2 {
            push #0 { out <- %3 }
          }
        }
      }
      "
    `);
  });

  it('keep the order of rows in lanes', () => {
    const { kernel, reason } = vectorize(either, { always: true });
    expect(reason).toBe('2 lanes (f64)');
    verifyKernel(kernel);
    const xs = Float64Array.of(2, 0, -3, 5, 0.5, -9, 7, 0);
    const call = { bufs: [xs, new Float64Array(8)], scalars: [], begin: 0, end: 8, part: 0, rowsPerPart: 8, cells: [] };
    const cursors = [0];
    expect(runKernel(kernel, { ...call, cursors, useWide: true })).toBeNull();
    expect([...(call.bufs[1] ?? [])].slice(0, cursors[0])).toEqual([2, -0, 5, -0.5, 7, -0]);
  });

  it.each<readonly [string, Make]>([
    ['one push', (k, x, push) => k.if(above(x, 1), () => push(x))],
    [
      'two pushes of one row',
      (k, x, push) => {
        k.if(above(x, 1), () => push(x));
        k.if(above(x, 2), () => push(x));
      },
    ],
    [
      'a push in a loop',
      (k, x, push) => {
        const more = k.var(x);
        k.if(
          above(x, 1),
          () => push(x),
          () =>
            k.while(above(more, 0), () => {
              push(x);
              k.set(more, lit('f64', 0));
            }),
        );
      },
    ],
  ])('leaves %s alone', (_, make) => {
    const kernel = kernelOf(make);
    expect(joinPushes(kernel)).toBe(kernel);
  });
});

it('random kernels do the same with joined pushes', () => {
  let joins = 0;
  fc.assert(
    fc.property(arbKernel(), (c) => {
      const kernel = joinPushes(c.kernel);
      if (kernel === c.kernel) return;
      joins++;
      verifyKernel(kernel);
      const [got, want] = [callOf({ ...c, kernel }, false), callOf(c, false)];
      const status = runKernel(kernel, got);
      expect(status).toEqual(runKernel(c.kernel, want));
      if (status !== null) return;
      expect(got.cursors).toEqual(want.cursors);
      expect(got.bufs).toEqual(want.bufs);
    }),
    { numRuns: 400, seed: 77 },
  );
  expect(joins).toBeGreaterThan(4);
});
