/**
 * mix_channels(channels, weights, film): each channel of the result is a weighted sum of the channels of a pixel: grey, other
 * orders of channels, the colours of video. `weights` has a row for each channel of the result: a weight a channel, and what
 * is added. Weights are taken in 16,384ths, sums are rounded half up and cut to 0 .. 255.
 *
 *     mix_channels(3L, [0.299, 0.587, 0.114, 0.0], [255, 0, 0])  =>  [76]
 */

import { F64, fail, type PrimSpec, type Value, vec } from '../../compiler/index.ts';
import { type Column, columnOf, mistyped, vector } from '../column.ts';
import { mostElements, PIXELS, sizeOf, sizes } from './frames.ts';

/** Grey, and YCbCr as in JPEG (ITU-R BT.601, all of 0 .. 255). */
export const GREY = [0.299, 0.587, 0.114, 0] as const;
export const RGB_TO_YCC = [
  ...[0.299, 0.587, 0.114, 0],
  ...[-0.168736, -0.331264, 0.5, 128],
  ...[0.5, -0.418688, -0.081312, 128],
] as const;
export const YCC_TO_RGB = [
  ...[1, 0, 1.402, -179.456],
  ...[1, -0.344136, -0.714136, 135.458816],
  ...[1, 1.772, 0, -226.816],
] as const;

/** Bits behind the point of a weight. */
export const POINT = 14;

export const mixChannels: PrimSpec = {
  name: 'mix_channels',
  doc: 'mix_channels(channels: i64, weights: vec[f64], film: vec[u8]): vec[u8], weighted sums of the channels of pixels',
  pure: true,
  typing: (types) => mistyped('mix_channels', types, [...sizes(1), vec(F64), PIXELS]) ?? PIXELS,
  run(args, alloc) {
    const mix = mixOf(args);
    const out = alloc.alloc('u8', mix.pixels * mix.rows.length);
    mixFrom(mix, 0, out);
    return vector('u8', out);
  },
};

/** Mixes the pixels from `pixel` on, as they are defined. */
export function mixFrom({ film, channels, rows, pixels }: Mix, pixel: number, out: Column['cells']): void {
  for (let p = pixel, at = pixel * rows.length; p < pixels; p++) {
    for (const { weights, more } of rows) {
      const sum = weights.reduce((s, w, c) => s + w * Number(film.cells[p * channels + c]), more);
      out[at++] = Math.min(Math.max(sum >> POINT, 0), 255);
    }
  }
}

export interface Mix {
  readonly film: Column;
  readonly channels: number;
  readonly pixels: number;
  /** For each channel of the result; in `more` is the half that rounding takes. */
  readonly rows: readonly { readonly weights: readonly number[]; readonly more: number }[];
}

/** The arguments of mix_channels. W8005 for weights and films of other lengths, W8006 for weights that are too large. */
export function mixOf([channels, weights, film]: readonly Value[]): Mix {
  const name = 'mix_channels';
  const count = sizeOf(name, 'channels', channels);
  if (count > 4) fail('W8006', `${name}: ${count} channels`, { help: 'pixels have 1 to 4' });
  const [given, pixels] = [columnOf(weights), columnOf(film)];
  const rows = given.length / (count + 1);
  if (!Number.isInteger(rows) || rows < 1 || rows > 4) {
    fail('W8005', `${name}: ${given.length} weights for ${count} channels`, {
      help: `give 1 to 4 rows of ${count + 1}: a weight a channel, and what is added`,
    });
  }
  if (pixels.length % count !== 0) {
    fail('W8005', `${name}: ${pixels.length} elements are no whole number of pixels of ${count} channels`);
  }
  mostElements(name, (pixels.length / count) * rows);
  const fixed = (w: number, most: number): number => {
    if (Math.abs(w) < most) return Math.round(w * 2 ** POINT);
    return fail('W8006', `${name}: a weight of ${w}`, { help: `weights are below 2, what is added below 1024` });
  };
  return {
    film: pixels,
    channels: count,
    pixels: pixels.length / count,
    rows: Array.from({ length: rows }, (_, r) => {
      const row = Array.from(given.cells.subarray(r * (count + 1), (r + 1) * (count + 1)), Number);
      return {
        weights: row.slice(0, count).map((w) => fixed(w, 1.9999)),
        more: fixed(row[count] ?? 0, 1024) + 2 ** (POINT - 1),
      };
    }),
  };
}
