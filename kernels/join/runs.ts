/**
 * Right rows by key, where keys are there more than once: all rows sorted by key, and of each key's run where it begins and
 * how long it is. A hit is then where the run begins, plus one.
 */

import type { TypedArray } from '../../compiler/index.ts';
import { bin, cast, cmp, KernelBuilder, lit, sel } from '../../compiler/kernels.ts';
import { MAP_ROWS, type Machine, once } from '../machine.ts';
import { gathered } from '../order/argsort-machine.ts';
import { sortedOrder } from '../order/radix.ts';
import { minus, num, plus } from '../terms.ts';
import { zeros } from './table.ts';

export interface Runs {
  /** The right rows that count, by key; those of one key in their order. */
  readonly order: TypedArray;
  /** How long the run is that begins here; 0 inside a run. */
  readonly lengths: TypedArray;
}

/** The runs of rows whose key is given by its place; the greatest number is no place. Writes where runs begin to `hits`. */
export async function runsOf(m: Machine, places: TypedArray, hits: TypedArray, rows: number): Promise<Runs> {
  const column = places.subarray(0, rows);
  const order = await sortedOrder(m, { kind: 'u32', column, descending: false }, null);
  const sorted = await gathered(m, 'u32', column, order);
  const lengths = zeros(m.alloc.alloc('u32', rows));
  const all = { rows, rowsPerPart: MAP_ROWS };
  await m.launch(beginRuns(), { ...all, bufs: [sorted, hits] });
  await m.launch(endRuns(), { ...all, bufs: [sorted, hits, lengths], scalars: [rows] });
  return { order, lengths };
}

/** Hits of the first rows of keys as hits of their runs, in place. */
export async function toRuns(m: Machine, hits: TypedArray, begins: TypedArray): Promise<void> {
  await m.launch(replaceHits(), { rows: hits.length, rowsPerPart: MAP_ROWS, bufs: [hits, begins] });
}

// ---- kernels -----------------------------------------------------------------------------------------------------

const NO_PLACE = lit('u32', 2 ** 32 - 1);
const [zero, one] = [num(0), num(1)];

/** Where a run begins, its place gets the number plus one. */
const beginRuns = once(() => {
  const k = KernelBuilder.packed('begin_runs');
  const [places, hits] = [k.buf('places', 'u32', 'read'), k.buf('hits', 'u32', 'write')];
  const place = k.load(places, k.index);
  const before = k.load(places, k.let(bin('max', minus(k.index, one), zero)));
  const begins = bin('|', cmp('==', k.index, zero), cmp('!=', place, before));
  k.if(bin('&', begins, cmp('!=', place, NO_PLACE)), () => {
    k.store(hits, k.let(cast(place, 'i32')), plus(cast(k.index, 'u32'), lit('u32', 1)));
  });
  return k.finish();
});

/** Where a run ends, its beginning gets the length. */
const endRuns = once(() => {
  const k = KernelBuilder.packed('end_runs');
  const [places, hits] = [k.buf('places', 'u32', 'read'), k.buf('hits', 'u32', 'read')];
  const lengths = k.buf('lengths', 'u32', 'write');
  const last = minus(k.scalar('rows', 'i32'), one);
  const place = k.load(places, k.index);
  const after = k.load(places, k.let(bin('min', plus(k.index, one), last)));
  const ends = bin('|', cmp('==', k.index, last), cmp('!=', place, after));
  k.if(bin('&', ends, cmp('!=', place, NO_PLACE)), () => {
    const begin = k.let(minus(cast(k.load(hits, k.let(cast(place, 'i32'))), 'i32'), one));
    k.store(lengths, begin, plus(cast(minus(k.index, begin), 'u32'), lit('u32', 1)));
  });
  return k.finish();
});

const replaceHits = once(() => {
  const k = KernelBuilder.packed('hits_of_runs');
  const [hits, begins] = [k.buf('hits', 'u32', 'readwrite'), k.buf('begins', 'u32', 'read')];
  const hit = k.load(hits, k.index);
  const row = k.let(minus(cast(bin('max', hit, lit('u32', 1)), 'i32'), one));
  k.store(hits, k.index, sel(cmp('==', hit, lit('u32', 0)), hit, k.load(begins, row)));
  return k.finish();
});
