/**
 * The machine form of box_filter: a row of the launch is a strip of lines of a frame. A line of sums, one for each element of
 * the lines around, moves down the strip: one line comes, one goes. Before and behind it stand the sums at its ends, once a
 * pixel of the radius. A small square is added up along the line sixteen elements at a time, in 16 bits; of a larger one the
 * sums of four channels move along the line, one pixel in and one out.
 */

import {
  bin,
  cast,
  cmp,
  type Get,
  KernelBuilder,
  lane,
  lit,
  type SExpr,
  splat,
  whole,
} from '../../compiler/kernels.ts';
import { vector } from '../column.ts';
import { type MachineForm, once } from '../machine.ts';
import { minus, num, plus, times } from '../terms.ts';
import { boxOf } from './box.ts';

/** Lines of a strip, beside those that its first line is made of. */
const STRIP = 32;
/** Sums are written in whole registers. */
const SPARE = 16;
/** The sums of a larger square have no room in 16 bits. */
const SMALL = 7;

export const boxFilterMachine: MachineForm = async (args, m) => {
  const { film, radius } = boxOf(args);
  const { frames, height, width, channels } = film;
  const out = m.alloc.alloc('u8', film.pixels.length);
  const strip = STRIP + 2 * radius;
  const strips = Math.ceil(height / strip);
  const rows = frames * strips;
  const rowsPerPart = Math.max(1, Math.ceil(rows / (4 * m.threads)));
  const line = width * channels;
  const length = line + 2 * radius * channels + SPARE;
  const sums = m.alloc.alloc('u16', Math.ceil(rows / rowsPerPart) * length);
  await m.launch(radius <= SMALL && line >= 16 ? small(radius) : large(), {
    rows,
    rowsPerPart,
    bufs: [film.pixels.cells, out, { copies: sums, length }],
    scalars: [height, line, channels, radius, strip, strips],
  });
  return vector('u8', out);
};

/** What both kernels have at hand for the lines that they make. */
interface Line {
  readonly k: KernelBuilder;
  readonly out: number;
  readonly sums: number;
  readonly line: Get;
  readonly channels: Get;
  /** Pixels of the side of a square. */
  readonly side: Get;
  /** Where the line is in the result. */
  readonly to: Get;
}

/** A kernel in which `along` makes a line of the result of a line of sums. */
function filter(name: string, along: (line: Line) => void) {
  const k = KernelBuilder.packed(name);
  const [film, out] = [k.buf('film', 'u8', 'read'), k.buf('out', 'u8', 'write')];
  const sums = k.buf('sums', 'u16', 'readwrite', true);
  const scalar = (of: string): Get => k.scalar(of, 'i32');
  const [height, line, channels] = [scalar('height'), scalar('line'), scalar('channels')];
  const [radius, strip, strips] = [scalar('radius'), scalar('strip'), scalar('strips')];
  const side = k.let(plus(times(radius, num(2)), num(1)));
  const margin = k.let(times(radius, channels));
  const frame = k.let(bin('/', k.index, strips));
  const top = k.let(times(minus(k.index, times(frame, strips)), strip));
  const startOf = (y: SExpr): Get => k.let(times(plus(times(frame, height), y), line));
  const near = (y: SExpr): SExpr => bin('min', bin('max', y, num(0)), minus(height, num(1)));
  const registers = (change: (at: Get, place: Get) => void): void => {
    const at = k.var(num(0));
    k.while(cmp('<', at, line), () => {
      change(at, k.let(plus(margin, at)));
      k.set(at, plus(at, num(16)));
    });
  };
  const bytesAt = (start: Get, at: Get): Get => k.load(film, k.let(plus(start, at)), 16);
  const change = (place: Get, of: (sum: Get, half: 'low' | 'high') => SExpr): void => {
    for (const [half, more] of [['low', 0] as const, ['high', 8] as const]) {
      k.store(sums, plus(place, num(more)), of(k.load(sums, plus(place, num(more)), 8), half));
    }
  };
  registers((_, place) => change(place, () => lit('u16', 0, 8)));
  // The sums of the line above the first.
  k.range(num(0), side, (d) => {
    const start = startOf(near(plus(minus(minus(top, radius), num(1)), d)));
    registers((at, place) => {
      const bytes = bytesAt(start, at);
      change(place, (sum, half) => plus(sum, whole(half, bytes)));
    });
  });
  k.range(top, bin('min', plus(top, strip), height), (y) => {
    const [came, goes] = [startOf(near(plus(y, radius))), startOf(near(minus(minus(y, radius), num(1))))];
    registers((at, place) => {
      const [more, less] = [bytesAt(came, at), bytesAt(goes, at)];
      change(place, (sum, half) => plus(sum, minus(whole(half, more), whole(half, less))));
    });
    const end = k.let(plus(margin, line));
    k.range(num(0), margin, (e) => {
      const [before, behind] = [k.let(minus(minus(margin, num(1)), e)), k.let(plus(end, e))];
      k.store(sums, before, k.load(sums, k.let(plus(before, channels))));
      k.store(sums, behind, k.load(sums, k.let(minus(behind, channels))));
    });
    along({ k, out, sums, line, channels, side, to: startOf(y) });
  });
  return k.finish();
}

