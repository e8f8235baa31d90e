/**
 * appender with any number of merges a row: how many rows there will be is known when they are counted.
 *
 * Every part has some places in common columns, and two numbers: the next place and the end of its own. It stores what
 * fits and counts on. If all parts had room, their rows move together as those of `compact` do; else the launch runs
 * once more with exactly the places that each part needs, so the rows are where they belong at once.
 */

import { fail, invariant } from '../../compiler/index.ts';
import { leafKinds } from '../value.ts';
import { column, type Loop, NO_STATE, type OutputOf, type OutputRule, type OutputState, strideOf } from './output.ts';
import { closeGaps, columnsFor, vectorOfRows } from './rows.ts';

type GrowOutput = OutputOf<'grow'>;

/** Places a row at first, when the most merges of a row are more or unknown. */
const FIRST_GUESS = 2;
/** At most this many places a row are made for the worst case. */
const MOST_FOR_SURE = 8;
/** Kernels count places in i32. */
const MOST_PLACES = 2 ** 31 - 1;
const STRIDE = strideOf(8);

export const grow: OutputRule<GrowOutput> = {
  size: () => NO_STATE,

  async init(out, _size, loop, counts) {
    const each = counts ?? new Array<number>(loop.parts).fill(firstGuess(out, loop));
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

function firstGuess({ most }: GrowOutput, loop: Loop): number {
  const perRow = most !== null && most <= MOST_FOR_SURE ? most : FIRST_GUESS;
  return Math.min(loop.rows, loop.rowsPerPart) * perRow;
}

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
