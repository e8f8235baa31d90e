/**
 * merger: every part has reduction cells that start as identities; the host folds them into the initial value (or the
 * identity) in part order with Core's scalar semantics.
 */

import { binScalar, identityOf, invariant } from '../../compiler/index.ts';
import { leafKinds, scalarsOf, valueOfScalars } from '../value.ts';
import { NO_STATE, type OutputOf, type OutputRule } from './output.ts';

export const reduce: OutputRule<OutputOf<'reduce'>> = {
  size: () => NO_STATE,
  init: () => ({ buffers: [], capacity: 0, slots: 0 }),
  result(out, _state, report, start) {
    const initial = start === null ? null : scalarsOf(start);
    const totals = leafKinds(out.ty).map((kind, leaf) => {
      const cell = out.cells[leaf];
      invariant(cell !== undefined, () => `reduce: leaf ${leaf} has no cell`);
      let total = initial?.[leaf] ?? identityOf(out.op, kind);
      for (let part = 0; part < report.parts; part++) total = binScalar(out.op, kind, total, report.cell(part, cell));
      return total;
    });
    let leaf = 0;
    return valueOfScalars(out.ty, () => totals[leaf++] ?? 0);
  },
};
