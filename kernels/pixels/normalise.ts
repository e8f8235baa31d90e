/**
 * normalise(channels, size, planar, scale, shift, film): pixels as the floats that networks take, p * scale + shift with a
 * scale and a shift for each channel; `size` is the number of pixels of a frame. Planar results have all of the first channel
 * of a frame first (channels, height, width), others stay as they are.
 *
 *     normalise(1L, 2L, false, [f32 0.5], [f32 1.0], [0, 2])  =>  [1.0, 2.0]
 */

import { BOOL, F32, fail, type PrimSpec, type Value, vec } from '../../compiler/index.ts';
import { type Column, columnOf, mistyped, vector } from '../column.ts';
import { type Film, filmOf, mostElements, PIXELS, sizeOf, sizes } from './frames.ts';

export const normalise: PrimSpec = {
  name: 'normalise',
  doc: 'normalise(channels, size: i64, planar: bool, scale, shift: vec[f32], film: vec[u8]): vec[f32], pixels as floats',
  pure: true,
  typing: (types) => mistyped('normalise', types, [...sizes(2), BOOL, vec(F32), vec(F32), PIXELS]) ?? vec(F32),
  run(args, alloc) {
    const n = normalisingOf(args);
    const out = alloc.alloc('f32', n.film.pixels.length);
    for (let frame = 0; frame < n.film.frames; frame++) normaliseFrom(n, frame, 0, out);
    return vector('f32', out);
  },
};

/** The pixels of a frame from `pixel` on, as they are defined. */
export function normaliseFrom(n: Normalising, frame: number, pixel: number, out: Column['cells']): void {
  const { film, planar, scale, shift } = n;
  const { width: size, channels } = film;
  const start = frame * size * channels;
  for (let p = pixel; p < size; p++) {
    for (let c = 0; c < channels; c++) {
      const scaled = Math.fround(Number(film.pixels.cells[start + p * channels + c]) * Number(scale.cells[c]));
      out[start + (planar ? c * size + p : p * channels + c)] = Math.fround(scaled + Number(shift.cells[c]));
    }
  }
}

export interface Normalising {
  /** Frames of one row. */
  readonly film: Film;
  readonly planar: boolean;
  readonly scale: Column;
  readonly shift: Column;
}

/** The arguments of normalise. W8005 for scales, shifts and films of other lengths. */
export function normalisingOf([channels, size, planar, scale, shift, film]: readonly Value[]): Normalising {
  const name = 'normalise';
  const count = sizeOf(name, 'channels', channels);
  if (count > 4) fail('W8006', `${name}: ${count} channels`, { help: 'pixels have 1 to 4' });
  const given = filmOf(name, { height: 1, width: sizeOf(name, 'size', size), channels: count }, film);
  mostElements(name, given.pixels.length);
  const [scales, shifts] = [columnOf(scale), columnOf(shift)];
  for (const [what, { length }] of [['scales', scales] as const, ['shifts', shifts] as const]) {
    if (length !== count) fail('W8005', `${name}: ${length} ${what} for ${count} channels`);
  }
  return { film: given, planar: planar === true, scale: scales, shift: shifts };
}
