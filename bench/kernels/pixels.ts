/** Frames of 720 x 1,280 pixels of three colours: how much they differ by blocks, in another size, in other colours, blurred. */

import { U } from '../workloads/near.ts';
import type { Instance, Workload } from '../workloads/workload.ts';
import {
  area,
  bilinear,
  blockMse,
  box,
  CHANNELS,
  FRAME,
  grey,
  HEIGHT,
  nearest,
  planes,
  reversed,
  type Sides,
  WIDTH,
} from './pixel-loops.ts';

const FRAMES = 10;

const film = (rows: number, random: { whole(from: number, to: number): number }): Uint8Array =>
  Uint8Array.from({ length: Math.max(1, Math.round(rows / FRAME)) * FRAME }, () => random.whole(0, 255));

const pixels = (w: Pick<Workload, 'name' | 'about' | 'text' | 'peers' | 'make'>): Workload => ({
  unit: 'elements',
  rows: FRAMES * FRAME,
  handFused: { loops: 0, why: 'a primitive is no loop of a program' },
  ...w,
});

/** A workload of nothing but frames. */
const framesOnly = (
  w: Pick<Workload, 'name' | 'about' | 'text'>,
  peers: string,
  near: Instance['near'],
  loop: (film: Uint8Array) => Uint8Array,
): Workload =>
  pixels({
    ...w,
    peers: `pixels:${peers}`,
    make: (rows, random): Instance => {
      const frames = film(rows, random);
      return { inputs: [frames], js: () => [loop(frames)], near };
    },
  });

/** OpenCV rounds otherwise. */
const ONE_APART: Instance['near'] = [{ absolute: 1 }];
const SIZE = `${HEIGHT}L, ${WIDTH}L, ${CHANNELS}L`;

/** As networks take it, and half of ours. */
const SQUARE: Sides = [416, 416];
const HALF: Sides = [HEIGHT / 2, WIDTH / 2];

const resized = (
  name: string,
  how: string,
  near: Instance['near'],
  loop: (film: Uint8Array, sides: Sides) => Uint8Array,
  sides: Sides = SQUARE,
): Workload =>
  framesOnly(
    {
      name,
      about: `frames at ${sides.join(' x ')}, ${how}`,
      text: `|film: vec[u8]| cudf[resize_${how},vec[u8]](${SIZE}, ${sides[0]}L, ${sides[1]}L, film)`,
    },
    `${how}_${sides.join('_')}`,
    near,
    (frames) => loop(frames, sides),
  );

const mixed = (
  name: string,
  about: string,
  weights: readonly number[],
  loop: (film: Uint8Array) => Uint8Array,
): Workload =>
  framesOnly(
    {
      name,
      about,
      text: `|film: vec[u8]| cudf[mix_channels,vec[u8]](3L, [${weights.map((w) => w.toFixed(3)).join(', ')}], film)`,
    },
    name,
    ONE_APART,
    loop,
  );

const BLOCK = 16;
const RADIUS = 2;
const GREY = [0.299, 0.587, 0.114, 0] as const;
/** The means and deviations that networks for photographs are trained with. */
const [MEANS, DEVIATIONS] = [
  [123.675, 116.28, 103.53],
  [58.395, 57.12, 57.375],
] as const;

export const PIXELS: readonly Workload[] = [
  pixels({
    name: 'block_mse',
    about: `the mean squared difference of frames from one frame, in blocks of ${BLOCK} x ${BLOCK} pixels`,
    peers: 'pixels:block_mse',
    text: `|film: vec[u8], still: vec[u8]| cudf[block_mse,vec[f64]](${SIZE}, ${BLOCK}L, film, still)`,
    make: (rows, random): Instance => {
      const [frames, still] = [film(rows, random), film(FRAME, random)];
      return { inputs: [frames, still], js: () => [blockMse(frames, still, BLOCK)], near: [{ relative: 4 * U }] };
    },
  }),
  resized('resize_nearest', 'nearest', ['exact'], nearest),
  resized('resize_bilinear', 'bilinear', ['exact'], bilinear),
  resized('resize_bilinear_half', 'bilinear', ['exact'], bilinear, HALF),
  resized('resize_area', 'area', ONE_APART, area),
  mixed('mix_grey', 'frames in grey', GREY, (frames) => grey(frames, GREY)),
  mixed('mix_bgr', 'frames with red and blue changed over', [0, 0, 1, 0, 0, 1, 0, 0, 1, 0, 0, 0], reversed),
  pixels({
    name: 'normalise',
    about: 'frames as planes of floats, less their means and divided by their deviations',
    peers: 'pixels:normalise',
    text: `|film: vec[u8], scale: vec[f32], shift: vec[f32]| cudf[normalise,vec[f32]](3L, ${HEIGHT * WIDTH}L, true, scale, shift, film)`,
    make: (rows, random): Instance => {
      const frames = film(rows, random);
      const scale = Float32Array.from(DEVIATIONS, (d) => 1 / d);
      const shift = Float32Array.from(MEANS, (mean, c) => -mean / (DEVIATIONS[c] as number));
      // Values up to 3, after two or three roundings of f32.
      return {
        inputs: [frames, scale, shift],
        js: () => [planes(frames, scale, shift)],
        near: [{ absolute: 2 ** -20 }],
      };
    },
  }),
  framesOnly(
    {
      name: 'box_filter',
      about: `the mean of ${2 * RADIUS + 1} x ${2 * RADIUS + 1} pixels around each`,
      text: `|film: vec[u8]| cudf[box_filter,vec[u8]](${SIZE}, ${RADIUS}L, film)`,
    },
    'box_filter',
    ONE_APART,
    (frames) => box(frames, RADIUS),
  ),
];
