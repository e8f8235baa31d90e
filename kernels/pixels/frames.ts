/**
 * Frames of a film: vec[u8] of any number of pictures of one size, one after the other, each row by row from the top, the
 * channels of a pixel side by side (height, width, channels). A single picture is a film of one frame.
 */

import { fail, I64, type Type, U8, type Value, vec } from '../../compiler/index.ts';
import { type Column, columnOf } from '../column.ts';

export const PIXELS = vec(U8);

/** The types of sizes. */
export const sizes = (count: number): readonly Type[] => Array.from({ length: count }, () => I64);

/** Most elements of a film, and of a side: kernels count in i32. */
const MOST = 2 ** 31 - 1;

/** A size of at least one. W8006 for another. */
export function sizeOf(name: string, what: string, v: Value | undefined, most = MOST): number {
  const n = Number(v);
  return n >= 1 && n <= most ? n : fail('W8006', `${name}: ${what} is ${n}`, { help: `a size is 1 to ${most}` });
}

export interface Size {
  readonly height: number;
  readonly width: number;
  readonly channels: number;
}
export const elementsOf = ({ height, width, channels }: Size): number => height * width * channels;

export interface Film extends Size {
  readonly pixels: Column;
  readonly frames: number;
}

/** A film of frames of this size. W8005 where it does not hold whole frames. */
export function filmOf(name: string, size: Size, v: Value | undefined): Film {
  const pixels = columnOf(v);
  const each = elementsOf(size);
  if (pixels.length % each !== 0) {
    fail('W8005', `${name}: ${pixels.length} elements are no whole number of frames of ${sizeText(size)}`);
  }
  return { ...size, pixels, frames: pixels.length / each };
}
export const sizeText = ({ height, width, channels }: Size): string =>
  `${height} x ${width}${channels === 1 ? '' : ` x ${channels}`}`;

/** The elements of a result. W8006 for more than there can be. */
export function mostElements(name: string, count: number): number {
  return count <= MOST
    ? count
    : fail('W8006', `${name}: a result of ${count} elements`, { help: `the most is ${MOST}` });
}