/** 2^24 divided by the area, rounded up: a product with it, shifted back, is the quotient of any sum of a small square. */
export const inverse = (area: number): number => Math.ceil(2 ** 24 / area);

const small = once((radius: number) =>
  filter(`box_filter${radius}`, ({ k, out, sums, line, channels, to }) => {
    const area = (2 * radius + 1) ** 2;
    const steps = Array.from({ length: 2 * radius + 1 }, (_, d) => k.let(times(channels, num(d))));
    const mean = (at: Get): SExpr => {
      const total = steps
        .map((step): SExpr => k.load(sums, k.let(plus(at, step)), 8))
        .reduce((a, b) => plus(a, b), lit('u16', (area - 1) / 2, 8));
      const sum = k.let(total);
      const quarter = (half: 'low' | 'high'): SExpr =>
        cast(bin('>>', times(whole(half, sum), lit('u32', inverse(area), 4)), lit('u32', 24, 4)), 'i32');
      return cast(whole('narrow', quarter('low'), quarter('high')), 'i16');
    };
    const next = k.var(num(0));
    k.while(cmp('<', next, line), () => {
      // The last register overlaps the one before it.
      const at = k.let(bin('min', next, minus(line, num(16))));
      k.store(out, k.let(plus(to, at)), whole('narrow', mean(at), mean(k.let(plus(at, num(8))))));
      k.set(next, plus(next, num(16)));
    });
  }),
);

const large = once(() =>
  filter('box_filter', ({ k, out, sums, line, channels, side, to }) => {
    const area = k.let(times(side, side));
    const divisor = k.let(splat(cast(area, 'f32'), 4));
    const half = k.let(splat(bin('>>', area, num(1)), 4));
    const across = k.let(times(channels, side));
    const four = (place: SExpr): SExpr => cast(k.load(sums, k.let(place), 4), 'i32');
    const c = k.var(num(0));
    k.while(cmp('<', c, channels), () => {
      // The last four channels overlap those before them; of fewer, a pixel goes over into the next one.
      const first = k.let(bin('max', bin('min', c, minus(channels, num(4))), num(0)));
      const total = k.var(half);
      const at = k.var(first);
      k.while(cmp('<', at, minus(across, channels)), () => {
        k.set(total, plus(total, four(at)));
        k.set(at, plus(at, channels));
      });
      const goes = k.var(first);
      const pixels = (end: SExpr, store: (place: Get, mean: Get) => void): void =>
        k.while(cmp('<=', goes, end), () => {
          k.set(total, plus(total, four(plus(goes, minus(across, channels)))));
          // Whole numbers below 2^24: the quotient is not rounded up to the next one.
          store(k.let(plus(to, goes)), k.let(cast(bin('/', cast(total, 'f32'), divisor), 'i32')));
          k.set(total, minus(total, four(goes)));
          k.set(goes, plus(goes, channels));
        });
      pixels(k.let(minus(line, num(4))), (place, mean) => k.store(out, place, cast(mean, 'u8')));
      pixels(k.let(minus(line, num(1))), (place, mean) => {
        for (const l of [0, 1, 2]) {
          k.if(cmp('<', num(l), channels), () => k.store(out, plus(place, num(l)), cast(lane(mean, l), 'u8')));
        }
      });
      k.set(c, plus(c, num(4)));
    });
  }),
);
