/**
 * The typing rules of Core: the result type of every operation, in one place.
 *
 * The Builder asks here before it makes a let, the verifier asks again after every pass, and the elaborator turns a
 * refusal into a diagnostic with a source span. Rules are strict: there are no implicit conversions. A refusal is a
 * WeldError (W2xxx, W3003) that says what was found and what was expected.
 */

import type { Origin } from '../diag/diagnostic.ts';
import { fail } from '../diag/diagnostic.ts';
import type { Atom, BinOp, Block, Iter, Op, OpOf, UnOp } from './op.ts';
import { COMPARISONS, isLit } from './op.ts';
import type { SymTab } from './program.ts';
import {
  BOOL,
  type BuilderType,
  dict,
  extentOf,
  I64,
  isBuilder,
  isFloat,
  isHashable,
  isInt,
  isLinear,
  isMergeable,
  isNumeric,
  isScalar,
  struct,
  type Type,
  typeText,
  vec,
} from './types.ts';

/** The type of what `op` computes, given the types of its atoms. `origin` places a refusal. */
export function typeOfOp(op: Op, syms: SymTab, origin: Origin | null = null): Type {
  const t = (a: Atom): Type => syms.typeOf(a);
  switch (op.kind) {
    case 'bin':
      return typeOfBin(op.op, t(op.a), t(op.b), origin);
    case 'un':
      return typeOfUn(op.op, t(op.a), origin);
    case 'cast':
      if (!isScalar(t(op.a)))
        refuse('W2002', `${op.to.scalar}(..) converts a scalar, found ${typeText(t(op.a))}`, origin);
      return op.to;
    case 'select':
      expect(t(op.cond), BOOL, 'the condition of select', origin);
      expect(t(op.b), t(op.a), 'the second value of select', origin);
      if (isLinear(t(op.a)))
        refuse('W2002', 'select evaluates both sides, so they cannot be builders', origin, 'use if');
      return t(op.a);
    case 'if': {
      expect(t(op.cond), BOOL, 'the condition of if', origin);
      const then = t(op.then.result);
      expect(t(op.else.result), then, 'the else branch', origin);
      return then;
    }
    case 'struct':
      return bounded(struct(op.fields.map(t)), origin);
    case 'field': {
      const of = t(op.of);
      const found = of.kind === 'struct' ? of.fields[op.index] : undefined;
      if (found === undefined)
        refuse('W2002', `.$${op.index} needs a struct with that field, found ${typeText(of)}`, origin);
      return found;
    }
    case 'vec':
      for (const a of op.items) expect(t(a), op.elem, 'an element of the vector', origin);
      if (isLinear(op.elem)) refuse('W2002', 'a vector cannot hold builders', origin);
      return bounded(vec(op.elem), origin);
    case 'len':
      expectVec(t(op.of), 'len', origin);
      return I64;
    case 'lookup':
      return typeOfLookup(t(op.of), t(op.index), origin);
    case 'keyexists': {
      const of = t(op.of);
      if (of.kind !== 'dict') refuse('W2002', `keyexists needs a dictionary, found ${typeText(of)}`, origin);
      expect(t(op.key), of.key, 'the key of keyexists', origin);
      return BOOL;
    }
    case 'slice':
      expect(t(op.start), I64, 'the start of slice', origin);
      expect(t(op.size), I64, 'the size of slice', origin);
      return expectVec(t(op.of), 'slice', origin);
    case 'tovec': {
      const of = t(op.of);
      if (of.kind !== 'dict') refuse('W2002', `tovec needs a dictionary, found ${typeText(of)}`, origin);
      return vec(struct([of.key, of.value]));
    }
    case 'builder':
      return typeOfBuilder(op.ty, op.arg === null ? null : t(op.arg), origin);
    case 'merge': {
      const b = t(op.builder);
      if (!isBuilder(b)) refuse('W2002', `merge needs a builder, found ${typeText(b)}`, origin);
      expect(t(op.value), mergedType(b), `what a ${typeText(b)} merges`, origin);
      return b;
    }
    case 'result':
      return resultOf(t(op.builder), origin);
    case 'for':
      return typeOfFor(op, syms, origin);
    case 'cudf':
      return op.ty;
    default:
      return op satisfies never;
  }
}

