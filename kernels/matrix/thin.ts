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
import { minus, num, plus, times } from '../terms.ts';
import { type Float, LANES } from './float.ts';
import type { Lines } from './lines.ts';

const LINES = 8;
/** Registers of sums of a stretch of lines. */
const REGISTERS = 8;

/** Puts the sum of products of each line of `a` with the line `x` in `to`; k is not 0. */
export async function thinProduct(m: Machine, kind: Float, a: Lines, x: Lines, to: TypedArray): Promise<void> {
  const isAlong = a.step === 1;
  const size = isAlong ? LINES : REGISTERS * LANES[kind];
  const rows = Math.ceil(a.lines / size);
  await m.launch(isAlong ? along(kind) : across(kind), {
    rows,
    rowsPerPart: Math.max(Math.ceil(rows / (m.threads * 4)), Math.ceil(m.fewestRows / (size * a.k))),
    bufs: [a.cells, x.cells, to],
    scalars: [a.lines, a.k, a.start, isAlong ? a.line : a.step, x.start, x.step],
  });
}

/** What both kernels are given; `by` is from where to where it is to the next line, or to the next step. */
function given(k: KernelBuilder, kind: Float) {
  const [a, x, to] = [k.buf('a', kind, 'read'), k.buf('x', kind, 'read'), k.buf('to', kind, 'write')];
  const scalar = (name: string): Get => k.scalar(name, 'i32');
  const [lines, deep, start, by] = [scalar('lines'), scalar('k'), scalar('start'), scalar('by')];
  return { a, x, to, lines, deep, start, by, startX: scalar('start_x'), stepX: scalar('step_x') };
}

/** to[line] for LINES lines; the last ones are computed again where fewer are left. */
const along = once((kind: Float): Kernel => {
  const k = KernelBuilder.packed(`lines_along_${kind}`);
  const { a, x, to, lines, deep, start, by, startX, stepX } = given(k, kind);
  const first = k.let(times(k.index, num(LINES)));
  const last = k.let(minus(lines, num(1)));
  const each = Array.from({ length: LINES }, (_, n) => {
    const line = k.let(bin('min', plus(first, num(n)), last));
    return { line, from: k.let(plus(start, times(line, by))), sum: k.var(lit(kind, 0)) };
  });
  const atX = k.var(startX);
  k.range(num(0), deep, (at) => {
    const factor = k.load(x, atX);
    for (const { from, sum } of each) k.set(sum, plus(sum, times(k.load(a, k.let(plus(from, at))), factor)));
    k.set(atX, plus(atX, stepX));
  });
  for (const { line, sum } of each) k.store(to, line, sum);
  return k.finish();
});

/** to[line] for a stretch of lines, in registers; one by one where fewer are left. */
const across = once((kind: Float): Kernel => {
  const k = KernelBuilder.packed(`lines_across_${kind}`);
  const { a, x, to, lines, deep, start, by, startX, stepX } = given(k, kind);
  const size = REGISTERS * LANES[kind];
  const first = k.let(times(k.index, num(size)));
  const sumUp = (line: Get, registers: number, lanes: 1 | 2 | 4): void => {
    const sums = Array.from({ length: registers }, () => k.var(lit(kind, 0, lanes)));
    const [place, atX] = [k.var(plus(start, line)), k.var(startX)];
    k.range(num(0), deep, () => {
      const factor = k.let(splat(k.load(x, atX), lanes));
      for (const [r, sum] of sums.entries()) {
        k.set(sum, plus(sum, times(k.load(a, plus(place, num(r * lanes)), lanes), factor)));
      }
      k.set(place, plus(place, by));
      k.set(atX, plus(atX, stepX));
    });
    for (const [r, sum] of sums.entries()) k.store(to, plus(line, num(r * lanes)), sum);
  };
  k.if(
    cmp('<=', plus(first, num(size)), lines),
    () => sumUp(first, REGISTERS, LANES[kind]),
    () => k.range(first, lines, (line) => sumUp(line, 1, 1)),
  );
  return k.finish();
});
