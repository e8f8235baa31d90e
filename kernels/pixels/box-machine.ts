/**
 * The machine form of box_filter: a row of the launch is a row of a frame. First the lines around it are added up, sixteen
 * elements at a time in 16 bits; then a sum for each channel moves along the row, one pixel in and one out.
 */

import { bin, cast, cmp, type Get, KernelBuilder, lit, type SExpr, whole } from '../../compiler/kernels.ts';
import { vector } from '../column.ts';
import { type MachineForm, once } from '../machine.ts';
import { minus, num, plus, times } from '../terms.ts';
import { boxOf } from './box.ts';

/** Sums are written in whole registers. */
const SPARE = 16;

export const boxFilterMachine: MachineForm = async (args, m) => {
  const { film, radius } = boxOf(args);
  const { frames, height, width, channels } = film;
  const out = m.alloc.alloc('u8', film.pixels.length);
  const rows = frames * height;
  const rowsPerPart = Math.max(1, Math.ceil(rows / (4 * m.threads)));
  const length = width * channels + SPARE;
  const sums = m.alloc.alloc('u16', Math.ceil(rows / rowsPerPart) * length);
  await m.launch(box(), {
    rows,
    rowsPerPart,
    bufs: [film.pixels.cells, out, { copies: sums, length }],
    scalars: [height, width, channels, radius],
  });
  return vector('u8', out);
};

const box = once(() => {
  const k = KernelBuilder.packed('box_filter');
  const [film, out] = [k.buf('film', 'u8', 'read'), k.buf('out', 'u8', 'write')];
  const sums = k.buf('sums', 'u16', 'readwrite', true);
  const scalar = (name: string): Get => k.scalar(name, 'i32');
  const [height, width, channels, radius] = [scalar('height'), scalar('width'), scalar('channels'), scalar('radius')];
  const near = (at: SExpr, most: Get): SExpr => bin('min', bin('max', at, num(0)), minus(most, num(1)));
  const line = k.let(times(width, channels));
  const frame = k.let(bin('/', k.index, height));
  const y = k.let(minus(k.index, times(frame, height)));
  const start = k.let(times(frame, height));
  const side = k.let(plus(times(radius, num(2)), num(1)));
  const at = k.var(num(0));
  k.while(cmp('<', at, line), () => {
    const [low, high] = [k.var(lit('u16', 0, 8)), k.var(lit('u16', 0, 8))];
    k.range(num(0), side, (d) => {
      const row = near(plus(minus(y, radius), d), height);
      const bytes = k.load(film, k.let(plus(times(plus(start, row), line), at)), 16);
      k.set(low, plus(low, whole('low', bytes)));
      k.set(high, plus(high, whole('high', bytes)));
    });
    k.store(sums, at, low);
    k.store(sums, k.let(plus(at, num(8))), high);
    k.set(at, plus(at, num(16)));
  });
  const area = k.let(cast(times(side, side), 'f32'));
  const half = k.let(bin('>>', times(side, side), num(1)));
  const to = k.let(times(k.index, line));
  k.range(num(0), channels, (c) => {
    const sumAt = (pixel: SExpr): SExpr =>
      cast(k.load(sums, k.let(plus(times(near(pixel, width), channels), c))), 'i32');
    // Around the pixel in front of the first.
    const total = k.var(half);
    k.range(num(0), side, (d) => k.set(total, plus(total, sumAt(minus(minus(d, radius), num(1))))));
    k.range(num(0), width, (x) => {
      const [comes, goes] = [sumAt(plus(x, radius)), sumAt(minus(minus(x, radius), num(1)))];
      k.set(total, plus(total, minus(comes, goes)));
      // Whole numbers below 2^24: the quotient is not rounded up to the next one.
      const mean = cast(bin('/', cast(total, 'f32'), area), 'i32');
      k.store(out, k.let(plus(to, plus(times(x, channels), c))), cast(mean, 'u8'));
    });
  });
  return k.finish();
});
