/**
 * The tile of a product: so many rows and registers of columns, whose sums stay in registers while k passes. Tiles change no
 * bit of a product, only how fast it is, and that by how many registers the processor has:
 *
 *     2 x 4   eight sums, four factors, one or two more and a product: what fits into the sixteen registers of x86-64, one of
 *             which V8 keeps. Of Node 20 and 26 alike 1024 x 1024 x 1024 f32 take 44 ms; by 3 x 3, for which Node 20 has to put
 *             a sum into memory, 98 and 46; by 3 x 4 and 4 x 3 75
 *     4 x 4   fits into the 32 registers of arm64, and loads half as much; 56 ms in the above
 *
 * Which is the fastest is learnt from the first large products (`tuning.ts`).
 */

import { type Float, LANES } from './float.ts';

export interface Tile {
  readonly rows: number;
  /** Registers of columns. */
  readonly registers: number;
}

/** The first one until another has been measured to be faster. */
export const TILES: readonly [Tile, ...Tile[]] = [
  { rows: 2, registers: 4 },
  { rows: 4, registers: 4 },
];

export const columnsOf = (kind: Float, tile: Tile): number => tile.registers * LANES[kind];

/** Steps of k of a stretch: a panel of B is 24 KiB and stays in the first cache. */
export const STRETCH = 384;
/** Panels of a block: of A 96 rows by two, of f32 144 KiB a stretch, which stay in the second cache; of B 192 columns of f32. */
export const A_PANELS = 48;
export const B_PANELS = 12;
