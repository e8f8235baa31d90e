/**
 * The machine form of resize_bilinear: a row of the launch is a strip of the result. A line of the film is brought to the
 * width of the result once, and stands in a buffer of its own for even lines or for odd ones while lines of the result
 * are made of it. Four elements at a time (a register): sixteen bytes hold the neighbours of all, which are brought in pairs
 * and multiplied with their two weights. Two such lines, weighted, are a line of the result.
 */

import { invariant, type TypedArray } from '../../compiler/index.ts';
import { bin, cast, cmp, type Get, KernelBuilder, lit, type SExpr, splat, whole } from '../../compiler/kernels.ts';
import { vector } from '../column.ts';
import { type Machine, type MachineForm, once } from '../machine.ts';
import { minus, num, plus, times } from '../terms.ts';
import { elementsOf } from './frames.ts';
import { halve, isHalf } from './half-machine.ts';
import { ONE, type Resizing, resizeBilinear, resizingOf, taps } from './resize.ts';

/** Lines of a strip: at its beginning two lines of the film are brought to their width that another strip has, too. */
const STRIP = 32;
/** Groups that are made at a time. */
const GROUPS = 4;

export const resizeBilinearMachine: MachineForm = async (args, m) => {
  const resizing = resizingOf(resizeBilinear.name, args);
  if (isHalf(resizing)) return halve(m, resizing);
  const { film, to } = resizing;
  const out = m.alloc.alloc('u8', film.frames * elementsOf(to));
  // A pixel has at most eight neighbours.
  const groups = groupsOf(m, resizing, 4) ?? groupsOf(m, resizing, film.channels);
  invariant(groups !== null, () => 'resize_bilinear: a pixel of more than sixteen bytes');
  const strips = Math.ceil(to.height / STRIP);
  const rows = film.frames * strips;
  const rowsPerPart = Math.max(1, Math.ceil(rows / (4 * m.threads)));
  const line = groups.count * groups.step + 4;
  const lines = m.alloc.alloc('i32', Math.ceil(rows / rowsPerPart) * 2 * line);
  const down = m.alloc.alloc('i32', 3 * to.height);
  for (const [y, { first, second, weight }] of taps(film.height, to.height).entries()) {
    [down[3 * y], down[3 * y + 1], down[3 * y + 2]] = [first, second, weight];
  }
  await m.launch(bilinear(groups.step), {
    rows,
    rowsPerPart,
    bufs: [
      ...[film.pixels.cells, groups.places, groups.pairs, groups.weights, down],
      out,
      { copies: lines, length: 2 * line },
    ],
    scalars: [
      ...[film.height, film.width * film.channels, to.height, to.width * to.channels],
      ...[groups.count, strips, line],
    ],
  });
  return vector('u8', out);
};

/** A line of the result in groups of four elements, each made of sixteen bytes of a line of the film. */
interface Groups {
  /** Elements from one group to the next: four, or those of a pixel. */
  readonly step: number;
  /** How many: a multiple of GROUPS. */
  readonly count: number;
  /** Where the bytes of a group begin. */
  readonly places: TypedArray;
  /** Where among them the two neighbours of each element are; eight of the sixteen count. */
  readonly pairs: TypedArray;
  /** The weights of both. */
  readonly weights: TypedArray;
}

/** Null where sixteen bytes do not hold the neighbours of all elements up to the next group. */
function groupsOf(m: Machine, { film, to }: Resizing, step: number): Groups | null {
  const { channels } = film;
  const across = taps(film.width, to.width);
  const length = to.width * channels;
  const count = Math.ceil(length / (step * GROUPS)) * GROUPS;
  const places = m.alloc.alloc('i32', count);
  const [pairs, weights] = [m.alloc.alloc('u8', 16 * count), m.alloc.alloc('i16', 8 * count)];
  for (let g = 0; g < count; g++) {
    // Elements behind the line are as its last one.
    const four = [0, 1, 2, 3].map((l) => {
      const e = Math.min(g * step + l, length - 1);
      const { first, second, weight } = across[Math.floor(e / channels)] ?? { first: 0, second: 0, weight: 0 };
      return { first: first * channels + (e % channels), second: second * channels + (e % channels), weight };
    });
    const place = Math.min(...four.map((e) => e.first));
    places[g] = place;
    for (const [l, { first, second, weight }] of four.entries()) {
      if (l < step && second - place > 15) return null;
      [pairs[16 * g + 2 * l], pairs[16 * g + 2 * l + 1]] = [first - place, second - place];
      [weights[8 * g + 2 * l], weights[8 * g + 2 * l + 1]] = [ONE - weight, weight];
    }
  }
  return { step, count, places, pairs, weights };
}

