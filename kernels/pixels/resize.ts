/**
 * resize_nearest, resize_bilinear, resize_area(height, width, channels, to_height, to_width, film): frames of another size.
 *
 *     nearest     the pixel at floor(x * from / to)
 *     bilinear    the four pixels around (x + 1/2) * from / to - 1/2, those beyond the edge as at it, with weights of
 *                 2,048ths in each direction
 *     area        the mean of the area that a pixel covers, parts of pixels included, rounded half up
 *
 * Nearest and bilinear give the bytes of OpenCV's INTER_NEAREST and INTER_LINEAR, in the steps of its C++. So from / to is a
 * rounded f64, and x * from / to that should be whole may be a little less. Bilinear takes three steps: between two pixels of
 * a line 128ths, cut; of two lines 4ths, each cut; the sum of both rounded. That is at most 0.8 from the value between the
 * pixels, and an eighth below it on average. (Two channels at exactly half the size may be one apart from OpenCV, which then
 * rounds halves to even.) Area is INTER_AREA for smaller frames, where values may be one apart.
 * Bilinear looks at four pixels however much smaller the frame becomes: then take area.
 */

import { fail, type PrimSpec, type TypedArray, type Value } from '../../compiler/index.ts';
import { mistyped, vector } from '../column.ts';
import { elementsOf, type Film, filmOf, mostElements, PIXELS, type Size, sizeOf, sizes, sizeText } from './frames.ts';

/** The weights of a direction add up to this. */
export const ONE = 2048;
/** Most pixels of a side of a result: there is a table of what each covers. */
const MOST_SIDE = 2 ** 20;
/** Of area, sums of a frame in 32 bits. */
const MOST_AREA = 2 ** 23;

/** The value of element `channel` of pixel (y, x) of the result, from one frame. */
type Pixel = (from: TypedArray, start: number, y: number, x: number, channel: number) => number;

const resizing = (name: string, doc: string, pixelOf: (r: Resizing) => Pixel): PrimSpec => ({
  name,
  doc: `${name}(height, width, channels, to_height, to_width: i64, film: vec[u8]): vec[u8], ${doc}`,
  pure: true,
  typing: (types) => mistyped(name, types, [...sizes(5), PIXELS]) ?? PIXELS,
  run(args, alloc) {
    const r = resizingOf(name, args);
    const { film, to } = r;
    const pixel = pixelOf(r);
    const out = alloc.alloc('u8', film.frames * elementsOf(to));
    let at = 0;
    for (let frame = 0; frame < film.frames; frame++) {
      for (let y = 0; y < to.height; y++) {
        for (let x = 0; x < to.width; x++) {
          for (let c = 0; c < to.channels; c++) {
            out[at++] = pixel(film.pixels.cells, frame * elementsOf(film), y, x, c);
          }
        }
      }
    }
    return vector('u8', out);
  },
});

/** A film, and the size that its frames get. */
export interface Resizing {
  readonly film: Film;
  readonly to: Size;
}

/** The arguments of a resize. W8005, W8006 for sizes that do not fit. */
export function resizingOf(
  name: string,
  [height, width, channels, toHeight, toWidth, film]: readonly Value[],
): Resizing {
  const count = sizeOf(name, 'channels', channels);
  if (count > 4) fail('W8006', `${name}: ${count} channels`, { help: 'pixels have 1 to 4' });
  const from = { height: sizeOf(name, 'height', height), width: sizeOf(name, 'width', width), channels: count };
  const side = (what: string, v: Value | undefined): number => sizeOf(name, what, v, MOST_SIDE);
  const to = { height: side('to_height', toHeight), width: side('to_width', toWidth), channels: count };
  const given = filmOf(name, from, film);
  mostElements(name, given.frames * elementsOf(to));
  if (name === resizeArea.name && from.height * from.width > MOST_AREA) {
    fail('W8006', `${name}: frames of ${sizeText(from)}`, { help: `at most ${MOST_AREA} pixels` });
  }
  return { film: given, to };
}

