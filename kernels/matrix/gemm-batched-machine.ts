/**
 * The machine form of gemm_batched: a row of the launch is a product, if these are so small that they stay in the cache as
 * they are; otherwise one product after the other.
 */

import type { TypedArray } from '../../compiler/index.ts';
import { bin, cmp, type Get, type Kernel, KernelBuilder, lit, type SExpr, splat } from '../../compiler/kernels.ts';
import { vector } from '../column.ts';
import { type Machine, type MachineForm, once } from '../machine.ts';
import { num } from '../terms.ts';
import { type Float, LANES } from './float.ts';
import { batchOf } from './gemm-batched.ts';
import { multiply } from './gemm-machine.ts';
import { type Factors, linesFrom } from './lines.ts';

/** Most multiplications of a small product: three matrices of 64 x 64. */
const SMALL = 64 ** 3;

export const gemmBatchedMachine: MachineForm = async (args, m) => {
  const f = batchOf(args);
  const { kind, batch, a, b } = f;
  const c = m.alloc.alloc(kind, batch * a.lines * b.lines);
  if (c.length === 0) return vector(kind, c);
  if (a.lines * b.lines * a.k <= SMALL) await smallProducts(m, f, c);
  else await largeProducts(m, f, c);
  return vector(kind, c);
};

async function largeProducts(m: Machine, { kind, batch, a, b }: Factors, c: TypedArray): Promise<void> {
  const size = a.lines * b.lines;
  for (let product = 0; product < batch; product++) {
    await multiply(m, kind, {
      a: linesFrom(a, product * a.lines * a.k),
      b: linesFrom(b, product * b.lines * b.k),
      to: c.subarray(product * size, (product + 1) * size),
      finish: null,
    });
  }
}

async function smallProducts(m: Machine, { kind, batch, a, b }: Factors, c: TypedArray): Promise<void> {
  const work = Math.max(1, a.lines * b.lines * a.k);
  await m.launch(small(kind, b.step === 1), {
    rows: batch,
    rowsPerPart: Math.max(1, Math.ceil(batch / (m.threads * 4)), Math.ceil(m.fewestRows / work)),
    bufs: [a.cells, b.cells, c],
    scalars: [a.lines, b.lines, a.k, a.line, a.step],
  });
}

/** Sums of a row of the product that are computed side by side. */
const WIDTH = 4;

/** A product a row; the columns of B by registers, where they stand side by side. */
const small = once((kind: Float, transposed: boolean): Kernel => {
  const k = KernelBuilder.packed(`small_products${transposed ? '_transposed' : ''}_${kind}`);
  const [a, b, c] = [k.buf('a', kind, 'read'), k.buf('b', kind, 'read'), k.buf('c', kind, 'write')];
  const [rows, columns, deep] = [k.scalar('m', 'i32'), k.scalar('n', 'i32'), k.scalar('k', 'i32')];
  const [nextRow, nextColumn] = [k.scalar('next_row', 'i32'), k.scalar('next_column', 'i32')];
  const startOf = (size: SExpr): Get => k.let(bin('*', k.index, size));
  const [startA, startB] = [startOf(bin('*', rows, deep)), startOf(bin('*', deep, columns))];
  const startC = startOf(bin('*', rows, columns));

  /** Computes `count` sums of a row from column `j` on, each of `lanes` columns. */
  const sumUp = (row: Get, j: Get, count: number, lanes: 1 | 2 | 4): void => {
    const sums = Array.from({ length: count }, () => k.var(lit(kind, 0, lanes)));
    const atA = k.var(bin('+', startA, bin('*', row, nextRow)));
    const atB = k.var(bin('+', startB, transposed ? bin('*', j, deep) : j));
    k.range(num(0), deep, () => {
      const e = k.let(splat(k.load(a, atA), lanes));
      for (const [s, sum] of sums.entries()) {
        const place = transposed ? k.let(bin('+', atB, bin('*', deep, num(s)))) : bin('+', atB, num(s * lanes));
        k.set(sum, bin('+', sum, bin('*', e, k.load(b, place, lanes))));
      }
      k.set(atA, bin('+', atA, nextColumn));
      k.set(atB, bin('+', atB, transposed ? num(1) : columns));
    });
    const to = k.let(bin('+', bin('+', startC, bin('*', row, columns)), j));
    for (const [s, sum] of sums.entries()) k.store(c, bin('+', to, num(s * lanes)), sum);
  };
  const registers = transposed ? 1 : LANES[kind];
  k.range(num(0), rows, (row) => {
    const j = k.var(num(0));
    for (const [count, lanes] of [
      [WIDTH, registers],
      [1, registers],
      [1, 1],
    ] as const) {
      const step = count * lanes;
      k.while(cmp('<=', bin('+', j, num(step)), columns), () => {
        sumUp(row, j, count, lanes);
        k.set(j, bin('+', j, num(step)));
      });
    }
  });
  return k.finish();
});
