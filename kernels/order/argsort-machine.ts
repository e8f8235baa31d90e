/** The machine form of argsort: a radix sort by each key, the last one first. */

import { I64, type ScalarKind, type TypedArray } from '../../compiler/index.ts';
import { cast, KernelBuilder } from '../../compiler/kernels.ts';
import { isFew, MAP_ROWS, type Machine, type MachineForm, once } from '../machine.ts';
import { argsort, type Key, keysOf } from './argsort.ts';
import { sortedOrder } from './radix.ts';

export const argsortMachine: MachineForm = async (args, m) => {
  const { keys, length } = keysOf('argsort', args);
  if (isFew(m, length)) return argsort.run(args, m.alloc);
  const order = await sortRows(m, keys, length);
  return { kind: 'vec', elem: I64, length, cols: [await numbers(m, order, length)] };
};

/** The rows in the order of the keys, as u32; null are the rows as they come. */
export async function sortRows(m: Machine, keys: readonly Key[], length: number): Promise<TypedArray | null> {
  let order: TypedArray | null = null;
  for (const key of keys.toReversed()) {
    const given = key.column.subarray(0, length);
    const column: TypedArray = order === null ? given : await gathered(m, key.kind, given, order);
    order = await sortedOrder(m, { ...key, column }, order);
  }
  return order;
}

/** The elements of a column at some rows. */
export async function gathered(
  m: Machine,
  kind: ScalarKind,
  column: TypedArray,
  rows: TypedArray,
): Promise<TypedArray> {
  const to = m.alloc.alloc(kind, rows.length);
  await m.launch(gather(kind), { rows: rows.length, rowsPerPart: MAP_ROWS, bufs: [column, rows, to] });
  return to;
}

/** Row numbers as i64; null are the rows as they come. */
export async function numbers(m: Machine, order: TypedArray | null, rows: number): Promise<TypedArray> {
  const to = m.alloc.alloc('i64', rows);
  if (order === null) await m.launch(count(), { rows, rowsPerPart: MAP_ROWS, bufs: [to] });
  else await m.launch(widen(), { rows, rowsPerPart: MAP_ROWS, bufs: [order, to] });
  return to;
}

/** to[row] = row. */
const count = once(() => {
  const k = new KernelBuilder('row_numbers');
  k.store(k.buf('to', 'i64', 'write'), k.index, cast(k.index, 'i64'));
  return k.finish();
});

/** to[row] = from[row]. */
const widen = once(() => {
  const k = new KernelBuilder('i64_of_u32');
  const [from, to] = [k.buf('from', 'u32', 'read'), k.buf('to', 'i64', 'write')];
  k.store(to, k.index, cast(k.load(from, k.index), 'i64'));
  return k.finish();
});

/** to[row] = column[rows[row]]. */
const gather = once((kind: ScalarKind) => {
  const k = new KernelBuilder(`gather_${kind}`);
  const [column, rows, to] = [k.buf('column', kind, 'read'), k.buf('rows', 'u32', 'read'), k.buf('to', kind, 'write')];
  k.store(to, k.index, k.load(column, k.let(cast(k.load(rows, k.index), 'i32'))));
  return k.finish();
});
