/**
 * appender with any number of merges a row: how many rows there will be is known when they are counted.
 *
 * Every part has some places in common columns, and two numbers: the next place and the end of its own. It stores what
 * fits and counts on. If all parts had room, their rows move together as those of `compact` do; else the launch runs
 * once more with exactly the places that each part needs, so the rows are where they belong at once. Where it is known
 * how many rows a row of the loop appends, the first run has those places, and where they are exact no row moves.
 */

import { fail, invariant, type Value } from '../../compiler/index.ts';
import { leafKinds, rowBytes } from '../value.ts';
import { column, type Loop, NO_STATE, type OutputOf, type OutputRule, type OutputState, strideOf } from './output.ts';
import { closeGaps, columnsFor, vectorOfRows } from './rows.ts';

type GrowOutput = OutputOf<'grow'>;

/** Places a row at first, when the merges of a row are too many or unknown. */
const FIRST_GUESS = 2;
/** At most this many places a row are made for the worst case, or more of them if they take no more than this. */
const MOST_FOR_SURE = 8;
const BYTES_FOR_SURE = 16 * 1024 * 1024;
/** Exact places may take so much: a run that fails in its first row should not run out of memory before. */
const EXACT_BYTES = 1024 * 1024 * 1024;
/** Kernels count places in i32. */
const MOST_PLACES = 2 ** 31 - 1;
const STRIDE = strideOf(8);

export const grow: OutputRule<GrowOutput> = {
  /** `capacity`: places for a row of the loop. */
  size: (out, perRow, rows) => ({ ...NO_STATE, capacity: placesOfRow(out, perRow, rows) }),

  async init(out, { capacity }, _start, loop, counts) {
    const each = counts ?? Array.from({ length: loop.parts }, (_, part) => capacity * rowsOf(part, loop));
    const starts: number[] = [];
    let total = 0;
    for (const n of each) {
      starts.push(total);
      total += n;
    }
    if (total > MOST_PLACES) tooMany(total);
    const places = await column(loop.arena, 'i32', (loop.parts * STRIDE) / 4);
    for (const [part, start] of starts.entries()) {
      places.view[(part * STRIDE) / 4] = start;
      places.view[(part * STRIDE) / 4 + 1] = start + (each[part] ?? 0);
    }
    const buffers = [...columnsFor(out.elem, total, loop), { mem: places.mem, stride: STRIDE }];
    return { buffers, capacity: total, slots: 0, starts };
  },

  async lacking(_out, state, loop) {
    const { next, ends } = await placesOf(state, loop);
    const counts = next.map((n, part) => n - (state.starts?.[part] ?? 0));
    return next.some((n, part) => n > (ends[part] ?? 0)) ? counts : null;
  },

  async result(out, state, _report, start, loop) {
    const { next } = await placesOf(state, loop);
    const parts = next.map((n, part) => ({ first: state.starts?.[part] ?? 0, count: n - (state.starts?.[part] ?? 0) }));
    const columns = state.buffers.slice(0, leafKinds(out.elem).length);
    return vectorOfRows(out.elem, columns, await closeGaps(columns, parts, loop), start, loop);
  },
};

/** How many places are made for each row before anything is counted. */
function placesOfRow({ elem, exact }: GrowOutput, perRow: Value | null, rows: number): number {
  if (typeof perRow !== 'number') return FIRST_GUESS;
  const places = rows * perRow;
  const bytes = places * rowBytes(elem);
  const sure = perRow <= MOST_FOR_SURE || bytes <= (exact ? EXACT_BYTES : BYTES_FOR_SURE);
  return sure && places <= MOST_PLACES ? perRow : FIRST_GUESS;
}

const rowsOf = (part: number, { rows, rowsPerPart }: Loop): number => Math.min(rowsPerPart, rows - part * rowsPerPart);

/** Where each part would store its next row, and where its places end. */
async function placesOf(
  state: OutputState,
  loop: Loop,
): Promise<{ readonly next: readonly number[]; readonly ends: readonly number[] }> {
  const buffer = state.buffers.at(-1);
  invariant(buffer !== undefined, () => 'grow: no places');
  const view = await loop.arena.device.read(buffer.mem);
  const each = (k: number): number[] =>
    Array.from({ length: loop.parts }, (_, part) => Number(view[(part * STRIDE) / 4 + k] ?? 0));
  return { next: each(0), ends: each(1) };
}

/** W6006: the rows of an appender are more than can be numbered. */
export function tooMany(rows: number): never {
  fail('W6006', `out of memory: an appender of ${rows} elements, the most is ${MOST_PLACES}`, {
    help: 'append less, or reduce inside the loop',
  });
}
