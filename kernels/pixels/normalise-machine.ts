/**
 * The machine form of normalise: a row of the launch is a stretch of a frame, four pixels at a time. Their bytes are brought in
 * the order of the result, four to a register of floats, which has its scales and shifts in a table. Pixels behind the last
 * four of a frame are what the definition says.
 */

import { bin, cast, type Get, KernelBuilder, lanes, lit, whole } from '../../compiler/kernels.ts';
import { vector } from '../column.ts';
import { type MachineForm, once } from '../machine.ts';
import { num, plus, times } from '../terms.ts';
import { normalise, normaliseFrom, normalisingOf } from './normalise.ts';

/** Fours of a stretch. */
const STRETCH = 1 << 10;

export const normaliseMachine: MachineForm = async (args, m) => {
  const n = normalisingOf(args);
  const { film, planar, scale, shift } = n;
  const { channels, width: size, frames } = film;
  const out = m.alloc.alloc('f32', film.pixels.length);
  // For each register of four floats its scales, then for each its shifts.
  const table = m.alloc.alloc('f32', 8 * channels);
  for (let at = 0; at < 4 * channels; at++) {
    const channel = planar ? at >> 2 : at % channels;
    table[at] = Number(scale.cells[channel]);
    table[4 * channels + at] = Number(shift.cells[channel]);
  }
  const fours = Math.floor(size / 4);
  const stretches = Math.ceil(fours / STRETCH);
  await m.launch(stretch(channels, planar), {
    rows: frames * stretches,
    rowsPerPart: 8,
    bufs: [film.pixels.cells, table, out],
    scalars: [size, fours, stretches],
  });
  for (let frame = 0; frame < frames; frame++) normaliseFrom(n, frame, 4 * fours, out);
  return vector('f32', out);
};

const stretch = once((channels: number, planar: boolean) => {
  const k = KernelBuilder.packed(`${normalise.name}_${channels}${planar ? '_planar' : ''}`);
  const [film, table, out] = [k.buf('film', 'u8', 'read'), k.buf('table', 'f32', 'read'), k.buf('out', 'f32', 'write')];
  const scalar = (name: string): Get => k.scalar(name, 'i32');
  const [size, fours, stretches] = [scalar('size'), scalar('fours'), scalar('stretches')];
  const frame = k.let(bin('/', k.index, stretches));
  const first = k.let(times(bin('-', k.index, times(frame, stretches)), num(STRETCH)));
  const start = k.let(times(times(frame, size), num(channels)));
  const registers = Array.from({ length: channels }, (_, r) => ({
    scale: k.load(table, num(4 * r), 4),
    shift: k.load(table, num(4 * (channels + r)), 4),
    own: lanes(Array.from({ length: 16 }, (_, l) => lit('u8', l > 3 ? 255 : planar ? l * channels + r : 4 * r + l))),
    /** Where the register stands, behind where the pixels do. */
    behind: k.let(planar ? times(size, num(r)) : num(4 * r)),
  }));
  k.range(first, bin('min', plus(first, num(STRETCH)), fours), (four) => {
    const pixel = k.let(times(four, num(4)));
    const from = k.let(plus(start, times(pixel, num(channels))));
    const bytes = k.load(film, from, 16);
    const to = planar ? k.let(plus(start, pixel)) : from;
    for (const { scale, shift, own, behind } of registers) {
      const words = cast(whole('low', whole('low', whole('swizzle', bytes, own))), 'i32');
      k.store(out, k.let(plus(to, behind)), plus(times(cast(words, 'f32'), scale), shift));
    }
  });
  return k.finish();
});
