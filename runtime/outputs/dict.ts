/**
 * dictmerger: every part has a table of its own (entry columns in first-insertion order, a slot table, a count). The
 * combine kernel merges the entries of the parts, in part order, into the final dictionary, so first-insertion order
 * is that of the whole input whatever thread ran what. The table of a single part is the result as it is.
 *
 * Keys that lie near each other have places instead of slots (`near.ts`), if some were looked at: those of the first rows,
 * or those that filled a table that was too small.
 *
 * Hashed tables have room for the groups that the first rows let expect (`groups.ts`; in short loops, for a few) and grow
 * when a kernel reports TableFull: the part tables by running the loop again, the final one by combining again. Slots are a power of two, of which at most one in SLOTS_AN_ENTRY is taken. Dense tables have the size that
 * the program promised: slot = key. A dictionary that was begun before the loop is the first part.
 */

import {
  cost,
  type DictValue,
  invariant,
  type ScalarKind,
  type ScalarValue,
  scalarBytes,
} from '../../compiler/index.ts';
import { lowOf } from '../bindings.ts';
import type { BufferArg, Failure } from '../device.ts';
import { failInRow } from '../errors.ts';
import { asBig, asDict, fillColumn, leafKinds, rowBytes } from '../value.ts';
import { expectedGroups } from './groups.ts';
import { type NearBounds, nearBounds, seenKeys } from './near.ts';
import {
  type Column,
  column,
  type Loop,
  memoryBuffers,
  type Note,
  type OutputOf,
  type OutputRule,
  type OutputState,
  type Seen,
  shared,
  strideOf,
} from './output.ts';

type DictOutput = OutputOf<'dict'>;

const {
  ENTRIES_A_GROUP,
  ENTRIES_A_STRANGER,
  FINAL_GROWTH,
  FIRST_ENTRIES,
  MAX_ENTRIES,
  MIN_ENTRIES,
  SAMPLE_ROWS,
  SLOTS_AN_ENTRY,
} = cost;

const powerOfTwo = (n: number): number => 2 ** Math.ceil(Math.log2(Math.max(n, 1)));
/** Slots of a hashed table. */
export const slotsFor = (entries: number): number => powerOfTwo(SLOTS_AN_ENTRY * entries);
/** Entries, and those of them that are in the slots. */
const COUNTS = 2;
/** The kinds of the entry columns. */
export const entryKinds = (out: Pick<DictOutput, 'key' | 'value'>): readonly ScalarKind[] => [
  ...leafKinds(out.key),
  ...leafKinds(out.value),
];

export const dictionary: OutputRule<DictOutput> = {
  size(out, sizedBy, rows, seen) {
    const hint = sizedBy === null ? null : Number(asBig(sizedBy));
    const entryBytes = rowBytes(out.key) + rowBytes(out.value);
    if (out.dense) {
      // A dense table has a slot at least, so that its mask is no negative number.
      const slots = Math.max(hint ?? 0, 1);
      return { capacity: slots, slots, bytes: slots * (entryBytes + 4), note: null };
    }
    const entries = tableEntries(hint, rows, seen);
    const near = out.near && seen.keys !== null ? nearBounds(seen.keys, entries) : null;
    const hashed = near === null ? entries : strangers(entries);
    // There are no more groups than places and strangers, and a table with room for all is never full.
    const most = near === null ? entries : near.places + hashed;
    const capacity = most <= SURE_ENTRIES * entries ? most : entries;
    const slots = slotsFor(hashed);
    const bytes = Math.min(entries, capacity) * entryBytes + (slots + (near?.places ?? 0)) * 4;
    const guessed = seen.groups === null ? (seen.keys?.entries ?? 0) : entries / ENTRIES_A_GROUP;
    const made = Math.min(guessed, near?.places ?? entries);
    return { capacity, slots, near, hashed, bytes, entries: made, note: tableNote(capacity, near, seen) };
  },

  learns: (out, sizedBy) => !out.dense && sizedBy === null,
  entries: async (out, state, loop) => (await countsOf(out, state, 1, loop))[0] ?? 0,

  async keys(out, { buffers }, part, rows, loop) {
    const counts = buffers[entryKinds(out).length + 1];
    if (!out.near || counts === undefined) return null;
    const entries = Number((await loop.arena.device.read(counts.mem))[(part * counts.stride) / 4] ?? 0);
    const columns = buffers.slice(0, leafKinds(out.key).length).map(async ({ mem, stride }) => {
      const first = (part * stride) / scalarBytes(mem.kind);
      return (await loop.arena.device.read(mem)).subarray(first, first + entries);
    });
    const before = part * loop.rowsPerPart;
    return seenKeys(await Promise.all(columns), entries, { rows, before, after: loop.rows - before - rows });
  },

  async init(out, { capacity, slots, near = null, hashed = 0 }, _start, loop) {
    const partial = async (kind: ScalarKind, length: number): Promise<Column & { stride: number }> => {
      const stride = strideOf(length * scalarBytes(kind));
      return { ...(await column(loop.arena, kind, (stride / scalarBytes(kind)) * loop.parts)), stride };
    };
    const columns = [];
    for (const kind of entryKinds(out)) columns.push(await partial(kind, capacity));
    for (const length of [slots, COUNTS, ...(out.near ? [near?.places ?? 1] : [])]) {
      const zeroed = await partial('i32', length);
      fillColumn(zeroed.view, 0);
      columns.push(zeroed);
    }
    return { buffers: columns.map(({ mem, stride }) => ({ mem, stride })), capacity, slots, near, hashed };
  },

  async result(out, state, report, before, loop) {
    const counts = await countsOf(out, state, report.parts, loop);
    if (before !== null) return combined(out, state, counts, asDict(before), loop);
    return report.parts === 1 ? onlyPart(out, state, counts[0] ?? 0, loop) : combined(out, state, counts, null, loop);
  },
};

