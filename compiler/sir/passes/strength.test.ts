import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { bin, KernelBuilder, lit, un } from '../build.ts';
import { kernelArray, runKernel } from '../interp.ts';
import type { Kernel, SExpr } from '../kernel.ts';
import { kernelText } from '../print.ts';
import { strength } from './strength.ts';

/** out[i] = f(x[i]) with f over one kind. */
function mapOf(kind: 'f64' | 'f32' | 'i32', f: (k: KernelBuilder, x: SExpr) => SExpr): Kernel {
  const k = new KernelBuilder('map');
  const x = k.buf('x', kind, 'read');
  const out = k.buf('out', kind, 'write');
  k.store(out, k.index, f(k, k.load(x, k.index)));
  return k.finish();
}

function run(kernel: Kernel, kind: 'f64' | 'f32', xs: readonly number[]): readonly number[] {
  const [x, out] = [kernelArray(kind, xs.length), kernelArray(kind, xs.length)];
  for (const [i, v] of xs.entries()) x[i] = v;
  runKernel(kernel, {
    bufs: [x, out],
    scalars: [],
    begin: 0,
    end: xs.length,
    part: 0,
    rowsPerPart: xs.length,
    cells: [],
    cursors: [],
    useWide: false,
  });
  return Array.from({ length: xs.length }, (_, i) => Number(out[i]));
}

const EDGES = [0, -0, 1, -1, Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY, 5e-324, -5e-324, 1e308];

describe('strength', () => {
  it.each([0.5, 2, -8, 1024, 2 ** 1022, 2 ** -1022])('x / %s keeps every bit', (d) => {
    const before = mapOf('f64', (_, x) => bin('/', x, lit('f64', d)));
    const after = strength(before);
    expect(kernelText(after)).toContain('*');
    fc.assert(
      fc.property(fc.array(fc.double()), (xs) => {
        const all = [...EDGES, ...xs];
        expect(run(after, 'f64', all)).toEqual(run(before, 'f64', all));
      }),
      { numRuns: 200, seed: 3 },
    );
  });

  it('max(x, -x) is abs, in either order and through a let', () => {
    for (const f of [
      (k: KernelBuilder, x: SExpr) => bin('max', x, k.let(un('neg', x))),
      (_: KernelBuilder, x: SExpr) => bin('max', un('neg', x), x),
    ]) {
      const before = mapOf('f64', f);
      const after = strength(before);
      expect(kernelText(after)).toContain('abs');
      expect(run(after, 'f64', EDGES)).toEqual(run(before, 'f64', EDGES));
    }
  });

  it('does not look through a let whose variable may have changed since', () => {
    const kernel = mapOf('f64', (k, x) => {
      const v = k.var(x);
      const negated = k.let(un('neg', v));
      k.set(v, lit('f64', -3));
      return bin('max', v, negated);
    });
    expect(strength(kernel)).toBe(kernel);
  });

  it.each([
    ['a divisor that is no power of two', mapOf('f64', (_, x) => bin('/', x, lit('f64', 3)))],
    ['a power of two without an inverse', mapOf('f64', (_, x) => bin('/', x, lit('f64', 2 ** 1023)))],
    ['zero', mapOf('f64', (_, x) => bin('/', x, lit('f64', 0)))],
    ['integers', mapOf('i32', (_, x) => bin('/', x, lit('i32', 4)))],
    ['the maximum of other values', mapOf('f64', (_, x) => bin('max', x, un('neg', lit('f64', 1))))],
  ])('leaves %s alone', (_, kernel) => {
    expect(strength(kernel)).toBe(kernel);
  });
});
