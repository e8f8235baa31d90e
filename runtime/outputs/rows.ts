/**
 * appender: columns with a place for every row of the loop.
 *
 * direct: each row merged once, so the columns are the result. compact: each part filled places from its first one on, or
 * from where the part before it ended; the result moves the parts together in part order and gives the places behind the
 * last row back. Rows that were appended before the loop come first.
 */

import { invariant, type Type, type Value, type VecValue } from '../../compiler/index.ts';
import type { BufferArg } from '../device.ts';
import { asVec, copyRows, leafKinds } from '../value.ts';
import { column, type Loop, NO_STATE, type OutputOf, type OutputRule, type OutputState, shared } from './output.ts';

type Appender = OutputOf<'direct'> | OutputOf<'compact'>;

function init(out: Appender, loop: Loop): OutputState {
  return { buffers: columnsFor(out.elem, loop.rows, loop), capacity: loop.rows, slots: 0 };
}

/** Columns of `length` rows that all parts share. */
export function columnsFor(elem: Type, length: number, loop: Loop): readonly BufferArg[] {
  return leafKinds(elem).map((kind) => shared(loop.arena.alloc(kind, length)));
}

/** Moves the rows of the parts together, in order; gives their number. */
export async function closeGaps(
  buffers: readonly BufferArg[],
  parts: readonly { readonly first: number; readonly count: number }[],
  loop: Loop,
): Promise<number> {
  const views = await Promise.all(buffers.map(({ mem }) => loop.arena.device.read(mem)));
  let length = 0;
  for (const { first, count } of parts) {
    if (first !== length) for (const view of views) view.copyWithin(length, first, first + count);
    length += count;
  }
  return length;
}

/** The rows of `start`, then the first `length` of the columns. */
export async function vectorOfRows(
  elem: Type,
  buffers: readonly BufferArg[],
  length: number,
  start: Value | null,
  loop: Loop,
): Promise<VecValue> {
  const { arena } = loop;
  const before = start === null ? null : asVec(start);
  const cols = [];
  for (const [leaf, { mem }] of buffers.entries()) {
    if (before === null || before.length === 0) {
      cols.push(await arena.device.read(arena.trim(mem, length)));
      continue;
    }
    const made = await column(arena, mem.kind, before.length + length);
    const first = before.cols[leaf];
    invariant(first !== undefined, () => `rows: no column ${leaf}`);
    copyRows(made.view, 0, first, before.length);
    copyRows(made.view, before.length, await arena.device.read(mem), length);
    cols.push(made.view);
  }
  return { kind: 'vec', elem, length: (before?.length ?? 0) + length, cols };
}

export const direct: OutputRule<OutputOf<'direct'>> = {
  size: () => NO_STATE,
  init: (out, _size, _start, loop) => init(out, loop),
  result: (out, state, _report, start, loop) => vectorOfRows(out.elem, state.buffers, loop.rows, start, loop),
};

export const compact: OutputRule<OutputOf<'compact'>> = {
  size: () => NO_STATE,
  init: (out, _size, _start, loop) => init(out, loop),
  async result(out, state, report, start, loop) {
    const parts = Array.from({ length: report.parts }, (_, part) => ({
      first: report.first(part, out.cursor),
      count: report.count(part, out.cursor),
    }));
    return vectorOfRows(out.elem, state.buffers, await closeGaps(state.buffers, parts, loop), start, loop);
  },
};
