/**
 * Values while a loop body is lowered. A Core value in a kernel is a tree whose scalar leaves are SIR expressions. A vector
 * or dictionary from outside is named by the host register that holds it; one that lies in an element, or was made in the
 * loop, is its length and the places of its columns in memory; a builder is a sink that knows how to merge.
 */

import { type DictType, leaves, type Type, typeText } from '../core/types.ts';
import { InternalError } from '../diag/diagnostic.ts';
import { lit } from '../sir/build.ts';
import type { SExpr } from '../sir/kernel.ts';
import type { HostAtom } from '../sir/plan.ts';
import type { Sink } from './sink.ts';

export type KVal =
  /** `narrow` is an i32 expression that `e` (i64) is the extension of, where one is known: index checks stay in 32 bits. */
  | { readonly v: 'scalar'; readonly e: SExpr; readonly narrow: SExpr | null }
  | { readonly v: 'struct'; readonly fields: readonly KVal[] }
  /** A vector from outside, or a slice of one. */
  | { readonly v: 'vec'; readonly vec: HostAtom; readonly elem: Type; readonly view: View | null }
  /** A vector in memory: its length and the places of its columns, i32. */
  | { readonly v: 'view'; readonly elem: Type; readonly length: SExpr; readonly places: readonly SExpr[] }
  /** A vector literal made in the loop: its elements are values in registers. */
  | { readonly v: 'list'; readonly elem: Type; readonly items: readonly KVal[] }
  | { readonly v: 'dict'; readonly dict: HostAtom; readonly ty: DictType; readonly dense: boolean }
  /** A dictionary in memory: the places of its entry columns and of its slots, all i32. */
  | {
      readonly v: 'table';
      readonly ty: DictType;
      readonly count: SExpr;
      readonly places: readonly SExpr[];
      readonly slots: SExpr;
      readonly mask: SExpr;
    }
  | { readonly v: 'builder'; readonly sink: Sink };

/** A vector as loops see it. */
export type VecVal = Extract<KVal, { readonly v: 'vec' | 'view' | 'list' }>;
export const isVecVal = (v: KVal): v is VecVal => v.v === 'vec' || v.v === 'view' || v.v === 'list';
export type DictVal = Extract<KVal, { readonly v: 'dict' | 'table' }>;
export const isDictVal = (v: KVal): v is DictVal => v.v === 'dict' || v.v === 'table';

/** The part of a vector that a slice shows; both i32. */
export interface View {
  readonly offset: SExpr;
  readonly length: SExpr;
}

export const scalarVal = (e: SExpr, narrow: SExpr | null = null): KVal => ({ v: 'scalar', e, narrow });
export const structVal = (fields: readonly KVal[]): KVal => ({ v: 'struct', fields });

/** The scalar expression of a scalar value. */
export function exprOf(v: KVal): SExpr {
  if (v.v !== 'scalar') throw new InternalError(`lower: a ${v.v} where a scalar is expected`);
  return v.e;
}

/** A value of type `t` whose leaves are taken from `next` in field order. */
export function valueOfLeaves(t: Type, next: () => SExpr): KVal {
  switch (t.kind) {
    case 'scalar':
      return scalarVal(next());
    case 'struct':
      return structVal(t.fields.map((f) => valueOfLeaves(f, next)));
    case 'vec': {
      const length = next();
      return { v: 'view', elem: t.elem, length, places: columnsOf([t.elem]).map(next) };
    }
    case 'dict': {
      const count = next();
      const places = columnsOf([t.key, t.value]).map(next);
      return { v: 'table', ty: t, count, places, slots: next(), mask: next() };
    }
    default:
      throw new InternalError(`lower: ${typeText(t)} has no leaves`);
  }
}

const columnsOf = (parts: readonly Type[]) => parts.flatMap((t) => leaves(t) ?? []);

/** Zero of a scalar, an empty vector or dictionary, a struct of those: zero in every leaf. */
export function zeroOf(t: Type): KVal {
  const kinds = [...(leaves(t) ?? [])].reverse();
  return valueOfLeaves(t, () => {
    const kind = kinds.pop() ?? 'i32';
    return lit(kind, kind === 'bool' ? false : 0);
  });
}
