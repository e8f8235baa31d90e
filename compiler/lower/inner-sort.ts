/**
 * sort inside a loop: the merge sort of `sort.ts` by one row, on numbers of elements in memory of the part, and then the
 * elements in that order; of a sort with a limit the first so many. A comparison gives its memory back.
 */

import type { OpOf } from '../core/op.ts';
import { bin, cast, cmp, lit } from '../sir/build.ts';
import type { SExpr } from '../sir/kernel.ts';
import { elementAt, lengthOf } from './access.ts';
import { lowerBlock, valueAt } from './body.ts';
import { type LoopContext, unsupported } from './context.ts';
import { leafExprs } from './leaves.ts';
import { allocColumns, allocPlace, scoped, storeRow } from './memory.ts';
import { mergeRuns } from './sort.ts';
import { exprOf, isVecVal, type KVal } from './values.ts';

export function innerSort(op: OpOf<'sort'>, cx: LoopContext): KVal {
  const { kb } = cx;
  const of = valueAt(op.of, cx);
  if (!isVecVal(of)) return unsupported(`sort of a ${of.v} inside a loop`, cx.origin);
  const [zero, one] = [lit('i32', 0), lit('i32', 1)];
  const n = lengthOf(of, cx);
  const memory = cx.memory('i32');
  const cell = (place: SExpr, k: SExpr): SExpr => kb.let(bin('+', place, k));
  const [from, to] = [kb.var(allocPlace(4, n, cx)), kb.var(allocPlace(4, n, cx))];
  kb.range(zero, n, (k) => kb.store(memory, cell(from, k), k));

  /** Does element number `second` belong strictly before element number `first`? */
  const before = (first: SExpr, second: SExpr): SExpr => {
    const answer = kb.var(lit('bool', false));
    scoped(() => {
      for (const [k, number] of [first, second].entries()) {
        const param = op.by.params[k];
        if (param !== undefined) cx.env.set(param, elementAt(of, number, cx));
      }
      kb.set(answer, cmp('>', exprOf(lowerBlock(op.by, cx)), zero));
    }, cx);
    return answer;
  };
  const limit = op.limit === null ? null : exprOf(valueAt(op.limit, cx));
  const most = limit === null ? n : clamped(limit, n, cx);
  const [width, rows] = [kb.var(one), kb.var(n)];
  kb.while(bin('&', cmp('>', rows, width), cmp('>', most, zero)), () => {
    const merged = kb.let(bin('min', bin('+', width, width), most));
    const [low, start, left] = [kb.var(zero), kb.var(zero), kb.var(zero)];
    kb.while(cmp('<', low, rows), () => {
      mergeRuns(
        kb,
        { low, start, width, rows, most: merged },
        {
          read: (place) => kb.load(memory, cell(from, place)),
          write: (place, number) => kb.store(memory, cell(to, place), number),
        },
        before,
      );
      kb.set(left, bin('+', left, bin('min', merged, bin('-', rows, low))));
      kb.set(low, bin('+', low, bin('+', width, width)));
      kb.set(start, bin('+', start, merged));
    });
    const other = kb.var(from);
    kb.set(from, to);
    kb.set(to, other);
    kb.set(width, merged);
    kb.set(rows, left);
  });
  const places = allocColumns(of.elem, most, cx);
  kb.range(zero, most, (k) =>
    storeRow(of.elem, places, k, leafExprs(elementAt(of, kb.load(memory, cell(from, k)), cx), cx), cx),
  );
  return { v: 'view', elem: of.elem, length: most, places };
}

/** An i64 as an i32 between 0 and a length. */
function clamped(e: SExpr, length: SExpr, cx: LoopContext): SExpr {
  const least = bin('max', e, lit('i64', 0));
  return cx.kb.let(cast(bin('min', least, cast(length, 'i64')), 'i32'));
}
