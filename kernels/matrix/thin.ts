/**
 * Products of a matrix and a vector, for products of matrices one of which is one row or one column. Nothing is packed: every
 * element of the matrix is read once, which is what they take.
 *
 *     along      the elements of a line side by side: LINES lines at once, each with its sum
 *     across     a step of all lines side by side: STEPS steps at once, read straight on, for a stretch of lines
 *
 * Every sum takes its products in the order of k, as it does where both are large.
 */

import { invariant, type TypedArray } from '../../compiler/index.ts';
import {
  bin,
  cmp,
  type Get,
  type Kernel,
  KernelBuilder,
  lane,
  lanes as laneList,
  lit,
  splat,
  whole,
} from '../../compiler/kernels.ts';
import { type Machine, once } from '../machine.ts';
import { minus, num, plus, times } from '../terms.ts';
import { type Float, LANES } from './float.ts';
import type { Lines } from './lines.ts';

/** Lines whose elements stand side by side that are summed up at once. */
const LINES = 8;
/** Lines of a stretch, whose sums stay in the first cache, and steps that are added to them at once. */
const STRETCH = 512;
const STEPS = 8;

/** Puts the sum of products of each line of `a` with the line `x` in `to`; k is not 0. */
export async function thinProduct(m: Machine, kind: Float, a: Lines, x: Lines, to: TypedArray): Promise<void> {
  const isAlong = a.step === 1;
  const size = isAlong ? LINES : STRETCH;
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
  const [a, x, to] = [k.buf('a', kind, 'read'), k.buf('x', kind, 'read'), k.buf('to', kind, 'readwrite')];
  const scalar = (name: string): Get => k.scalar(name, 'i32');
  const [lines, deep, start, by] = [scalar('lines'), scalar('k'), scalar('start'), scalar('by')];
  return { a, x, to, lines, deep, start, by, startX: scalar('start_x'), stepX: scalar('step_x') };
}

/** to[line] for LINES lines; the last ones are computed again where fewer are left. */
const along = once((kind: Float): Kernel => {
  const k = KernelBuilder.packed(`lines_along_${kind}`);
  const { a, x, to, lines, deep, start, by, startX, stepX } = given(k, kind);
  const lanes = LANES[kind];
  const first = k.let(times(k.index, num(LINES)));
  const last = k.let(minus(lines, num(1)));
  /** As many lines as a register has lanes, and the register of their sums. */
  const groups = Array.from({ length: LINES / lanes }, (_, group) => {
    const each = Array.from({ length: lanes }, (_, n) => {
      const line = k.let(bin('min', plus(first, num(group * lanes + n)), last));
      return { line, from: k.let(plus(start, times(line, by))) };
    });
    return { each, sum: k.var(lit(kind, 0, lanes)) };
  });
  const atX = k.var(startX);
  const factor = (): Get => {
    const e = k.let(splat(k.load(x, atX), lanes));
    k.set(atX, plus(atX, stepX));
    return e;
  };
  const at = k.var(num(0));
  k.while(cmp('<=', plus(at, num(lanes)), deep), () => {
    const factors = Array.from({ length: lanes }, factor);
    for (const { each, sum } of groups) {
      const columns = transposed(
        k,
        each.map(({ from }) => k.load(a, k.let(plus(from, at)), lanes)),
      );
      for (const [l, e] of factors.entries()) k.set(sum, plus(sum, times(columns[l] ?? e, e)));
    }
    k.set(at, plus(at, num(lanes)));
  });
  k.range(at, deep, (l) => {
    const e = factor();
    for (const { each, sum } of groups) {
      const column = laneList(each.map(({ from }) => k.load(a, k.let(plus(from, l)))));
      k.set(sum, plus(sum, times(column, e)));
    }
  });
  for (const { each, sum } of groups) for (const [n, { line }] of each.entries()) k.store(to, line, lane(sum, n));
  return k.finish();
});

/** The columns of two lines of two elements, or of four of four. */
function transposed(k: KernelBuilder, rows: readonly Get[]): readonly Get[] {
  const zip = (a: Get | undefined, b: Get | undefined): readonly Get[] => {
    invariant(a !== undefined && b !== undefined, () => 'kernels: a matrix of 2 x 2 or 4 x 4');
    return [k.let(whole('zipLow', a, b)), k.let(whole('zipHigh', a, b))];
  };
  if (rows.length === 2) return zip(rows[0], rows[1]);
  const [even, odd] = [zip(rows[0], rows[2]), zip(rows[1], rows[3])];
  return [...zip(even[0], odd[0]), ...zip(even[1], odd[1])];
}

/** to[line] for a stretch of lines: some steps at once are added to the sums of all of them. */
const across = once((kind: Float): Kernel => {
  const k = KernelBuilder.packed(`lines_across_${kind}`);
  const { a, x, to, lines, deep, start, by, startX, stepX } = given(k, kind);
  const first = k.let(times(k.index, num(STRETCH)));
  const end = k.let(bin('min', plus(first, num(STRETCH)), lines));
  const eachLine = (body: (line: Get, lanes: 1 | 2 | 4) => void): void => {
    const line = k.var(first);
    for (const lanes of [LANES[kind], 1] as const) {
      k.while(cmp('<=', plus(line, num(lanes)), end), () => {
        body(line, lanes);
        k.set(line, plus(line, num(lanes)));
      });
    }
  };
  eachLine((line, lanes) => k.store(to, line, lit(kind, 0, lanes)));
  const [at, row, atX] = [k.var(num(0)), k.var(start), k.var(startX)];
  for (const steps of [STEPS, 1]) {
    k.while(cmp('<=', plus(at, num(steps)), deep), () => {
      const each = Array.from({ length: steps }, (_, step) => ({
        from: k.let(plus(row, times(by, num(step)))),
        factor: k.load(x, k.let(plus(atX, times(stepX, num(step))))),
      }));
      eachLine((line, lanes) => {
        const sum = k.var(k.load(to, line, lanes));
        for (const { from, factor } of each) {
          k.set(
            sum,
            plus(sum, times(k.load(a, k.let(plus(from, line)), lanes), lanes === 1 ? factor : splat(factor, lanes))),
          );
        }
        k.store(to, line, sum);
      });
      k.set(at, plus(at, num(steps)));
      k.set(row, plus(row, times(by, num(steps))));
      k.set(atX, plus(atX, times(stepX, num(steps))));
    });
  }
  return k.finish();
});
