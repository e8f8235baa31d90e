/** The machine form of quantile: the values at two places for each share, selected as `kth` does it. */

import { columnOf, vectorOf } from '../column.ts';
import type { MachineForm } from '../machine.ts';
import { select } from './kth-machine.ts';
import { between, sharesOf } from './quantile.ts';

export const quantileMachine: MachineForm = async ([qs, v], m) => {
  const column = columnOf(v);
  const values: number[] = [];
  for (const { low, part } of sharesOf(columnOf(qs), column.length)) {
    const a = await select(m, column, low);
    values.push(between(a, part === 0 ? a : await select(m, column, low + 1), part));
  }
  return vectorOf('f64', values, m.alloc);
};
