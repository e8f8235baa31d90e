/**
 * The forms as operations of Core: one line for each word that is an operation, and the loops.
 */

import { iter, lit, range, scan } from '../core/build.ts';
import type { Atom, Iter, Sym } from '../core/op.ts';
import { isLit } from '../core/op.ts';
import { scalar } from '../core/types.ts';
import { InternalError } from '../diag/diagnostic.ts';
import type { Expr, ExprOf } from './ast.ts';
import type { Binding, Closure, Elaborator } from './elaborate.ts';
import { isCast, isIterWord, isMath } from './forms.ts';
import { partsOfCall } from './infer/forms.ts';
import { at } from './infer/infer.ts';

export function elaborateForm(e: ExprOf<'form'>, cx: Elaborator): Atom {
  switch (e.word) {
    case 'for':
      return elaborateLoop(e, cx);
    case 'if': {
      const [cond, then, otherwise] = partsOfCall(e);
      const branch = (x: Expr) => (): Atom => cx.inner(at(x.span), () => cx.atom(x));
      return cx.b.if(cx.atom(cond), branch(then), branch(otherwise));
    }
    case 'sort': {
      const [data, by] = partsOfCall(e);
      const of = cx.atom(data);
      const fn = closureOf(by, cx);
      const limit = e.args[2] === undefined ? null : cx.atom(e.args[2]);
      return cx.b.sort(of, (a, b) => cx.inner(at(by.span), () => cx.enter(fn, named(fn, [a, b], cx))), limit);
    }
    case 'iterate': {
      const [init, body] = partsOfCall(e);
      const first = cx.atom(init);
      const fn = closureOf(body, cx);
      return cx.b.iterate(first, (x) => cx.inner(at(body.span), () => cx.enter(fn, named(fn, [x], cx))));
    }
    default:
      return operation(
        e,
        e.args.map((x) => cx.atom(x)),
        cx,
      );
  }
}

function operation(e: ExprOf<'form'>, args: readonly Atom[], cx: Elaborator): Atom {
  const { b } = cx;
  const { word } = e;
  const [x, y = x, z = x] = args;
  if (x === undefined || y === undefined || z === undefined) throw new InternalError(`elaborate: ${word}()`);
  if (isMath(word)) return b.un(word, x);
  if (isCast(word)) return b.emit({ kind: 'cast', to: scalar(word), a: x });
  switch (word) {
    case 'min':
    case 'max':
    case 'pow':
    case 'atan2':
      return b.bin(word, x, y);
    case 'select':
      return b.select(x, y, z);
    case 'len':
      return b.len(x);
    case 'lookup':
      return b.lookup(x, y);
    case 'optlookup':
      return b.optlookup(x, y);
    case 'keyexists':
      return b.keyexists(x, y);
    case 'slice':
      return b.slice(x, y, z);
    case 'tovec':
      return b.tovec(x);
    case 'assert':
      return b.assert(x);
    case 'serialize':
      return b.serialize(x);
    case 'deserialize':
      return b.deserialize(cx.typeOf(e), x);
    case 'broadcast':
      return x;
    case 'merge':
      return b.merge(x, y);
    case 'result':
      return b.result(x);
    default:
      throw new InternalError(`elaborate: ${word} is no operation`);
  }
}

function closureOf(e: Expr, cx: Elaborator): Closure {
  const found = cx.closure(e);
  if (found === null) throw new InternalError('elaborate: a value where a function is needed');
  return found;
}

/** The params of a block under the names that the function gives them. */
function named(fn: Closure, syms: readonly Sym[], cx: Elaborator): readonly Binding[] {
  for (const [k, p] of fn.params.entries()) {
    const s = syms[k];
    if (s !== undefined) cx.b.syms.rename(s, p.name);
  }
  return syms.map((atom) => ({ atom }));
}

function elaborateLoop(e: ExprOf<'form'>, cx: Elaborator): Atom {
  const [data, builder, body] = partsOfCall(e);
  const iters = itersOf(data, cx);
  const into = cx.atom(builder);
  const fn = closureOf(body, cx);
  return cx.b.loop(
    iters,
    into,
    (b, i, ...elems) => {
      const [only] = elems;
      const [first, second] = named(fn, [b, i], cx);
      const name = fn.params[2]?.name;
      if (name !== undefined) for (const s of elems) cx.b.syms.rename(s, name);
      const elem: Binding = elems.length === 1 && only !== undefined ? { atom: only } : { elems };
      if (first === undefined || second === undefined) throw new InternalError('elaborate: a loop without params');
      // Inside, the name of the outer builder stands for the same builder as the parameter.
      const redirect = isLit(into) ? null : { from: into, to: b };
      return cx.inner(at(body.span), () => cx.enter(fn, [first, second, elem], redirect));
    },
    e.notes,
  );
}

function itersOf(data: Expr, cx: Elaborator): readonly Iter[] {
  const sources = data.k === 'form' && data.word === 'zip' ? data.args : [data];
  return sources.map((s) => iterOf(s, cx));
}

function iterOf(e: Expr, cx: Elaborator): Iter {
  if (e.k !== 'form' || !isIterWord(e.word)) return scan(cx.atom(e));
  const [a, start, end, stride, shape, steps] = e.args.map((x) => cx.atom(x));
  if (a === undefined) throw new InternalError(`elaborate: ${e.word}()`);
  switch (e.word) {
    case 'rangeiter':
      if (start === undefined || end === undefined) throw new InternalError('elaborate: a range without bounds');
      return range(a, start, end);
    case 'fringeiter':
      // With one lane nothing is left over; the vector still has to be there.
      return iter(a, NOTHING, NOTHING, lit('i64', 1));
    case 'iter':
    case 'simditer':
      return start === undefined || end === undefined || stride === undefined ? scan(a) : iter(a, start, end, stride);
    case 'nditer':
      if (start === undefined || end === undefined || stride === undefined)
        throw new InternalError('elaborate: nditer');
      if (shape === undefined || steps === undefined) throw new InternalError('elaborate: nditer without shape');
      return { kind: 'nditer', vec: a, start, end, stride, shape, steps };
    default:
      return e.word satisfies never;
  }
}
const NOTHING = lit('i64', 0);
