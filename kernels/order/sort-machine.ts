/** The machine form of sort: words of the values, their radix sort, and the values of the words. */

import type { ScalarKind, TypedArray } from '../../compiler/index.ts';
import { columnOf, vector } from '../column.ts';
import { MAP_ROWS, type Machine, type MachineForm } from '../machine.ts';
import { radixSort } from './radix.ts';
import { flipOf, fromWords, toWords, wordOf } from './words.ts';

export const sortMachine: MachineForm = async ([desc, v], m) => {
  const { kind, cells } = columnOf(v);
  return vector(kind, await sorted(m, kind, cells, desc === true));
};

/** The values in order, as `sort` defines it. */
export async function sorted(
  m: Machine,
  kind: ScalarKind,
  cells: TypedArray,
  descending: boolean,
): Promise<TypedArray> {
  const rows = cells.length;
  const map = { rows, rowsPerPart: MAP_ROWS, scalars: [flipOf(kind, descending)] };
  const words = m.alloc.alloc(wordOf(kind), rows);
  await m.launch(toWords(kind, 'values'), { ...map, bufs: [cells, words] });
  const inOrder = await radixSort(m, wordOf(kind), { words, order: 'none' }, rows);
  const column = m.alloc.alloc(kind, rows);
  await m.launch(fromWords(kind), { ...map, bufs: [inOrder.words, column] });
  return column;
}
