/** Bitmaps of forty million rows: made of masks and made masks, counted, and put together. */

import type { Random } from '../workloads/random.ts';
import type { Instance, Workload } from '../workloads/workload.ts';

const bitmap = (w: Pick<Workload, 'name' | 'about' | 'text' | 'peers' | 'make'>): Workload => ({
  unit: 'rows',
  rows: 40_000_000,
  handFused: { loops: 0, why: 'a primitive is no loop of a program' },
  ...w,
});

const bytesOf = (rows: number): number => Math.ceil(rows / 8);
const anyBytes = (rows: number, random: Random): Uint8Array =>
  Uint8Array.from({ length: bytesOf(rows) }, () => random.whole(0, 255));
const exact = (inputs: Instance['inputs'], js: Instance['js']): Instance => ({ inputs, js, near: ['exact'] });

export const BITS: readonly Workload[] = [
  bitmap({
    name: 'bitmap_of',
    about: 'a bit a row of a mask',
    peers: 'bits:pack',
    text: '|mask: vec[bool]| cudf[bitmap_of,vec[u8]](mask)',
    make: (rows, random) => {
      const mask = Uint8Array.from({ length: rows }, () => random.whole(0, 1));
      return exact([mask], () => [packed(mask)]);
    },
  }),
  bitmap({
    name: 'mask_of',
    about: 'a mask of a bit a row',
    peers: 'bits:unpack',
    text: '|bits: vec[u8], n: i64| cudf[mask_of,vec[bool]](bits, n)',
    make: (rows, random) => {
      const bits = anyBytes(rows, random);
      return exact([bits, rows], () => [unpacked(bits, rows)]);
    },
  }),
  bitmap({
    name: 'bitmap_count',
    about: 'how many rows of a bitmap are on',
    peers: 'bits:count',
    text: '|bits: vec[u8], n: i64| cudf[bitmap_count,i64](bits, n)',
    make: (rows, random) => {
      const whole = rows - (rows % 8);
      const bits = anyBytes(whole, random);
      return exact([bits, whole], () => [[counted(bits)]]);
    },
  }),
  bitmap({
    name: 'bitmap_andnot',
    about: 'rows of one bitmap that are not of another',
    peers: 'bits:andnot',
    text: '|a: vec[u8], b: vec[u8]| cudf[bitmap_andnot,vec[u8]](a, b)',
    make: (rows, random) => {
      const [a, b] = [anyBytes(rows, random), anyBytes(rows, random)];
      return exact([a, b], () => [a.map((x, k) => x & ~(b[k] as number))]);
    },
  }),
];

function packed(mask: Uint8Array): Uint8Array {
  const out = new Uint8Array(bytesOf(mask.length));
  for (let row = 0; row < mask.length; row++)
    out[row >> 3] = (out[row >> 3] as number) | ((mask[row] as number) << (row & 7));
  return out;
}

function unpacked(bits: Uint8Array, rows: number): Uint8Array {
  const out = new Uint8Array(rows);
  for (let row = 0; row < rows; row++) out[row] = ((bits[row >> 3] as number) >> (row & 7)) & 1;
  return out;
}

function counted(bits: Uint8Array): number {
  let count = 0;
  for (let at = 0; at < bits.length; at++) {
    let x = bits[at] as number;
    x -= (x >> 1) & 0x55;
    x = (x & 0x33) + ((x >> 2) & 0x33);
    count += (x + (x >> 4)) & 0x0f;
  }
  return count;
}
