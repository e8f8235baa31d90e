/**
 * The machine form of gemm.
 *
 *     pack      A in panels of ROWS rows and B in panels of WIDTH registers of columns, each panel one k after the other,
 *               filled up with zeros, so that tiles read straight on whatever is transposed
 *     tile      a row of the launch is a block of the product: panel by panel, ROWS x WIDTH registers of sums stay in
 *               registers while a stretch of k passes, and rest in C in between
 *     finish    behind the last stretch, while a tile is in the first cache: bias and activation, where there are any
 *
 * A product with one row or one column is a matrix times a vector, `thin.ts`.
 *
 * A stretch of a panel of B stays in the first cache, that of a block of A in the second. Every sum takes its products in
 * the order of k, so blocks change no bit.
 */

import type { TypedArray } from '../../compiler/index.ts';
import { bin, cmp, type Get, type Kernel, KernelBuilder, lit, type SExpr, splat } from '../../compiler/kernels.ts';
import { vector } from '../column.ts';
import { type Machine, type MachineForm, once } from '../machine.ts';
import type { Activation } from './activation.ts';
import { type Finish, finished, finishTile, padded } from './finish.ts';
import { type Float, LANES } from './float.ts';
import { type Factors, factorsOf } from './gemm.ts';
import { layerOf } from './gemm-bias.ts';
import { type Lines, thinProduct } from './thin.ts';

/**
 * Rows of a tile, and registers of columns: nine sums and four factors, of sixteen registers. By Node 20 and 26 alike this
 * was the fastest tile, 3 x 4 and 4 x 3 took twice the time; a loop of two steps of k at a time gains 5 % with Node 26 and
 * loses a third with Node 20.
 */
const ROWS = 3;
const WIDTH = 3;
const columnsOf = (kind: Float): number => WIDTH * LANES[kind];
/** Steps of k of a stretch: a panel of B is 12 KiB. */
const STRETCH = 256;
/** Panels of a block: of A 96 rows, 96 KiB of f32; of B 192 columns of f32. */
const A_PANELS = 32;
const B_PANELS = 16;

export const gemmMachine: MachineForm = async (args, m) => {
  const f = factorsOf('gemm', args, 1);
  const kind: Float = f.a.kind === 'f32' ? 'f32' : 'f64';
  return vector(kind, await multiply(m, kind, ...linesOf(f)));
};

/** The machine form of the member of the family of gemm_bias with an activation. */
export const layerMachine =
  (activation: Activation): MachineForm =>
  async (args, m) => {
    const { kind, bias, ...f } = layerOf(activation, args);
    return vector(kind, await multiply(m, kind, ...linesOf(f), { activation, bias }));
  };

const linesOf = ({ a, b, m, n, k, transposed: [ta, tb] }: Factors): readonly [Lines, Lines] => [
  { cells: a.cells, lines: m, k, along: !ta },
  { cells: b.cells, lines: n, k, along: tb },
];

/** The product of each line of `a` and each line of `b`. */
export async function multiply(
  m: Machine,
  kind: Float,
  a: Lines,
  b: Lines,
  finish: Finish | null = null,
): Promise<TypedArray> {
  if (a.k > 0 && (a.lines === 1 || b.lines === 1)) {
    const sums = b.lines === 1 ? await thinProduct(m, kind, a, b.cells) : await thinProduct(m, kind, b, a.cells);
    if (finish !== null) await finished(m, kind, sums, b.lines, finish);
    return sums;
  }
  const { cells, width } = await tiled(m, kind, a, b, finish);
  if (cells.length === a.lines * b.lines) return cells;
  const to = m.alloc.alloc(kind, a.lines * b.lines);
  await m.launch(crop(kind), { ...rowsOf(m, a.lines, b.lines), bufs: [cells, to], scalars: [width, b.lines] });
  return to;
}

/** The product of each line and each line of `a`, of which one half is computed. */
export async function multiplySelf(m: Machine, kind: Float, a: Lines): Promise<TypedArray> {
  const { cells, width } = await tiled(m, kind, a, a, 'half');
  const to = m.alloc.alloc(kind, a.lines * a.lines);
  await m.launch(mirror(kind), { ...rowsOf(m, a.lines, a.lines), bufs: [cells, to], scalars: [width, a.lines] });
  return to;
}

/** How rows of so many elements are cut, which are little work each. */
const rowsOf = (m: Machine, rows: number, length: number): { readonly rows: number; readonly rowsPerPart: number } => ({
  rows,
  rowsPerPart: Math.max(1, Math.ceil(rows / (m.threads * 4)), Math.ceil(m.fewestRows / Math.max(1, length))),
});

