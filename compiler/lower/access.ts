/**
 * Reading vectors and dictionaries inside a loop: `lookup`, `keyexists`.
 *
 * Every index is checked against the length. When the index is the extension of an i32 (a dictionary code, a narrow
 * column) the check is one unsigned 32-bit comparison, which has a SIMD form; otherwise it is done in 64 bits. In
 * predicated code an index counts only under the guard and is 0 otherwise: element 0 of a column can always be read,
 * because heap blocks are padded.
 */

import { bin, bitcast, cast, cmp, type Get, lit, sel } from '../sir/build.ts';
import type { SExpr } from '../sir/kernel.ts';
import { probe } from './builders/dict-table.ts';
import { type LoopContext, leavesOf, unsupported } from './context.ts';
import { exprOf, type KVal, leafExprs, scalarVal, valueOfLeaves } from './values.ts';

/** `lookup(of, index)`. */
export function lookup(of: KVal, index: KVal, cx: LoopContext): KVal {
  if (of.v === 'vec') {
    const at = checkedIndex(index, cx.length(of.vec), cx);
    const elem = of.elem;
    let leaf = 0;
    leavesOf(elem, cx.origin);
    return valueOfLeaves(elem, () => cx.kb.load(cx.column(of.vec, elem, leaf++), at));
  }
  if (of.v !== 'dict') return unsupported(`lookup in a ${of.v} made inside a loop`, cx.origin);
  const { found, entry, bufs } = probe(of, leafExprs(index), cx);
  const missing = cx.kb.let(cmp('==', found, lit('bool', false)));
  cx.fail('KeyNotFoundError', cx.guard === null ? missing : cx.kb.let(bin('&', cx.guard, missing)));
  const keys = leavesOf(of.ty.key, cx.origin).length;
  let leaf = keys;
  return valueOfLeaves(of.ty.value, () => cx.kb.load(bufs(leaf++), entry));
}

/** `keyexists(of, key)`. */
export function keyExists(of: KVal, key: KVal, cx: LoopContext): KVal {
  if (of.v !== 'dict') return unsupported(`keyexists on a ${of.v} inside a loop`, cx.origin);
  return scalarVal(probe(of, leafExprs(key), cx).found);
}

/** The i32 index after its check against a length. */
export function checkedIndex(index: KVal, length: Get, cx: LoopContext): SExpr {
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
