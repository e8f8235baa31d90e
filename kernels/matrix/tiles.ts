/**
 * The kernel of products: a row of the launch is a block of the product.
 *
 *     for each stretch of k
 *       for each panel of B of the block        in the first cache
 *         for each panel of A of the block      in the second one
 *           a tile: the sums rest in registers while the stretch passes, and in C in between
 *           behind the last stretch: bias and activation, where there are any
 *
 * Every sum takes its products in the order of k, so blocks and tiles change no bit.
 */

import { bin, cmp, type Get, type Kernel, KernelBuilder, lit, type SExpr, splat } from '../../compiler/kernels.ts';
import { once } from '../machine.ts';
import { minus, num, plus, times } from '../terms.ts';
import type { Activation } from './activation.ts';
import { finishTile } from './finish.ts';
import { type Float, LANES } from './float.ts';
import { A_PANELS, B_PANELS, columnsOf, STRETCH } from './tile.ts';

/** A kernel for a tile of so many rows and registers of columns. */
export const tiles = once((kind: Float, activation: Activation | 'none', rows: number, registers: number): Kernel => {
  const k = KernelBuilder.packed(`gemm_${activation}_${rows}x${registers}_${kind}`);
  const lanes = LANES[kind];
  const columns = columnsOf(kind, { rows, registers });
  const [a, b, c] = [k.buf('a', kind, 'read'), k.buf('b', kind, 'read'), k.buf('c', kind, 'readwrite')];
  const bias = activation === 'none' ? null : k.buf('bias', kind, 'read');
  const scalar = (name: string): Get => k.scalar(name, 'i32');
  const [deep, down, across, blocksAcross] = [scalar('k'), scalar('down'), scalar('across'), scalar('blocks_across')];
  // How far right of its first row a tile may begin.
  const reach = scalar('reach');
  const blockRow = k.let(bin('/', k.index, blocksAcross));
  const blockColumn = k.let(minus(k.index, times(blockRow, blocksAcross)));
  const firstA = k.let(times(blockRow, num(A_PANELS)));
  const firstB = k.let(times(blockColumn, num(B_PANELS)));
  const endA = k.let(bin('min', plus(firstA, num(A_PANELS)), down));
  const endB = k.let(bin('min', plus(firstB, num(B_PANELS)), across));
  const width = k.let(times(across, num(columns)));

  /** The sums of the tile of a panel of A and one of B, of `steps` of k from `stretch` on. */
  const tile = (panelA: Get, panelB: Get, startB: Get, stretch: Get, steps: Get): void => {
    const startA = k.let(times(plus(times(panelA, deep), stretch), num(rows)));
    const column = k.let(times(panelB, num(columns)));
    const corner = k.let(plus(times(times(panelA, num(rows)), width), column));
    const places = Array.from({ length: rows * registers }, (_, s): SExpr => {
      const row = Math.floor(s / registers);
      return plus(k.let(plus(corner, times(width, num(row)))), num((s % registers) * lanes));
    });
    const sums = places.map(() => k.var(lit(kind, 0, lanes)));
    const eachSum = (f: (sum: Get, place: SExpr) => void): void => {
      for (const [s, sum] of sums.entries()) f(sum, places[s] ?? corner);
    };
    k.if(cmp('>', stretch, num(0)), () => eachSum((sum, place) => k.set(sum, k.load(c, place, lanes))));
    const [atA, atB, left] = [k.var(startA), k.var(startB), k.var(steps)];
    k.while(cmp('>', left, num(0)), () => {
      const factors = Array.from({ length: registers }, (_, s) => k.load(b, plus(atB, num(s * lanes)), lanes));
      for (let row = 0; row < rows; row++) {
        const e = k.let(splat(k.load(a, plus(atA, num(row))), lanes));
        for (const [s, factor] of factors.entries()) {
          const sum = sums[registers * row + s];
          if (sum !== undefined) k.set(sum, plus(sum, times(e, factor)));
        }
      }
      k.set(atA, plus(atA, num(rows)));
      k.set(atB, plus(atB, num(columns)));
      k.set(left, minus(left, num(1)));
    });
    eachSum((sum, place) => k.store(c, place, sum));
    if (bias !== null && activation !== 'none') {
      k.if(cmp('>=', plus(stretch, num(STRETCH)), deep), () =>
        finishTile(k, kind, activation, { rows, registers, c, bias, corner, width, column }),
      );
    }
  };

  const stretch = k.var(num(0));
  // Without any step there is a stretch all the same, which stores zeros and does what is done behind it.
  k.while(cmp('<', stretch, k.let(bin('max', deep, num(1)))), () => {
    const steps = k.let(bin('min', minus(deep, stretch), num(STRETCH)));
    k.range(firstB, endB, (panelB) => {
      const startB = k.let(times(plus(times(panelB, deep), stretch), num(columns)));
      k.range(firstA, endA, (panelA) => {
        const isAsked = cmp('<=', times(panelB, num(columns)), plus(times(panelA, num(rows)), reach));
        k.if(isAsked, () => tile(panelA, panelB, startB, stretch, steps));
      });
    });
    k.set(stretch, plus(stretch, num(STRETCH)));
  });
  return k.finish();
});
