/**
 * block_mse(height, width, channels, block, a, b): how much frames differ, block by block: the mean of the squared
 * differences of all channels in squares of block x block pixels, row by row, as f64. The last squares of a row and of a
 * column are smaller where the size is no multiple. b has as many frames as a, or one, with which all are compared.
 *
 *     block_mse(1L, 2L, 1L, 1L, [1, 2], [1, 4])  =>  [0.0, 4.0]
 *
 * A block as large as the frame gives the mean squared error of the frame.
 */

import { F64, fail, type PrimSpec, type Value, vec } from '../../compiler/index.ts';
import { mistyped, vector } from '../column.ts';
import { elementsOf, type Film, filmOf, PIXELS, sizeOf, sizes } from './frames.ts';

export const blockMse: PrimSpec = {
  name: 'block_mse',
  doc: 'block_mse(height, width, channels, block: i64, a: vec[u8], b: vec[u8]): vec[f64], how much frames differ, by blocks',
  pure: true,
  typing: (types) => mistyped('block_mse', types, [...sizes(4), PIXELS, PIXELS]) ?? vec(F64),
  run(args, alloc) {
    const { a, b, block, down, across, step } = comparisonOf(args);
    const { height, width, channels } = a;
    const out = alloc.alloc('f64', a.frames * down * across);
    for (let at = 0; at < out.length; at++) {
      const [frame, cell] = [Math.floor(at / (down * across)), at % (down * across)];
      const [top, left] = [Math.floor(cell / across) * block, (cell % across) * block];
      const [bottom, right] = [Math.min(top + block, height), Math.min(left + block, width)];
      let sum = 0;
      for (let y = top; y < bottom; y++) {
        for (let k = (y * width + left) * channels; k < (y * width + right) * channels; k++) {
          const [p, q] = [a.pixels.cells[frame * elementsOf(a) + k], b.pixels.cells[frame * step + k]];
          sum += (Number(p) - Number(q)) ** 2;
        }
      }
      out[at] = sum / ((bottom - top) * (right - left) * channels);
    }
    return vector('f64', out);
  },
};

/** Two films, and the blocks they are cut in. */
export interface Comparison {
  readonly a: Film;
  readonly b: Film;
  readonly block: number;
  /** Blocks of a frame. */
  readonly down: number;
  readonly across: number;
  /** Elements from a frame of b to that for the next frame of a: none where all are compared with one. */
  readonly step: number;
}

/** The arguments of block_mse. W8005 for films of other lengths, W8006 for sizes below one. */
export function comparisonOf([height, width, channels, block, a, b]: readonly Value[]): Comparison {
  const name = 'block_mse';
  const size = {
    height: sizeOf(name, 'height', height),
    width: sizeOf(name, 'width', width),
    channels: sizeOf(name, 'channels', channels),
  };
  const [films, others] = [filmOf(name, size, a), filmOf(name, size, b)];
  if (others.frames !== 1 && others.frames !== films.frames) {
    fail('W8005', `${name}: ${films.frames} frames and ${others.frames} to compare them with`, {
      help: 'give as many, or one',
    });
  }
  // A block beyond the frame is the frame.
  const side = Math.min(sizeOf(name, 'block', block), Math.max(size.height, size.width));
  return {
    a: films,
    b: others,
    block: side,
    down: Math.ceil(size.height / side),
    across: Math.ceil(size.width / side),
    step: others.frames === 1 ? 0 : elementsOf(size),
  };
}