/** The type of the elements that an iterator gives. */
export function iterElem(it: Iter, syms: SymTab, origin: Origin | null = null): Type {
  switch (it.kind) {
    case 'scan':
      return expectVec(syms.typeOf(it.vec), 'a loop', origin).elem;
    case 'range':
      for (const a of [it.start, it.end, it.stride]) expect(syms.typeOf(a), I64, 'a bound of rangeiter', origin);
      return I64;
    default:
      return it satisfies never;
  }
}

/** What `merge` takes for a builder. */
export function mergedType(b: BuilderType): Type {
  switch (b.kind) {
    case 'appender':
    case 'merger':
      return b.elem;
    case 'vecmerger':
      return struct([I64, b.elem]);
    case 'dictmerger':
      return struct([b.key, b.value]);
    default:
      return b satisfies never;
  }
}

/** What `result` gives for a builder or a struct of builders. */
export function resultOf(b: Type, origin: Origin | null = null): Type {
  switch (b.kind) {
    case 'appender':
    case 'vecmerger':
      return vec(b.elem);
    case 'merger':
      return b.elem;
    case 'dictmerger':
      return dict(b.key, b.value);
    case 'struct':
      if (b.fields.length > 0) return struct(b.fields.map((f) => resultOf(f, origin)));
      break;
    default:
  }
  return refuse('W2002', `result needs a builder, found ${typeText(b)}`, origin);
}

function typeOfBin(op: BinOp, a: Type, b: Type, origin: Origin | null): Type {
  if (a !== b)
    refuse(
      'W2001',
      `both sides of ${op} must have one type, found ${typeText(a)} and ${typeText(b)}`,
      origin,
      castHelp(a, b),
    );
  if (COMPARISONS.has(op)) {
    if (!isHashable(a)) refuse('W2002', `${op} does not compare ${typeText(a)}`, origin);
    return BOOL;
  }
  if (!hasArithmetic(op, a)) refuse('W2002', `${op} does not work on ${typeText(a)}`, origin);
  return a;
}

function hasArithmetic(op: BinOp, a: Type): boolean {
  if (op === '&&' || op === '||') return a === BOOL;
  if (op === '&' || op === '|' || op === '^') return a === BOOL || isInt(a);
  return op === 'pow' ? isFloat(a) : isNumeric(a);
}

function typeOfUn(op: UnOp, a: Type, origin: Origin | null): Type {
  const fits = op === 'not' ? a === BOOL : op === 'neg' ? isNumeric(a) : isFloat(a);
  const name = op === 'not' ? '!' : op === 'neg' ? 'unary -' : op;
  if (!fits) {
    const help = isInt(a) && op !== 'not' ? `convert first: ${op}(f64(..))` : undefined;
    refuse('W2002', `${name} does not work on ${typeText(a)}`, origin, help);
  }
  return a;
}

function typeOfLookup(of: Type, index: Type, origin: Origin | null): Type {
  if (of.kind === 'vec') {
    expect(index, I64, 'the index of lookup', origin);
    return of.elem;
  }
  if (of.kind === 'dict') {
    expect(index, of.key, 'the key of lookup', origin);
    return of.value;
  }
  return refuse('W2002', `lookup needs a vector or a dictionary, found ${typeText(of)}`, origin);
}

