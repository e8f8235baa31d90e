/**
 * Products of a matrix and a vector, for products of matrices one of which is one row or one column. Nothing is packed: every
 * element of the matrix is read once, which is what they take.
 *
 *     along      the elements of a line side by side: LINES lines at once, each with its sum
 *     across     a step of all lines side by side: sums of a stretch of lines stay in registers
 *
 * Every sum takes its products in the order of k, as it does where both are large.
 */

import type { TypedArray } from '../../compiler/index.ts';
import { bin, cmp, type Get, type Kernel, KernelBuilder, lit, splat } from '../../compiler/kernels.ts';
import { type Machine, once } from '../machine.ts';
import { num } from '../terms.ts';
import { type Float, LANES } from './float.ts';

const LINES = 8;
/** Registers of sums of a stretch of lines. */
const REGISTERS = 8;

/** A matrix of lines of k elements. */
export interface Lines {
  readonly cells: TypedArray;
  readonly lines: number;
  readonly k: number;
  /** Do the elements of a line stand side by side? */
  readonly along: boolean;
}

/** The sum of products with x of each line; k is not 0. */
export async function thinProduct(m: Machine, kind: Float, a: Lines, x: TypedArray): Promise<TypedArray> {
  const to = m.alloc.alloc(kind, a.lines);
  const size = a.along ? LINES : REGISTERS * LANES[kind];
  const rows = Math.ceil(a.lines / size);
  await m.launch(a.along ? along(kind) : across(kind), {
    rows,
    rowsPerPart: Math.max(Math.ceil(rows / (m.threads * 4)), Math.ceil(m.fewestRows / (size * a.k))),
    bufs: [a.cells, x, to],
    scalars: [a.lines, a.k],
  });
  return to;
}

/** to[line] for LINES lines; the last ones are computed again where fewer are left. */
const along = once((kind: Float): Kernel => {
  const k = KernelBuilder.packed(`lines_along_${kind}`);
  const [a, x, to] = [k.buf('a', kind, 'read'), k.buf('x', kind, 'read'), k.buf('to', kind, 'write')];
  const [lines, deep] = [k.scalar('lines', 'i32'), k.scalar('k', 'i32')];
  const first = k.let(bin('*', k.index, num(LINES)));
  const last = k.let(bin('-', lines, num(1)));
  const each = Array.from({ length: LINES }, (_, n) => {
    const line = k.let(bin('min', bin('+', first, num(n)), last));
    return { line, start: k.let(bin('*', line, deep)), sum: k.var(lit(kind, 0)) };
  });
  k.range(num(0), deep, (at) => {
    const factor = k.load(x, at);
    for (const { start, sum } of each) {
      k.set(sum, bin('+', sum, bin('*', k.load(a, k.let(bin('+', start, at))), factor)));
    }
  });
  for (const { line, sum } of each) k.store(to, line, sum);
  return k.finish();
});

/** to[line] for a stretch of lines, in registers; one by one where fewer are left. */
const across = once((kind: Float): Kernel => {
  const k = KernelBuilder.packed(`lines_across_${kind}`);
  const [a, x, to] = [k.buf('a', kind, 'read'), k.buf('x', kind, 'read'), k.buf('to', kind, 'write')];
  const [lines, deep] = [k.scalar('lines', 'i32'), k.scalar('k', 'i32')];
  const size = REGISTERS * LANES[kind];
  const first = k.let(bin('*', k.index, num(size)));
  const sumUp = (line: Get, registers: number, lanes: 1 | 2 | 4): void => {
    const sums = Array.from({ length: registers }, () => k.var(lit(kind, 0, lanes)));
    const place = k.var(line);
    k.range(num(0), deep, (at) => {
      const factor = k.let(splat(k.load(x, at), lanes));
      for (const [r, sum] of sums.entries()) {
        k.set(sum, bin('+', sum, bin('*', k.load(a, bin('+', place, num(r * lanes)), lanes), factor)));
      }
      k.set(place, bin('+', place, lines));
    });
    for (const [r, sum] of sums.entries()) k.store(to, bin('+', line, num(r * lanes)), sum);
  };
  k.if(
    cmp('<=', bin('+', first, num(size)), lines),
    () => sumUp(first, REGISTERS, LANES[kind]),
    () => k.range(first, lines, (line) => sumUp(line, 1, 1)),
  );
  return k.finish();
});
