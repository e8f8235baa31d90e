/**
 * The machine form of searchsorted: binary searches without branches, many side by side. A search waits for memory at each
 * step, for the place that is looked at next is not known before; a row of the launch is a group of searches, which wait at
 * the same time. Their bounds are a place and a length that is halved, so all of them take the same steps.
 */

import type { ScalarKind } from '../../compiler/index.ts';
import { bin, cast, cmp, type Get, KernelBuilder, sel } from '../../compiler/kernels.ts';
import { columnOf, vector } from '../column.ts';
import { type MachineForm, once } from '../machine.ts';
import { num } from '../terms.ts';
import { placeOfNaN } from './searchsorted.ts';

/** Searches side by side: of ten million places in a million, 16 took 1.4 times as long, 8 2.5 times, one 9 times. */
const SEARCHES = 32;
const GROUPS_A_PART = 512;

export const searchsortedMachine: MachineForm = async ([right, sorted, v], m) => {
  const { kind, cells, length } = columnOf(sorted);
  const values = columnOf(v);
  const places = m.alloc.alloc('i64', values.length);
  if (length === 0) {
    new Uint8Array(places.buffer, places.byteOffset, places.byteLength).fill(0);
  } else {
    await m.launch(search(kind, right === true), {
      rows: Math.ceil(values.length / SEARCHES),
      rowsPerPart: GROUPS_A_PART,
      bufs: [cells, values.cells, places],
      scalars: [length, values.length, placeOfNaN(cells, right === true)],
    });
  }
  return vector('i64', places);
};

/** A group of searches a row; the last group searches for the last value more than once. */
const search = once((kind: ScalarKind, right: boolean) => {
  const k = KernelBuilder.packed(`search_${right ? 'right' : 'left'}_${kind}`);
  const [sorted, values, places] = [
    k.buf('sorted', kind, 'read'),
    k.buf('v', kind, 'read'),
    k.buf('places', 'i64', 'write'),
  ];
  const [length, count, ofNaN] = [k.scalar('length', 'i32'), k.scalar('count', 'i32'), k.scalar('place_of_nan', 'i32')];
  const first = k.let(bin('*', k.index, num(SEARCHES)));
  const last = k.let(bin('-', count, num(1)));
  const rows = Array.from({ length: SEARCHES }, (_, s) => k.let(bin('min', bin('+', first, num(s)), last)));
  const searches = rows.map((row) => ({ row, value: k.load(values, row), place: k.var(num(0)) }));

  /** Moves those on whose element before `place + half` belongs in front of them. */
  const step = (half: Get): void => {
    const looked = searches.map((s) => ({
      ...s,
      element: k.load(sorted, k.let(bin('-', bin('+', s.place, half), num(1)))),
    }));
    for (const { element, value, place } of looked) {
      k.set(place, sel(cmp(right ? '<=' : '<', element, value), bin('+', place, half), place));
    }
  };
  const left = k.var(length);
  k.while(cmp('>', left, num(1)), () => {
    const half = k.let(bin('>>', left, num(1)));
    step(half);
    k.set(left, bin('-', left, half));
  });
  step(left);

  const isFloat = kind === 'f64' || kind === 'f32';
  for (const { row, value, place } of searches) {
    const found = isFloat ? sel(cmp('!=', value, value), ofNaN, place) : place;
    k.store(places, row, cast(found, 'i64'));
  }
  return k.finish();
});