/** Entries of a hashed table. */
export function tableEntries(hint: number | null, rows: number, seen: Seen): number {
  const wanted = hint ?? guess(rows, seen);
  const clamped = Math.min(Math.max(wanted, MIN_ENTRIES), MAX_ENTRIES, Math.max(rows, MIN_ENTRIES));
  return Math.ceil(clamped * seen.growth);
}

/** Entries that a table should have room for. */
function guess(rows: number, { groups }: Seen): number {
  if (groups === null) return FIRST_ENTRIES;
  return Math.max(FIRST_ENTRIES, Math.ceil(ENTRIES_A_GROUP * expectedGroups(groups, rows / SAMPLE_ROWS)));
}

/** Room for so many times the expected entries is no waste, if it is all that there can be: what is not used is not touched. */
const SURE_ENTRIES = 4;

/** Keys for which a table with places has slots. */
const strangers = (entries: number): number => Math.max(MIN_ENTRIES, Math.ceil(entries / ENTRIES_A_STRANGER));

/** Why a table has so many entries, and places; null if nothing was known. */
export function tableNote(capacity: number, near: NearBounds | null, { groups, keys }: Seen): Note | null {
  const guessed =
    groups === null
      ? []
      : [`${groups.first} groups in the first ${SAMPLE_ROWS} rows, ${groups.second} in twice as many`];
  if (near === null || keys === null) {
    return groups === null ? null : { choice: `tables of ${capacity} entries`, reason: guessed.join() };
  }
  const bounds = keys.leaves.map(({ all }) => `${all.low} to ${all.high}`).join(' and ');
  const choice = `${near.places} places by key, ${near.isSorted ? 'drawn out as keys go on, ' : ''}and tables of ${capacity} entries`;
  return { choice, reason: [`keys of ${bounds} in the first ${keys.rows} rows`, ...guessed].join('; ') };
}

/** The number of entries of each part. */
async function countsOf(out: DictOutput, state: OutputState, parts: number, loop: Loop): Promise<readonly number[]> {
  const buffer = state.buffers[entryKinds(out).length + 1];
  invariant(buffer !== undefined, () => 'dict: no count');
  const view = await loop.arena.device.read(buffer.mem);
  return Array.from({ length: parts }, (_, part) => Number(view[(part * buffer.stride) / 4] ?? 0));
}

async function onlyPart(out: DictOutput, state: OutputState, count: number, loop: Loop): Promise<DictValue> {
  const { arena } = loop;
  const kinds = entryKinds(out).length;
  const [slots, , places] = state.buffers.slice(kinds);
  invariant(slots !== undefined, () => 'dict: no slots');
  const columns = state.buffers.slice(0, kinds);
  const entries = await Promise.all(columns.map((b) => arena.device.read(arena.trim(b.mem, count))));
  const near = state.near ?? null;
  const found =
    near === null || places === undefined ? null : await arena.device.read(arena.trim(places.mem, near.places));
  return dictValue(out, count, entries, await arena.device.read(arena.trim(slots.mem, state.slots)), near, found);
}

