/**
 * The typing rules (`rules.ts`) applied to Core, where every type is known.
 *
 * The Builder asks here before it makes a let, the verifier asks again after every pass. A refusal is a WeldError
 * (W2xxx, W3003) that says what was found and what was expected.
 */

import type { Origin } from '../diag/diagnostic.ts';
import type { Atom, Block, Iter, Op, OpOf } from './op.ts';
import { isLit } from './op.ts';
import type { SymTab } from './program.ts';
import {
  assertRule,
  binRule,
  boundsRule,
  builderRule,
  castRule,
  deserializeRule,
  elemRule,
  expect,
  fieldRule,
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
  structRule,
  tovecRule,
  unRule,
  vecRule,
  wellFormed,
} from './rules.ts';
import { I64, isBuilder, isLinear, struct, type Type } from './types.ts';

/** A solver for types that are all known: two are the same when they are one object. */
class Ground implements Solver {
  readonly origin: Origin | null;
  constructor(origin: Origin | null) {
    this.origin = origin;
  }
  peek(t: Type): Type {
    return t;
  }
  known(t: Type): Type {
    return t;
  }
  same(a: Type, b: Type): boolean {
    return a === b;
  }
}

/** Refuses a type that cannot be, such as a dictionary whose keys are dictionaries. */
export const checkType = (t: Type, origin: Origin | null = null): Type => wellFormed(new Ground(origin), t);

/** The type of what `op` computes, given the types of its atoms. `origin` places a refusal. */
export function typeOfOp(op: Op, syms: SymTab, origin: Origin | null = null): Type {
  const cx = new Ground(origin);
  const t = (a: Atom): Type => syms.typeOf(a);
  switch (op.kind) {
    case 'bin':
      return binRule(cx, op.op, t(op.a), t(op.b));
    case 'un':
      return unRule(cx, op.op, t(op.a));
    case 'cast':
      return castRule(cx, op.to, t(op.a));
    case 'select':
      return selectRule(cx, t(op.cond), t(op.a), t(op.b));
    case 'if':
      return ifRule(cx, t(op.cond), t(op.then.result), t(op.else.result));
    case 'struct':
      return structRule(cx, op.fields.map(t));
    case 'field':
      return fieldRule(cx, t(op.of), op.index);
    case 'vec':
      return vecRule(cx, op.elem, op.items.map(t));
    case 'len':
      return lenRule(cx, t(op.of));
    case 'lookup':
      return lookupRule(cx, t(op.of), t(op.index));
    case 'optlookup':
      return optlookupRule(cx, t(op.of), t(op.key));
    case 'keyexists':
      return keyexistsRule(cx, t(op.of), t(op.key));
    case 'slice':
      return sliceRule(cx, t(op.of), t(op.start), t(op.size));
    case 'tovec':
      return tovecRule(cx, t(op.of));
    case 'sort': {
      const elem = sortElemRule(cx, t(op.of));
      checkParams(cx, op.by, [elem, elem], syms, 'the comparator of sort');
      return sortRule(cx, t(op.of), t(op.by.result), op.limit === null ? null : t(op.limit));
    }
    case 'iterate':
      checkParams(cx, op.body, [t(op.init)], syms, 'the body of iterate');
      return iterateRule(cx, t(op.init), t(op.body.result));
    case 'assert':
      return assertRule(cx, t(op.cond));
    case 'serialize':
      return serializeRule(cx, t(op.of));
    case 'deserialize':
      return deserializeRule(cx, op.ty, t(op.of));
    case 'builder':
      return builderRule(cx, op.ty, op.arg === null ? null : t(op.arg));
    case 'merge':
      return mergeRule(cx, t(op.builder), t(op.value));
    case 'result':
      return resultRule(cx, t(op.builder));
    case 'for':
      return typeOfFor(op, syms, cx);
    case 'cudf':
      return op.ty;
    default:
      return op satisfies never;
  }
}

/**
 * What holds a value of type `t` outside programs: an unfinished builder is the value that it has so far, anything else
 * itself.
 */
export function heldType(t: Type): Type {
  if (isBuilder(t)) return resultRule(new Ground(null), t);
  return t.kind === 'struct' && isLinear(t) ? struct(t.fields.map(heldType)) : t;
}

/** What the comparator of a sort takes, twice. */
export const sortElem = (of: Atom, syms: SymTab, origin: Origin | null = null): Type =>
  sortElemRule(new Ground(origin), syms.typeOf(of));

/** The type of the elements that an iterator gives. */
export function iterElem(it: Iter, syms: SymTab, origin: Origin | null = null): Type {
  const cx = new Ground(origin);
  const t = (a: Atom): Type => syms.typeOf(a);
  switch (it.kind) {
    case 'scan':
      return elemRule(cx, t(it.vec), false);
    case 'range':
      boundsRule(cx, 'rangeiter', [it.start, it.end, it.stride].map(t));
      return I64;
    case 'nditer':
      nditerRule(cx, t(it.shape), t(it.steps));
      boundsRule(cx, 'nditer', [it.start, it.end, it.stride].map(t));
      return elemRule(cx, t(it.vec), false);
    case 'iter':
      boundsRule(cx, 'iter', [it.start, it.end, it.stride].map(t));
      return elemRule(cx, t(it.vec), false);
    default:
      return it satisfies never;
  }
}

function typeOfFor(op: OpOf<'for'>, syms: SymTab, cx: Solver): Type {
  const b = syms.typeOf(op.builder);
  if (op.iters.length === 0) refuse(cx, 'W2005', 'a loop needs at least one iterator');
  const elems = op.iters.map((it) => iterElem(it, syms, cx.origin));
  checkParams(cx, op.body, [b, I64, ...elems], syms, 'the loop body');
  return loopRule(cx, b, syms.typeOf(op.body.result));
}

function checkParams(cx: Solver, body: Block, want: readonly Type[], syms: SymTab, who: string): void {
  if (body.params.length !== want.length) {
    refuse(cx, 'W2005', `${who} takes ${want.length} parameters, found ${body.params.length}`);
  }
  for (const [k, p] of body.params.entries()) {
    const w = want[k];
    if (w !== undefined) expect(cx, syms.type(p), w, `parameter ${k + 1} of ${who}`);
  }
}

/** Literal atoms must be in their type's JavaScript encoding. */
export function isWellFormedLit(a: Atom): boolean {
  if (!isLit(a)) return true;
  const k = a.ty.scalar;
  if (k === 'bool') return typeof a.lit === 'boolean';
  if (k === 'i64' || k === 'u64') return typeof a.lit === 'bigint';
  return typeof a.lit === 'number';
}
