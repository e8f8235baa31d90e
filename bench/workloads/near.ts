/**
 * How far two answers may be apart, by `spec/numerics.md`: not at all, unless a sum of floats was added in another
 * order or a math function rounds differently. Errors are bounded to first order in the unit roundoff.
 */

import { isVecValue, type Value } from '../../compiler/index.ts';

/** One scalar leaf of an answer: a column, or a scalar as a column of one. */
export type Leaf = ArrayLike<number | bigint>;

/** The bound of the distance from the expected value: relative to it, or absolute. */
export type Near = 'exact' | { readonly relative: number } | { readonly absolute: number };

/** The unit roundoff of f64. */
export const U = 2 ** -53;

/** The sum of `n` floats of one sign in any order; each term itself may be off by `ulps` roundings. */
export const sumOf = (n: number, ulps = 0): Near => ({ relative: (2 * n + ulps) * U });

/** A float after at most this many roundings, none of them amplified by a cancellation. */
export const roundings = (count: number): Near => ({ relative: count * U });

/** The leaves of a value without dictionaries, in field order. */
export function leavesOf(v: Value): readonly Leaf[] {
  if (typeof v !== 'object') return [[typeof v === 'bigint' ? v : Number(v)]];
  if (isVecValue(v)) return v.cols.map((c) => c.subarray(0, v.length));
  if (v.kind === 'struct') return v.fields.flatMap(leavesOf);
  throw new Error('a workload gives scalars and vectors, found a dictionary');
}

/** The first place where an answer is not the expected one, or null. */
export function difference(got: readonly Leaf[], want: readonly Leaf[], near: readonly Near[]): string | null {
  if (got.length !== want.length) return `${got.length} columns instead of ${want.length}`;
  if (near.length !== want.length) return `${near.length} bounds for ${want.length} columns`;
  for (const [k, w] of want.entries()) {
    const found = differenceIn(got[k] ?? [], w, near[k] ?? 'exact');
    if (found !== null) return `column ${k}: ${found}`;
  }
  return null;
}

function differenceIn(got: Leaf, want: Leaf, near: Near): string | null {
  if (got.length !== want.length) return `${got.length} values instead of ${want.length}`;
  for (let i = 0; i < want.length; i++) {
    const [g, w] = [Number(got[i]), Number(want[i])];
    if (Object.is(g, w) || g === w) continue;
    const bound = near === 'exact' ? 0 : 'absolute' in near ? near.absolute : near.relative * Math.abs(w);
    if (!(Math.abs(g - w) <= bound)) return `row ${i} is ${g} instead of ${w} (at most ${bound} apart)`;
  }
  return null;
}
