/** What the workloads of frames compute, as plain loops. */

export const [HEIGHT, WIDTH, CHANNELS] = [720, 1280, 3];
export const FRAME = HEIGHT * WIDTH * CHANNELS;
const LINE = WIDTH * CHANNELS;

/** The height and width of a result. */
export type Sides = readonly [height: number, width: number];

export function blockMse(frames: Uint8Array, still: Uint8Array, block: number): Float64Array {
  const [down, across] = [HEIGHT / block, WIDTH / block];
  const sums = new Float64Array((frames.length / FRAME) * down * across);
  for (let at = 0; at < frames.length; at += LINE) {
    const y = (at / LINE) % HEIGHT;
    const first = (Math.floor(at / FRAME) * down + Math.floor(y / block)) * across;
    for (let k = 0; k < LINE; k++) {
      const d = (frames[at + k] as number) - (still[y * LINE + k] as number);
      const cell = first + Math.floor(k / (block * CHANNELS));
      sums[cell] = (sums[cell] as number) + d * d;
    }
  }
  return sums.map((s) => s / (block * block * CHANNELS));
}

export function nearest(frames: Uint8Array, [height, width]: Sides): Uint8Array {
  const out = new Uint8Array((frames.length / FRAME) * height * width * CHANNELS);
  let to = 0;
  for (let start = 0; start < frames.length; start += FRAME) {
    for (let y = 0; y < height; y++) {
      const line = start + Math.floor(y * scaleOf(HEIGHT, height)) * LINE;
      for (let x = 0; x < width; x++) {
        const from = line + Math.floor(x * scaleOf(WIDTH, width)) * CHANNELS;
        for (let c = 0; c < CHANNELS; c++) out[to++] = frames[from + c] as number;
      }
    }
  }
  return out;
}

/** Lines between pixels in 128ths of a step, as OpenCV has them, and between two of these as bytes. */
export function bilinear(frames: Uint8Array, [height, width]: Sides): Uint8Array {
  const [down, across] = [taps(HEIGHT, height), taps(WIDTH, width)];
  const out = new Uint8Array((frames.length / FRAME) * height * width * CHANNELS);
  let to = 0;
  for (let start = 0; start < frames.length; start += FRAME) {
    for (const v of down) {
      const [upper, lower] = [start + v.first * LINE, start + v.second * LINE];
      for (const { first, second, weight } of across) {
        const [left, right] = [first * CHANNELS, second * CHANNELS];
        for (let c = 0; c < CHANNELS; c++) {
          const above =
            (frames[upper + left + c] as number) * (2048 - weight) + (frames[upper + right + c] as number) * weight;
          const below =
            (frames[lower + left + c] as number) * (2048 - weight) + (frames[lower + right + c] as number) * weight;
          out[to++] = ((((above >> 4) * (2048 - v.weight)) >> 16) + (((below >> 4) * v.weight) >> 16) + 2) >> 2;
        }
      }
    }
  }
  return out;
}

/** As OpenCV computes it. */
const scaleOf = (from: number, to: number): number => 1 / (to / from);

const taps = (from: number, to: number) =>
  Array.from({ length: to }, (_, x) => {
    const at = Math.fround((x + 0.5) * scaleOf(from, to) - 0.5);
    const first = Math.floor(at);
    const near = (place: number): number => Math.min(Math.max(place, 0), from - 1);
    const weight = (at - first) * 2048;
    // Of halves the even ones.
    const whole = weight % 2 === 0.5 ? weight - 0.5 : Math.round(weight);
    return { first: near(first), second: near(first + 1), weight: whole };
  });

/** The places that a place of the result is made of, and their weights, which come to 1. */
type Parts = readonly { readonly first: number; readonly weights: readonly number[] }[];

const covered = (from: number, to: number): Parts =>
  Array.from({ length: to }, (_, x) => {
    const [start, end] = [(x * from) / to, ((x + 1) * from) / to];
    const first = Math.floor(start);
    const weight = (at: number): number => ((Math.min(end, at + 1) - Math.max(start, at)) * to) / from;
    return { first, weights: Array.from({ length: Math.ceil(end) - first }, (_, k) => weight(first + k)) };
  });

/** Lines are brought to their width as they come, and added to the lines of the result that they belong to. */
export function area(frames: Uint8Array, [height, width]: Sides): Uint8Array {
  const [down, across] = [covered(HEIGHT, height), covered(WIDTH, width)];
  const line = width * CHANNELS;
  const out = new Uint8Array((frames.length / FRAME) * height * line);
  const sums = new Float64Array(line);
  let to = 0;
  for (let start = 0; start < frames.length; start += FRAME) {
    for (const { first, weights } of down) {
      sums.fill(0.5);
      for (let dy = 0; dy < weights.length; dy++) {
        const source = start + (first + dy) * LINE;
        for (let x = 0; x < width; x++) {
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

export function grey(film: Uint8Array, [r, g, b]: readonly number[]): Uint8Array {
  const [wr = 0, wg = 0, wb = 0] = [r, g, b];
  return new Uint8Array(film.length / 3).map(
    (_, p) => wr * (film[3 * p] as number) + wg * (film[3 * p + 1] as number) + wb * (film[3 * p + 2] as number) + 0.5,
  );
}

export function reversed(film: Uint8Array): Uint8Array {
  const out = new Uint8Array(film.length);
  for (let at = 0; at < film.length; at += 3) {
    out[at] = film[at + 2] as number;
    out[at + 1] = film[at + 1] as number;
    out[at + 2] = film[at] as number;
  }
  return out;
}

/** Planes of floats. */
export function planes(frames: Uint8Array, scale: Float32Array, shift: Float32Array): Float32Array {
  const out = new Float32Array(frames.length);
  for (let start = 0; start < frames.length; start += FRAME) {
    for (let c = 0; c < CHANNELS; c++) {
      const [by, more] = [scale[c] as number, shift[c] as number];
      const to = start + c * HEIGHT * WIDTH;
      for (let p = 0; p < HEIGHT * WIDTH; p++)
        out[to + p] = Math.fround((frames[start + p * CHANNELS + c] as number) * by) + more;
    }
  }
  return out;
}

/** Sums of the lines around, one line in and one out, and of them along the line. */
export function box(frames: Uint8Array, radius: number): Uint8Array {
  const out = new Uint8Array(frames.length);
  const sums = new Int32Array(LINE);
  const near = (at: number, most: number): number => Math.min(Math.max(at, 0), most - 1);
  const size = (2 * radius + 1) ** 2;
  for (let start = 0; start < frames.length; start += FRAME) {
    const add = (y: number, sign: number): void => {
      const line = start + near(y, HEIGHT) * LINE;
      for (let k = 0; k < LINE; k++) sums[k] = (sums[k] as number) + sign * (frames[line + k] as number);
    };
    sums.fill(0);
    for (let y = -radius - 1; y < radius; y++) add(y, 1);
    for (let y = 0; y < HEIGHT; y++) {
      add(y + radius, 1);
      add(y - radius - 1, -1);
      for (let c = 0; c < CHANNELS; c++) {
        let total = (size - 1) / 2;
        for (let x = -radius - 1; x < radius; x++) total += sums[near(x, WIDTH) * CHANNELS + c] as number;
        for (let x = 0; x < WIDTH; x++) {
          const [comes, goes] = [near(x + radius, WIDTH), near(x - radius - 1, WIDTH)];
          total += (sums[comes * CHANNELS + c] as number) - (sums[goes * CHANNELS + c] as number);
          out[start + y * LINE + x * CHANNELS + c] = total / size;
        }
      }
    }
  }
  return out;
}
