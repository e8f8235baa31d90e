/**
 * How a product is finished: a number a column is added, and an activation put on each element.
 *
 *     tile      of a product in tiles, behind the last stretch of k, when its sums are in the first cache
 *     each      of a product of one row or one column, element by element
 */

import type { TypedArray } from '../../compiler/index.ts';
import { bin, type Get, type Kernel, KernelBuilder, lit, type SExpr, un } from '../../compiler/kernels.ts';
import { type Machine, once } from '../machine.ts';
import { type Activation, activated, type Maths } from './activation.ts';
import { type Float, LANES } from './float.ts';

/** What is done with elements when they are summed up; `bias` has one a line of the second matrix, or none. */
export interface Finish {
  readonly activation: Activation;
  readonly bias: TypedArray;
}

/** The bias of so many columns, 0 behind the last one. */
export function padded(m: Machine, kind: Float, bias: TypedArray, width: number): TypedArray {
  const to = m.alloc.alloc(kind, width);
  for (let j = 0; j < width; j++) to[j] = Number(bias[j] ?? 0);
  return to;
}

/** Finishes rows of so many sums where they are; they are one row or one column. */
export async function finished(m: Machine, kind: Float, sums: TypedArray, columns: number, f: Finish): Promise<void> {
  await m.launch(finishEach(kind, f.activation), {
    rows: sums.length,
    rowsPerPart: Math.max(m.fewestRows, Math.ceil(sums.length / m.threads)),
    bufs: [sums, padded(m, kind, f.bias, columns)],
    scalars: [columns === 1 ? 0 : 1],
  });
}

const lanesMaths = (kind: Float, lanes: 1 | 2 | 4): Maths<SExpr> => ({ un, bin, number: (x) => lit(kind, x, lanes) });

/** A tile of a product, and where it is: in `c` from `corner` on, rows of `width`, from column `column` on. */
interface Tile {
  readonly rows: number;
  /** Registers of a row. */
  readonly registers: number;
  readonly c: number;
  readonly bias: number;
  readonly corner: Get;
  readonly width: Get;
  readonly column: Get;
}

/** A row of a tile after the other: its sums are still in the first cache, and the code of the activation stands there once. */
export function finishTile(k: KernelBuilder, kind: Float, activation: Activation, tile: Tile): void {
  const { c, bias, corner, width, column } = tile;
  const lanes = LANES[kind];
  const maths = lanesMaths(kind, lanes);
  const place = k.var(corner);
  k.range(lit('i32', 0), lit('i32', tile.rows), () => {
    for (let s = 0; s < tile.registers; s++) {
      const right = lit('i32', s * lanes);
      const at = k.let(bin('+', place, right));
      const sum = k.let(bin('+', k.load(c, at, lanes), k.load(bias, k.let(bin('+', column, right)), lanes)));
      k.store(c, at, activated(activation, maths, sum));
    }
    k.set(place, bin('+', place, width));
  });
}

/** sums[row], finished; `step` is 0 where they are a column and have one bias. */
const finishEach = once((kind: Float, activation: Activation): Kernel => {
  const k = new KernelBuilder(`finish_${activation}_${kind}`);
  const [sums, bias] = [k.buf('sums', kind, 'readwrite'), k.buf('bias', kind, 'read')];
  const step = k.scalar('step', 'i32');
  const sum = bin('+', k.load(sums, k.index), k.load(bias, k.let(bin('*', k.index, step))));
  k.store(sums, k.index, activated(activation, lanesMaths(kind, 1), k.let(sum)));
  return k.finish();
});
