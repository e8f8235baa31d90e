/**
 * The machine form of gemm.
 *
 *     pack      both matrices in panels, so that whatever is transposed or apart, tiles read straight on (`pack.ts`)
 *     tiles     blocks of the product, on all threads, and what is done with them behind the last step (`tiles.ts`)
 *     crop      tiles fill up the last rows and columns with zeros, which are left out
 *
 * A product with one row or one column is a matrix times a vector, `thin.ts`.
 */

import type { TypedArray, Value } from '../../compiler/index.ts';
import { cmp, type Get, type Kernel, KernelBuilder, type SExpr } from '../../compiler/kernels.ts';
import { vector } from '../column.ts';
import { type Machine, type MachineForm, once } from '../machine.ts';
import { num, plus, times } from '../terms.ts';
import type { Activation } from './activation.ts';
import { type Finish, finished, padded } from './finish.ts';
import { type Float, LANES } from './float.ts';
import { layerOf } from './gemm-bias.ts';
import { stridedOf } from './gemm-strided.ts';
import { type Factors, factorsOf, type Lines } from './lines.ts';
import { packed, rowsOf } from './pack.ts';
import { thinProduct } from './thin.ts';
import { A_PANELS, B_PANELS, columnsOf, TILES, type Tile } from './tile.ts';
import { tiles } from './tiles.ts';

/** Multiplications of a product that is large enough to say how fast its tile is: some milliseconds. */
const TELLING = 256 ** 3;

export const gemmMachine: MachineForm = (args, m) => product(m, factorsOf('gemm', args));

export const gemmStridedMachine: MachineForm = (args, m) => product(m, stridedOf(args));

/** The machine form of the member of the family of gemm_bias with an activation. */
export const layerMachine =
  (activation: Activation): MachineForm =>
  (args, m) => {
    const { bias, ...factors } = layerOf(activation, args);
    return product(m, factors, { activation, bias });
  };

async function product(m: Machine, { kind, a, b }: Factors, finish: Finish | null = null): Promise<Value> {
  const to = m.alloc.alloc(kind, a.lines * b.lines);
  await multiply(m, kind, { a, b, to, finish });
  return vector(kind, to);
}

/** The product of each line of `a` and each line of `b`, which is put in `to`. */
export interface Product {
  readonly a: Lines;
  readonly b: Lines;
  readonly to: TypedArray;
  readonly finish: Finish | null;
}

export async function multiply(m: Machine, kind: Float, { a, b, to, finish }: Product): Promise<void> {
  if (a.k > 0 && (a.lines === 1 || b.lines === 1)) {
    await (b.lines === 1 ? thinProduct(m, kind, a, b, to) : thinProduct(m, kind, b, a, to));
    if (finish !== null) await finished(m, kind, to, b.lines, finish);
    return;
  }
  await tuned(m, kind, a, b, async (tile) => {
    const { cells, width } = await tiled(m, kind, tile, { a, b, to, finish });
    if (cells === to) return;
    await m.launch(crop(kind), { ...rowsOf(m, a.lines, b.lines), bufs: [cells, to], scalars: [width, b.lines] });
  });
}

/** The product of each line and each line of `a`, of which one half is computed. */
export async function multiplySelf(m: Machine, kind: Float, a: Lines): Promise<TypedArray> {
  const to = m.alloc.alloc(kind, a.lines * a.lines);
  await tuned(m, kind, a, a, async (tile) => {
    const { cells, width } = await tiled(m, kind, tile, { a, b: a, to: null, finish: 'half' });
    await m.launch(mirror(kind), { ...rowsOf(m, a.lines, a.lines), bufs: [cells, to], scalars: [width, a.lines] });
  });
  return to;
}

/** Runs a product with the tile that is the fastest here, as far as is known. */
function tuned(m: Machine, kind: Float, a: Lines, b: Lines, run: (tile: Tile) => Promise<void>): Promise<void> {
  const work = a.lines * b.lines * a.k;
  const name = `gemm_${kind}_${m.threads}`;
  const by = (candidate: number): Promise<void> => run(TILES[candidate] ?? TILES[0]);
  return work < TELLING ? by(m.tuning.best(name, TILES.length)) : m.tuning.run(name, TILES.length, work, by);
}

/**
 * The product in whole tiles, rows of `width` elements: in `to` where that has the room; or the `half` of the tiles below the
 * diagonal and on it.
 */
async function tiled(
  m: Machine,
  kind: Float,
  tile: Tile,
  {
    a,
    b,
    to,
    finish,
  }: Pick<Product, 'a' | 'b'> & { readonly to: TypedArray | null; readonly finish: Finish | 'half' | null },
): Promise<{ readonly cells: TypedArray; readonly width: number }> {
  const columns = columnsOf(kind, tile);
  const [down, across] = [Math.ceil(a.lines / tile.rows), Math.ceil(b.lines / columns)];
  const width = across * columns;
  const size = down * tile.rows * width;
  const cells = to !== null && to.length === size ? to : m.alloc.alloc(kind, size);
  const half = finish === 'half';
  const layer = half ? null : finish;
  const bias = layer === null ? [] : [padded(m, kind, layer.bias, width)];
  const bufs = [await packed(m, kind, a, tile.rows), await packed(m, kind, b, columns), cells, ...bias];
  const [blocksDown, blocksAcross] = [Math.ceil(down / A_PANELS), Math.ceil(across / B_PANELS)];
  await m.launch(tiles(kind, layer?.activation ?? 'none', tile.rows, tile.registers), {
    rows: blocksDown * blocksAcross,
    rowsPerPart: 1,
    bufs,
    scalars: [a.k, down, across, blocksAcross, half ? tile.rows - 1 : width],
  });
  return { cells, width };
}

/** A row a row: to[row] = the first `length` elements of a row of `width`. */
const crop = once((kind: Float): Kernel => {
  const k = KernelBuilder.packed(`crop_${kind}`);
  const [cells, to] = [k.buf('cells', kind, 'read'), k.buf('to', kind, 'write')];
  const [width, length] = [k.scalar('width', 'i32'), k.scalar('length', 'i32')];
  const [from, start] = [k.let(times(k.index, width)), k.let(times(k.index, length))];
  const at = k.var(num(0));
  for (const lanes of [LANES[kind], 1] as const) {
    k.while(cmp('<=', plus(at, num(lanes)), length), () => {
      k.store(to, k.let(plus(start, at)), k.load(cells, k.let(plus(from, at)), lanes));
      k.set(at, plus(at, num(lanes)));
    });
  }
  return k.finish();
});

/** The same of what is symmetric, from its rows up to the diagonal. */
const mirror = once((kind: Float): Kernel => {
  const k = KernelBuilder.packed(`mirror_${kind}`);
  const [cells, to] = [k.buf('cells', kind, 'read'), k.buf('to', kind, 'write')];
  const [width, length] = [k.scalar('width', 'i32'), k.scalar('length', 'i32')];
  const [from, start] = [k.let(times(k.index, width)), k.let(times(k.index, length))];
  const put = (at: Get, place: SExpr): void => k.store(to, k.let(plus(start, at)), k.load(cells, k.let(place)));
  const behind = k.let(plus(k.index, num(1)));
  k.range(num(0), behind, (at) => put(at, plus(from, at)));
  k.range(behind, length, (at) => put(at, plus(times(at, width), k.index)));
  return k.finish();
});
