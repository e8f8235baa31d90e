/**
 * Loops inside a loop body. A `for` is a counted `while` over captured columns, slices, vector literals or a range; its
 * builder is either local to the iteration (a merger) or one of the outer loop's, which simply takes more merges. An
 * `iterate` is a `while` over variables.
 */

import { type Atom, type Iter, isLit, type OpOf } from '../core/op.ts';
import { isLinear, type Type } from '../core/types.ts';
import { bin, bitcast, cast, cmp, type Get, lit, sel } from '../sir/build.ts';
import type { SExpr } from '../sir/kernel.ts';
import { elementAt, isVecVal, lengthOf, type VecVal } from './access.ts';
import { castVal } from './arith.ts';
import { lowerBlock, sameSinks, valueAt, varsOf } from './body.ts';
import { type LoopContext, leavesOf, unsupported } from './context.ts';
import { exprOf, type KVal, leafExprs, scalarVal, structVal, valueOfLeaves } from './values.ts';

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

/** `iterate(init, body)`: builders in its value are where they were, the rest is in variables. */
export function iterate(op: OpOf<'iterate'>, cx: LoopContext): KVal {
  const { kb } = cx;
  const [x] = op.body.params;
  if (x === undefined) return unsupported('this iteration', cx.origin);
  const init = valueAt(op.init, cx);
  const state = openState(init, cx.syms.type(x), cx);
  assign(state, init, cx);
  const again = kb.var(lit('bool', true));
  kb.while(again, () => {
    cx.env.set(x, state.value);
    const out = lowerBlock(op.body, cx);
    const [next, more] = out.v === 'struct' ? out.fields : [];
    if (next === undefined || more === undefined) return unsupported('this iteration', cx.origin);
    // Before the state changes: the answer may be part of it.
    const answer = kb.var(exprOf(more));
    assign(state, next, cx);
    kb.set(again, answer);
  });
  return state.value;
}

/** The value that an iteration carries, as variables and builders, and the variables. */
interface State {
  readonly value: KVal;
  readonly vars: readonly Get[];
}

function openState(init: KVal, ty: Type, cx: LoopContext): State {
  if (!isLinear(ty)) {
    const vars = varsOf(ty, 'an iteration over a', cx);
    let k = 0;
    return { value: valueOfLeaves(ty, () => vars[k++] ?? unsupported('this iteration', cx.origin)), vars };
  }
  if (ty.kind !== 'struct' || init.v !== 'struct') return { value: init, vars: [] };
  const parts = ty.fields.map((f, k) => openState(init.fields[k] ?? init, f, cx));
  return { value: structVal(parts.map((p) => p.value)), vars: parts.flatMap((p) => p.vars) };
}

/** All variables take their next values at once: a next value may be what another variable was. */
function assign(state: State, next: KVal, cx: LoopContext): void {
  const { kb } = cx;
  const scalars = scalarsOf(state.value, next, cx).map((e) => (e.x === 'lit' ? e : kb.var(e)));
  for (const [k, e] of scalars.entries()) {
    const target = state.vars[k];
    if (target !== undefined) kb.set(target, e);
  }
}

/** The scalars of the next value; its builders must be those that the iteration carries, in the same places. */
function scalarsOf(state: KVal, next: KVal, cx: LoopContext): readonly SExpr[] {
  if (state.v === 'builder') {
    return sameSinks(state, next)
      ? []
      : unsupported('an iteration that hands its builders on in other places', cx.origin);
  }
  if (state.v !== 'struct' || next.v !== 'struct') return leafExprs(next);
  return state.fields.flatMap((f, k) => scalarsOf(f, next.fields[k] ?? next, cx));
}

interface Space {
  /** Iterations, i32. */
  readonly length: SExpr;
  element(at: SExpr): KVal;
}

function spaceOf(it: Iter, cx: LoopContext): Space {
  if (it.kind === 'range') return rangeSpace(it, cx);
  if (it.kind === 'nditer') return unsupported('nditer in a nested loop', cx.origin);
  const v = valueAt(it.vec, cx);
  if (!isVecVal(v)) return unsupported(`a loop over a ${v.v} made inside a loop`, cx.origin);
  leavesOf(v.elem, cx.origin);
  if (it.kind === 'iter') return iterSpace(it, v, cx);
  return { length: lengthOf(v, cx), element: (at) => elementAt(v, at, cx) };
}

function rangeSpace(it: Extract<Iter, { kind: 'range' }>, cx: LoopContext): Space {
  const { kb } = cx;
  const { start, stride, count, bad } = boundsOf(it, cx);
  // Rows are counted in i32; as an unsigned number, a span that wrapped is too long as well.
  const tooLong = cmp('>', bitcast(count, 'u64'), lit('u64', 0x7fffffffn));
  cx.fail('BadIteratorLength', kb.let(bin('|', bad, tooLong)));
  return {
    length: kb.let(cast(count, 'i32')),
    element: (at) => {
      const offset = cast(at, 'i64');
      return scalarVal(kb.let(bin('+', start, isOne(it.stride) ? offset : bin('*', offset, stride))));
    },
  };
}

function iterSpace(it: Extract<Iter, { kind: 'iter' }>, v: VecVal, cx: LoopContext): Space {
  const { kb } = cx;
  const { start, end, stride, count, bad } = boundsOf(it, cx);
  const length = kb.let(cast(lengthOf(v, cx), 'i64'));
  const outside = bin('|', cmp('<', start, lit('i64', 0)), cmp('>', end, length));
  cx.fail('BadIteratorLength', kb.let(bin('|', bad, outside)));
  const from = kb.let(cast(start, 'i32'));
  const by = isOne(it.stride) ? null : kb.let(cast(stride, 'i32'));
  return {
    length: kb.let(cast(count, 'i32')),
    element: (at) => elementAt(v, kb.let(bin('+', from, by === null ? at : bin('*', at, by))), cx),
  };
}

/** The bounds, the number of elements between them, and whether they are not start <= end with a dividing stride. */
function boundsOf(it: Extract<Iter, { kind: 'range' | 'iter' }>, cx: LoopContext) {
  const { kb } = cx;
  const [start, end, stride] = [it.start, it.end, it.stride].map((a) => exprOf(valueAt(a, cx)));
  if (start === undefined || end === undefined || stride === undefined) return unsupported('this range', cx.origin);
  const span = kb.let(bin('-', end, start));
  const backwards = cmp('>', start, end);
  if (isOne(it.stride)) return { start, end, stride, count: span, bad: kb.let(backwards) };
  const noStride = kb.let(cmp('<', stride, lit('i64', 1)));
  const divisor = kb.let(sel(noStride, lit('i64', 1), stride));
  const uneven = cmp('!=', bin('%', span, divisor), lit('i64', 0));
  const count = kb.let(bin('/', span, divisor));
  const bad = kb.let([noStride, backwards, uneven].reduce((a, b) => bin('|', a, b)));
  return { start, end, stride, count, bad };
}

const isOne = (a: Atom): boolean => isLit(a) && a.lit === 1n;

/** All spaces have one length; a difference stops the row. */
function commonLength(spaces: readonly Space[], cx: LoopContext): SExpr {
  const [first, ...rest] = spaces;
  if (first === undefined) return unsupported('a loop without iterators', cx.origin);
  for (const s of rest) {
    if (s.length !== first.length) {
      cx.fail('MismatchedZipSize', cx.kb.let(cmp('!=', first.length, s.length)));
    }
  }
  return first.length;
}
