/** The machine form of argsort. */

import { I64, type ScalarKind, type TypedArray } from '../../compiler/index.ts';
import { cast, KernelBuilder } from '../../compiler/kernels.ts';
import { type Machine, type MachineForm, once } from '../machine.ts';
import { keysOf } from './argsort.ts';
import { RadixSort } from './radix.ts';

export const argsortMachine: MachineForm = async (args, m) => {
  const { keys, length } = keysOf('argsort', args);
  const sort = new RadixSort(m, length);
  for (const { kind, column, descending } of keys.toReversed()) await sort.sortBy(kind, column, descending);
  return { kind: 'vec', elem: I64, length, cols: [await wide(m, 'u32', await sort.order(), length)] };
};

/** A column of integers as i64. */
async function wide(m: Machine, kind: ScalarKind, column: TypedArray, rows: number): Promise<TypedArray> {
  const to = m.alloc.alloc('i64', rows);
  await m.launch(toI64(kind), { rows, rowsPerPart: 1 << 16, bufs: [column, to] });
  return to;
}

const toI64 = once((kind: ScalarKind) => {
  const k = new KernelBuilder(`i64_of_${kind}`);
  const [from, to] = [k.buf('from', kind, 'read'), k.buf('to', 'i64', 'write')];
  k.store(to, k.index, cast(k.load(from, k.index), 'i64'));
  return k.finish();
});
