/**
 * What a call means: `len(v)`, `exp(x)`, `f64(x)` ... One table of the fixed words; `for`, `zip` and `rangeiter` are
 * forms of their own in `elaborate.ts`. Anything else is an unknown name.
 */

import type { Atom, UnOp } from '../core/op.ts';
import { SCALAR_KINDS, scalar } from '../core/types.ts';
import { fail } from '../diag/diagnostic.ts';
import type { ExprOf } from './ast.ts';
import type { Elaborator } from './elaborate.ts';

interface Call {
  /** The arguments in words; their number is the arity. */
  readonly takes: readonly string[];
  readonly make: (cx: Elaborator, args: readonly Atom[]) => Atom;
}

/** The arguments, whose number has been checked. */
function call(takes: readonly string[], make: (cx: Elaborator, a: Atom, b: Atom, c: Atom) => Atom): Call {
  return {
    takes,
    make(cx, args) {
      const [a, b = a, c = a] = args;
      if (a === undefined || b === undefined || c === undefined) return fail('W2005', 'a call without arguments');
      return make(cx, a, b, c);
    },
  };
}

const MATHS: readonly UnOp[] = [
  'exp',
  'log',
  'sqrt',
  'sin',
  'cos',
  'tan',
  'asin',
  'acos',
  'atan',
  'sinh',
  'cosh',
  'tanh',
  'erf',
];

const CALLS: ReadonlyMap<string, Call> = new Map<string, Call>([
  ...MATHS.map((op) => [op, call(['a float'], (cx, a) => cx.b.un(op, a))] as const),
  ...SCALAR_KINDS.map(
    (k) => [k, call(['a scalar'], (cx, a) => cx.b.emit({ kind: 'cast', to: scalar(k), a }))] as const,
  ),
  ...(['min', 'max', 'pow'] as const).map(
    (op) => [op, call(['two numbers', ''], (cx, a, b) => cx.b.bin(op, a, b))] as const,
  ),
  ['select', call(['a condition', 'two values', ''], (cx, a, b, c) => cx.b.select(a, b, c))],
  ['len', call(['a vector'], (cx, a) => cx.b.len(a))],
  ['lookup', call(['a vector or dictionary', 'an index or key'], (cx, a, b) => cx.b.lookup(a, b))],
  ['keyexists', call(['a dictionary', 'a key'], (cx, a, b) => cx.b.keyexists(a, b))],
  ['slice', call(['a vector', 'a start', 'a size'], (cx, a, b, c) => cx.b.slice(a, b, c))],
  ['tovec', call(['a dictionary'], (cx, a) => cx.b.tovec(a))],
  ['merge', call(['a builder', 'a value'], (cx, a, b) => cx.b.merge(a, b))],
  ['result', call(['a builder'], (cx, a) => cx.b.result(a))],
]);

/** Macros of other Weld compilers, and what to write here. */
const MACROS: ReadonlyMap<string, string> = new Map([
  ['map', 'result(for(v, appender[T], |b, i, e| merge(b, ...)))'],
  ['filter', 'result(for(v, appender[T], |b, i, e| if(..., merge(b, e), b)))'],
  ['flatten', 'a loop over the outer vector with a loop over the inner one in its body'],
  ['sum', 'result(for(v, merger[T,+], |b, i, e| merge(b, e)))'],
]);

/** Words that may stand before a parenthesis. */
const CALL_NAMES: readonly string[] = [...CALLS.keys(), 'if', 'for', 'zip', 'rangeiter'];

export function elaborateCall(e: ExprOf<'call'>, cx: Elaborator): Atom {
  if (e.name === 'if') return elaborateIf(e, cx);
  const found = CALLS.get(e.name);
  if (found === undefined) {
    if (e.name === 'zip' || e.name === 'rangeiter') {
      return fail('W2005', `${e.name} stands only as the data of a loop`, { origin: { kind: 'text', span: e.span } });
    }
    const span = { start: e.span.start, end: e.span.start + e.name.length };
    const loop = MACROS.get(e.name);
    if (loop === undefined) return cx.unknown(e.name, span, CALL_NAMES);
    return fail('W2003', `unknown name ${e.name}`, { origin: { kind: 'text', span }, help: `write ${loop}` });
  }
  checkArity(e, found.takes);
  return found.make(
    cx,
    e.args.map((x) => cx.atom(x)),
  );
}

function elaborateIf(e: ExprOf<'call'>, cx: Elaborator): Atom {
  checkArity(e, ['a condition', 'two branches', '']);
  const [cond, then, otherwise] = e.args;
  if (cond === undefined || then === undefined || otherwise === undefined)
    return fail('W2005', 'if takes three arguments');
  return cx.b.if(
    cx.atom(cond),
    () => cx.inner(then),
    () => cx.inner(otherwise),
  );
}

function checkArity(e: ExprOf<'call'>, takes: readonly string[]): void {
  if (e.args.length === takes.length) return;
  const words = takes.filter((w) => w !== '').join(' and ');
  fail('W2005', `${e.name} takes ${words}, found ${e.args.length} argument${e.args.length === 1 ? '' : 's'}`, {
    origin: { kind: 'text', span: e.span },
  });
}
