/**
 * The typing rules of the language, every one of them, each once.
 *
 * A rule takes the types of an operation's operands and gives the type of its value, or refuses with a diagnostic
 * (W2xxx, W3003) that says what was found and what was expected. Rules are strict: nothing is converted by itself.
 *
 * Two parties apply them through a `Solver`. Core (`typing.ts`) knows every type, so `same` compares. Inference
 * (`syntax/infer`) may not know a type yet: there `same` unifies, and `known` sends a rule away to be tried again
 * when more is known. A rule therefore asks `known` only for what it cannot do without, and states equalities first.
 */

import type { Origin } from '../diag/diagnostic.ts';
import { fail } from '../diag/diagnostic.ts';
import type { BinOp, UnOp } from './op.ts';
import { COMPARISONS } from './op.ts';
import {
  BOOL,
  type BuilderType,
  dict,
  extentOf,
  hasUnknown,
  I32,
  I64,
  isBuilder,
  isFloat,
  isHashable,
  isInt,
  isLinear,
  isMergeable,
  isNumeric,
  isScalar,
  mapParts,
  partsOf,
  type ScalarType,
  simd,
  struct,
  type Type,
  typeText,
  U8,
  type VecType,
  vec,
} from './types.ts';

/** How a rule asks about types. */
export interface Solver {
  /** The place of a refusal. */
  readonly origin: Origin | null;
  /** The type as far as it is known. */
  peek(t: Type): Type;
  /** The type, known at least in its head. Inference leaves the rule here when it is not, and comes back. */
  known(t: Type): Type;
  /** Makes two types one, or says that they are two. */
  same(a: Type, b: Type): boolean;
}

export function binRule(cx: Solver, op: BinOp, a: Type, b: Type): Type {
  if (!cx.same(a, b)) {
    const found = `both sides of ${op} must have one type, found ${text(cx, a)} and ${text(cx, b)}`;
    refuse(cx, 'W2001', found, castHelp(cx, a, b));
  }
  const ty = cx.known(a);
  const lane = lanes(cx, ty);
  if (COMPARISONS.has(op)) {
    if (!isHashable(whole(cx, ty))) refuse(cx, 'W2002', `${op} does not compare ${text(cx, ty)}`);
    return ty.kind === 'simd' ? simd(BOOL) : BOOL;
  }
  if (!hasArithmetic(op, lane)) refuse(cx, 'W2002', `${op} does not work on ${text(cx, ty)}`, arithmeticHelp(op, lane));
  return ty;
}

function hasArithmetic(op: BinOp, a: Type): boolean {
  if (op === '&&' || op === '||') return a === BOOL;
  if (op === '&' || op === '|' || op === '^') return a === BOOL || isInt(a);
  return op === 'pow' || op === 'atan2' ? isFloat(a) : isNumeric(a);
}

function arithmeticHelp(op: BinOp, a: Type): string | null {
  if (a.kind === 'vec') return 'map over the elements: map(zip(a, b), |e| e.$0 + e.$1)';
  if ((op === 'pow' || op === 'atan2') && isInt(a)) return `convert first: ${op}(f64(..), f64(..))`;
  return (op === '&&' || op === '||') && isInt(a) ? 'compare with 0, or convert with bool(..)' : null;
}

export function unRule(cx: Solver, op: UnOp, a: Type): Type {
  const ty = cx.known(a);
  const lane = lanes(cx, ty);
  const fits = op === 'not' ? lane === BOOL : op === 'neg' ? isNumeric(lane) : isFloat(lane);
  if (!fits) {
    const name = op === 'not' ? '!' : op === 'neg' ? 'unary -' : op;
    const help = isInt(lane) && op !== 'not' ? `convert first: ${op}(f64(..))` : null;
    refuse(cx, 'W2002', `${name} does not work on ${text(cx, ty)}`, help);
  }
  return ty;
}

export function castRule(cx: Solver, to: ScalarType, a: Type): Type {
  const ty = cx.known(a);
  if (!isScalar(ty)) refuse(cx, 'W2002', `${to.scalar}(..) converts a scalar, found ${text(cx, ty)}`);
  return to;
}

export function selectRule(cx: Solver, cond: Type, a: Type, b: Type): Type {
  expect(cx, lanes(cx, cx.known(cond)), BOOL, 'the condition of select');
  expect(cx, b, a, 'the second value of select');
  if (isLinear(cx.peek(a))) {
    refuse(cx, 'W2002', 'select evaluates both sides, so they cannot be builders', 'use if');
  }
  return a;
}

