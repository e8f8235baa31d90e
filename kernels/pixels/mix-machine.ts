/**
 * The machine form of mix_channels: a row of the launch is a stretch of pixels, sixteen at a time. Of four pixels two channels
 * stand side by side and are multiplied with their weights; the sums of sixteen pixels are cut to bytes by narrowing, channel
 * by channel, and the channels are put side by side again. Where each channel of the result is one of the pixel, bytes change
 * places and nothing is computed. Pixels behind the last sixteen are what the definition says.
 */

import { bin, cast, type Get, KernelBuilder, lanes, lit, type SExpr, splat, whole } from '../../compiler/kernels.ts';
import { vector } from '../column.ts';
import { type MachineForm, once } from '../machine.ts';
import { num, plus, times } from '../terms.ts';
import { type Mix, mixFrom, mixOf, POINT } from './mix.ts';

const PIXELS = 16;
/** Sixteens of a stretch. */
const STRETCH = 1 << 8;

export const mixChannelsMachine: MachineForm = async (args, m) => {
  const mix = mixOf(args);
  const { film, channels, pixels, rows } = mix;
  const out = m.alloc.alloc('u8', pixels * rows.length);
  // Two channels a register, in pairs for each of four pixels; a fourth channel that is not there weighs nothing.
  const weights = m.alloc.alloc('i16', rows.length * 16);
  const more = m.alloc.alloc('i32', rows.length);
  for (const [r, row] of rows.entries()) {
    for (let l = 0; l < 16; l++) weights[r * 16 + l] = row.weights[2 * (l >> 3) + (l & 1)] ?? 0;
    more[r] = row.more;
  }
  const full = Math.floor(pixels / PIXELS);
  const picks = rows.map(pickOf);
  const picking = picks.every((channel) => channel >= 0);
  await m.launch(picking ? picked(channels, picks.join('')) : mixed(channels, rows.length), {
    rows: Math.ceil(full / STRETCH),
    rowsPerPart: 16,
    bufs: picking ? [film.cells, out] : [film.cells, weights, more, out],
    scalars: [full],
  });
  mixFrom(mix, full * PIXELS, out);
  return vector('u8', out);
};

const bytes = (of: (lane: number) => number): SExpr => lanes(Array.from({ length: 16 }, (_, l) => lit('u8', of(l))));
/** A place that swizzle makes a zero of. */
const NONE = 255;

/** The channel that a row of weights takes as it is, or -1. */
function pickOf({ weights, more }: Mix['rows'][number]): number {
  const channel = weights.indexOf(2 ** POINT);
  return more === 2 ** (POINT - 1) && weights.every((w, c) => w === 0 || c === channel) ? channel : -1;
}

/** Runs `body` for where each sixteen pixels of the stretch begin, in the film and in the result. */
function sixteens(k: KernelBuilder, channels: number, rows: number, body: (start: Get, to: Get) => void): void {
  const full = k.scalar('full', 'i32');
  const first = k.let(times(k.index, num(STRETCH)));
  k.range(first, bin('min', plus(first, num(STRETCH)), full), (sixteen) => {
    body(k.let(times(sixteen, num(PIXELS * channels))), k.let(times(sixteen, num(PIXELS * rows))));
  });
}

const picked = once((channels: number, picks: string) => {
  const k = KernelBuilder.packed(`mix_channels_${channels}_of_${picks}`);
  const [film, out] = [k.buf('film', 'u8', 'read'), k.buf('out', 'u8', 'write')];
  const rows = picks.length;
  sixteens(k, channels, rows, (start, to) => {
    const given = Array.from({ length: channels }, (_, r) => k.load(film, plus(start, num(16 * r)), 16));
    for (let register = 0; register < rows; register++) {
      const places = Array.from({ length: 16 }, (_, l) => {
        const element = 16 * register + l;
        return Math.floor(element / rows) * channels + Number(picks[element % rows]);
      });
      const parts = given.flatMap((source, r) =>
        places.some((place) => place >> 4 === r)
          ? [
              whole(
                'swizzle',
                source,
                bytes((l) => ((places[l] ?? 0) >> 4 === r ? (places[l] ?? 0) & 15 : NONE)),
              ),
            ]
          : [],
      );
      k.store(
        out,
        plus(to, num(16 * register)),
        parts.reduce((a, b) => bin('|', a, b)),
      );
    }
  });
  return k.finish();
});

const mixed = once((channels: number, rows: number) => {
  const k = KernelBuilder.packed(`mix_channels_${channels}_${rows}`);
  const [film, weights] = [k.buf('film', 'u8', 'read'), k.buf('weights', 'i16', 'read')];
  const [more, out] = [k.buf('more', 'i32', 'read'), k.buf('out', 'u8', 'write')];
  /** Channels `first` and the next one of four pixels, in pairs. */
  const pair = (pixels: Get, first: number): Get => {
    const own = bytes((l) => {
      const channel = first + (l & 1);
      return l < 8 && channel < channels ? (l >> 1) * channels + channel : NONE;
    });
    return k.let(cast(whole('low', whole('swizzle', pixels, own)), 'i16'));
  };
  const planes = Array.from({ length: rows }, (_, r) => ({
    added: k.let(splat(k.load(more, num(r)), 4)),
    weights: [0, 1].map((p) => k.load(weights, num(16 * r + 8 * p), 8)),
  }));
  sixteens(k, channels, rows, (start, to) => {
    const fours = [0, 1, 2, 3].map((four) => {
      const pixels = k.load(film, plus(start, num(4 * four * channels)), 16);
      return channels > 2 ? [pair(pixels, 0), pair(pixels, 2)] : [pair(pixels, 0)];
    });
    const mixes = planes.map(({ added, weights: own }) => {
      const [a, b, c, d] = fours.map((pairs) => {
        const sum = pairs.reduce<SExpr>((s, words, p) => plus(s, whole('dot', words, own[p] ?? words)), added);
        return k.let(bin('>>', sum, lit('i32', POINT, 4)));
      });
      if (a === undefined || b === undefined || c === undefined || d === undefined) return lit('u8', 0, 16);
      // Sums are far from the ends of 16 bits; what is below zero becomes zero.
      const words = [whole('narrow', a, b), whole('narrow', c, d)].map((w) => cast(w, 'i16'));
      return k.let(whole('narrow', ...words));
    });
    for (let register = 0; register < rows; register++) {
      const parts = mixes.map((mix, r) => {
        const own = (l: number): number => {
          const element = 16 * register + l;
          return element % rows === r ? Math.floor(element / rows) : NONE;
        };
        return rows === 1 ? mix : whole('swizzle', mix, bytes(own));
      });
      k.store(
        out,
        plus(to, num(16 * register)),
        parts.reduce((a, b) => bin('|', a, b)),
      );
    }
  });
  return k.finish();
});
