/** The machine form of unique: sorted values, in which equal ones are neighbours, and the first of each kept. */

import type { ScalarKind } from '../../compiler/index.ts';
import { bin, cmp, KernelBuilder, lit } from '../../compiler/kernels.ts';
import { columnOf, vector } from '../column.ts';
import { MAP_ROWS, type MachineForm, once } from '../machine.ts';
import { kept } from './kept.ts';
import { sortedValues } from './radix.ts';

export const uniqueMachine: MachineForm = async ([v], m) => {
  const { kind, cells, length } = columnOf(v);
  const sorted = await sortedValues(m, { kind, column: cells, descending: false }, 'rows');
  const firsts = m.alloc.alloc(kind, length);
  const launch = { rows: length, rowsPerPart: MAP_ROWS, bufs: [sorted, firsts] };
  return vector(kind, kept(firsts, await m.launch(keepFirsts(kind), launch)));
};

/** Keeps the values that are not like the one before. */
const keepFirsts = once((kind: ScalarKind) => {
  const k = new KernelBuilder(`keep_firsts_${kind}`);
  const [sorted, firsts] = [k.buf('sorted', kind, 'read'), k.buf('firsts', kind, 'write')];
  const cursor = k.cursor();
  const e = k.load(sorted, k.index);
  const isFirst = cmp('==', k.index, lit('i32', 0));
  const before = k.load(sorted, k.let(bin('max', bin('-', k.index, lit('i32', 1)), lit('i32', 0))));
  const isFloat = kind === 'f32' || kind === 'f64';
  const differs = cmp('!=', e, before);
  // NaN are one value, and the last: a NaN is like the one before if that is NaN, too.
  const isNew = isFloat ? bin('&', differs, bin('|', cmp('==', e, e), cmp('==', before, before))) : differs;
  k.if(bin('|', isFirst, isNew), () => k.push(cursor, [[firsts, e]]));
  return k.finish();
});
