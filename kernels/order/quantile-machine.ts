/** The machine form of quantile: the values at two places for each share, selected as `kth` does it. */

import { columnOf, vectorOf } from '../column.ts';
import type { MachineForm } from '../machine.ts';
import { selectRun } from './kth-machine.ts';
import { between, sharesOf } from './quantile.ts';

export const quantileMachine: MachineForm = async ([qs, v], m) => {
  const column = columnOf(v);
  const values: number[] = [];
  for (const { low, part } of sharesOf(columnOf(qs), column.length)) {
    const [a = Number.NaN, b = a] = await selectRun(m, column, low, part === 0 ? 1 : 2);
    values.push(between(a, b, part));
  }
  return vectorOf('f64', values, m.alloc);
};
