/**
 * vecmerger: every part has a private table. That of the first part starts as the initial vector and becomes the result;
 * the others start as identities, and the combine kernel folds them into it in part order. A loop of one part has
 * nothing to fill and nothing to combine, and a part has rows enough to be worth its table (`rowsPerPart`).
 */

import { invariant, partialIdentity, scalarBytes } from '../../compiler/index.ts';
import { failInRow } from '../errors.ts';
import { asVec, copyRows, fillColumn, leafKinds } from '../value.ts';
import { column, NO_STATE, type OutputOf, type OutputRule, shared, strideOf } from './output.ts';

export const table: OutputRule<OutputOf<'table'>> = {
  size(out, start) {
    if (start === null) return NO_STATE;
    const capacity = asVec(start).length;
    const bytes = leafKinds(out.elem).reduce((sum, kind) => sum + strideOf(capacity * scalarBytes(kind)), 0);
    return { ...NO_STATE, capacity, bytes };
  },

  async init(out, size, start, loop) {
    invariant(start !== null, () => 'table: no initial vector');
    const initial = asVec(start);
    const buffers = [];
    for (const [leaf, kind] of leafKinds(out.elem).entries()) {
      const stride = strideOf(size.capacity * scalarBytes(kind));
      const { mem, view } = await column(loop.arena, kind, (stride / scalarBytes(kind)) * Math.max(1, loop.parts));
      const from = initial.cols[leaf];
      invariant(from !== undefined, () => `table: no column ${leaf}`);
      copyRows(view, 0, from, size.capacity);
      fillColumn(view.subarray(stride / scalarBytes(kind)), partialIdentity(out.op, kind));
      buffers.push({ mem, stride });
    }
    return { buffers, capacity: size.capacity, slots: 0 };
  },

  async result(out, state, report, _start, loop) {
    const { arena } = loop;
    const failure = await arena.device.combine({
      program: loop.program,
      kernel: out.combine,
      rows: Array.from({ length: report.parts }, (_, part) => (part === 0 ? 0 : state.capacity)),
      buffers: [...state.buffers.map((b) => shared(b.mem)), ...state.buffers],
      scalars: [],
      signal: loop.signal,
    });
    if (failure !== null) failInRow(failure.code, failure.row, out.combine.name, null);
    const cols = [];
    for (const { mem } of state.buffers) cols.push(await arena.device.read(arena.trim(mem, state.capacity)));
    return { kind: 'vec', elem: out.elem, length: state.capacity, cols };
  },
};
