/**
 * The machine form of mix_channels: a row of the launch is sixteen pixels. Of four pixels at a time, two channels stand side
 * by side and are multiplied with their weights; the sums of sixteen pixels are cut to bytes by narrowing, channel by
 * channel, and the channels are put side by side again. Pixels behind the last sixteen are what the definition says.
 */

import { bin, cast, type Get, KernelBuilder, lanes, lit, type SExpr, splat, whole } from '../../compiler/kernels.ts';
import { vector } from '../column.ts';
import { type MachineForm, once } from '../machine.ts';
import { num, plus, times } from '../terms.ts';
import { mixFrom, mixOf, POINT } from './mix.ts';

const PIXELS = 16;
/** Sixteens of a part. */
const PART = 1 << 12;

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
  await m.launch(mixed(channels, rows.length), {
    rows: full,
    rowsPerPart: PART,
    bufs: [film.cells, weights, more, out],
  });
  mixFrom(mix, full * PIXELS, out);
  return vector('u8', out);
};

const bytes = (of: (lane: number) => number): SExpr =>
  lanes(Array.from({ length: 16 }, (_, l) => lit('u8', Math.min(Math.max(of(l), 0), 255))));
/** A place that swizzle makes a zero of. */
const NONE = 255;

const mixed = once((channels: number, rows: number) => {
  const k = KernelBuilder.packed(`mix_channels_${channels}_${rows}`);
  const [film, weights] = [k.buf('film', 'u8', 'read'), k.buf('weights', 'i16', 'read')];
  const [more, out] = [k.buf('more', 'i32', 'read'), k.buf('out', 'u8', 'write')];
  const start = k.let(times(k.index, num(PIXELS * channels)));
  /** Channels `first` and the next one of four pixels, in pairs. */
  const pair = (pixels: Get, first: number): Get => {
    const own = bytes((l) => {
      const channel = first + (l & 1);
      return l < 8 && channel < channels ? (l >> 1) * channels + channel : NONE;
    });
    return k.let(cast(whole('low', whole('swizzle', pixels, own)), 'i16'));
  };
  const fours = [0, 1, 2, 3].map((four) => {
    const pixels = k.load(film, k.let(plus(start, num(4 * four * channels))), 16);
    return channels > 2 ? [pair(pixels, 0), pair(pixels, 2)] : [pair(pixels, 0)];
  });
  const planes = Array.from({ length: rows }, (_, r) => {
    const added = k.let(splat(k.load(more, num(r)), 4));
    const own = [0, 1].map((p) => k.load(weights, num(16 * r + 8 * p), 8));
    const [a, b, c, d] = fours.map((pairs) => {
      const sum = pairs.reduce<SExpr>((s, words, p) => plus(s, whole('dot', words, own[p] ?? words)), added);
      return k.let(bin('>>', sum, lit('i32', POINT, 4)));
    });
    if (a === undefined || b === undefined || c === undefined || d === undefined) return lit('u8', 0, 16);
    return k.let(whole('narrow', signedWords(k, a, b), signedWords(k, c, d)));
  });
  const to = k.let(times(k.index, num(PIXELS * rows)));
  for (let register = 0; register < rows; register++) {
    const parts = planes.map((plane, r) => {
      const own = (l: number): number => {
        const element = 16 * register + l;
        return element % rows === r ? Math.floor(element / rows) : NONE;
      };
      return rows === 1 ? plane : whole('swizzle', plane, bytes(own));
    });
    k.store(
      out,
      k.let(plus(to, num(16 * register))),
      parts.reduce((a, b) => bin('|', a, b)),
    );
  }
  return k.finish();
});

/** Eight words of two registers of sums, which are far from the ends of 16 bits but may be below zero. */
function signedWords(k: KernelBuilder, a: Get, b: Get): SExpr {
  const atLeastZero = (v: Get): Get => k.let(bin('max', v, lit('i32', 0, 4)));
  return cast(whole('narrow', atLeastZero(a), atLeastZero(b)), 'i16');
}