export function ifRule(cx: Solver, cond: Type, then: Type, otherwise: Type): Type {
  expect(cx, cond, BOOL, 'the condition of if');
  expect(cx, otherwise, then, 'the else branch');
  return then;
}

export const structRule = (cx: Solver, fields: readonly Type[]): Type => bounded(cx, struct(fields));

export function fieldRule(cx: Solver, of: Type, index: number): Type {
  const ty = cx.known(of);
  const found = ty.kind === 'struct' ? ty.fields[index] : undefined;
  if (found === undefined) {
    const help = ty.kind === 'struct' ? `its fields are ${fieldList(ty.fields.length)}` : null;
    refuse(cx, 'W2002', `.$${index} needs a struct with that field, found ${text(cx, ty)}`, help);
  }
  return found;
}
const fieldList = (n: number): string =>
  n === 0 ? 'none' : n === 1 ? '.$0' : n === 2 ? '.$0 and .$1' : `.$0 to .$${n - 1}`;

export function vecRule(cx: Solver, elem: Type, items: readonly Type[]): Type {
  for (const t of items) expect(cx, t, elem, 'an element of the vector');
  if (isLinear(cx.peek(elem))) refuse(cx, 'W2002', 'a vector cannot hold builders');
  return bounded(cx, vec(elem));
}

export function lenRule(cx: Solver, of: Type): Type {
  const ty = cx.known(of);
  const help = ty.kind === 'dict' ? 'take the length of its entries: len(tovec(d))' : null;
  if (ty.kind !== 'vec') refuse(cx, 'W2002', `len needs a vector, found ${text(cx, ty)}`, help);
  return I64;
}

export function lookupRule(cx: Solver, of: Type, index: Type): Type {
  const ty = cx.known(of);
  if (ty.kind === 'vec') {
    expect(cx, index, I64, 'the index of lookup');
    return ty.elem;
  }
  if (ty.kind !== 'dict') refuse(cx, 'W2002', `lookup needs a vector or a dictionary, found ${text(cx, ty)}`);
  expect(cx, index, ty.key, 'the key of lookup');
  return ty.value;
}

export const optlookupRule = (cx: Solver, of: Type, key: Type): Type =>
  struct([BOOL, dictOf(cx, of, key, 'optlookup').value]);

export function keyexistsRule(cx: Solver, of: Type, key: Type): Type {
  dictOf(cx, of, key, 'keyexists');
  return BOOL;
}

function dictOf(cx: Solver, of: Type, key: Type, who: string): Extract<Type, { kind: 'dict' }> {
  const ty = cx.known(of);
  if (ty.kind !== 'dict') refuse(cx, 'W2002', `${who} needs a dictionary, found ${text(cx, ty)}`);
  expect(cx, key, ty.key, `the key of ${who}`);
  return ty;
}

export function sliceRule(cx: Solver, of: Type, start: Type, size: Type): Type {
  expect(cx, start, I64, 'the start of slice');
  expect(cx, size, I64, 'the size of slice');
  return vecOf(cx, of, 'slice');
}

export function tovecRule(cx: Solver, of: Type): Type {
  const ty = cx.known(of);
  if (ty.kind !== 'dict') refuse(cx, 'W2002', `tovec needs a dictionary, found ${text(cx, ty)}`);
  return vec(struct([ty.key, ty.value]));
}

/** What the comparator of a sort takes, twice. */
export const sortElemRule = (cx: Solver, of: Type): Type => vecOf(cx, of, 'sort').elem;

export function sortRule(cx: Solver, of: Type, order: Type, limit: Type | null): Type {
  const help = 'give a number below, equal to or above 0, such as compare(a, b)';
  expect(cx, order, I32, 'what the comparator of sort gives', help);
  if (limit !== null) expect(cx, limit, I64, 'the limit of sort');
  return of;
}

/** `state` is the type of the first value; the body takes it and gives `{state, bool}`. */
export function iterateRule(cx: Solver, state: Type, next: Type): Type {
  const help = 'give {next value, true to go on}';
  expect(cx, next, struct([state, BOOL]), 'what the body of iterate gives', help);
  return state;
}

export function assertRule(cx: Solver, cond: Type): Type {
  expect(cx, cond, BOOL, 'the condition of assert');
  return BOOL;
}