function typeOfBuilder(ty: BuilderType, arg: Type | null, origin: Origin | null): Type {
  const name = typeText(ty);
  switch (ty.kind) {
    case 'appender':
      if (isLinear(ty.elem)) refuse('W2002', `${name}: a builder cannot be appended`, origin);
      if (arg !== null) expect(arg, I64, `the size hint of ${name}`, origin);
      return ty;
    case 'merger':
      if (!isMergeable(ty.elem)) refuse('W2002', `${name}: ${ty.op} needs numbers or structs of numbers`, origin);
      if (arg !== null) expect(arg, ty.elem, `the initial value of ${name}`, origin);
      return ty;
    case 'vecmerger':
      if (!isMergeable(ty.elem)) refuse('W2002', `${name}: ${ty.op} needs numbers or structs of numbers`, origin);
      if (arg === null) refuse('W2005', `${name} needs an initial vector`, origin, `write ${name}(v)`);
      expect(arg, vec(ty.elem), `the initial vector of ${name}`, origin);
      return ty;
    case 'dictmerger':
      if (!isHashable(ty.key)) refuse('W2002', `${name}: ${typeText(ty.key)} cannot be a key`, origin);
      if (!isMergeable(ty.value)) refuse('W2002', `${name}: ${ty.op} needs numbers or structs of numbers`, origin);
      if (arg !== null) expect(arg, I64, `the size hint of ${name}`, origin);
      return ty;
    default:
      return ty satisfies never;
  }
}

function typeOfFor(op: OpOf<'for'>, syms: SymTab, origin: Origin | null): Type {
  const b = syms.typeOf(op.builder);
  if (!isLinear(b)) refuse('W2002', `a loop needs a builder, found ${typeText(b)}`, origin);
  if (op.iters.length === 0) refuse('W2005', 'a loop needs at least one iterator', origin);
  const want: Type[] = [b, I64, ...op.iters.map((it) => iterElem(it, syms, origin))];
  checkParams(op.body, want, syms, origin);
  const got = syms.typeOf(op.body.result);
  if (got !== b) {
    refuse('W3003', `the loop body must return its builder ${typeText(b)}, found ${typeText(got)}`, origin);
  }
  return b;
}

function checkParams(body: Block, want: readonly Type[], syms: SymTab, origin: Origin | null): void {
  if (body.params.length !== want.length) {
    refuse('W2005', `the loop body takes ${want.length} parameters, found ${body.params.length}`, origin);
  }
  for (const [k, p] of body.params.entries()) {
    const w = want[k];
    if (w !== undefined) expect(syms.type(p), w, `parameter ${k + 1} of the loop body`, origin);
  }
}

function expectVec(found: Type, who: string, origin: Origin | null): Extract<Type, { kind: 'vec' }> {
  if (found.kind !== 'vec') refuse('W2002', `${who} needs a vector, found ${typeText(found)}`, origin);
  return found;
}

function expect(found: Type, want: Type, what: string, origin: Origin | null): void {
  if (found !== want) {
    refuse('W2001', `${what} must be ${typeText(want)}, found ${typeText(found)}`, origin, castHelp(want, found));
  }
}

/** Types grow by lets, `let x = {x, x};` again and again: exponentially, and deeper than any recursion over them. */
const MOST_DEPTH = 150;
const MOST_PARTS = 10_000;

function bounded(t: Type, origin: Origin | null): Type {
  const { depth, parts } = extentOf(t);
  if (depth > MOST_DEPTH) refuse('W2006', `a type that nests ${depth} deep, the most is ${MOST_DEPTH}`, origin);
  if (parts > MOST_PARTS) refuse('W2006', `a type made of ${parts} types, the most is ${MOST_PARTS}`, origin);
  return t;
}

/** A cast is offered where one would do. */
function castHelp(want: Type, found: Type): string | undefined {
  return isScalar(want) && isScalar(found) ? `convert with ${typeText(want)}(..)` : undefined;
}

function refuse(
  code: 'W2001' | 'W2002' | 'W2005' | 'W2006' | 'W3003',
  message: string,
  origin: Origin | null,
  help?: string,
): never {
  return fail(code, message, { origin, help: help ?? null });
}

/** Literal atoms must be in their type's JavaScript encoding. */
export function isWellFormedLit(a: Atom): boolean {
  if (!isLit(a)) return true;
  const k = a.ty.scalar;
  if (k === 'bool') return typeof a.lit === 'boolean';
  if (k === 'i64' || k === 'u64') return typeof a.lit === 'bigint';
  return typeof a.lit === 'number';
}
