/**
 * Keys that lie near each other: integers, or structs of them, within bounds that the runtime found by looking at some
 * (`runtime/outputs/near.ts`). Each has a place of its own, and nothing is hashed or compared:
 *
 *     code = key - low;  if code < span, as unsigned numbers { entry = places[code] - 1 } else { .. by the slots .. }
 *     {year, sex}:  (year - low0) * span1 + (sex - low1), if each of the differences is below its span
 *
 * The bounds are a guess that is never wrong: keys outside go to the slots. With spans of 0 all of them do.
 */

import { isBigKind, isFloatKind, leaves, type ScalarKind, type Type } from '../../core/types.ts';
import { InternalError } from '../../diag/diagnostic.ts';
import { bin, bitcast, cast, cmp, type Get, type KernelBuilder } from '../../sir/build.ts';
import type { SExpr } from '../../sir/kernel.ts';

/** Leaves of a key that may have places. */
const MAX_LEAVES = 4;

/** The places of near keys, as a kernel sees them. One low and one span a leaf of the key. */
export interface Near {
  readonly lows: readonly SExpr[];
  readonly spans: readonly SExpr[];
  /** Entry + 1, 0 where there is none. */
  place(code: SExpr): Get;
}

/** May keys of this type have places? */
export function isNearKey(t: Type): boolean {
  const kinds = leaves(t);
  if (kinds === null || kinds.length > MAX_LEAVES || !isFlat(t)) return false;
  return kinds.length > 0 && !kinds.some(isFloatKind);
}
const isFlat = (t: Type): boolean => t.kind === 'scalar' || (t.kind === 'struct' && t.fields.every(isFlat));

/** The kind that the least value of a leaf is passed in. */
export const lowKind = (leaf: ScalarKind): ScalarKind => (isBigKind(leaf) ? 'i64' : 'i32');

/** The number of a key's place, and whether it has one. */
export function nearCode(kb: KernelBuilder, near: Near, keys: readonly SExpr[]): { code: SExpr; inside: SExpr } {
  let code: SExpr | null = null;
  let inside: SExpr | null = null;
  for (const [leaf, key] of keys.entries()) {
    const [low, span] = [near.lows[leaf], near.spans[leaf]];
    if (low === undefined || span === undefined) throw new InternalError('lower: a key with a leaf that has no bounds');
    const isBig = isBigKind(key.ty.kind);
    const step = kb.let(bin('-', isBig ? bitcast(key, 'i64') : cast(key, 'i32'), low));
    const limit = bitcast(span, 'u32');
    const fits = isBig ? cmp('<', bitcast(step, 'u64'), cast(limit, 'u64')) : cmp('<', bitcast(step, 'u32'), limit);
    const own = isBig ? cast(step, 'i32') : step;
    code = code === null ? own : bin('+', bin('*', code, span), own);
    inside = inside === null ? fits : bin('&', inside, fits);
  }
  if (code === null || inside === null) throw new InternalError('lower: a key without leaves');
  return { code: kb.let(code), inside: kb.let(inside) };
}
