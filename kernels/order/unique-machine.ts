/** The machine form of unique: sorted words, in which equal values are neighbours, and the first of each kept. */

import { bin, cmp, KernelBuilder, lit } from '../../compiler/kernels.ts';
import { columnOf, vector } from '../column.ts';
import { MAP_ROWS, type MachineForm, once } from '../machine.ts';
import { kept } from './kept.ts';
import { radixSort } from './radix.ts';
import { flipOf, fromWords, toWords, type Word, wordOf } from './words.ts';

export const uniqueMachine: MachineForm = async ([v], m) => {
  const { kind, cells, length } = columnOf(v);
  const word = wordOf(kind);
  const map = { rowsPerPart: MAP_ROWS, scalars: [flipOf(kind, false)] };
  const words = m.alloc.alloc(word, length);
  await m.launch(toWords(kind, 'rows'), { ...map, rows: length, bufs: [cells, words] });
  const inOrder = await radixSort(m, word, { words, order: 'none' }, length);
  const firsts = m.alloc.alloc(word, length);
  const launch = { rows: length, rowsPerPart: MAP_ROWS, bufs: [inOrder.words, firsts] };
  const different = kept(firsts, MAP_ROWS, await m.launch(keepFirsts(word), launch));
  const rows = different.length;
  const column = m.alloc.alloc(kind, rows);
  await m.launch(fromWords(kind), { ...map, rows, bufs: [different, column] });
  return vector(kind, column);
};

/** Keeps the words that are not like the one before. */
const keepFirsts = once((word: Word) => {
  const k = new KernelBuilder(`keep_firsts_${word}`);
  const [words, firsts] = [k.buf('words', word, 'read'), k.buf('firsts', word, 'write')];
  const cursor = k.cursor();
  const w = k.load(words, k.index);
  const isFirst = cmp('==', k.index, lit('i32', 0));
  const before = k.load(words, k.let(bin('max', bin('-', k.index, lit('i32', 1)), lit('i32', 0))));
  k.if(bin('|', isFirst, cmp('!=', w, before)), () => k.push(cursor, [[firsts, w]]));
  return k.finish();
});