/** The product in whole tiles, rows of `width` elements; or the `half` of the tiles below the diagonal and on it. */
async function tiled(
  m: Machine,
  kind: Float,
  a: Lines,
  b: Lines,
  finish: Finish | 'half' | null,
): Promise<{ readonly cells: TypedArray; readonly width: number }> {
  const columns = columnsOf(kind);
  const [down, across] = [Math.ceil(a.lines / ROWS), Math.ceil(b.lines / columns)];
  const width = across * columns;
  const cells = m.alloc.alloc(kind, down * ROWS * width);
  new Uint8Array(cells.buffer, cells.byteOffset, cells.byteLength).fill(0);
  const half = finish === 'half';
  const layer = half ? null : finish;
  if (a.k === 0 && layer === null) return { cells, width };
  const bias = layer === null ? [] : [padded(m, kind, layer.bias, width)];
  const bufs = [await packed(m, kind, a, down, ROWS), await packed(m, kind, b, across, columns), cells, ...bias];
  const [blocksDown, blocksAcross] = [Math.ceil(down / A_PANELS), Math.ceil(across / B_PANELS)];
  await m.launch(tiles(kind, layer?.activation ?? 'none'), {
    rows: blocksDown * blocksAcross,
    rowsPerPart: 1,
    bufs,
    scalars: [a.k, down, across, blocksAcross, half ? ROWS - 1 : width],
  });
  return { cells, width };
}

/** The lines in panels of so many. */
async function packed(m: Machine, kind: Float, a: Lines, panels: number, width: number): Promise<TypedArray> {
  const to = m.alloc.alloc(kind, panels * width * a.k);
  const [line, step] = a.along ? [a.k, 1] : [1, a.lines];
  await m.launch(pack(kind, width), {
    ...rowsOf(m, panels, width * a.k),
    bufs: [a.cells, to],
    scalars: [a.lines, a.k, line, step],
  });
  return to;
}

/** Counts a register up from 0 while it is below `end`. */
function upTo(k: KernelBuilder, end: SExpr, body: (at: Get) => void, from: SExpr = lit('i32', 0)): void {
  const at = k.var(from);
  k.while(cmp('<', at, end), () => {
    body(at);
    k.set(at, bin('+', at, lit('i32', 1)));
  });
}

/** A panel a row: to[panel][l][line] = matrix[line * by + l * step], 0 behind the last line. */
const pack = once((kind: Float, width: number): Kernel => {
  const k = KernelBuilder.packed(`pack${width}_${kind}`);
  const [matrix, to] = [k.buf('matrix', kind, 'read'), k.buf('to', kind, 'write')];
  const scalar = (name: string): Get => k.scalar(name, 'i32');
  const [length, deep, by, step] = [scalar('length'), scalar('k'), scalar('by'), scalar('step')];
  const first = k.let(bin('*', k.index, lit('i32', width)));
  const lines = k.let(bin('min', bin('-', length, first), lit('i32', width)));
  const start = k.let(bin('*', first, deep));
  const corner = k.let(bin('*', first, by));
  /** Each step of k: what `copy` puts at a place of the panel, of what is at a place of the matrix. */
  const steps = (copy: (row: Get, from: Get) => void): void => {
    const [row, from, left] = [k.var(start), k.var(corner), k.var(deep)];
    k.while(cmp('>', left, lit('i32', 0)), () => {
      copy(row, from);
      k.set(row, bin('+', row, lit('i32', width)));
      k.set(from, bin('+', from, step));
      k.set(left, bin('-', left, lit('i32', 1)));
    });
  };
  const lanes = width % LANES[kind] === 0 ? LANES[kind] : 1;
  const isFull = cmp('==', lines, lit('i32', width));
  k.if(
    bin('&', isFull, cmp('==', by, lit('i32', 1))),
    () =>
      steps((row, from) => {
        for (let line = 0; line < width; line += lanes) {
          k.store(to, bin('+', row, lit('i32', line)), k.load(matrix, bin('+', from, lit('i32', line)), lanes));
        }
      }),
    () =>
      steps((row, from) => {
        const at = k.var(from);
        upTo(k, lines, (line) => {
          k.store(to, k.let(bin('+', row, line)), k.load(matrix, at));
          k.set(at, bin('+', at, by));
        });
        upTo(k, lit('i32', width), (line) => k.store(to, k.let(bin('+', row, line)), lit(kind, 0)), lines);
      }),
  );
  return k.finish();
});

