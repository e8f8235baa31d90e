/**
 * The machine form of resize_nearest: a row of the launch is a row of the result. Of each pixel sixteen bytes are copied, those
 * behind it for the next ones to be written over; the last pixels of a row are copied byte by byte.
 */

import { bin, cmp, type Get, KernelBuilder } from '../../compiler/kernels.ts';
import { vector } from '../column.ts';
import { type Machine, type MachineForm, once } from '../machine.ts';
import { minus, num, plus, times } from '../terms.ts';
import { elementsOf } from './frames.ts';
import { nearest, resizeNearest, resizingOf } from './resize.ts';

export const resizeNearestMachine: MachineForm = async (args, m) => {
  const { film, to } = resizingOf(resizeNearest.name, args);
  const out = m.alloc.alloc('u8', film.frames * elementsOf(to));
  const rows = film.frames * to.height;
  await m.launch(rowsOf(film.channels), {
    rows,
    rowsPerPart: Math.max(1, Math.ceil(rows / (4 * m.threads))),
    bufs: [
      film.pixels.cells,
      places(m, nearest(film.height, to.height), film.width * film.channels),
      places(m, nearest(film.width, to.width), film.channels),
      out,
    ],
    scalars: [elementsOf(film), to.height, to.width],
  });
  return vector('u8', out);
};

function places(m: Machine, of: readonly number[], by: number) {
  const to = m.alloc.alloc('i32', of.length);
  for (const [k, place] of of.entries()) to[k] = place * by;
  return to;
}

const rowsOf = once((channels: number) => {
  const k = KernelBuilder.packed(`resize_nearest${channels}`);
  const [from, ys, xs] = [k.buf('from', 'u8', 'read'), k.buf('y', 'i32', 'read'), k.buf('x', 'i32', 'read')];
  const out = k.buf('out', 'u8', 'write');
  const scalar = (name: string): Get => k.scalar(name, 'i32');
  const [each, toHeight, toWidth] = [scalar('each'), scalar('to_height'), scalar('to_width')];
  const frame = k.let(bin('/', k.index, toHeight));
  const line = k.load(ys, k.let(bin('-', k.index, times(frame, toHeight))));
  const start = k.let(plus(times(frame, each), line));
  const end = k.let(times(plus(k.index, num(1)), times(toWidth, num(channels))));
  const to = k.var(minus(end, times(toWidth, num(channels))));
  const x = k.var(num(0));
  /** Copies pixels while the last byte that is written is the row's, `count` at a time. */
  const copy = (count: number, bytes: 1 | 16): void =>
    k.while(cmp('<=', to, minus(end, num((count - 1) * channels + Math.max(bytes, channels)))), () => {
      for (let p = 0; p < count; p++) {
        const source = k.let(plus(start, k.load(xs, plus(x, num(p)))));
        for (let c = 0; c < channels; c += bytes) {
          k.store(out, plus(to, num(p * channels + c)), k.load(from, plus(source, num(c)), bytes));
        }
      }
      k.set(x, plus(x, num(count)));
      k.set(to, plus(to, num(count * channels)));
    });
  copy(4, 16);
  copy(1, 1);
  return k.finish();
});
