/**
 * The machine form of resize_area: a row of the launch is a row of the result. First the lines that it covers are added up,
 * weighted, sixteen elements at a time; then the sums that each pixel covers, all channels of a pixel at once.
 */

import { bin, cast, cmp, type Get, KernelBuilder, lane, lit, splat, whole } from '../../compiler/kernels.ts';
import { vector } from '../column.ts';
import { type Machine, type MachineForm, once } from '../machine.ts';
import { num, plus, times } from '../terms.ts';
import { elementsOf } from './frames.ts';
import { halve, isHalf } from './half-machine.ts';
import { type Cover, resizeArea, resizingOf, spans } from './resize.ts';

/** Sums are written in whole registers, and those of a pixel read four at a time. */
const SPARE = 16;

export const resizeAreaMachine: MachineForm = async (args, m) => {
  const resizing = resizingOf(resizeArea.name, args);
  if (isHalf(resizing)) return halve(m, resizing);
  const { film, to } = resizing;
  const out = m.alloc.alloc('u8', film.frames * elementsOf(to));
  const rows = film.frames * to.height;
  const rowsPerPart = Math.max(1, Math.ceil(rows / (4 * m.threads)));
  const length = film.width * film.channels + SPARE;
  const sums = m.alloc.alloc('i32', Math.ceil(rows / rowsPerPart) * length);
  await m.launch(area(film.channels), {
    rows,
    rowsPerPart,
    bufs: [
      film.pixels.cells,
      ...covers(m, spans(film.height, to.height)),
      ...covers(m, spans(film.width, to.width)),
      out,
      { copies: sums, length },
    ],
    scalars: [film.height, film.width, to.height, to.width],
  });
  return vector('u8', out);
};

/** The first place of each, where its weights begin (one more at the end), and all weights. */
function covers(m: Machine, all: readonly Cover[]) {
  let next = 0;
  const starts = [0, ...all.map(({ weights }) => (next += weights.length))];
  return [all.map((c) => c.first), starts, all.flatMap((c) => c.weights)].map((cells) => {
    const to = m.alloc.alloc('i32', cells.length);
    for (const [k, cell] of cells.entries()) to[k] = cell;
    return to;
  });
}

const area = once((channels: number) => {
  const k = KernelBuilder.packed(`resize_area${channels}`);
  const from = k.buf('from', 'u8', 'read');
  const cover = (axis: string): readonly [number, number, number] => [
    k.buf(`first_${axis}`, 'i32', 'read'),
    k.buf(`start_${axis}`, 'i32', 'read'),
    k.buf(`weight_${axis}`, 'i32', 'read'),
  ];
  const [y, x] = [cover('y'), cover('x')];
  const [out, sums] = [k.buf('out', 'u8', 'write'), k.buf('sums', 'i32', 'readwrite', true)];
  const scalar = (name: string): Get => k.scalar(name, 'i32');
  const [height, width, toHeight, toWidth] = [
    scalar('height'),
    scalar('width'),
    scalar('to_height'),
    scalar('to_width'),
  ];
  const line = k.let(times(width, num(channels)));
  const frame = k.let(bin('/', k.index, toHeight));
  const down = k.let(bin('-', k.index, times(frame, toHeight)));
  /** Where the weights of a place are, and how many. */
  const weightsOf = ([, starts]: typeof y, place: Get): readonly [from: Get, to: Get] => [
    k.load(starts, place),
    k.load(starts, k.let(plus(place, num(1)))),
  ];
  const top = k.let(times(plus(times(frame, height), k.load(y[0], down)), line));
  const [firstWeight, lastWeight] = weightsOf(y, down);
  const at = k.var(num(0));
  k.while(cmp('<', at, line), () => {
    const totals = [0, 1, 2, 3].map(() => k.var(lit('i32', 0, 4)));
    const source = k.var(plus(top, at));
    k.range(firstWeight, lastWeight, (w) => {
      const weight = k.let(splat(k.load(y[2], w), 4));
      const bytes = k.load(from, source, 16);
      const halves = [k.let(whole('low', bytes)), k.let(whole('high', bytes))];
      const quarters = halves.flatMap((h) => [whole('low', h), whole('high', h)]);
      for (const [q, total] of totals.entries()) {
        const quarter = quarters[q];
        if (quarter !== undefined) k.set(total, plus(total, times(cast(quarter, 'i32'), weight)));
      }
      k.set(source, plus(source, line));
    });
    for (const [q, total] of totals.entries()) k.store(sums, k.let(plus(at, num(4 * q))), total);
    k.set(at, plus(at, num(16)));
  });
  const pixels = k.let(times(height, width));
  const half = k.let(splat(bin('>>', pixels, num(1)), 4));
  const whole64 = k.let(cast(pixels, 'f64'));
  const to = k.var(times(times(k.index, toWidth), num(channels)));
  k.range(num(0), toWidth, (place) => {
    const total = k.var(half);
    const source = k.var(times(k.load(x[0], place), num(channels)));
    const [first, last] = weightsOf(x, place);
    k.range(first, last, (w) => {
      k.set(total, plus(total, times(k.load(sums, source, 4), splat(k.load(x[2], w), 4))));
      k.set(source, plus(source, num(channels)));
    });
    for (let c = 0; c < channels; c++) {
      // The quotient of whole numbers of 53 bits is not rounded up to the next one.
      const mean = bin('/', cast(cast(lane(total, c), 'u32'), 'f64'), whole64);
      k.store(out, c === 0 ? to : k.let(plus(to, num(c))), cast(cast(mean, 'i32'), 'u8'));
    }
    k.set(to, plus(to, num(channels)));
  });
  return k.finish();
});
