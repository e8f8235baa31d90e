/**
 * The machine forms of bitmaps, sixteen bytes at a time. What fills no register at the end is what the definition says.
 */

import { bin, cast, cmp, KernelBuilder, lane, lanes, lit, type SExpr, sel, whole } from '../../compiler/kernels.ts';
import { columnOf, vector } from '../column.ts';
import { type Machine, type MachineForm, once } from '../machine.ts';
import { num } from '../terms.ts';
import { bitmapAndRows, bothOf, bytesOf, countFrom, SETS, type SetName } from './bits.ts';

const BYTES = 16;
/** Registers of a part. */
const PART = 1 << 13;

export const bitmapOfMachine: MachineForm = async ([mask], m) => {
  const { cells, length } = columnOf(mask);
  const bytes = m.alloc.alloc('u8', bytesOf(length));
  const full = Math.floor(length / BYTES);
  await m.launch(pack(), { rows: full, rowsPerPart: PART, bufs: [cells, bytes] });
  bytes.fill(0 as never, 2 * full);
  for (let row = BYTES * full; row < length; row++) {
    bytes[row >> 3] = Number(bytes[row >> 3]) | (Number(cells[row]) << (row & 7));
  }
  return vector('u8', bytes);
};

export const maskOfMachine: MachineForm = async (args, m) => {
  const { bitmap, rows } = bitmapAndRows('mask_of', args);
  const mask = m.alloc.alloc('bool', rows);
  const full = Math.floor(rows / (8 * BYTES));
  await m.launch(unpack(), { rows: full, rowsPerPart: PART / 8, bufs: [bitmap.cells, mask] });
  for (let row = 8 * BYTES * full; row < rows; row++) mask[row] = (Number(bitmap.cells[row >> 3]) >> (row & 7)) & 1;
  return vector('bool', mask);
};

export const bitmapCountMachine: MachineForm = async (args, m) => {
  const { bitmap, rows } = bitmapAndRows('bitmap_count', args);
  const full = Math.floor(rows / (8 * BYTES));
  const { parts, cell } = await m.launch(count(), { rows: full, rowsPerPart: PART, bufs: [bitmap.cells] });
  const ofParts = Array.from({ length: parts }, (_, part) => Number(cell(part, 0)));
  const rest = countFrom(bitmap, 8 * BYTES * full, rows);
  return BigInt(ofParts.reduce((sum, c) => sum + c, rest));
};

export const setMachine =
  (name: SetName): MachineForm =>
  async (args, m: Machine) => {
    const [a, b] = bothOf(name, args);
    const bytes = m.alloc.alloc('u8', a.length);
    const full = Math.floor(a.length / BYTES);
    await m.launch(set(name), { rows: full, rowsPerPart: PART, bufs: [a.cells, b.cells, bytes] });
    for (let k = BYTES * full; k < a.length; k++) bytes[k] = SETS[name].of(Number(a.cells[k]), Number(b.cells[k]));
    return vector('u8', bytes);
  };

const byte = (value: number): SExpr => lit('u8', value, BYTES);

/** Sixteen rows of a mask become sixteen bits. */
const pack = once(() => {
  const k = KernelBuilder.packed('bitmap_of');
  const [mask, bits] = [k.buf('mask', 'u8', 'read'), k.buf('bits', 'u16', 'write')];
  const rows = k.load(mask, k.let(bin('*', k.index, num(BYTES))), BYTES);
  k.store(bits, k.index, cast(whole('bits', cmp('!=', rows, byte(0))), 'u16'));
  return k.finish();
});

/** Sixteen bytes of a bitmap become 128 rows: each register of rows picks its two bytes and looks at a bit a lane. */
const unpack = once(() => {
  const k = KernelBuilder.packed('mask_of');
  const [bitmap, mask] = [k.buf('bitmap', 'u8', 'read'), k.buf('mask', 'u8', 'write')];
  const bytes = k.load(bitmap, k.let(bin('*', k.index, num(BYTES))), BYTES);
  const start = k.let(bin('*', k.index, num(8 * BYTES)));
  const bit = lanes(Array.from({ length: BYTES }, (_, l) => lit('u8', 1 << (l & 7))));
  for (let pair = 0; pair < 8; pair++) {
    const own = lanes(Array.from({ length: BYTES }, (_, l) => lit('u8', 2 * pair + (l >> 3))));
    const on = cmp('!=', bin('&', whole('swizzle', bytes, own), bit), byte(0));
    k.store(mask, k.let(bin('+', start, num(BYTES * pair))), sel(on, byte(1), byte(0)));
  }
  return k.finish();
});

/** The bits of sixteen bytes, by a table of halves of bytes. */
const count = once(() => {
  const k = KernelBuilder.packed('bitmap_count');
  const bitmap = k.buf('bitmap', 'u8', 'read');
  const total = k.reduction('total', 'i64', '+');
  const bytes = k.load(bitmap, k.let(bin('*', k.index, num(BYTES))), BYTES);
  const table = lanes([0, 1, 1, 2, 1, 2, 2, 3, 1, 2, 2, 3, 2, 3, 3, 4].map((n) => lit('u8', n)));
  const low = whole('swizzle', table, bin('&', bytes, byte(15)));
  const high = whole('swizzle', table, bin('>>', bytes, byte(4)));
  const words = k.let(whole('pairs', whole('pairs', bin('+', low, high))));
  const sum = [0, 1, 2, 3].map((l) => lane(words, l)).reduce((a, b) => bin('+', a, b));
  k.accum(total, cast(sum, 'i64'));
  return k.finish();
});

const set = once((name: SetName) => {
  const k = KernelBuilder.packed(name);
  const [a, b, to] = [k.buf('a', 'u8', 'read'), k.buf('b', 'u8', 'read'), k.buf('to', 'u8', 'write')];
  const at = k.let(bin('*', k.index, num(BYTES)));
  const [x, y] = [k.load(a, at, BYTES), k.load(b, at, BYTES)];
  const value = {
    bitmap_and: bin('&', x, y),
    bitmap_or: bin('|', x, y),
    bitmap_xor: bin('^', x, y),
    bitmap_andnot: bin('&', x, bin('^', y, byte(255))),
  }[name];
  k.store(to, at, value);
  return k.finish();
});
