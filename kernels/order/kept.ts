/** What the parts of a launch pushed, side by side. */

import type { TypedArray } from '../../compiler/index.ts';
import type { MachineReport } from '../machine.ts';

/** How many elements each part pushed at its first cursor. */
export const keptCounts = (report: MachineReport): readonly number[] =>
  Array.from({ length: report.parts }, (_, part) => report.count(part, 0));

/** What the parts pushed at their first cursor. */
export const kept = (column: TypedArray, rowsPerPart: number, report: MachineReport): TypedArray =>
  sideBySide(column, rowsPerPart, keptCounts(report));

/** Moves what each part has behind what the part before it has, and gives the whole: the beginning of `column`. */
export function sideBySide(column: TypedArray, rowsPerPart: number, counts: readonly number[]): TypedArray {
  let end = 0;
  for (const [part, count] of counts.entries()) {
    const start = part * rowsPerPart;
    if (start !== end) column.copyWithin(end, start, start + count);
    end += count;
  }
  return column.subarray(0, end);
}
