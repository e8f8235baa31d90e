/**
 * dictmerger of many keys: the parts of a round scatter their rows to partitions by hash, and then every partition is
 * merged into a table of its own, which later rounds go on with. At the end the entries of all partitions are moved to the
 * places of the rows that made them, so first-insertion order is that of the whole input whatever thread ran what.
 *
 * The tables have room for the groups that the first rows let expect, dealt evenly. A partition that has more reports
 * TableFull, and the launch is run again: with larger tables, or not partitioned (`launch.ts`).
 */

import {
  cost,
  invariant,
  type Kernel,
  NARROW_ENTRIES,
  SCATTER,
  type ScalarKind,
  type ScalarValue,
  scalarBytes,
  type TypedArray,
} from '../../compiler/index.ts';
import type { BufferArg, Failure, Rounds } from '../device.ts';
import { fillColumn, leafKinds, rowBytes } from '../value.ts';
import { dictValue, entryKinds, slotsFor, tableEntries, tableNote } from './dict.ts';
import { column, type Loop, type OutputOf, type OutputRule, type OutputState, shared } from './output.ts';

type Partitioned = OutputOf<'partitioned'>;

const { partitions, blockRows, bitWords } = SCATTER;

/** Entries of a table are a multiple of this, so that the copies of a column follow each other without a gap. */
const GRAIN = 64;
/** Partitions differ by chance: room for so many standard deviations more than the mean. */
const DEVIATIONS = 6;

/** Parts whose entries are put in order at a time, for each thread: each needs some memory meanwhile. */
const ORDERED_PARTS = 8;

const { PARTITION_SLOTS_AN_ENTRY } = cost;
/** Of a partition with room for so many entries. */
const slotKind = (capacity: number): 'u16' | 'i32' => (capacity <= NARROW_ENTRIES ? 'u16' : 'i32');

export const partitioned: OutputRule<Partitioned> = {
  /** Entries and slots of one partition. */
  size(out, _sizedBy, rows, seen) {
    const entries = tableEntries(null, rows, seen);
    const mean = entries / partitions;
    const capacity = GRAIN * Math.ceil((mean + DEVIATIONS * Math.sqrt(mean)) / GRAIN);
    const roundBytes = SCATTER.capacity * (rowBytes(out.key) + rowBytes(out.value) + 4) + SCATTER.words * 4;
    const slots = 2 ** Math.ceil(Math.log2(PARTITION_SLOTS_AN_ENTRY * capacity));
    const entryBytes = rowBytes(out.key) + rowBytes(out.value) + 4;
    const tableBytes = partitions * (capacity * entryBytes + slots * scalarBytes(slotKind(capacity)));
    return { capacity, slots, bytes: 0, roundBytes, tableBytes, note: tableNote(entries, null, seen) };
  },

  async init(out, { capacity, slots }, _start, loop) {
    const { parts, roundParts } = loop;
    const kinds: readonly ScalarKind[] = [...entryKinds(out), 'i32'];
    const scattered = (kind: ScalarKind, length: number): BufferArg => ({
      ...copies(kind, roundParts, length, loop),
      perRound: true,
    });
    const rows = kinds.map((kind) => scattered(kind, SCATTER.capacity));
    const places = scattered('i32', SCATTER.words);
    await clearPlaces(places, roundParts, loop);
    const tables = kinds.map((kind) => copies(kind, partitions, capacity, loop));
    const counts = [partitions, parts * partitions].map((n) => shared(loop.arena.alloc('i32', n)));
    return {
      buffers: [...rows, places, ...tables, copies(slotKind(capacity), partitions, slots, loop), ...counts],
      capacity,
      slots,
    };
  },

  async take(out, state, first, end, loop) {
    const { rows, places, tables, slots, counts, countsAfter } = partsOf(out, state);
    const buffers = [...[...rows, places].map(asShared), ...tables, slots, counts, countsAfter];
    const scalars = [first, end - first, state.capacity, state.slots - 1];
    const { merge, mergeMany } = out.kernels;
    const kernel = slotKind(state.capacity) === 'u16' ? merge : mergeMany;
    const failure = await run(kernel, partitions, 1, buffers, scalars, loop);
    await clearPlaces(places, end - first, loop);
    return failure;
  },

  async result(out, state, { parts }, _start, loop) {
    const { arena } = loop;
    const { rows, places, tables, slots, countsAfter } = partsOf(out, state);
    for (const { mem } of [...rows, places, slots]) arena.drop(mem);
    const before = await column(arena, 'i32', parts);
    const count = countBefore(await arena.device.read(countsAfter.mem), before.view);
    const entries = entryKinds(out).map((kind) => shared(arena.alloc(kind, count)));
    const rounds = { parts: Math.min(parts, ORDERED_PARTS * loop.threads), take: async () => null };
    const words = (['u32', 'i32'] as const).map(
      (kind): BufferArg => ({ ...copies(kind, rounds.parts, bitWords, loop), perRound: true }),
    );
    const sorted = [...tables.map(asShared), countsAfter, shared(before.mem), ...words, ...entries];
    await run(out.kernels.order, parts, 1, sorted, [state.capacity], loop, rounds);
    const columns = await Promise.all(entries.map((b) => arena.device.read(b.mem)));
    const index = await indexOf(out, count, entries.slice(0, leafKinds(out.key).length), loop);
    return dictValue({ ...out, dense: false }, count, columns, index);
  },
};

