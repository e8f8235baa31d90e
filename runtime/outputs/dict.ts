/**
 * dictmerger: every part has a table of its own (entry columns in first-insertion order, a slot table, a count). The
 * combine kernel merges the entries of the parts, in part order, into the final dictionary, so first-insertion order
 * is that of the whole input whatever thread ran what. The table of a single part is the result as it is.
 *
 * Hashed tables have room for the groups that the first rows let expect (`groups.ts`; in short loops, for a few) and grow
 * when a kernel reports TableFull: the part tables by running the loop again, the final one by combining again. Slots are a power of two, of which at most one in SLOTS_AN_ENTRY is taken. Dense tables have the size that
 * the program promised: slot = key. A dictionary that was begun before the loop is the first part.
 */

import { cost, type DictValue, invariant, type ScalarKind, scalarBytes } from '../../compiler/index.ts';
import type { BufferArg, Failure } from '../device.ts';
import { failInRow } from '../errors.ts';
import { asBig, asDict, fillColumn, leafKinds, rowBytes } from '../value.ts';
import { expectedGroups } from './groups.ts';
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

const { ENTRIES_A_GROUP, FINAL_GROWTH, FIRST_ENTRIES, MAX_ENTRIES, MIN_ENTRIES, SAMPLE_ROWS, SLOTS_AN_ENTRY } = cost;

const powerOfTwo = (n: number): number => 2 ** Math.ceil(Math.log2(Math.max(n, 1)));
/** Slots of a hashed table. */
export const slotsFor = (entries: number): number => powerOfTwo(SLOTS_AN_ENTRY * entries);
const slotsOf = (out: DictOutput, entries: number): number => (out.dense ? entries : slotsFor(entries));
/** The kinds of the entry columns. */
export const entryKinds = (out: Pick<DictOutput, 'key' | 'value'>): readonly ScalarKind[] => [
  ...leafKinds(out.key),
  ...leafKinds(out.value),
];

export const dictionary: OutputRule<DictOutput> = {
  size(out, sizedBy, rows, seen) {
    const hint = sizedBy === null ? null : Number(asBig(sizedBy));
    // A dense table has a slot at least, so that its mask is no negative number.
    const capacity = out.dense ? Math.max(hint ?? 0, 1) : tableEntries(hint, rows, seen);
    const slots = slotsOf(out, capacity);
    const bytes = capacity * (rowBytes(out.key) + rowBytes(out.value)) + slots * 4;
    return { capacity, slots, bytes, note: tableNote(capacity, seen) };
  },

  learns: (out, sizedBy) => !out.dense && sizedBy === null,
  entries: async (state, loop) => (await countsOf(state, 1, loop))[0] ?? 0,

  async init(out, { capacity, slots }, _start, loop) {
    const partial = async (kind: ScalarKind, length: number): Promise<Column & { stride: number }> => {
      const stride = strideOf(length * scalarBytes(kind));
      return { ...(await column(loop.arena, kind, (stride / scalarBytes(kind)) * loop.parts)), stride };
    };
    const columns = [];
    for (const kind of entryKinds(out)) columns.push(await partial(kind, capacity));
    for (const length of [slots, 1]) {
      const zeroed = await partial('i32', length);
      fillColumn(zeroed.view, 0);
      columns.push(zeroed);
    }
    return { buffers: columns.map(({ mem, stride }) => ({ mem, stride })), capacity, slots };
  },

  async result(out, state, report, before, loop) {
    const counts = await countsOf(state, report.parts, loop);
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

/** Why a table has so many entries; null if nothing was known. */
export function tableNote(capacity: number, { groups }: Seen): Note | null {
  if (groups === null) return null;
  const seen = `${groups.first} groups in the first ${SAMPLE_ROWS} rows, ${groups.second} in twice as many`;
  return { choice: `tables of ${capacity} entries`, reason: seen };
}

/** The number of entries of each part. */
async function countsOf(state: OutputState, parts: number, loop: Loop): Promise<readonly number[]> {
  const buffer = state.buffers.at(-1);
  invariant(buffer !== undefined, () => 'dict: no count');
  const view = await loop.arena.device.read(buffer.mem);
  return Array.from({ length: parts }, (_, part) => Number(view[(part * buffer.stride) / 4] ?? 0));
}

async function onlyPart(out: DictOutput, state: OutputState, count: number, loop: Loop): Promise<DictValue> {
  const { arena } = loop;
  const columns = state.buffers.slice(0, -2);
  const slots = state.buffers.at(-2);
  invariant(slots !== undefined, () => 'dict: no slots');
  const entries = await Promise.all(columns.map((b) => arena.device.read(arena.trim(b.mem, count))));
  return dictValue(out, count, entries, await arena.device.read(arena.trim(slots.mem, state.slots)));
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
  const slotCount = slotsOf(out, capacity);
  const entries: Column[] = [];
  for (const kind of entryKinds(out)) entries.push(await column(arena, kind, capacity));
  const slots = await column(arena, 'i32', slotCount);
  const count = await column(arena, 'i32', 1);
  fillColumn(slots.view, 0);
  fillColumn(count.view, 0);
  const combine = (rows: readonly number[], parts: readonly BufferArg[]): Promise<Failure | null> => {
    const bound = [...parts, ...[...entries, slots, count].map((c) => shared(c.mem))];
    return arena.device.combine({
      program: loop.program,
      kernel: out.combine,
      rows,
      buffers: [...bound, ...memoryBuffers(out.combine, bound.length)],
      scalars: [capacity, slotCount - 1],
      signal: loop.signal,
    });
  };
  const first = before === null ? null : await combine([before.count], uploadedEntries(out, before, loop));
  const failure = first ?? (await combine(counts, state.buffers.slice(0, -2)));
  if (failure !== null) {
    if (failure.code !== 'TableFull' || out.dense) failInRow(failure.code, failure.row, out.combine.name, null);
    for (const c of [...entries, slots, count]) arena.drop(c.mem);
    return null;
  }
  const length = Number((await arena.device.read(count.mem))[0] ?? 0);
  const columns = await Promise.all(entries.map((c) => arena.device.read(arena.trim(c.mem, length))));
  return dictValue(out, length, columns, slots.view);
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
): DictValue {
  invariant(slots instanceof Int32Array, () => 'dict: slots are i32');
  return { kind: 'dict', key: out.key, value: out.value, count, entries, slots, dense: out.dense };
}
