/**
 * Inference of the forms: what each reserved word asks of its arguments, and the loops.
 */

import {
  assertRule,
  binRule,
  boundsRule,
  broadcastRule,
  castRule,
  deserializeRule,
  elemRule,
  expect,
  ifRule,
  iterateRule,
  keyexistsRule,
  lenRule,
  lookupRule,
  loopRule,
  mergeRule,
  nditerRule,
  optlookupRule,
  refuse,
  resultRule,
  type Solver,
  selectRule,
  serializeRule,
  sliceRule,
  sortElemRule,
  sortRule,
  tovecRule,
  unRule,
} from '../../core/rules.ts';
import { I64, scalar, struct, type Type } from '../../core/types.ts';
import { fail } from '../../diag/diagnostic.ts';
import type { Expr, ExprOf } from '../ast.ts';
import { BUILTIN_MACROS } from '../builtins.ts';
import { aritiesOf, isCast, isIterWord, isMath } from '../forms.ts';
import { at, type Fn, type Inference } from './infer.ts';

/** The type of a form. */
export function inferForm(e: ExprOf<'form'>, cx: Inference): Type {
  const arities = aritiesOf(e.word);
  if (arities !== null && !arities.includes(e.args.length)) return cx.mistake(() => wrongArity(e, arities));
  const { word } = e;
  if (word === 'for') return inferLoop(e, cx);
  if (word === 'sort') return inferSort(e, cx);
  if (word === 'iterate') return inferIterate(e, cx);
  if (word === 'zip' || isIterWord(word)) return cx.mistake(() => notData(e));
  const args = e.args.map((x) => cx.type(x));
  const written = e.ty === null ? null : cx.written(e, e.ty);
  return cx.rule(e, (solver) => formRule(solver, e, args, written));
}

function wrongArity(e: ExprOf<'form'>, arities: readonly number[]): never {
  return fail('W2005', `${e.word} takes ${arities.join(' or ')} arguments, found ${e.args.length}`, {
    origin: at(e.span),
  });
}
function notData(e: ExprOf<'form'>): never {
  return fail('W2005', `${e.word} stands only as the data of a loop`, {
    origin: at(e.span),
    help: 'write for(.., builder, |b, i, e| ..), or give it to map or filter',
  });
}

function formRule(cx: Solver, e: ExprOf<'form'>, args: readonly Type[], written: Type | null): Type {
  const { word } = e;
  const [a, b = a, c = a] = args;
  if (a === undefined || b === undefined || c === undefined) return refuse(cx, 'W2005', `${word} needs arguments`);
  if (isMath(word)) return unRule(cx, word, a);
  if (isCast(word)) return castRule(cx, scalar(word), a);
  switch (word) {
    case 'min':
    case 'max':
    case 'pow':
    case 'atan2':
      return binRule(cx, word, a, b);
    case 'select':
      return selectRule(cx, a, b, c);
    case 'if':
      return ifRule(cx, a, b, c);
    case 'len':
      return lenRule(cx, a);
    case 'lookup':
      return lookupRule(cx, a, b);
    case 'optlookup':
      return optlookupRule(cx, a, b);
    case 'keyexists':
      return keyexistsRule(cx, a, b);
    case 'slice':
      return sliceRule(cx, a, b, c);
    case 'tovec':
      return tovecRule(cx, a);
    case 'assert':
      return assertRule(cx, a);
    case 'serialize':
      return serializeRule(cx, a);
    case 'deserialize':
      return deserializeRule(cx, written ?? a, a);
    case 'broadcast':
      return broadcastRule(cx, a);
    case 'merge':
      return mergeRule(cx, a, b);
    case 'result':
      return resultRule(cx, a);
    default:
      return refuse(cx, 'W2005', `${word} does not stand here`);
  }
}

/** The parts of a loop; the grammar and the arity check see to it that they are there. */
export function partsOfCall(e: ExprOf<'form'>): readonly [Expr, Expr, Expr] {
  const [a, b = a, c = a] = e.args;
  if (a === undefined || b === undefined || c === undefined) {
    return fail('W2005', `${e.word} needs arguments`, { origin: at(e.span) });
  }
  return [a, b, c];
}

function inferLoop(e: ExprOf<'form'>, cx: Inference): Type {
  const [data, builder, body] = partsOfCall(e);
  const elem = elementOf(data, cx);
  const b = cx.type(builder);
  const fn = functionOf(body, [b, I64, elem], 'the body of for', '|builder, index, element|', cx);
  if (fn === null) return b;
  return cx.rule(e, (solver) => loopRule(solver, b, fn.result));
}

/** The type of the element that a loop over `data` gives: a struct where it walks several things. */
function elementOf(data: Expr, cx: Inference): Type {
  const sources = data.k === 'form' && data.word === 'zip' ? data.args : [data];
  const elems = sources.map((s) => walked(s, cx));
  const [only] = elems;
  return only !== undefined && elems.length === 1 ? only : struct(elems);
}

function walked(source: Expr, cx: Inference): Type {
  if (source.k !== 'form' || !isIterWord(source.word)) {
    const of = cx.type(source);
    return cx.rule(source, (solver) => elemRule(solver, of, false));
  }
  const { word } = source;
  const arities = aritiesOf(word);
  if (arities !== null && !arities.includes(source.args.length)) return cx.mistake(() => wrongArity(source, arities));
  const args = source.args.map((x) => cx.type(x));
  return cx.rule(source, (solver) => {
    if (word === 'rangeiter') {
      boundsRule(solver, word, args);
      return I64;
    }
    const [of = I64, start, end, stride, shape, steps] = args;
    boundsRule(
      solver,
      word,
      [start, end, stride].filter((t) => t !== undefined),
    );
    if (shape !== undefined && steps !== undefined) nditerRule(solver, shape, steps);
    return elemRule(solver, of, word === 'simditer');
  });
}

/** The function given to a form, whose parameters have the given types; null where there is none. */
function functionOf(e: Expr, params: readonly Type[], who: string, form: string, cx: Inference): Fn | null {
  const fn = e.k === 'lambda' && e.params.length !== params.length ? null : cx.fn(e, params);
  if (fn === null || fn.params.length !== params.length) {
    const macro = e.k === 'name' && BUILTIN_MACROS.has(e.name) ? `write ${form} ${e.name}(..)` : null;
    cx.mistake(() => fail('W2005', `${who} is a lambda ${form}`, { origin: at(e.span), help: macro }));
    return null;
  }
  cx.rule(e, (solver) => {
    for (const [k, want] of params.entries()) {
      expect(solver, fn.params[k] ?? want, want, `parameter ${k + 1} of ${who}`);
    }
    return fn.result;
  });
  return fn;
}

function inferSort(e: ExprOf<'form'>, cx: Inference): Type {
  const [data, by] = partsOfCall(e);
  const of = cx.type(data);
  const elem = cx.rule(e, (solver) => sortElemRule(solver, of));
  const fn = functionOf(by, [elem, elem], 'the comparator of sort', '|a, b|', cx);
  const limit = e.args[2] === undefined ? null : cx.type(e.args[2]);
  return fn === null ? of : cx.rule(e, (solver) => sortRule(solver, of, fn.result, limit));
}

function inferIterate(e: ExprOf<'form'>, cx: Inference): Type {
  const [init, body] = partsOfCall(e);
  const state = cx.type(init);
  const fn = functionOf(body, [state], 'the body of iterate', '|value|', cx);
  return fn === null ? state : cx.rule(e, (solver) => iterateRule(solver, state, fn.result));
}
