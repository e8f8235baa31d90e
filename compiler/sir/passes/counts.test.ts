import { describe, expect, it } from 'vitest';
import { wasmRunner } from '../../testing/run-wasm.ts';
import { bin, cast, cmp, KernelBuilder, lit, sel } from '../build.ts';
import type { Kernel, SExpr } from '../kernel.ts';
import { verifyKernel } from '../verify.ts';
import { countsOf, stepOf } from './counts.ts';
import { vectorize } from './vectorize.ts';

const i64 = (n: bigint): SExpr => lit('i64', n);

/** A kernel over a column of i32 with a reduction `n`. */
function over(make: (k: KernelBuilder, e: SExpr, n: number) => void): Kernel {
  const k = new KernelBuilder('counting');
  const e = k.load(k.buf('x', 'i32', 'read'), k.index);
  make(k, e, k.reduction('n', 'i64', '+'));
  return k.finish();
}
const isOver = (e: SExpr): SExpr => cmp('>', e, lit('i32', 5));
const lanesOf = (kernel: Kernel): number | undefined => {
  const { kernel: made } = vectorize(kernel, { always: true });
  verifyKernel(made);
  return made.wide?.lanes;
};

describe('what counts', () => {
  it('is a step of 1, up or down, or none', () => {
    const on = isOver(lit('i32', 7));
    expect(stepOf(i64(-1n))?.ty.kind).toBe('i32');
    expect(stepOf(cast(on, 'i64'))?.ty.kind).toBe('i32');
    expect(stepOf(sel(on, i64(1n), i64(0n)))?.ty.kind).toBe('i32');
    expect(stepOf(sel(on, i64(1n), i64(2n)))).toBeNull();
    expect(stepOf(cast(lit('i32', 1), 'i64'))).toBeNull();
    expect(stepOf(cast(on, 'f64'))).toBeNull();
  });

  it('has four lanes over columns of 32 bits', () => {
    expect(lanesOf(over((k, e, n) => k.if(isOver(e), () => k.accum(n, i64(1n)))))).toBe(4);
    expect(lanesOf(over((k, e, n) => k.accum(n, k.let(cast(isOver(e), 'i64')))))).toBe(4);
    expect(lanesOf(over((k, e, n) => k.accum(n, k.let(sel(isOver(e), i64(-1n), i64(1n))))))).toBe(4);
  });

  it('has two where the sum may outgrow a lane, or lanes have 64 bits anyway', () => {
    expect(lanesOf(over((k, _, n) => k.accum(n, i64(2n))))).toBe(2);
    expect(lanesOf(over((k, e, n) => k.accum(n, cast(e, 'i64'))))).toBe(2);
    const often = over((k, _, n) => {
      for (let time = 0; time < 5; time++) k.accum(n, i64(1n));
    });
    expect(lanesOf(often)).toBe(2);
    const looped = over((k, e, n) => k.range(lit('i32', 0), e, () => k.accum(n, i64(1n))));
    expect(countsOf(looped, looped.body).size).toBe(0);
    const wide = over((k, e, n) => {
      k.accum(k.reduction('sum', 'f64', '+'), cast(e, 'f64'));
      k.accum(n, i64(1n));
    });
    expect(lanesOf(wide)).toBe(2);
  });

  it('keeps a step that is read again, or made of what changes', () => {
    const kernel = over((k, e, n) => {
      const step = k.let(cast(isOver(e), 'i64'));
      k.accum(n, step);
      k.accum(k.reduction('twice', 'i64', '+'), bin('*', step, i64(2n)));
    });
    expect(lanesOf(kernel)).toBe(2);
    const changing = over((k, e, n) => {
      const x = k.var(e);
      const step = k.let(cast(isOver(x), 'i64'));
      k.set(x, lit('i32', 0));
      k.accum(n, step);
    });
    expect(lanesOf(changing)).toBe(2);
  });

  it('comes to what it does row by row', async () => {
    const plain = over((k, e, n) => {
      k.if(isOver(e), () => k.accum(n, i64(1n)));
      k.if(cmp('<', e, lit('i32', 2)), () => k.accum(n, i64(-1n)));
    });
    const { kernel } = vectorize(plain, { always: true });
    expect(kernel.wide?.lanes).toBe(4);
    const run = await wasmRunner([kernel]);
    const x = Int32Array.from({ length: 1003 }, (_, row) => (row * 7) % 11);
    const want = x.filter((e) => e > 5).length - x.filter((e) => e < 2).length;
    expect(run(kernel, { bufs: [x], n: x.length }).cells[0]?.[0]).toBe(BigInt(want));
  });
});
