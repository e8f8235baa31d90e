/** What the parts of a launch pushed, side by side. */

import type { TypedArray } from '../../compiler/index.ts';
import type { MachineReport } from '../machine.ts';

/** Elements of a column. */
export interface Run {
  readonly first: number;
  readonly count: number;
}

/** Where each part pushed at its first cursor, and how many elements. */
export const keptRuns = (report: MachineReport): readonly Run[] =>
  Array.from({ length: report.parts }, (_, part) => ({ first: report.first(part, 0), count: report.count(part, 0) }));

/** What the parts pushed at their first cursor. */
export const kept = (column: TypedArray, report: MachineReport): TypedArray => sideBySide(column, keptRuns(report));

/** Moves each run behind the one before it, and gives the whole: the beginning of `column`. */
export function sideBySide(column: TypedArray, runs: readonly Run[]): TypedArray {
  let end = 0;
  for (const { first, count } of runs) {
    if (first !== end) column.copyWithin(end, first, first + count);
    end += count;
  }
  return column.subarray(0, end);
}
