/**
 * The machine form of resize_bilinear: a row of the launch is a row of the result. Of each pixel sixteen bytes of both lines
 * are read, from the first neighbour on, brought in pairs (first, second) for each channel and multiplied with their two
 * weights, then with those of the lines. The sums of a row are rounded to bytes when it is done.
 */

import {
  bin,
  cast,
  cmp,
  type Get,
  KernelBuilder,
  lanes,
  lit,
  type SExpr,
  splat,
  whole,
} from '../../compiler/kernels.ts';
import { vector } from '../column.ts';
import { type Machine, type MachineForm, once } from '../machine.ts';
import { num, plus, times } from '../terms.ts';
import { elementsOf } from './frames.ts';
import { ONE, resizeBilinear, resizingOf, type Tap, taps } from './resize.ts';

/** Sums are written four a pixel, whatever its channels: the last reach beyond the line. */
const SPARE = 4;

export const resizeBilinearMachine: MachineForm = async (args, m) => {
  const { film, to } = resizingOf(resizeBilinear.name, args);
  const out = m.alloc.alloc('u8', film.frames * elementsOf(to));
  const [across, down] = [taps(film.width, to.width), taps(film.height, to.height)];
  const rows = film.frames * to.height;
  const rowsPerPart = Math.max(1, Math.ceil(rows / (4 * m.threads)));
  const length = to.width * to.channels + SPARE;
  const sums = m.alloc.alloc('i32', Math.ceil(rows / rowsPerPart) * length);
  await m.launch(bilinear(film.channels), {
    rows,
    rowsPerPart,
    bufs: [
      film.pixels.cells,
      column(
        m,
        'i32',
        across.map((t) => t.first * film.channels),
      ),
      column(m, 'i16', across.flatMap(weights)),
      column(
        m,
        'i32',
        down.map((t) => t.first),
      ),
      column(
        m,
        'i32',
        down.map((t) => t.second),
      ),
      out,
      { copies: sums, length },
    ],
    scalars: [film.height, film.width * film.channels, to.height, to.width],
  });
  return vector('u8', out);
};

/** Both weights, once a channel. */
const weights = ({ second }: Tap): readonly number[] =>
  Array.from({ length: 8 }, (_, l) => (l % 2 === 0 ? ONE - second : second));

function column(m: Machine, kind: 'i32' | 'i16', cells: readonly number[]) {
  const to = m.alloc.alloc(kind, cells.length);
  for (const [k, cell] of cells.entries()) to[k] = cell;
  return to;
}

const bilinear = once((channels: number) => {
  const k = KernelBuilder.packed(`resize_bilinear${channels}`);
  const [from, firsts, weights] = [k.buf('from', 'u8', 'read'), k.buf('x', 'i32', 'read'), k.buf('wx', 'i16', 'read')];
  const [rowsY, weightsY] = [k.buf('y', 'i32', 'read'), k.buf('wy', 'i32', 'read')];
  const [out, sums] = [k.buf('out', 'u8', 'write'), k.buf('sums', 'i32', 'readwrite', true)];
  const scalar = (name: string): Get => k.scalar(name, 'i32');
  const [height, row, toHeight, toWidth] = [scalar('height'), scalar('row'), scalar('to_height'), scalar('to_width')];
  const frame = k.let(bin('/', k.index, toHeight));
  const y = k.let(bin('-', k.index, times(frame, toHeight)));
  const first = k.load(rowsY, y);
  const second = k.let(bin('min', plus(first, num(1)), bin('-', height, num(1))));
  const [upper, lower] = [first, second].map((line) => k.let(times(plus(times(frame, height), line), row)));
  const weight = k.load(weightsY, y);
  const [upperWeight, lowerWeight] = [bin('-', num(ONE), weight), weight].map((w) => k.let(splat(w, 4)));
  if (upper === undefined || lower === undefined || upperWeight === undefined || lowerWeight === undefined) {
    return k.finish();
  }
  const pairs = lanes(
    Array.from({ length: 16 }, (_, l) => lit('u8', l < 2 * channels ? (l >> 1) + (l & 1) * channels : 255)),
  );
  const at = k.var(num(0));
  k.range(num(0), toWidth, (x) => {
    const place = k.load(firsts, x);
    const across = k.load(weights, k.let(times(x, num(8))), 8);
    const line = (start: Get): SExpr => {
      const bytes = k.load(from, k.let(plus(start, place)), 16);
      return whole('dot', cast(whole('low', whole('swizzle', bytes, pairs)), 'i16'), across);
    };
    k.store(sums, at, plus(times(line(upper), upperWeight), times(line(lower), lowerWeight)));
    k.set(at, plus(at, num(channels)));
  });
  const length = k.let(times(toWidth, num(channels)));
  const to = k.let(times(k.index, length));
  const rounded = (place: SExpr, n: 1 | 4): SExpr =>
    k.let(bin('>>', plus(k.load(sums, k.let(place), n), lit('i32', (ONE * ONE) / 2, n)), lit('i32', 22, n)));
  k.if(
    cmp('>=', length, num(16)),
    () => {
      const next = k.var(num(0));
      k.while(cmp('<', next, length), () => {
        // The last register overlaps the one before it.
        const place = k.let(bin('min', next, bin('-', length, num(16))));
        const [a, b, c, d] = [0, 4, 8, 12].map((n) => rounded(plus(place, num(n)), 4));
        if (a === undefined || b === undefined || c === undefined || d === undefined) return;
        const words = [whole('narrow', a, b), whole('narrow', c, d)].map((w) => cast(w, 'i16'));
        k.store(out, k.let(plus(to, place)), whole('narrow', ...words));
        k.set(next, plus(next, num(16)));
      });
    },
    () => k.range(num(0), length, (place) => k.store(out, k.let(plus(to, place)), cast(rounded(place, 1), 'u8'))),
  );
  return k.finish();
});
