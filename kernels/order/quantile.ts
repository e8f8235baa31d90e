/**
 * quantile(qs, v): the values below which these shares of the others lie, between neighbours by a straight line.
 *
 *     quantile([0.5, 0.25], [4.0, 1.0, 3.0, 2.0])  =>  [2.5, 1.75]
 *
 * Share q is at place q (n - 1) of `sort(false, v)`: where that lies between places a and b of the sorted vector, at part p of
 * the way, it is `a + (b - a) p`, and a where they are equal or a is infinite; in f64, to which i64 and u64 are rounded first.
 * NaN are the last values. Of no elements every quantile is NaN. W8005 for a share that is not 0 to 1.
 */

import { F64, fail, type PrimSpec, vec } from '../../compiler/index.ts';
import { type Column, columnKind, columnOf, found, vectorOf } from '../column.ts';
import { sortCells } from './sort.ts';

export const quantile: PrimSpec = {
  name: 'quantile',
  doc: 'quantile(qs: vec[f64], v: vec[T]): vec[f64], values at these shares of the sorted vector',
  pure: true,

  typing([qs, v, ...rest]) {
    if (qs !== vec(F64)) return `quantile needs a vec[f64] of shares first, found ${found(qs)}`;
    const kind = columnKind(v);
    if (kind === null || kind === 'bool') return `quantile looks into a vector of numbers, found ${found(v)}`;
    return rest.length === 0 ? vec(F64) : `quantile takes two arguments, found ${rest.length + 2}`;
  },

  run([qs, v], alloc) {
    const column = columnOf(v);
    const places = sharesOf(columnOf(qs), column.length);
    const sorted = column.cells.slice();
    sortCells(sorted);
    const values = places.map(({ low, part }) => between(sorted[low] ?? Number.NaN, sorted[low + 1] ?? 0, part));
    return vectorOf('f64', values, alloc);
  },
};

/** Where a share is: at a place, and a part of the way to the next one. */
export interface Share {
  readonly low: number;
  readonly part: number;
}

export function sharesOf(qs: Column, length: number): readonly Share[] {
  return Array.from({ length: qs.length }, (_, k) => {
    const q = Number(qs.cells[k]);
    if (!(q >= 0 && q <= 1)) fail('W8005', `quantile: share ${q}, shares are 0 to 1`);
    const at = q * Math.max(0, length - 1);
    return { low: Math.floor(at), part: at - Math.floor(at) };
  });
}

/** The value at a part of the way from one to another. */
export function between(a: number | bigint, b: number | bigint, part: number): number {
  const [from, to] = [Number(a), Number(b)];
  return part === 0 || from === to || !Number.isFinite(from) ? from : from + (to - from) * part;
}
