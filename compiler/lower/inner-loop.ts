/**
 * Loops inside a loop body. A `for` is a counted `while` over vectors, wherever they lie, windows of them, or a range; its
 * builder is either local to the iteration or one of the outer loop's, which simply takes more merges. An `iterate` is a
 * `while` over variables. What an iteration makes and nothing keeps is given back at its end.
 */

import { mergeCounts } from '../analysis/merges.ts';
import { type Atom, type Iter, isLit, type OpOf } from '../core/op.ts';
import { bin, bitcast, cast, cmp, lit, sel, un } from '../sir/build.ts';
import type { SExpr } from '../sir/kernel.ts';
import { elementAt, lengthOf } from './access.ts';
import { castVal } from './arith.ts';
import { lowerBlock, valueAt } from './body.ts';
import { type LoopContext, leavesOf, unsupported } from './context.ts';
import { becomes, jointValue } from './handing-on.ts';
import { scoped } from './memory.ts';
import { ndOffset } from './space.ts';
import { exprOf, isVecVal, type KVal, scalarVal, type VecVal } from './values.ts';

export function innerLoop(op: OpOf<'for'>, cx: LoopContext): KVal {
  const { kb } = cx;
  if (cx.guard !== null) return unsupported('a loop inside a predicated branch', cx.origin);
  const builder = valueAt(op.builder, cx);
  const spaces = op.iters.map((it) => spaceOf(it, cx));
  const n = commonLength(spaces, cx);
  makeRoomFor(builder, op, n, cx);
  const row = kb.var(lit('i32', 0));
  const [b, i, ...elems] = op.body.params;
  const body = (): void => {
    if (b !== undefined) cx.env.set(b, builder);
    if (i !== undefined) cx.env.set(i, castVal(row, 'i64', cx));
    for (const [k, space] of spaces.entries()) {
      const e = elems[k];
      if (e !== undefined) cx.env.set(e, space.element(row));
    }
    becomes(builder, lowerBlock(op.body, cx), cx);
  };
  kb.while(cmp('<', row, n), () => {
    if (keepsMemory(builder)) body();
    else scoped(body, cx);
    kb.set(row, bin('+', row, lit('i32', 1)));
  });
  return builder;
}

/** An appender that every iteration merges into once gets its room at once. */
function makeRoomFor(builder: KVal, op: OpOf<'for'>, n: SExpr, cx: LoopContext): void {
  if (builder.v !== 'builder' || builder.sink.local?.reserve === undefined) return;
  const { min, max } = mergeCounts(op.body, cx.syms).get('') ?? { min: 0, max: 0 };
  if (min === 1 && max === 1) builder.sink.local.reserve(n);
}

/** Does something outlive an iteration that may refer to memory which it made? */
function keepsMemory(v: KVal): boolean {
  if (v.v === 'builder') return v.sink.keepsMemory;
  return v.v === 'struct' ? v.fields.some(keepsMemory) : v.v !== 'scalar';
}

/** `iterate(init, body)`: builders in its value are where they were, the rest is in variables. */
export function iterate(op: OpOf<'iterate'>, cx: LoopContext): KVal {
  const { kb } = cx;
  const [x] = op.body.params;
  if (x === undefined) return unsupported('this iteration', cx.origin);
  const init = valueAt(op.init, cx);
  const state = jointValue(cx.syms.type(x), init, init, cx);
  becomes(state, init, cx);
  const again = kb.var(lit('bool', true));
  const body = (): void => {
    cx.env.set(x, state);
    const out = lowerBlock(op.body, cx);
    const [next, more] = out.v === 'struct' ? out.fields : [];
    if (next === undefined || more === undefined) unsupported('this iteration', cx.origin);
    // Before the state changes: the answer may be part of it.
    const answer = kb.var(exprOf(more));
    becomes(state, next, cx);
    kb.set(again, answer);
  };
  kb.while(again, () => {
    if (keepsMemory(state)) body();
    else scoped(body, cx);
  });
  return state;
}

interface Space {
  /** Iterations, i32. */
  readonly length: SExpr;
  element(at: SExpr): KVal;
}

