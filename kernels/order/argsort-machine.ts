/** The machine form of argsort: a radix sort by each key, the last one first. */

import { I64, type TypedArray } from '../../compiler/index.ts';
import { cast, KernelBuilder } from '../../compiler/kernels.ts';
import { MAP_ROWS, type Machine, type MachineForm, once } from '../machine.ts';
import { keysOf } from './argsort.ts';
import { radixSort } from './radix.ts';
import { flipOf, toWords, type Word, wordOf } from './words.ts';

export const argsortMachine: MachineForm = async (args, m) => {
  const { keys, length } = keysOf('argsort', args);
  let order: TypedArray | null = null;
  for (const { kind, column, descending } of keys.toReversed()) {
    const word = wordOf(kind);
    const map = { rows: length, rowsPerPart: MAP_ROWS };
    const inRows = m.alloc.alloc(word, length);
    await m.launch(toWords(kind, 'rows'), { ...map, bufs: [column, inRows], scalars: [flipOf(kind, descending)] });
    const words: TypedArray = order === null ? inRows : m.alloc.alloc(word, length);
    if (order !== null) await m.launch(gather(word), { ...map, bufs: [inRows, order, words] });
    const sorted = await radixSort(m, word, { words, order }, length);
    order = sorted.order === 'none' ? null : sorted.order;
  }
  return { kind: 'vec', elem: I64, length, cols: [await numbers(m, order, length)] };
};

/** Row numbers as i64; null are the rows as they come. */
async function numbers(m: Machine, order: TypedArray | null, rows: number): Promise<TypedArray> {
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

/** to[row] = words[order[row]]. */
const gather = once((word: Word) => {
  const k = new KernelBuilder(`gather_${word}`);
  const [words, order, to] = [k.buf('words', word, 'read'), k.buf('order', 'u32', 'read'), k.buf('to', word, 'write')];
  k.store(to, k.index, k.load(words, k.let(cast(k.load(order, k.index), 'i32'))));
  return k.finish();
});
