import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compileWasm } from '../../target/wasm/emit.ts';
import { arbKernel, callOf } from '../../testing/arb-kernel.ts';
import { callKernel } from '../../testing/math-points.ts';
import { runs } from '../../testing/runs.ts';
import { bin, KernelBuilder, lit } from '../build.ts';
import { runKernel } from '../interp.ts';
import type { Kernel } from '../kernel.ts';
import { stmtsText } from '../print.ts';
import { verifyKernel } from '../verify.ts';
import { contract } from './contract.ts';
import { expandMath } from './expand-math.ts';
import { vectorize } from './vectorize.ts';

const wide = (k: KernelBuilder): Kernel => vectorize(k.finish(), { always: true }).kernel;
const text = (kernel: Kernel): string => stmtsText(kernel.wide?.body ?? [], kernel);

test('a product that one sum reads goes into it; one that is read again, or taken away from, stays', () => {
  const k = new KernelBuilder('sums');
  const [x, y] = ['x', 'y'].map((name) => k.load(k.buf(name, 'f64', 'read'), k.index));
  if (x === undefined || y === undefined) throw new Error('two buffers');
  const outs = ['a', 'b', 'c'].map((name) => k.buf(name, 'f64', 'write'));
  const [once, twice, minuend] = [k.let(bin('*', x, y)), k.let(bin('*', x, x)), k.let(bin('*', y, y))];
  k.store(outs[0] ?? 0, k.index, bin('-', bin('+', twice, x), once));
  k.store(outs[1] ?? 0, k.index, bin('-', minuend, x));
  k.store(outs[2] ?? 0, k.index, bin('+', twice, lit('f64', 1)));
  const kernel = wide(k);
  const made = contract(kernel);
  verifyKernel(made);
  const products = (body: string): number =>
    body.split('\n').filter((l) => /^\s*%\d+: f64x2 = %\d+ \* %\d+$/.test(l)).length;
  expect([products(text(kernel)), products(text(made))]).toEqual([3, 2]);
  expect(text(made)).toMatch(/- \(%\d+ \* %\d+\)/);
});

test('random kernels with math functions mean the same', () => {
  fc.assert(
    fc.property(arbKernel({ functions: ['exp', 'log', 'sin'] }), (c) => {
      const kernel = expandMath(vectorize(c.kernel, { always: true }).kernel);
      const made = contract(kernel);
      verifyKernel(made);
      const [before, after] = [kernel, made].map((one) => {
        const call = callOf(c, true);
        return { status: runKernel(one, call), bufs: call.bufs, cells: call.cells, cursors: call.cursors };
      });
      expect(after).toStrictEqual(before);
    }),
    runs(31, 0.2),
  );
});

test('multiply-adds are emitted when asked for, in wide code, and never otherwise', async () => {
  for (const kind of ['f64', 'f32'] as const) {
    const kernel = expandMath(vectorize(callKernel('exp', kind)).kernel);
    const shape = kind === 'f64' ? 'f64x2' : 'f32x4';
    const [plain, relaxed] = await Promise.all(
      [false, true].map((relaxedMadd) => compileWasm([kernel], { text: true, check: true, relaxedMadd })),
    );
    expect(plain?.text).not.toContain('relaxed');
    expect(relaxed?.text).toContain(`${shape}.relaxed_madd`);
    expect(relaxed?.text).toContain(`${shape}.relaxed_nmadd`);
    const rest = (code: string | null | undefined): number => (code ?? '').split(`${shape}.add`).length;
    expect(rest(relaxed?.text)).toBeLessThan(rest(plain?.text) / 2);
  }
});
