/**
 * Lines of a matrix in panels of so many, each panel one k after the other and filled up with zeros, so that the tiles of a
 * product read straight on, however the matrix is stored.
 *
 *     to[panel][l][i]  =  element l of line panel * width + i, 0 behind the last line
 */

import type { TypedArray } from '../../compiler/index.ts';
import { bin, cmp, type Get, type Kernel, KernelBuilder, lit } from '../../compiler/kernels.ts';
import { type Machine, once } from '../machine.ts';
import { minus, num, plus, times } from '../terms.ts';
import { type Float, LANES } from './float.ts';
import type { Lines } from './lines.ts';

/** How rows of so many elements are cut, which are little work each. */
export const rowsOf = (
  m: Machine,
  rows: number,
  length: number,
): { readonly rows: number; readonly rowsPerPart: number } => ({
  rows,
  rowsPerPart: Math.max(1, Math.ceil(rows / (m.threads * 4)), Math.ceil(m.fewestRows / Math.max(1, length))),
});

/** The lines in panels of so many. */
export async function packed(m: Machine, kind: Float, a: Lines, width: number): Promise<TypedArray> {
  const panels = Math.ceil(a.lines / width);
  const to = m.alloc.alloc(kind, panels * width * a.k);
  await m.launch(pack(kind, width), {
    ...rowsOf(m, panels, width * a.k),
    bufs: [a.cells, to],
    scalars: [a.lines, a.k, a.start, a.line, a.step],
  });
  return to;
}

/** A panel a row. */
const pack = once((kind: Float, width: number): Kernel => {
  const k = KernelBuilder.packed(`pack${width}_${kind}`);
  const [matrix, to] = [k.buf('matrix', kind, 'read'), k.buf('to', kind, 'write')];
  const scalar = (name: string): Get => k.scalar(name, 'i32');
  const [length, deep, start, by, step] = [
    scalar('lines'),
    scalar('k'),
    scalar('start'),
    scalar('line'),
    scalar('step'),
  ];
  const first = k.let(times(k.index, num(width)));
  const lines = k.let(bin('min', minus(length, first), num(width)));
  const panel = k.let(times(first, deep));
  const corner = k.let(plus(start, times(first, by)));
  /** Each step of k: what `copy` puts at a place of the panel, of what is at a place of the matrix. */
  const steps = (copy: (row: Get, from: Get) => void): void => {
    const [row, from, left] = [k.var(panel), k.var(corner), k.var(deep)];
    k.while(cmp('>', left, num(0)), () => {
      copy(row, from);
      k.set(row, plus(row, num(width)));
      k.set(from, plus(from, step));
      k.set(left, minus(left, num(1)));
    });
  };
  const lanes = width % LANES[kind] === 0 ? LANES[kind] : 1;
  const isWhole = cmp('==', lines, num(width));
  k.if(
    bin('&', isWhole, cmp('==', by, num(1))),
    () =>
      steps((row, from) => {
        for (let line = 0; line < width; line += lanes) {
          k.store(to, plus(row, num(line)), k.load(matrix, plus(from, num(line)), lanes));
        }
      }),
    () =>
      k.if(
        isWhole,
        () =>
          steps((row, from) => {
            const at = k.var(from);
            for (let line = 0; line < width; line++) {
              k.store(to, plus(row, num(line)), k.load(matrix, at));
              k.set(at, plus(at, by));
            }
          }),
        () =>
          steps((row, from) => {
            const at = k.var(from);
            k.range(num(0), lines, (line) => {
              k.store(to, k.let(plus(row, line)), k.load(matrix, at));
              k.set(at, plus(at, by));
            });
            k.range(lines, num(width), (line) => k.store(to, k.let(plus(row, line)), lit(kind, 0)));
          }),
      ),
  );
  return k.finish();
});