export const resizeNearest = resizing('resize_nearest', 'the nearest pixels', ({ film, to }) => {
  const [ys, xs] = [nearest(film.height, to.height), nearest(film.width, to.width)];
  return (from, start, y, x, c) => Number(from[start + ((ys[y] ?? 0) * film.width + (xs[x] ?? 0)) * film.channels + c]);
});

/** Places of the source from one place of the result to the next, as OpenCV computes it. */
const scaleOf = (from: number, to: number): number => 1 / (to / from);

/** The place that each of `to` places is nearest to. */
export const nearest = (from: number, to: number): readonly number[] =>
  Array.from({ length: to }, (_, x) => Math.min(from - 1, Math.floor(x * scaleOf(from, to))));

export const resizeBilinear = resizing('resize_bilinear', 'the four pixels around', ({ film, to }) => {
  const [ys, xs] = [taps(film.height, to.height), taps(film.width, to.width)];
  const row = film.width * film.channels;
  return (from, start, y, x, c) => {
    const [v, h] = [ys[y], xs[x]];
    if (v === undefined || h === undefined) return 0;
    const between = (line: number): number => {
      const at = (pixel: number): number => Number(from[start + line * row + pixel * film.channels + c]);
      return (at(h.first) * (ONE - h.weight) + at(h.second) * h.weight) >> 4;
    };
    return (((between(v.first) * (ONE - v.weight)) >> 16) + ((between(v.second) * v.weight) >> 16) + 2) >> 2;
  };
});

/** Two neighbours, which are one at an edge, and the weight of the second. */
export interface Tap {
  readonly first: number;
  readonly second: number;
  readonly weight: number;
}
/** The neighbours of `to` places, which are computed in f64 and then rounded to f32. */
export function taps(from: number, to: number): readonly Tap[] {
  const scale = scaleOf(from, to);
  const near = (place: number): number => Math.min(Math.max(place, 0), from - 1);
  return Array.from({ length: to }, (_, x) => {
    const at = Math.fround((x + 0.5) * scale - 0.5);
    const first = Math.floor(at);
    return { first: near(first), second: near(first + 1), weight: halfEven(Math.fround(at - first) * ONE) };
  });
}

/** The nearest whole number, of two the even one. */
function halfEven(x: number): number {
  const down = Math.floor(x);
  return x - down === 0.5 ? down + (down % 2) : Math.round(x);
}

export const resizeArea = resizing('resize_area', 'the mean of what a pixel covers', ({ film, to }) => {
  const [ys, xs] = [spans(film.height, to.height), spans(film.width, to.width)];
  const total = film.height * film.width;
  return (from, start, y, x, c) => {
    let sum = Math.floor(total / 2);
    for (const [dy, wy] of (ys[y]?.weights ?? []).entries()) {
      for (const [dx, wx] of (xs[x]?.weights ?? []).entries()) {
        const at = ((ys[y]?.first ?? 0) + dy) * film.width + (xs[x]?.first ?? 0) + dx;
        sum += wy * wx * Number(from[start + at * film.channels + c]);
      }
    }
    return Math.floor(sum / total);
  };
});

/** The places that a place of the result covers from the first on, and how much of each; all come to `from`. */
export interface Cover {
  readonly first: number;
  readonly weights: readonly number[];
}
export const spans = (from: number, to: number): readonly Cover[] =>
  Array.from({ length: to }, (_, x) => {
    // A place of the source is `to` long, one of the result `from`.
    const [start, end] = [x * from, (x + 1) * from];
    const [first, last] = [Math.floor(start / to), Math.ceil(end / to)];
    const overlap = (at: number): number => Math.min(end, (at + 1) * to) - Math.max(start, at * to);
    return { first, weights: Array.from({ length: last - first }, (_, k) => overlap(first + k)) };
  });
