/**
 * The group step: from pairs of key and value, and the entry of each, to a dictionary of vectors. All values lie in one
 * column a leaf, those of a group side by side and in input order, and the groups are views of it: two counting passes over
 * row numbers, and one move a column.
 */

import {
  type DictValue,
  groupmerger,
  invariant,
  type Type,
  type TypedArray,
  type Value,
  type VecValue,
  vec,
} from '../compiler/index.ts';
import type { Arena } from './arena.ts';
import { mergeInto } from './host-merge.ts';
import { Holds } from './inside.ts';
import { asDict, elementOf, leafKinds } from './value.ts';

export async function groupsOf(
  { key, value }: { readonly key: Type; readonly value: Type },
  counts: DictValue,
  pairs: VecValue,
  entries: VecValue,
  before: Value | null,
  arena: Arena,
): Promise<Value> {
  if (before !== null && asDict(before).count > 0) {
    const rows = Array.from({ length: pairs.length }, (_, row) => elementOf(pairs, row));
    return mergeInto(groupmerger(key, value), before, rows, arena);
  }
  const width = leafKinds(key).length;
  const [lengths, entryOf] = [counts.entries[width], entries.cols[0]];
  invariant(lengths instanceof Int32Array && entryOf instanceof Int32Array, () => 'group: counts and entries are i32');
  const starts = startsOf(lengths, counts.count);
  const places = placesOf(starts, entryOf, pairs.length);
  const holds = new Holds(arena.device);
  holds.addInside(counts);
  holds.addInside(pairs);
  const columns = leafKinds(value).map((kind, leaf) => {
    const from = pairs.cols[width + leaf];
    invariant(from !== undefined, () => `group: no column ${leaf}`);
    const column = arena.allocator.alloc(kind, pairs.length);
    for (let row = 0; row < pairs.length; row++) column[places[row] ?? 0] = from[row] ?? 0;
    const first = holds.place(kind, column);
    return offset(starts, first, counts.count, arena);
  });
  const cols = [...counts.entries.slice(0, width + 1), ...columns];
  const { count, slots, dense } = counts;
  return { kind: 'dict', key, value: vec(value), count, entries: cols, slots, dense, ...holds.of(vec(value)) };
}

/** Where each group begins. */
function startsOf(lengths: Int32Array, count: number): Int32Array {
  const starts = new Int32Array(count);
  let total = 0;
  for (let entry = 0; entry < count; entry++) {
    starts[entry] = total;
    total += lengths[entry] ?? 0;
  }
  return starts;
}

/** Where the value of each row goes. */
function placesOf(starts: Int32Array, entryOf: Int32Array, rows: number): Int32Array {
  const next = starts.slice();
  const places = new Int32Array(rows);
  for (let row = 0; row < rows; row++) {
    const entry = entryOf[row] ?? 0;
    const place = next[entry] ?? 0;
    places[row] = place;
    next[entry] = place + 1;
  }
  return places;
}

function offset(starts: Int32Array, first: number, count: number, arena: Arena): TypedArray {
  const column = arena.allocator.alloc('i32', count);
  for (let entry = 0; entry < count; entry++) column[entry] = (first + (starts[entry] ?? 0)) | 0;
  return column;
}
