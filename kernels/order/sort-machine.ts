/** The machine form of sort. */

import { columnOf, vector } from '../column.ts';
import type { MachineForm } from '../machine.ts';
import { sortedValues } from './radix.ts';

export const sortMachine: MachineForm = async ([desc, v], m) => {
  const { kind, cells } = columnOf(v);
  return vector(kind, await sortedValues(m, { kind, column: cells, descending: desc === true }, 'values'));
};