/** The slots of a dictionary; none where nobody looks for a key. */
async function indexOf(
  { kernels: { index } }: Partitioned,
  count: number,
  keys: readonly BufferArg[],
  loop: Loop,
): Promise<TypedArray> {
  if (index === null) return new Int32Array(0);
  const { mem, view } = await column(loop.arena, 'i32', slotsFor(count));
  fillColumn(view, 0);
  await run(index, count, count, [...keys, shared(mem)], [view.length - 1], loop);
  return view;
}

/** The buffers of a state by what they are. */
function partsOf(out: Partitioned, { buffers }: OutputState) {
  const n = entryKinds(out).length + 1;
  const [places, slots, counts, countsAfter] = [n, 2 * n + 1, 2 * n + 2, 2 * n + 3].map((k) => buffers[k]);
  const there = places !== undefined && slots !== undefined && counts !== undefined && countsAfter !== undefined;
  invariant(there, () => 'partitioned: a state without counts');
  return { rows: buffers.slice(0, n), places, tables: buffers.slice(n + 1, 2 * n + 1), slots, counts, countsAfter };
}

/** A buffer with `count` copies of `length` values, one behind the other. */
const copies = (kind: ScalarKind, count: number, length: number, { arena }: Loop): BufferArg => ({
  mem: arena.alloc(kind, count * length),
  stride: length * scalarBytes(kind),
});
/** All copies of a buffer as one. */
const asShared = ({ mem }: BufferArg): BufferArg => shared(mem);

/** Gives every partition of each part its first block. */
async function clearPlaces(places: BufferArg, parts: number, { arena }: Loop): Promise<void> {
  const view = await arena.device.read(places.mem);
  for (let part = 0; part < parts; part++) {
    const words = part * SCATTER.words;
    for (let p = 0; p < partitions; p++) view[words + SCATTER.next + p] = p * blockRows;
    view[words + SCATTER.free] = partitions;
  }
}

/** How many entries were made before each part; gives the number of all. */
function countBefore(countsAfter: TypedArray, before: TypedArray): number {
  let total = 0;
  for (let part = 0; part < before.length; part++) {
    before[part] = total;
    total = 0;
    for (let p = 0; p < partitions; p++) total += Number(countsAfter[part * partitions + p] ?? 0);
  }
  return total;
}

/** Runs a kernel of the output; all of its errors but TableFull are faults of ours. */
async function run(
  kernel: Kernel,
  rows: number,
  rowsPerPart: number,
  buffers: readonly BufferArg[],
  scalars: readonly ScalarValue[],
  { arena, program, threads, signal, lane }: Loop,
  rounds: Rounds | null = null,
): Promise<Failure | null> {
  if (rows === 0) return null;
  const { failure } = await arena.device.launch({
    program,
    kernel,
    rows,
    rowsPerPart,
    buffers,
    scalars,
    threads,
    signal,
    lane,
    rounds,
  });
  return failure;
}
