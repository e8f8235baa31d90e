/**
 * appender: columns with a place for every row of the loop.
 *
 * direct: each row merged once, so the columns are the result. compact: each part filled its places from the front and
 * counted them; the result moves the parts together in part order and gives the places behind the last row back.
 */

import type { VecValue } from '../../compiler/index.ts';
import { leafKinds } from '../value.ts';
import { type Loop, NO_STATE, type OutputOf, type OutputRule, type OutputState, shared } from './output.ts';

type Appender = OutputOf<'direct'> | OutputOf<'compact'>;

async function columns(out: Appender, loop: Loop): Promise<OutputState> {
  const mems = leafKinds(out.elem).map((kind) => loop.arena.alloc(kind, loop.rows));
  return { buffers: mems.map(shared), capacity: loop.rows, slots: 0 };
}

async function firstRows(out: Appender, state: OutputState, length: number, loop: Loop): Promise<VecValue> {
  const { device } = loop.arena;
  const cols = await Promise.all(state.buffers.map(({ mem }) => device.read(loop.arena.trim(mem, length))));
  return { kind: 'vec', elem: out.elem, length, cols };
}

export const direct: OutputRule<OutputOf<'direct'>> = {
  size: () => NO_STATE,
  init: (out, _size, loop) => columns(out, loop),
  result: (out, state, _report, _start, loop) => firstRows(out, state, loop.rows, loop),
};

export const compact: OutputRule<OutputOf<'compact'>> = {
  size: () => NO_STATE,
  init: (out, _size, loop) => columns(out, loop),
  async result(out, state, report, _start, loop) {
    const views = await Promise.all(state.buffers.map(({ mem }) => loop.arena.device.read(mem)));
    let length = 0;
    for (let part = 0; part < report.parts; part++) {
      const first = part * loop.rowsPerPart;
      const count = report.count(part, out.cursor);
      if (first !== length) for (const view of views) view.copyWithin(length, first, first + count);
      length += count;
    }
    return firstRows(out, state, length, loop);
  },
};