export function serializeRule(cx: Solver, of: Type): Type {
  if (holdsBuilder(cx, of)) refuse(cx, 'W2002', `serialize does not write builders, found ${text(cx, of)}`);
  return vec(U8);
}

export function deserializeRule(cx: Solver, ty: Type, bytes: Type): Type {
  expect(cx, bytes, vec(U8), 'what deserialize reads');
  if (holdsBuilder(cx, ty)) refuse(cx, 'W2002', `deserialize does not read builders, found ${text(cx, ty)}`);
  return wellFormed(cx, ty);
}

export function broadcastRule(cx: Solver, of: Type): Type {
  const ty = cx.known(of);
  if (!isScalar(ty)) refuse(cx, 'W2002', `broadcast needs a scalar, found ${text(cx, ty)}`);
  return simd(ty);
}

export function builderRule(cx: Solver, ty: BuilderType, arg: Type | null): Type {
  wellFormed(cx, ty);
  const name = text(cx, ty);
  switch (ty.kind) {
    case 'appender':
    case 'dictmerger':
      if (arg !== null) expect(cx, arg, I64, `the size hint of ${name}`);
      return ty;
    case 'merger':
      if (arg !== null) expect(cx, arg, ty.elem, `the initial value of ${name}`);
      return ty;
    case 'vecmerger':
      if (arg === null) refuse(cx, 'W2005', `${name} needs an initial vector`, `write ${name}(v)`);
      expect(cx, arg, vec(ty.elem), `the initial vector of ${name}`);
      return ty;
    case 'groupmerger':
      if (arg !== null) refuse(cx, 'W2005', `${name} takes no argument`);
      return ty;
    default:
      return ty satisfies never;
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
    case 'groupmerger':
      return struct([b.key, b.value]);
    default:
      return b satisfies never;
  }
}

export function mergeRule(cx: Solver, builder: Type, value: Type): Type {
  const b = cx.known(builder);
  if (!isBuilder(b)) refuse(cx, 'W2002', `merge needs a builder, found ${text(cx, b)}`, fieldHelp(b));
  // Lanes merge into a builder of their scalar.
  const given = cx.peek(value);
  const lane = given.kind === 'simd' && (b.kind === 'merger' || b.kind === 'appender') ? given.elem : value;
  expect(cx, lane, mergedType(b), `what a ${text(cx, b)} merges`);
  return b;
}

/** What `result` gives for a builder, and for a struct of builders the struct of their values. */
export function resultRule(cx: Solver, builder: Type): Type {
  const b = cx.known(builder);
  switch (b.kind) {
    case 'appender':
    case 'vecmerger':
      return vec(b.elem);
    case 'merger':
      return b.elem;
    case 'dictmerger':
      return dict(b.key, b.value);
    case 'groupmerger':
      return dict(b.key, vec(b.value));
    case 'struct':
      if (b.fields.length > 0) return struct(b.fields.map((f) => resultRule(cx, f)));
      break;
    default:
  }
  return refuse(cx, 'W2002', `result needs a builder, found ${text(cx, b)}`);
}
const fieldHelp = (t: Type): string | null =>
  t.kind === 'struct' && isLinear(t) ? 'take the builders one by one: .$0, .$1' : null;

/** The element that a scan of `of` gives; `lane` makes it simd. */
export function elemRule(cx: Solver, of: Type, lane: boolean): Type {
  const { elem } = vecOf(cx, of, 'a loop');
  if (!lane) return elem;
  const e = cx.known(elem);
  if (!isScalar(e)) refuse(cx, 'W2002', `simditer needs a vector of scalars, found ${text(cx, of)}`);
  return simd(e);
}

export function boundsRule(cx: Solver, who: string, bounds: readonly Type[]): void {
  for (const t of bounds) expect(cx, t, I64, `a bound of ${who}`);
}

export function nditerRule(cx: Solver, shape: Type, steps: Type): void {
  expect(cx, shape, vec(I64), 'the shape of nditer');
  expect(cx, steps, vec(I64), 'the steps of nditer');
}

/** A loop over builder `b` whose body gives `returned`. */
export function loopRule(cx: Solver, b: Type, returned: Type): Type {
  const ty = cx.known(b);
  if (!isLinear(ty)) refuse(cx, 'W2002', `a loop needs a builder, found ${text(cx, ty)}`);
  if (!cx.same(returned, b)) {
    refuse(cx, 'W3003', `the loop body must return its builder ${text(cx, b)}, found ${text(cx, returned)}`);
  }
  return b;
}

