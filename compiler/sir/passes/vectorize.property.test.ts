import fc from 'fast-check';
import { expect, test } from 'vitest';
import { arbKernel, callOf, type KernelCase } from '../../testing/arb-kernel.ts';
import { runKernel } from '../interp.ts';
import type { Kernel } from '../kernel.ts';
import { kernelText } from '../print.ts';
import { verifyKernel } from '../verify.ts';
import { expandMath } from './expand-math.ts';
import { interleave } from './interleave.ts';
import { vectorize } from './vectorize.ts';

const RUNS = { numRuns: 200, seed: 20240917 };

/** What a call leaves behind; of a part that stopped only why and where. */
function outcome(c: KernelCase, kernel: Kernel, useWide: boolean): object {
  const call = callOf({ ...c, kernel }, useWide);
  const status = runKernel(kernel, call);
  if (status !== null) return status;
  return { bufs: call.bufs, cells: call.cells, cursors: call.cursors };
}

function expectSame(c: KernelCase, wide: Kernel, scalar: Kernel): void {
  verifyKernel(wide);
  expect(outcome(c, wide, true), kernelText(wide)).toStrictEqual(outcome(c, scalar, false));
}

test('the wide form does what the body does, rows, cells, cursors and failures alike', () => {
  fc.assert(
    fc.property(arbKernel(), (c) => {
      verifyKernel(c.kernel);
      expectSame(c, vectorize(c.kernel, { always: true }).kernel, c.kernel);
    }),
    RUNS,
  );
});

test('the form that jumps over blocks does what the body does, and counts the rows that it computed', () => {
  const seen = { skipping: 0, counted: 0 };
  fc.assert(
    fc.property(arbKernel({ functions: ['exp', 'sin'] }), fc.boolean(), (c, apart) => {
      const { skipping } = vectorize(c.kernel, { always: true, apart, skip: 0 });
      if (skipping === null) return;
      seen.skipping++;
      for (const kernel of [expandMath(skipping.kernel), interleave(expandMath(skipping.kernel))]) {
        verifyKernel(kernel);
        const masked = expandMath(vectorize(c.kernel, { always: true }).kernel);
        const [call, plain] = [callOf({ ...c, kernel }, true), callOf({ ...c, kernel: masked }, true)];
        const [got, want] = [runKernel(kernel, call), runKernel(masked, plain)];
        expect(got, kernelText(kernel)).toStrictEqual(want);
        if (want !== null) return;
        const computed = Number(call.cells.pop() ?? 0);
        if (computed > 0) seen.counted++;
        expect(computed).toBeLessThanOrEqual(skipping.branches * (call.end - call.begin));
        expect(call, kernelText(kernel)).toMatchObject({
          bufs: plain.bufs,
          cells: plain.cells,
          cursors: plain.cursors,
        });
      }
    }),
    RUNS,
  );
  for (const [what, count] of Object.entries(seen)) expect(count, what).toBeGreaterThan(8);
});

test('expanded math gives the same bits in every lane as in the body', () => {
  fc.assert(
    fc.property(arbKernel({ functions: ['exp', 'sin', 'log', 'cos', 'asin', 'tanh'] }), (c) => {
      const both = expandMath(vectorize(c.kernel, { always: true }).kernel);
      expectSame(c, both, both);
    }),
    RUNS,
  );
});

test('the random kernels reach what the vectoriser does', () => {
  const seen = {
    wide: 0,
    fourLanes: 0,
    twoLanes: 0,
    rowByRow: 0,
    failing: 0,
    masked: 0,
    gathers: 0,
    loops: 0,
    picked: 0,
  };
  for (const c of fc.sample(arbKernel(), { numRuns: 200, seed: RUNS.seed })) {
    const { kernel, reason } = vectorize(c.kernel, { always: true });
    const text = kernelText(kernel);
    if (vectorize(c.kernel).kernel.wide !== null) seen.wide++;
    if (kernel.wide?.lanes === 4) seen.fourLanes++;
    else seen.twoLanes++;
    if (reason.includes('row by row')) seen.rowByRow++;
    if ('code' in outcome(c, c.kernel, false)) seen.failing++;
    if (text.includes(' where ')) seen.masked++;
    if (text.includes('pick ')) seen.picked++;
    if (reason.includes('inner loops for all lanes')) seen.loops++;
    if (/%\d+\.1\]/.test(text)) seen.gathers++;
  }
  for (const [what, count] of Object.entries(seen)) expect(count, what).toBeGreaterThan(8);
});