async function combined(
  out: DictOutput,
  state: OutputState,
  counts: readonly number[],
  before: DictValue | null,
  loop: Loop,
): Promise<DictValue> {
  const all = [before?.count ?? 0, ...counts];
  const total = all.reduce((sum, n) => sum + n, 0);
  let capacity = out.dense ? state.capacity : Math.min(total, FINAL_GROWTH * Math.max(0, ...all));
  for (;;) {
    const made = await combineInto(out, state, counts, before, Math.max(capacity, out.dense ? 0 : MIN_ENTRIES), loop);
    if (made !== null) return made;
    capacity *= FINAL_GROWTH;
  }
}

/** Merges what was there before and all parts into a table of `capacity` entries; null when it is too small. */
async function combineInto(
  out: DictOutput,
  state: OutputState,
  counts: readonly number[],
  before: DictValue | null,
  capacity: number,
  loop: Loop,
): Promise<DictValue | null> {
  const { arena } = loop;
  const near = state.near ?? null;
  const hashed = near === null ? capacity : strangers(capacity);
  const slotCount = out.dense ? capacity : slotsFor(hashed);
  const entries: Column[] = [];
  for (const kind of entryKinds(out)) entries.push(await column(arena, kind, capacity));
  const slots = await column(arena, 'i32', slotCount);
  const count = await column(arena, 'i32', COUNTS);
  const places = out.near ? [await column(arena, 'i32', near?.places ?? 1)] : [];
  for (const c of [slots, count, ...places]) fillColumn(c.view, 0);
  const combine = (rows: readonly number[], parts: readonly BufferArg[]): Promise<Failure | null> => {
    const bound = [...parts, ...[...entries, slots, count, ...places].map((c) => shared(c.mem))];
    return arena.device.combine({
      program: loop.program,
      kernel: out.combine,
      rows,
      buffers: [...bound, ...memoryBuffers(out.combine, bound.length)],
      scalars: [capacity, slotCount - 1, ...(out.near ? [hashed, ...boundsOf(out, near)] : [])],
      signal: loop.signal,
    });
  };
  const first = before === null ? null : await combine([before.count], uploadedEntries(out, before, loop));
  const failure = first ?? (await combine(counts, state.buffers.slice(0, entryKinds(out).length)));
  if (failure !== null) {
    if (failure.code !== 'TableFull' || out.dense) failInRow(failure.code, failure.row, out.combine.name, null);
    for (const c of [...entries, slots, count, ...places]) arena.drop(c.mem);
    return null;
  }
  const length = Number((await arena.device.read(count.mem))[0] ?? 0);
  const columns = await Promise.all(entries.map((c) => arena.device.read(arena.trim(c.mem, length))));
  return dictValue(out, length, columns, slots.view, near, places[0]?.view ?? null);
}

/** The lows and spans of near keys as arguments; zeros for none. */
function boundsOf(out: DictOutput, near: NearBounds | null): readonly ScalarValue[] {
  const kinds = leafKinds(out.key);
  return [...kinds.map((kind, k) => lowOf(near?.lows[k] ?? 0, kind)), ...kinds.map((_, k) => near?.spans[k] ?? 0)];
}

function uploadedEntries(out: DictOutput, d: DictValue, loop: Loop): readonly BufferArg[] {
  return entryKinds(out).map((kind, leaf) => {
    const entries = d.entries[leaf];
    invariant(entries !== undefined, () => `dict: no column ${leaf}`);
    return shared(loop.arena.device.upload(kind, entries));
  });
}

export function dictValue(
  out: Pick<DictOutput, 'key' | 'value' | 'dense'>,
  count: number,
  entries: DictValue['entries'],
  slots: DictValue['entries'][number],
  bounds: NearBounds | null = null,
  places: DictValue['entries'][number] | null = null,
): DictValue {
  invariant(slots instanceof Int32Array, () => 'dict: slots are i32');
  const near = bounds !== null && places instanceof Int32Array ? { near: { ...bounds, places } } : {};
  return { kind: 'dict', key: out.key, value: out.value, count, entries, slots, dense: out.dense, ...near };
}