/** A type that can be written: keys are hashable, merged values numbers, builders not inside values. */
export function wellFormed(cx: Solver, ty: Type): Type {
  const t = cx.peek(ty);
  for (const part of partsOf(t)) wellFormed(cx, part);
  const w = whole(cx, t);
  if (hasUnknown(w)) return ty;
  switch (w.kind) {
    case 'vec':
      if (isLinear(w.elem)) refuse(cx, 'W2002', 'a vector cannot hold builders');
      break;
    case 'dict':
      if (!isHashable(w.key)) refuse(cx, 'W2002', `${typeText(w)}: ${typeText(w.key)} cannot be a key`);
      if (isLinear(w.value)) refuse(cx, 'W2002', 'a dictionary cannot hold builders');
      break;
    case 'simd':
      if (!isScalar(w.elem)) refuse(cx, 'W2002', `${typeText(w)}: lanes are scalars`);
      break;
    case 'appender':
      if (isLinear(w.elem)) refuse(cx, 'W2002', `${typeText(w)}: a builder cannot be appended`);
      break;
    case 'merger':
    case 'vecmerger':
      if (!isMergeable(w.elem)) refuse(cx, 'W2002', `${typeText(w)}: ${w.op} needs numbers or structs of numbers`);
      break;
    case 'dictmerger':
    case 'groupmerger':
      if (!isHashable(w.key)) refuse(cx, 'W2002', `${typeText(w)}: ${typeText(w.key)} cannot be a key`);
      if (w.kind === 'dictmerger' && !isMergeable(w.value)) {
        refuse(cx, 'W2002', `${typeText(w)}: ${w.op} needs numbers or structs of numbers`);
      }
      if (isLinear(w.value)) refuse(cx, 'W2002', `${typeText(w)}: a builder cannot be grouped`);
      break;
    default:
  }
  return bounded(cx, ty);
}

/** Refuses unless the two types are, or can be made, one. */
export function expect(cx: Solver, found: Type, want: Type, what: string, help: string | null = null): void {
  if (cx.same(found, want)) return;
  const message = `${what} must be ${text(cx, want)}, found ${text(cx, found)}`;
  refuse(cx, 'W2001', message, help ?? castHelp(cx, want, found));
}

/** The type of one lane: of simd its scalar, of anything else the type itself. */
const lanes = (cx: Solver, t: Type): Type => (t.kind === 'simd' ? cx.known(t.elem) : t);

function vecOf(cx: Solver, found: Type, who: string): VecType {
  const ty = cx.known(found);
  if (ty.kind !== 'vec') refuse(cx, 'W2002', `${who} needs a vector, found ${text(cx, ty)}`);
  return ty;
}

function holdsBuilder(cx: Solver, t: Type): boolean {
  const ty = cx.peek(t);
  return isBuilder(ty) || partsOf(ty).some((p) => holdsBuilder(cx, p));
}

/** Types grow by lets, `let x = {x, x};` again and again: exponentially, and deeper than any recursion over them. */
const MOST_DEPTH = 150;
const MOST_PARTS = 10_000;

function bounded(cx: Solver, t: Type): Type {
  const { depth, parts } = extentOf(t);
  if (depth > MOST_DEPTH) refuse(cx, 'W2006', `a type that nests ${depth} deep, the most is ${MOST_DEPTH}`);
  if (parts > MOST_PARTS) refuse(cx, 'W2006', `a type made of ${parts} types, the most is ${MOST_PARTS}`);
  return t;
}

/** The type as far as it is known, inside as well: what a message shows. */
function whole(cx: Solver, t: Type): Type {
  const ty = cx.peek(t);
  return hasUnknown(ty) ? mapParts(ty, (p) => whole(cx, p)) : ty;
}
const text = (cx: Solver, t: Type): string => typeText(whole(cx, t));

/** A cast is offered where one would do. */
function castHelp(cx: Solver, want: Type, found: Type): string | null {
  const w = cx.peek(want);
  return isScalar(w) && isScalar(cx.peek(found)) ? `convert with ${typeText(w)}(..)` : null;
}

type TypeCode = 'W2001' | 'W2002' | 'W2005' | 'W2006' | 'W3003';

/** Every refusal of a typing rule. */
export function refuse(cx: Solver, code: TypeCode, message: string, help: string | null = null): never {
  return fail(code, message, { origin: cx.origin, help });
}
