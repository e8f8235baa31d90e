/**
 * box_filter(height, width, channels, radius, film): each pixel becomes the mean of the square of 2 radius + 1 pixels around
 * it, rounded half up, channel by channel; beyond an edge stands the pixel at the edge.
 *
 *     box_filter(1L, 3L, 1L, 1L, [0, 3, 9])  =>  [1, 4, 7]
 */

import { fail, type PrimSpec, type Value } from '../../compiler/index.ts';
import { mistyped, vector } from '../column.ts';
import { elementsOf, type Film, filmOf, PIXELS, sizeOf, sizes } from './frames.ts';

/** Sums of a square of the largest are exact in f32, and sums of its side in 16 bits. */
const MOST = 127;

export const boxFilter: PrimSpec = {
  name: 'box_filter',
  doc: 'box_filter(height, width, channels, radius: i64, film: vec[u8]): vec[u8], the mean of what is around a pixel',
  pure: true,
  typing: (types) => mistyped('box_filter', types, [...sizes(4), PIXELS]) ?? PIXELS,
  run(args, alloc) {
    const { film, radius } = boxOf(args);
    const { height, width, channels, pixels } = film;
    const out = alloc.alloc('u8', pixels.length);
    const area = (2 * radius + 1) ** 2;
    const near = (at: number, most: number): number => Math.min(Math.max(at, 0), most - 1);
    for (let at = 0; at < out.length; at++) {
      const frame = Math.floor(at / elementsOf(film)) * elementsOf(film);
      const [pixel, c] = [Math.floor((at - frame) / channels), at % channels];
      const [y, x] = [Math.floor(pixel / width), pixel % width];
      let sum = (area - 1) / 2;
      for (let dy = -radius; dy <= radius; dy++) {
        for (let dx = -radius; dx <= radius; dx++) {
          const from = near(y + dy, height) * width + near(x + dx, width);
          sum += Number(pixels.cells[frame + from * channels + c]);
        }
      }
      out[at] = Math.floor(sum / area);
    }
    return vector('u8', out);
  },
};

/** The arguments of box_filter. W8005, W8006 for sizes that do not fit. */
export function boxOf([height, width, channels, radius, film]: readonly Value[]): { film: Film; radius: number } {
  const name = 'box_filter';
  const size = {
    height: sizeOf(name, 'height', height),
    width: sizeOf(name, 'width', width),
    channels: sizeOf(name, 'channels', channels),
  };
  const r = Number(radius);
  if (r < 0 || r > MOST) fail('W8006', `${name}: radius is ${r}`, { help: `a radius is 0 to ${MOST}` });
  return { film: filmOf(name, size, film), radius: r };
}
