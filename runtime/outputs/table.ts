/**
 * vecmerger: every part has a private table that starts as identities; the combine kernel folds the tables into a copy
 * of the initial vector in part order.
 */

import { invariant, partialIdentity, scalarBytes } from '../../compiler/index.ts';
import { failInRow } from '../errors.ts';
import { asVec, copyRows, fillColumn, leafKinds } from '../value.ts';
import { type Column, column, NO_STATE, type OutputOf, type OutputRule, shared, strideOf } from './output.ts';

export const table: OutputRule<OutputOf<'table'>> = {
  size(out, start) {
    if (start === null) return NO_STATE;
    const capacity = asVec(start).length;
    const bytes = leafKinds(out.elem).reduce((sum, kind) => sum + strideOf(capacity * scalarBytes(kind)), 0);
    return { capacity, slots: 0, bytes };
  },

  async init(out, size, loop) {
    const buffers = [];
    for (const kind of leafKinds(out.elem)) {
      const stride = strideOf(size.capacity * scalarBytes(kind));
      const { mem, view } = await column(loop.arena, kind, (stride / scalarBytes(kind)) * loop.parts);
      fillColumn(view, partialIdentity(out.op, kind));
      buffers.push({ mem, stride });
    }
    return { buffers, capacity: size.capacity, slots: 0 };
  },

  async result(out, state, report, start, loop) {
    invariant(start !== null, () => 'table: no initial vector');
    const initial = asVec(start);
    const finals: Column[] = [];
    for (const [leaf, kind] of leafKinds(out.elem).entries()) {
      const made = await column(loop.arena, kind, initial.length);
      const from = initial.cols[leaf];
      invariant(from !== undefined, () => `table: no column ${leaf}`);
      copyRows(made.view, 0, from, initial.length);
      finals.push(made);
    }
    const failure = await loop.arena.device.combine({
      program: loop.program,
      kernel: out.combine,
      rows: Array.from({ length: report.parts }, () => initial.length),
      buffers: [...finals.map((f) => shared(f.mem)), ...state.buffers],
      scalars: [],
    });
    if (failure !== null) failInRow(failure.code, failure.row, out.combine.name, null);
    return { kind: 'vec', elem: out.elem, length: initial.length, cols: finals.map((f) => f.view) };
  },
};