const bilinear = once((step: number) => {
  const k = KernelBuilder.packed(`resize_bilinear${step}`);
  const [from, places] = [k.buf('from', 'u8', 'read'), k.buf('x', 'i32', 'read')];
  const [pairs, weights] = [k.buf('pairs', 'u8', 'read'), k.buf('wx', 'i16', 'read')];
  const [ys, out] = [k.buf('y', 'i32', 'read'), k.buf('out', 'u8', 'write')];
  const lines = k.buf('lines', 'i32', 'readwrite', true);
  const scalar = (name: string): Get => k.scalar(name, 'i32');
  const [height, row, toHeight, length] = [scalar('height'), scalar('row'), scalar('to_height'), scalar('length')];
  const [count, strips, line] = [scalar('count'), scalar('strips'), scalar('line')];
  const frame = k.let(bin('/', k.index, strips));
  const top = k.let(times(minus(k.index, times(frame, strips)), num(STRIP)));
  const bufferOf = (y: Get): Get => k.let(times(bin('&', y, num(1)), line));
  /** Brings line `y` of the frame to the width of the result. */
  const narrow = (y: Get): void => {
    const start = k.let(times(plus(times(frame, height), y), row));
    const to = k.var(bufferOf(y));
    const group = k.var(num(0));
    k.while(cmp('<', group, count), () => {
      const [pair, weight] = [k.let(times(group, num(16))), k.let(times(group, num(8)))];
      for (let g = 0; g < GROUPS; g++) {
        const bytes = k.load(from, k.let(plus(start, k.load(places, plus(group, num(g))))), 16);
        const two = whole('low', whole('swizzle', bytes, k.load(pairs, plus(pair, num(16 * g)), 16)));
        const sums = whole('dot', cast(two, 'i16'), k.load(weights, plus(weight, num(8 * g)), 8));
        k.store(lines, plus(to, num(g * step)), bin('>>', sums, lit('i32', 4, 4)));
      }
      k.set(group, plus(group, num(GROUPS)));
      k.set(to, plus(to, num(GROUPS * step)));
    });
  };
  /** The first line that no buffer has had. */
  const next = k.var(num(0));
  k.range(top, bin('min', plus(top, num(STRIP)), toHeight), (y) => {
    const place = k.let(times(y, num(3)));
    const [first, second, weight] = [0, 1, 2].map((n) => k.load(ys, plus(place, num(n))));
    if (first === undefined || second === undefined || weight === undefined) return;
    k.range(bin('max', next, first), plus(second, num(1)), narrow);
    k.set(next, plus(second, num(1)));
    const [upper, lower] = [bufferOf(first), bufferOf(second)];
    const upperWeight = k.let(minus(num(ONE), weight));
    /** What makes elements from a place on, so many at a time. */
    const between = (n: 1 | 4): ((e: SExpr) => Get) => {
      const [wu, wl] = [k.let(splat(upperWeight, n)), k.let(splat(weight, n))];
      const part = (buffer: Get, e: SExpr, w: Get): SExpr =>
        bin('>>', times(k.load(lines, k.let(plus(buffer, e)), n), w), lit('i32', 16, n));
      return (e) =>
        k.let(bin('>>', plus(plus(part(upper, e, wu), part(lower, e, wl)), lit('i32', 2, n)), lit('i32', 2, n)));
    };
    const to = k.let(times(plus(times(frame, toHeight), y), length));
    k.if(
      cmp('>=', length, num(16)),
      () => {
        const four = between(4);
        const at = k.var(num(0));
        k.while(cmp('<', at, length), () => {
          // The last register overlaps the one before it.
          const e = k.let(bin('min', at, minus(length, num(16))));
          const [p, q, r, s] = [0, 4, 8, 12].map((n) => four(plus(e, num(n))));
          if (p === undefined || q === undefined || r === undefined || s === undefined) return;
          const words = [whole('narrow', p, q), whole('narrow', r, s)].map((w) => cast(w, 'i16'));
          k.store(out, k.let(plus(to, e)), whole('narrow', ...words));
          k.set(at, plus(at, num(16)));
        });
      },
      () => k.range(num(0), length, (e) => k.store(out, k.let(plus(to, e)), cast(between(1)(e), 'u8'))),
    );
  });
  return k.finish();
});
