/**
 * The machine form of searchsorted: a binary search without branches for each row. The bounds are a place and a length that
 * is halved, so all rows take the same number of steps.
 */

import type { ScalarKind } from '../../compiler/index.ts';
import { bin, cast, cmp, KernelBuilder, lit, type SExpr, sel } from '../../compiler/kernels.ts';
import { columnOf, vector } from '../column.ts';
import { MAP_ROWS, type MachineForm, once } from '../machine.ts';

export const searchsortedMachine: MachineForm = async ([right, sorted, v], m) => {
  const { kind, cells, length } = columnOf(sorted);
  const values = columnOf(v);
  const places = m.alloc.alloc('i64', values.length);
  await m.launch(search(kind, right === true), {
    rows: values.length,
    rowsPerPart: MAP_ROWS / 4,
    bufs: [cells, values.cells, places],
    scalars: [length],
  });
  return vector('i64', places);
};

const search = once((kind: ScalarKind, right: boolean) => {
  const k = KernelBuilder.packed(`search_${right ? 'right' : 'left'}_${kind}`);
  const [sorted, values, places] = [
    k.buf('sorted', kind, 'read'),
    k.buf('v', kind, 'read'),
    k.buf('places', 'i64', 'write'),
  ];
  const length = k.scalar('length', 'i32');
  const value = k.load(values, k.index);
  const float = kind === 'f64' || kind === 'f32';
  const sought = float ? k.let(cmp('!=', value, value)) : null;
  /** Does an element belong in front of the place? */
  const isInFront = (e: SExpr): SExpr => {
    if (sought === null) return cmp(right ? '<=' : '<', e, value);
    // Every element is at most NaN, and those that are no NaN are below it.
    const ofNaN = right ? lit('bool', true) : cmp('==', e, e);
    return sel(sought, ofNaN, cmp(right ? '<=' : '<', e, value));
  };
  const [one, zero] = [lit('i32', 1), lit('i32', 0)];
  const [place, left] = [k.var(zero), k.var(length)];
  k.while(cmp('>', left, one), () => {
    const half = k.let(bin('>>', left, one));
    const e = k.load(sorted, k.let(bin('-', bin('+', place, half), one)));
    k.set(place, sel(isInFront(e), bin('+', place, half), place));
    k.set(left, bin('-', left, half));
  });
  k.if(cmp('==', left, one), () => {
    const e = k.load(sorted, place);
    k.set(place, sel(isInFront(e), bin('+', place, one), place));
  });
  k.store(places, k.index, cast(place, 'i64'));
  return k.finish();
});
