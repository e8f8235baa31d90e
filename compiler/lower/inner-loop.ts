/**
 * A loop inside a loop body: a counted `while` over captured columns or a range. Its builder is either local to the
 * iteration (a merger) or one of the outer loop's, which simply takes more merges.
 */

import type { Iter, OpOf } from '../core/op.ts';
import { bin, bitcast, cast, cmp, type Get, lit, sel } from '../sir/build.ts';
import type { SExpr } from '../sir/kernel.ts';
import { castVal } from './arith.ts';
import { lowerBlock, valueAt } from './body.ts';
import { type LoopContext, leavesOf, unsupported } from './context.ts';
import { exprOf, type KVal, scalarVal, valueOfLeaves } from './values.ts';

export function innerLoop(op: OpOf<'for'>, cx: LoopContext): KVal {
  const { kb } = cx;
  if (cx.guard !== null) return unsupported('a loop inside a predicated branch', cx.origin);
  const builder = valueAt(op.builder, cx);
  const spaces = op.iters.map((it) => spaceOf(it, cx));
  const n = commonLength(spaces, cx);
  const row = kb.var(lit('i32', 0));
  const [b, i, ...elems] = op.body.params;
  kb.while(cmp('<', row, n), () => {
    if (b !== undefined) cx.env.set(b, builder);
    if (i !== undefined) cx.env.set(i, castVal(row, 'i64', cx));
    for (const [k, space] of spaces.entries()) {
      const e = elems[k];
      if (e !== undefined) cx.env.set(e, space.element(row));
    }
    lowerBlock(op.body, cx);
    kb.set(row, bin('+', row, lit('i32', 1)));
  });
  return builder;
}

interface Space {
  /** Iterations, i32. */
  readonly length: Get;
  element(at: SExpr): KVal;
}

function spaceOf(it: Iter, cx: LoopContext): Space {
  if (it.kind === 'range') return rangeSpace(it, cx);
  const v = valueAt(it.vec, cx);
  if (v.v !== 'vec') return unsupported(`a loop over a ${v.v} made inside a loop`, cx.origin);
  leavesOf(v.elem, cx.origin);
  return {
    length: cx.length(v.vec),
    element(at) {
      let leaf = 0;
      return valueOfLeaves(v.elem, () => cx.kb.load(cx.column(v.vec, v.elem, leaf++), at));
    },
  };
}

function rangeSpace(it: Extract<Iter, { kind: 'range' }>, cx: LoopContext): Space {
  const { kb } = cx;
  const [start, end, stride] = [it.start, it.end, it.stride].map((a) => exprOf(valueAt(a, cx)));
  if (start === undefined || end === undefined || stride === undefined) return unsupported('this range', cx.origin);
  const span = kb.let(bin('-', end, start));
  const noStride = kb.let(cmp('<', stride, lit('i64', 1)));
  const divisor = kb.let(sel(noStride, lit('i64', 1), stride));
  const uneven = cmp('!=', bin('%', span, divisor), lit('i64', 0));
  // Rows are counted in i32; as an unsigned number, a span that wrapped is too long as well.
  const count = kb.let(bin('/', span, divisor));
  const tooLong = cmp('>', bitcast(count, 'u64'), lit('u64', 0x7fffffffn));
  const bad = [noStride, cmp('>', start, end), uneven, tooLong];
  cx.fail('BadIteratorLength', kb.let(bad.reduce((a, b) => bin('|', a, b))));
  return {
    length: kb.let(cast(count, 'i32')),
    element: (at) => scalarVal(kb.let(bin('+', start, bin('*', cast(at, 'i64'), stride)))),
  };
}

/** All spaces have one length; a difference stops the row. */
function commonLength(spaces: readonly Space[], cx: LoopContext): Get {
  const [first, ...rest] = spaces;
  if (first === undefined) return unsupported('a loop without iterators', cx.origin);
  for (const s of rest) {
    if (s.length !== first.length) {
      cx.fail('MismatchedZipSize', cx.kb.let(cmp('!=', first.length, s.length)));
    }
  }
  return first.length;
}
