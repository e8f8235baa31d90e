/** What the parts of a launch pushed at their first cursor, side by side. */

import type { TypedArray } from '../../compiler/index.ts';
import type { MachineReport } from '../machine.ts';

/** How many elements all parts pushed. */
export function keptCount(report: MachineReport): number {
  let count = 0;
  for (let part = 0; part < report.parts; part++) count += report.count(part, 0);
  return count;
}

/** Moves what each part pushed behind what the part before it did, and gives the whole: the beginning of `column`. */
export function kept(column: TypedArray, rowsPerPart: number, report: MachineReport): TypedArray {
  let end = 0;
  for (let part = 0; part < report.parts; part++) {
    const count = report.count(part, 0);
    const start = part * rowsPerPart;
    if (start !== end) column.copyWithin(end, start, start + count);
    end += count;
  }
  return column.subarray(0, end);
}