function spaceOf(it: Iter, cx: LoopContext): Space {
  if (it.kind === 'range') return rangeSpace(it, cx);
  const v = valueAt(it.vec, cx);
  if (!isVecVal(v)) return unsupported(`a loop over a ${v.v} made inside a loop`, cx.origin);
  leavesOf(v.elem, cx.origin);
  if (it.kind === 'iter') return iterSpace(it, v, cx);
  if (it.kind === 'nditer') return ndSpace(it, v, cx);
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

/** The shape must have as many elements as the bounds, and every offset must be inside the vector. */
function ndSpace(it: Extract<Iter, { kind: 'nditer' }>, v: VecVal, cx: LoopContext): Space {
  const { kb } = cx;
  const { start, count, bad } = boundsOf(it, cx);
  const [shape, steps] = [valueAt(it.shape, cx), valueAt(it.steps, cx)];
  if (!isVecVal(shape) || !isVecVal(steps)) return unsupported('this shape', cx.origin);
  const dims = lengthOf(shape, cx);
  // As an unsigned number, a span that wrapped is too long as well.
  const tooLong = cmp('>', bitcast(count, 'u64'), lit('u64', 0x7fffffffn));
  const unequal = cmp('!=', dims, lengthOf(steps, cx));
  cx.fail('BadIteratorLength', kb.let([bad, tooLong, unequal].reduce((a, b) => bin('|', a, b))));

  const wrong = kb.var(lit('bool', false));
  const empty = kb.var(lit('bool', false));
  const size = kb.var(lit('i64', 1));
  const [low, high] = [
    kb.var(bin('max', start, lit('i64', -0x100000000n))),
    kb.var(bin('min', start, lit('i64', 0x100000000n))),
  ];
  const dim = kb.var(lit('i32', 0));
  const at = (of: VecVal): SExpr => exprOf(elementAt(of, dim, cx));
  const also = (condition: SExpr): void => kb.set(wrong, bin('|', wrong, condition));
  kb.while(bin('&', un('not', wrong), cmp('<', dim, dims)), () => {
    const [d, step] = [kb.let(at(shape)), kb.let(at(steps))];
    also(cmp('<', d, ZERO));
    kb.if(
      cmp('==', d, ZERO),
      () => kb.set(empty, lit('bool', true)),
      () => {
        // Products of numbers up to 2^31 do not wrap, and what was cut to that is no number of elements any more.
        kb.set(size, bin('*', bin('min', size, LIMIT), bin('min', d, LIMIT)));
        // A longer step leaves every vector as a step of 2^31 does.
        const near = bin('min', bin('max', step, lit('i64', -0x80000000n)), LIMIT);
        const way = kb.let(bin('*', bin('-', bin('min', d, LIMIT), lit('i64', 1)), near));
        kb.if(
          cmp('<', way, ZERO),
          () => kb.set(low, bin('max', bin('+', low, way), lit('i64', -0x100000000n))),
          () => kb.set(high, bin('min', bin('+', high, way), lit('i64', 0x100000000n))),
        );
      },
    );
    kb.set(dim, bin('+', dim, lit('i32', 1)));
  });
  const elements = kb.let(sel(empty, ZERO, size));
  const inside = bin('&', cmp('>=', low, ZERO), cmp('<', high, cast(lengthOf(v, cx), 'i64')));
  const outside = bin('&', cmp('!=', count, ZERO), un('not', inside));
  cx.fail('BadIteratorLength', kb.let(bin('|', bin('|', wrong, cmp('!=', elements, count)), outside)));

  const first = kb.let(cast(start, 'i32'));
  return {
    length: kb.let(cast(count, 'i32')),
    element(row) {
      const sizeAt = (k: SExpr): SExpr => cast(exprOf(elementAt(shape, k, cx)), 'i32');
      const stepAt = (k: SExpr): SExpr => cast(exprOf(elementAt(steps, k, cx)), 'i32');
      return elementAt(v, ndOffset(kb, row, first, dims, sizeAt, stepAt), cx);
    },
  };
}
const ZERO = lit('i64', 0);
const LIMIT = lit('i64', 0x80000000);

/** The bounds, the number of elements between them, and whether they are not start <= end with a dividing stride. */
function boundsOf(it: Extract<Iter, { kind: 'range' | 'iter' | 'nditer' }>, cx: LoopContext) {
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
