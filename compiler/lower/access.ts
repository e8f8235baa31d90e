/**
 * Reading vectors and dictionaries inside a loop: `lookup`, `len`, `slice`, `keyexists`, `optlookup`, `tovec`.
 *
 * Every index is checked against the length. When the index is the extension of an i32 (a dictionary code, a narrow
 * column) the check is one unsigned 32-bit comparison, which has a SIMD form; otherwise it is done in 64 bits. In
 * predicated code an index counts only under the guard and is 0 otherwise: element 0 of a column, and place 0 of the
 * memory, can always be read.
 *
 * A slice is a view of its vector and copies nothing. A vector literal is its elements, and looking one up is a choice
 * among them.
 */

import { struct } from '../core/types.ts';
import { bin, bitcast, cast, cmp, lit, sel, un } from '../sir/build.ts';
import type { SExpr } from '../sir/kernel.ts';
import { probe } from './builders/dict-table.ts';
import { type LoopContext, leavesOf, unsupported } from './context.ts';
import { choose, leafExprs } from './leaves.ts';
import {
  exprOf,
  isDictVal,
  isVecVal,
  type KVal,
  scalarVal,
  structVal,
  type VecVal,
  valueOfLeaves,
  zeroOf,
} from './values.ts';

/** The length of a vector, i32. */
export function lengthOf(v: VecVal, cx: LoopContext): SExpr {
  if (v.v === 'list') return lit('i32', v.items.length);
  if (v.v === 'view') return v.length;
  return v.view === null ? cx.length(v.vec) : v.view.length;
}

/** `len(of)`. */
export function len(of: KVal, cx: LoopContext): KVal {
  if (!isVecVal(of)) return unsupported(`len of a ${of.v} made inside a loop`, cx.origin);
  const n = lengthOf(of, cx);
  return scalarVal(cx.kb.let(cast(n, 'i64')), n);
}

/** The element at an i32 index that is inside the vector, or that nobody uses the element of. */
export function elementAt(v: VecVal, at: SExpr, cx: LoopContext): KVal {
  const { kb, guard } = cx;
  const kinds = leavesOf(v.elem, cx.origin);
  let leaf = 0;
  switch (v.v) {
    case 'list': {
      const [last = zeroOf(v.elem), ...others] = v.items.toReversed();
      const first = others.length - 1;
      return others.reduce((rest, item, k) => {
        const here = kb.let(cmp('==', at, lit('i32', first - k)));
        return choose(v.elem, here, item, rest, cx);
      }, last);
    }
    case 'view':
      return valueOfLeaves(v.elem, () => {
        const [kind, place] = [kinds[leaf], v.places[leaf]];
        leaf++;
        if (kind === undefined || place === undefined) return unsupported('this vector', cx.origin);
        // Where the guard does not hold, the place may be anything as well.
        const index = kb.let(bin('+', place, at));
        return kb.load(cx.memory(kind), guard === null ? index : kb.let(sel(guard, index, lit('i32', 0))));
      });
    case 'vec': {
      const place = v.view === null ? at : kb.let(bin('+', v.view.offset, at));
      return valueOfLeaves(v.elem, () => kb.load(cx.column(v.vec, v.elem, leaf++), place));
    }
    default:
      return v satisfies never;
  }
}

/** `lookup(of, index)`. */
export function lookup(of: KVal, index: KVal, cx: LoopContext): KVal {
  if (isVecVal(of)) return elementAt(of, checkedIndex(index, lengthOf(of, cx), cx), cx);
  if (!isDictVal(of)) return unsupported(`lookup in a ${of.v} made inside a loop`, cx.origin);
  const { found, value } = probe(of, leafExprs(index, cx), cx);
  cx.fail('KeyNotFoundError', cx.kb.let(un('not', found)));
  return value();
}

/** `keyexists(of, key)`. */
export function keyExists(of: KVal, key: KVal, cx: LoopContext): KVal {
  if (!isDictVal(of)) return unsupported(`keyexists on a ${of.v} inside a loop`, cx.origin);
  return scalarVal(probe(of, leafExprs(key, cx), cx).found);
}

/** `optlookup(of, key)`: a miss gives zero. */
export function optLookup(of: KVal, key: KVal, cx: LoopContext): KVal {
  if (!isDictVal(of)) return unsupported(`optlookup on a ${of.v} inside a loop`, cx.origin);
  const { found, value } = probe(of, leafExprs(key, cx), cx);
  return structVal([scalarVal(found), choose(of.ty.value, found, value(), zeroOf(of.ty.value), cx)]);
}

/** `tovec(of)`: the entry columns are the vector. */
export function toVec(of: KVal, cx: LoopContext): KVal {
  if (!isDictVal(of)) return unsupported(`tovec of a ${of.v} inside a loop`, cx.origin);
  const [count, ...places] = leafExprs(of, cx);
  const elem = struct([of.ty.key, of.ty.value]);
  return { v: 'view', elem, length: count ?? lit('i32', 0), places: places.slice(0, -2) };
}

/** `slice(of, start, size)`: a view; a start outside 0 .. length stops the row. Not in predicated code. */
export function slice(of: KVal, start: KVal, size: KVal, cx: LoopContext): KVal {
  const { kb } = cx;
  if (!isVecVal(of)) return unsupported(`slice of a ${of.v} inside a loop`, cx.origin);
  const length = lengthOf(of, cx);
  const [from, count] = [exprOf(start), exprOf(size)];
  // As an unsigned number, a negative start is larger than any length.
  const outside = cmp('>', bitcast(from, 'u64'), cast(bitcast(length, 'u32'), 'u64'));
  cx.fail('ArrayOutOfBounds', kb.let(outside));
  const first = kb.let(cast(from, 'i32'));
  const rest = cast(bin('-', length, first), 'i64');
  const clamped = kb.let(cast(bin('min', bin('max', count, lit('i64', 0)), rest), 'i32'));
  if (of.v === 'vec') {
    const offset = of.view === null ? first : kb.let(bin('+', of.view.offset, first));
    return { ...of, view: { offset, length: clamped } };
  }
  const [, ...places] = leafExprs(of, cx);
  const moved = places.map((place) => kb.let(bin('+', place, first)));
  return { v: 'view', elem: of.elem, length: clamped, places: moved };
}

/** The i32 index after its check against a length. */
export function checkedIndex(index: KVal, length: SExpr, cx: LoopContext): SExpr {
  const { kb, guard } = cx;
  const narrow = index.v === 'scalar' ? index.narrow : null;
  // As unsigned numbers, negative indices are larger than any length.
  const outside =
    narrow === null
      ? cmp('>=', bitcast(exprOf(index), 'u64'), cast(bitcast(length, 'u32'), 'u64'))
      : cmp('>=', bitcast(narrow, 'u32'), bitcast(length, 'u32'));
  const bad = kb.let(outside);
  cx.fail('ArrayOutOfBounds', guard === null ? bad : kb.let(bin('&', guard, bad)));
  const at = narrow ?? kb.let(cast(exprOf(index), 'i32'));
  return guard === null ? at : kb.let(sel(guard, at, lit('i32', 0)));
}
