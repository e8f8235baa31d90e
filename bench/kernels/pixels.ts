/** Frames of 720 x 1,280 pixels of three colours: how much they differ by blocks, and in another size. */

import { U } from '../workloads/near.ts';
import type { Instance, Workload } from '../workloads/workload.ts';

const [HEIGHT, WIDTH, CHANNELS] = [720, 1280, 3];
const FRAME = HEIGHT * WIDTH * CHANNELS;
const FRAMES = 10;

const film = (rows: number, random: { whole(from: number, to: number): number }): Uint8Array =>
  Uint8Array.from({ length: Math.max(1, Math.round(rows / FRAME)) * FRAME }, () => random.whole(0, 255));

const pixels = (w: Pick<Workload, 'name' | 'about' | 'text' | 'peers' | 'make'>): Workload => ({
  unit: 'elements',
  rows: FRAMES * FRAME,
  handFused: { loops: 0, why: 'a primitive is no loop of a program' },
  ...w,
});

const BLOCK = 16;
/** The side of a result, which is square, as networks take it. */
const SIDE = 416;
/** OpenCV rounds its weights otherwise: values may be one apart. */
const resized = (name: string, loop: (film: Uint8Array) => Uint8Array): Workload =>
  pixels({
    name,
    about: `frames at ${SIDE} x ${SIDE}`,
    peers: `pixels:${name.replace('resize_', '')}`,
    text: `|film: vec[u8]| cudf[${name},vec[u8]](${HEIGHT}L, ${WIDTH}L, ${CHANNELS}L, ${SIDE}L, ${SIDE}L, film)`,
    make: (rows, random): Instance => {
      const frames = film(rows, random);
      return { inputs: [frames], js: () => [loop(frames)], near: [{ absolute: 1 }] };
    },
  });

export const PIXELS: readonly Workload[] = [
  pixels({
    name: 'block_mse',
    about: `the mean squared difference of frames from one frame, in blocks of ${BLOCK} x ${BLOCK} pixels`,
    peers: 'pixels:block_mse',
    text: `|film: vec[u8], still: vec[u8]| cudf[block_mse,vec[f64]](${HEIGHT}L, ${WIDTH}L, ${CHANNELS}L, ${BLOCK}L, film, still)`,
    make: (rows, random): Instance => {
      const [frames, still] = [film(rows, random), film(FRAME, random)];
      return { inputs: [frames, still], js: () => [blockMse(frames, still)], near: [{ relative: 4 * U }] };
    },
  }),
  resized('resize_bilinear', (frames) => weighted(frames, bilinear(HEIGHT), bilinear(WIDTH))),
  resized('resize_area', (frames) => weighted(frames, covered(HEIGHT), covered(WIDTH))),
];

function blockMse(frames: Uint8Array, still: Uint8Array): Float64Array {
  const [down, across] = [HEIGHT / BLOCK, WIDTH / BLOCK];
  const sums = new Float64Array((frames.length / FRAME) * down * across);
  const line = WIDTH * CHANNELS;
  for (let at = 0; at < frames.length; at += line) {
    const y = (at / line) % HEIGHT;
    const first = (Math.floor(at / FRAME) * down + Math.floor(y / BLOCK)) * across;
    for (let k = 0; k < line; k++) {
      const d = (frames[at + k] as number) - (still[y * line + k] as number);
      const cell = first + Math.floor(k / (BLOCK * CHANNELS));
      sums[cell] = (sums[cell] as number) + d * d;
    }
  }
  return sums.map((s) => s / (BLOCK * BLOCK * CHANNELS));
}

/** The places that a place of the result is made of, and their weights, which come to 1. */
type Parts = readonly { readonly first: number; readonly weights: readonly number[] }[];

const bilinear = (from: number): Parts =>
  Array.from({ length: SIDE }, (_, x) => {
    const at = Math.min(Math.max(((x + 0.5) * from) / SIDE - 0.5, 0), from - 1);
    const first = Math.min(Math.floor(at), from - 2);
    return { first, weights: [1 - (at - first), at - first] };
  });

const covered = (from: number): Parts =>
  Array.from({ length: SIDE }, (_, x) => {
    const [start, end] = [(x * from) / SIDE, ((x + 1) * from) / SIDE];
    const first = Math.floor(start);
    const weight = (at: number): number => ((Math.min(end, at + 1) - Math.max(start, at)) * SIDE) / from;
    return { first, weights: Array.from({ length: Math.ceil(end) - first }, (_, k) => weight(first + k)) };
  });

/** Lines are brought to their width as they come, and added to the lines of the result that they belong to. */
function weighted(frames: Uint8Array, down: Parts, across: Parts): Uint8Array {
  const line = SIDE * CHANNELS;
  const out = new Uint8Array((frames.length / FRAME) * SIDE * line);
  const sums = new Float64Array(line);
  let to = 0;
  for (let start = 0; start < frames.length; start += FRAME) {
    for (const { first, weights } of down) {
      sums.fill(0.5);
      for (let dy = 0; dy < weights.length; dy++) {
        const source = start + (first + dy) * WIDTH * CHANNELS;
        for (let x = 0; x < SIDE; x++) {
          const part = across[x] as Parts[number];
          for (let dx = 0; dx < part.weights.length; dx++) {
            const weight = (weights[dy] as number) * (part.weights[dx] as number);
            const from = source + (part.first + dx) * CHANNELS;
            for (let c = 0; c < CHANNELS; c++) {
              sums[x * CHANNELS + c] = (sums[x * CHANNELS + c] as number) + weight * (frames[from + c] as number);
            }
          }
        }
      }
      for (let k = 0; k < line; k++) out[to++] = sums[k] as number;
    }
  }
  return out;
}
