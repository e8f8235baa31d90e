/**
 * Values as leaves.
 *
 * What goes through a variable, into a column or into another vector is a list of scalars: `leafExprs`. A captured vector
 * becomes its length and the places of its columns, a literal is written to memory first.
 */

import type { Type } from '../core/types.ts';
import { InternalError } from '../diag/diagnostic.ts';
import { bin, lit, sel } from '../sir/build.ts';
import type { SExpr } from '../sir/kernel.ts';
import { type LoopContext, leavesOf } from './context.ts';
import { allocColumns, storeRow } from './memory.ts';
import { exprOf, type KVal, valueOfLeaves } from './values.ts';

/** The scalar leaves of a value in field order. */
export function leafExprs(v: KVal, cx: LoopContext): readonly SExpr[] {
  switch (v.v) {
    case 'scalar':
      return [v.e];
    case 'struct':
      return v.fields.flatMap((f) => leafExprs(f, cx));
    case 'vec': {
      const { vec, elem, view } = v;
      const places = leavesOf(elem, cx.origin).map((_, leaf) => {
        const place = cx.place(vec, leaf);
        return view === null ? place : cx.kb.let(bin('+', place, view.offset));
      });
      return [view === null ? cx.length(vec) : view.length, ...places];
    }
    case 'view':
      return [v.length, ...v.places];
    case 'list':
      return leafExprs(written(v, cx), cx);
    case 'dict': {
      const { key, value } = v.ty;
      const columns = [...leavesOf(key, cx.origin), ...leavesOf(value, cx.origin)];
      const places = columns.map((_, leaf) => cx.place(v.dict, leaf));
      const mask = cx.scalar('dict_mask', 'i32', { bind: 'slotmask', dict: v.dict, form: 'hashed' });
      return [cx.length(v.dict), ...places, cx.place(v.dict, columns.length), mask];
    }
    case 'table':
      return [v.count, ...v.places, v.slots, v.mask];
    case 'builder':
      return [exprOf(v)];
    default:
      return v satisfies never;
  }
}

/** `cond ? a : b` for values of type `ty`, leaf by leaf. */
export function choose(ty: Type, cond: SExpr, a: KVal, b: KVal, cx: LoopContext): KVal {
  const others = leafExprs(b, cx);
  const chosen = leafExprs(a, cx).map((x, k) => {
    const y = others[k];
    if (y === undefined) throw new InternalError('lower: a choice between values of two types');
    return cx.kb.let(sel(cond, x, y));
  });
  let k = 0;
  return valueOfLeaves(ty, () => chosen[k++] ?? cond);
}

/** Of a longer literal the elements are in memory: a look-up in registers asks one element after the other. */
const MOST_ITEMS = 64;

/** A vector literal. */
export function vecLiteral(elem: Type, items: readonly KVal[], cx: LoopContext): KVal {
  const list = { v: 'list', elem, items } as const;
  return items.length > MOST_ITEMS && cx.target === 'wasm' ? written(list, cx) : list;
}

/** A vector literal in memory. */
function written(v: Extract<KVal, { readonly v: 'list' }>, cx: LoopContext): Extract<KVal, { readonly v: 'view' }> {
  const length = lit('i32', v.items.length);
  const places = v.items.length === 0 ? noPlaces(v.elem, cx) : allocColumns(v.elem, length, cx);
  for (const [k, item] of v.items.entries()) storeRow(v.elem, places, lit('i32', k), leafExprs(item, cx), cx);
  return { v: 'view', elem: v.elem, length, places };
}

const noPlaces = (elem: Type, cx: LoopContext): readonly SExpr[] => leavesOf(elem, cx.origin).map(() => lit('i32', 0));
