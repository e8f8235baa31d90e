/** Values move to the branch that reads them, and kernels do what they did. */

import fc from 'fast-check';
import { expect, test } from 'vitest';
import { arbKernel, callOf, type KernelCase } from '../../testing/arb-kernel.ts';
import { runs } from '../../testing/runs.ts';
import { bin, cmp, KernelBuilder, lit } from '../build.ts';
import { runKernel } from '../interp.ts';
import type { Kernel } from '../kernel.ts';
import { kernelText } from '../print.ts';
import { statementCount } from '../shape.ts';
import { verifyKernel } from '../verify.ts';
import { sink } from './sink.ts';

test('what one branch reads is made in it; what a condition, two branches or another statement reads stays', () => {
  const k = new KernelBuilder('sums');
  const load = (name: string) => k.load(k.buf(name, 'f64', 'read'), k.index);
  const [x, y, z, w] = [load('x'), load('y'), load('z'), load('w')];
  const table = k.load(k.buf('table', 'f64', 'readwrite', true), lit('i32', 0));
  const [s, t] = [k.reduction('s', 'f64', '+'), k.reduction('t', 'f64', '+')];
  const product = k.let(bin('*', y, z));
  k.if(
    cmp('>', x, lit('f64', 0)),
    () => k.if(cmp('<', w, lit('f64', 1)), () => k.accum(s, bin('+', product, table))),
    () => k.accum(t, w),
  );
  const kernel = k.finish();
  expect(kernelText({ ...kernel, body: sink(kernel.body, kernel) })).toMatchInlineSnapshot(`
    "kernel sums(x: read f64[], y: read f64[], z: read f64[], w: read f64[], table: partial readwrite f64[]) {
      reduction s: f64 +
      reduction t: f64 +
      body %0 {
        %1: f64 = x[%0]
        %4: f64 = w[%0]
        %5: f64 = table[0i32]
        if %1 > 0f64 {
          if %4 < 1f64 {
            %2: f64 = y[%0]
            %3: f64 = z[%0]
            %6: f64 = %2 * %3
            s += %6 + %5
          }
        } else {
          t += %4
        }
      }
    }
    "
  `);
});

function outcome(c: KernelCase, kernel: Kernel): object {
  const call = callOf({ ...c, kernel }, false);
  const status = runKernel(kernel, call);
  return status ?? { bufs: call.bufs, cells: call.cells, cursors: call.cursors };
}

test('random kernels do what they did', () => {
  let moved = 0;
  fc.assert(
    fc.property(arbKernel(), (c) => {
      const { kernel } = c;
      const made = { ...kernel, body: sink(kernel.body, kernel) };
      verifyKernel(made);
      expect(outcome(c, made), kernelText(made)).toStrictEqual(outcome(c, kernel));
      expect(statementCount(made.body)).toBe(statementCount(kernel.body));
      if (made.body.length < kernel.body.length) moved++;
    }),
    runs(20_261_122),
  );
  expect(moved).toBeGreaterThan(4);
});
