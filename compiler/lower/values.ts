/**
 * Values while a loop body is lowered. A Core value in a kernel is a tree whose scalar leaves are SIR expressions;
 * vectors and dictionaries stay outside and are named by the host register that holds them (a slice adds where it begins
 * and how long it is); a builder is a sink that knows how to merge.
 */

import { type DictType, type Type, typeText } from '../core/types.ts';
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
  /** A vector literal made in the loop: its elements are values in registers. */
  | { readonly v: 'list'; readonly elem: Type; readonly items: readonly KVal[] }
  | { readonly v: 'dict'; readonly dict: HostAtom; readonly ty: DictType; readonly dense: boolean }
  | { readonly v: 'builder'; readonly sink: Sink };

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

/** The scalar leaves of a value in field order. */
export function leafExprs(v: KVal): readonly SExpr[] {
  if (v.v === 'struct') return v.fields.flatMap(leafExprs);
  return [exprOf(v)];
}

/** A value of type `t` whose leaves are taken from `next` in field order. */
export function valueOfLeaves(t: Type, next: () => SExpr): KVal {
  if (t.kind === 'struct') return structVal(t.fields.map((f) => valueOfLeaves(f, next)));
  return scalarVal(next());
}

/** Both values leaf by leaf; they have one type. */
export function zipLeaves(a: KVal, b: KVal, f: (a: SExpr, b: SExpr) => SExpr): KVal {
  if (a.v === 'struct' && b.v === 'struct') {
    return structVal(
      a.fields.map((x, k) => {
        const y = b.fields[k];
        if (y === undefined) throw new InternalError('lower: structs of different size');
        return zipLeaves(x, y, f);
      }),
    );
  }
  return scalarVal(f(exprOf(a), exprOf(b)));
}

/** Zero of a scalar, or of every leaf of a struct of them. */
export function zeroOf(t: Type): KVal {
  if (t.kind === 'struct') return structVal(t.fields.map(zeroOf));
  if (t.kind !== 'scalar') throw new InternalError(`lower: no zero of ${typeText(t)} in a loop`);
  return scalarVal(lit(t.scalar, t.scalar === 'bool' ? false : 0));
}