/** A block of the product a row. */
const tiles = once((kind: Float, activation: Activation | 'none'): Kernel => {
  const k = KernelBuilder.packed(`gemm_${activation}_${kind}`);
  const lanes = LANES[kind];
  const columns = columnsOf(kind);
  const [a, b, c] = [k.buf('a', kind, 'read'), k.buf('b', kind, 'read'), k.buf('c', kind, 'readwrite')];
  const bias = activation === 'none' ? null : k.buf('bias', kind, 'read');
  const scalar = (name: string): Get => k.scalar(name, 'i32');
  const [deep, down, across, blocksAcross] = [scalar('k'), scalar('down'), scalar('across'), scalar('blocks_across')];
  // How far right of its first row a tile may begin.
  const reach = scalar('reach');
  const num = (n: number): SExpr => lit('i32', n);
  const blockRow = k.let(bin('/', k.index, blocksAcross));
  const blockColumn = k.let(bin('-', k.index, bin('*', blockRow, blocksAcross)));
  const firstA = k.let(bin('*', blockRow, num(A_PANELS)));
  const firstB = k.let(bin('*', blockColumn, num(B_PANELS)));
  const endA = k.let(bin('min', bin('+', firstA, num(A_PANELS)), down));
  const endB = k.let(bin('min', bin('+', firstB, num(B_PANELS)), across));
  const width = k.let(bin('*', across, num(columns)));
  const stretch = k.var(num(0));
  // Without any step there is a stretch all the same, for what is done behind it.
  k.while(cmp('<', stretch, k.let(bin('max', deep, num(1)))), () => {
    const steps = k.let(bin('min', bin('-', deep, stretch), num(STRETCH)));
    upTo(
      k,
      endB,
      (panelB) => {
        const startB = k.let(bin('*', bin('+', bin('*', panelB, deep), stretch), num(columns)));
        upTo(
          k,
          endA,
          (panelA) => {
            const isAsked = cmp('<=', bin('*', panelB, num(columns)), bin('+', bin('*', panelA, num(ROWS)), reach));
            k.if(isAsked, () => {
              const startA = k.let(bin('*', bin('+', bin('*', panelA, deep), stretch), num(ROWS)));
              const corner = k.let(
                bin('+', bin('*', bin('*', panelA, num(ROWS)), width), bin('*', panelB, num(columns))),
              );
              const places = Array.from({ length: WIDTH * ROWS }, (_, s) =>
                k.let(
                  bin('+', bin('+', corner, bin('*', width, num(Math.floor(s / WIDTH)))), num((s % WIDTH) * lanes)),
                ),
              );
              const sums = places.map((place) => k.var(k.load(c, place, lanes)));
              const [atA, atB, left] = [k.var(startA), k.var(startB), k.var(steps)];
              k.while(cmp('>', left, num(0)), () => {
                const factors = Array.from({ length: WIDTH }, (_, s) =>
                  k.load(b, bin('+', atB, num(s * lanes)), lanes),
                );
                for (let row = 0; row < ROWS; row++) {
                  const e = k.let(splat(k.load(a, bin('+', atA, num(row))), lanes));
                  for (const [s, factor] of factors.entries()) {
                    const sum = sums[WIDTH * row + s];
                    if (sum !== undefined) k.set(sum, bin('+', sum, bin('*', e, factor)));
                  }
                }
                k.set(atA, bin('+', atA, num(ROWS)));
                k.set(atB, bin('+', atB, num(columns)));
                k.set(left, bin('-', left, num(1)));
              });
              for (const [s, place] of places.entries()) {
                const sum = sums[s];
                if (sum !== undefined) k.store(c, place, sum);
              }
              if (bias !== null && activation !== 'none') {
                k.if(cmp('>=', bin('+', stretch, num(STRETCH)), deep), () =>
                  finishTile(k, kind, activation, {
                    rows: ROWS,
                    registers: WIDTH,
                    c,
                    bias,
                    corner,
                    width,
                    column: k.let(bin('*', panelB, num(columns))),
                  }),
                );
              }
            });
          },
          firstA,
        );
      },
      firstB,
    );
    k.set(stretch, bin('+', stretch, num(STRETCH)));
  });
  return k.finish();
});

/** A row a row: to[row] = the first `length` elements of a row of `width`. */
const crop = once((kind: Float): Kernel => {
  const k = KernelBuilder.packed(`crop_${kind}`);
  const [cells, to] = [k.buf('cells', kind, 'read'), k.buf('to', kind, 'write')];
  const [width, length] = [k.scalar('width', 'i32'), k.scalar('length', 'i32')];
  const [from, start] = [k.let(bin('*', k.index, width)), k.let(bin('*', k.index, length))];
  const at = k.var(lit('i32', 0));
  for (const lanes of [LANES[kind], 1] as const) {
    k.while(cmp('<=', bin('+', at, lit('i32', lanes)), length), () => {
      k.store(to, k.let(bin('+', start, at)), k.load(cells, k.let(bin('+', from, at)), lanes));
      k.set(at, bin('+', at, lit('i32', lanes)));
    });
  }
  return k.finish();
});

/** The same of what is symmetric, from its rows up to the diagonal. */
const mirror = once((kind: Float): Kernel => {
  const k = KernelBuilder.packed(`mirror_${kind}`);
  const [cells, to] = [k.buf('cells', kind, 'read'), k.buf('to', kind, 'write')];
  const [width, length] = [k.scalar('width', 'i32'), k.scalar('length', 'i32')];
  const [from, start] = [k.let(bin('*', k.index, width)), k.let(bin('*', k.index, length))];
  const put = (at: Get, place: SExpr): void => k.store(to, k.let(bin('+', start, at)), k.load(cells, k.let(place)));
  const behind = k.let(bin('+', k.index, lit('i32', 1)));
  upTo(k, behind, (at) => put(at, bin('+', from, at)));
  upTo(k, length, (at) => put(at, bin('+', bin('*', at, width), k.index)), behind);
  return k.finish();
});
