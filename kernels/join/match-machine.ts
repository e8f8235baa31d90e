/** The machine form of match: the left keys are looked up in a table of the right ones. */

import { vector } from '../column.ts';
import type { MachineForm } from '../machine.ts';
import { keysOf } from './keys.ts';
import { wordsOf } from './many-keys.ts';
import { denseTable, isDense } from './table-dense.ts';
import { hashTable } from './table-hash.ts';
import { boundsOf } from './words.ts';

export const matchMachine: MachineForm = async (args, m) => {
  const { left, right } = await wordsOf(m, keysOf('match', args));
  const bounds = await boundsOf(m, right);
  if (!isDense(bounds)) return vector('i64', await (await hashTable(m, right)).probe(left, 'rows'));
  const table = await denseTable(m, right, bounds);
  if (!table.unique) await table.firstRows();
  return vector('i64', await table.probe(left, 'rows'));
};
