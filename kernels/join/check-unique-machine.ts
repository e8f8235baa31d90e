/** The machine form of check_unique: a table of the keys, which knows whether one is there twice. */

import type { MachineForm } from '../machine.ts';
import { refuseTwice, sidesOf, validityOf } from './check-unique.ts';
import { wordsOf } from './many-keys.ts';
import { denseTable, isDense } from './table-dense.ts';
import { hashTable } from './table-hash.ts';
import { boundsOf } from './words.ts';

export const checkUniqueMachine: MachineForm = async (args, m) => {
  const keys = sidesOf(args);
  const { right } = await wordsOf(m, keys);
  const bounds = await boundsOf(m, right);
  const dense = isDense(bounds) ? await denseTable(m, right, bounds) : null;
  const table = dense ?? (await hashTable(m, right));
  if (!table.unique) {
    await dense?.firstRows();
    const firsts = await table.probe(right, 'rows');
    for (let row = 0; row < right.rows; row++) {
      const first = Number(firsts[row]);
      if (first >= 0 && first !== row) refuseTwice(first, row);
    }
  }
  return validityOf(keys, m.alloc);
};
