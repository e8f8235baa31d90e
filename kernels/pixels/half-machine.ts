/**
 * Frames of half the height and half the width, of which each pixel is the mean of four, rounded half up: by area and between
 * pixels alike. A row of the launch is a row of the result. Sixteen bytes of both lines are brought in pairs, which are
 * added up as 16-bit lanes; two such registers become bytes.
 */

import type { Value } from '../../compiler/index.ts';
import { bin, cast, cmp, type Get, KernelBuilder, lanes, lit, type SExpr, whole } from '../../compiler/kernels.ts';
import { vector } from '../column.ts';
import { type Machine, once } from '../machine.ts';
import { minus, num, plus, times } from '../terms.ts';
import { elementsOf } from './frames.ts';
import type { Resizing } from './resize.ts';

export const isHalf = ({ film, to }: Resizing): boolean => film.height === 2 * to.height && film.width === 2 * to.width;

export async function halve(m: Machine, { film, to }: Resizing): Promise<Value> {
  const out = m.alloc.alloc('u8', film.frames * elementsOf(to));
  const rows = film.frames * to.height;
  await m.launch(half(film.channels), {
    rows,
    rowsPerPart: Math.max(1, Math.ceil(rows / (4 * m.threads))),
    bufs: [film.pixels.cells, out],
    scalars: [to.width * to.channels],
  });
  return vector('u8', out);
}

const half = once((channels: number) => {
  const k = KernelBuilder.packed(`halve${channels}`);
  const [film, out] = [k.buf('film', 'u8', 'read'), k.buf('out', 'u8', 'write')];
  const length = k.scalar('length', 'i32');
  /** Elements of the result that sixteen bytes are pairs of. */
  const made = Math.floor(8 / channels) * channels;
  const bytes = (of: (lane: number) => number): SExpr => lanes(Array.from({ length: 16 }, (_, l) => lit('u8', of(l))));
  const pairs = bytes((l) => {
    const [pixel, channel] = [Math.floor((l >> 1) / channels), (l >> 1) % channels];
    return 2 * pixel * channels + (l & 1) * channels + channel;
  });
  const dense = bytes((l) => (l < made ? l : (l - made + 8) & 15));
  const to = k.var(times(k.index, length));
  const end = k.let(plus(to, length));
  const upper = k.var(times(to, num(4)));
  const lower = k.var(plus(upper, times(length, num(2))));
  const move = (by: number): void => {
    k.set(to, plus(to, num(by)));
    k.set(upper, plus(upper, num(2 * by)));
    k.set(lower, plus(lower, num(2 * by)));
  };
  k.while(cmp('<=', to, minus(end, num(16))), () => {
    const words = [0, 1].map((n) => {
      const sums = [upper, lower].map((line) => {
        const given = k.load(film, plus(line, num(2 * made * n)), 16);
        return whole('pairs', channels === 1 ? given : whole('swizzle', given, pairs));
      });
      const four = sums.reduce((a, b) => plus(a, b), lit('u16', 2, 8));
      return cast(bin('>>', four, lit('u16', 2, 8)), 'i16');
    });
    const both = whole('narrow', ...words);
    // What is behind the last element is written over.
    k.store(out, to, made === 8 ? both : whole('swizzle', both, dense));
    move(2 * made);
  });
  k.while(cmp('<', to, end), () => {
    for (let c = 0; c < channels; c++) {
      const pixel = (line: Get, p: number): SExpr => cast(k.load(film, plus(line, num(p * channels + c))), 'i32');
      const four = [pixel(upper, 0), pixel(upper, 1), pixel(lower, 0), pixel(lower, 1)];
      const sum = four.reduce((a, b) => plus(a, b), num(2));
      k.store(out, plus(to, num(c)), cast(bin('>>', sum, num(2)), 'u8'));
    }
    move(channels);
  });
  return k.finish();
});
