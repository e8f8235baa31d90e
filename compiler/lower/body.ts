/**
 * A Core block inside a loop body becomes SIR statements.
 *
 * Scalars become registers, structs dissolve into their fields, merges go to the sinks of their builders. An `if`
 * that gives a value is predicated when its branches are simple and cheap: both sides are computed and selected, with
 * lookups and divisions guarded by the condition, so that the vectoriser meets straight code. An `if` that merges stays an
 * `if`. What has no form here (a vector built inside a loop, a dictionary made there) is a typed W5001.
 */

import { PREDICATED_WORK } from '../analysis/cost.ts';
import { blockCost } from '../analysis/price.ts';
import type { Atom, Block, Let, OpOf } from '../core/op.ts';
import { isSym } from '../core/op.ts';
import { isLinear, leaves, type Type, typeText } from '../core/types.ts';
import { bin, type Get, lit, sel, un } from '../sir/build.ts';
import type { SExpr } from '../sir/kernel.ts';
import { keyExists, len, lookup, optLookup, slice } from './access.ts';
import { arith, castVal, compare, negate } from './arith.ts';
import { localSink } from './builders/local.ts';
import { type LoopContext, leavesOf, unsupported } from './context.ts';
import { innerLoop, iterate } from './inner-loop.ts';
import { exprOf, type KVal, leafExprs, scalarVal, structVal, valueOfLeaves, zeroOf, zipLeaves } from './values.ts';

/** A look-up in a vector literal asks one element after the other. */
const MOST_ITEMS = 64;

/** The value of an atom at the current place. */
export function valueAt(a: Atom, cx: LoopContext): KVal {
  return isSym(a) ? cx.capture(a) : scalarVal(lit(a.ty.scalar, a.lit));
}

/** Emits the lets of a block and gives the value of its result. */
export function lowerBlock(block: Block, cx: LoopContext): KVal {
  for (const l of block.lets) cx.env.set(l.sym, lowerLet(l, cx));
  return valueAt(block.result, cx);
}

function lowerLet(l: Let, cx: LoopContext): KVal {
  const around = cx.origin;
  cx.origin = cx.syms.origin(l.sym) ?? around;
  const value = lowerOp(l, cx);
  cx.origin = around;
  return value;
}

function lowerOp(l: Let, cx: LoopContext): KVal {
  const { op } = l;
  const val = (a: Atom): KVal => valueAt(a, cx);
  const ex = (a: Atom): SExpr => exprOf(val(a));
  switch (op.kind) {
    case 'bin':
      return compare(op.op, val(op.a), val(op.b), cx) ?? named(arith(op.op, ex(op.a), ex(op.b), cx), cx);
    case 'un':
      if (op.op === 'neg') return named(negate(ex(op.a)), cx);
      return named(un(op.op === 'round' ? 'nearest' : op.op, ex(op.a)), cx);
    case 'cast':
      return castVal(ex(op.a), op.to.scalar, cx);
    case 'select':
      return choose(ex(op.cond), val(op.a), val(op.b), cx);
    case 'if':
      return lowerIf(op, cx.syms.type(l.sym), cx);
    case 'struct':
      return structVal(op.fields.map(val));
    case 'field': {
      const of = val(op.of);
      const field = of.v === 'struct' ? of.fields[op.index] : undefined;
      return field ?? unsupported(`.$${op.index} of a ${of.v} in a loop`, cx.origin);
    }
    case 'vec':
      leavesOf(op.elem, cx.origin);
      if (op.items.length > MOST_ITEMS)
        return unsupported(`a vector of ${op.items.length} made inside a loop`, cx.origin);
      return { v: 'list', elem: op.elem, items: op.items.map(val) };
    case 'len':
      return len(val(op.of), cx);
    case 'lookup':
      return lookup(val(op.of), val(op.index), cx);
    case 'optlookup':
      return optLookup(val(op.of), val(op.key), cx);
    case 'slice':
      return slice(val(op.of), val(op.start), val(op.size), cx);
    case 'assert': {
      const holds = ex(op.cond);
      const broken = cx.kb.let(un('not', holds));
      cx.fail('AssertionError', cx.guard === null ? broken : cx.kb.let(bin('&', cx.guard, broken)));
      return scalarVal(holds);
    }
    case 'iterate':
      return iterate(op, cx);
    case 'keyexists':
      return keyExists(val(op.of), val(op.key), cx);
    case 'builder':
      return { v: 'builder', sink: localSink(op.ty, op.arg === null ? null : val(op.arg), cx) };
    case 'merge': {
      const b = val(op.builder);
      if (b.v !== 'builder') return unsupported('a merge into this builder', cx.origin);
      b.sink.merge(val(op.value));
      return b;
    }
    case 'result':
      return resultOf(val(op.builder), cx);
    case 'for':
      return innerLoop(op, cx);
    case 'tovec':
    case 'sort':
    case 'serialize':
    case 'deserialize':
    case 'cudf':
      return unsupported(`${op.kind} inside a loop`, cx.origin);
    default:
      return op satisfies never;
  }
}

/** The value of a builder local to the iteration, or of each of a struct of them. */
function resultOf(b: KVal, cx: LoopContext): KVal {
  if (b.v === 'struct') return structVal(b.fields.map((f) => resultOf(f, cx)));
  if (b.v !== 'builder' || b.sink.result === null) return unsupported('the result of this builder', cx.origin);
  return b.sink.result();
}

/** Binds an expression to a register, so that it is computed once. */
function named(e: SExpr, cx: LoopContext): KVal {
  return scalarVal(e.x === 'lit' ? e : cx.kb.let(e));
}

/** `cond ? a : b`, leaf by leaf. */
function choose(cond: SExpr, a: KVal, b: KVal, cx: LoopContext): KVal {
  const stranger = notScalar(a);
  if (stranger !== null) return unsupported(`a choice between two ${stranger}s inside a loop`, cx.origin);
  return zipLeaves(a, b, (x, y) => cx.kb.let(sel(cond, x, y)));
}

/** What a value holds beside scalars, if anything. */
function notScalar(v: KVal): 'vec' | 'dict' | 'builder' | null {
  if (v.v === 'list') return 'vec';
  if (v.v !== 'struct') return v.v === 'scalar' ? null : v.v;
  for (const f of v.fields) {
    const found = notScalar(f);
    if (found !== null) return found;
  }
  return null;
}

function lowerIf(op: OpOf<'if'>, ty: Type, cx: LoopContext): KVal {
  const cond = exprOf(valueAt(op.cond, cx));
  if (isLinear(ty)) return mergingIf(op, cond, cx);
  const work = blockCost(op.then, cx.syms) + blockCost(op.else, cx.syms);
  const simple = isSimple(op.then, cx) && isSimple(op.else, cx);
  // Inside predicated code there is no branch any more.
  return simple && (work <= PREDICATED_WORK || cx.guard !== null || leaves(ty) === null)
    ? predicatedIf(op, cond, cx)
    : branchingIf(op, ty, cond, cx);
}

/** Both branches hand on the same builders; only what they merge differs. */
function mergingIf(op: OpOf<'if'>, cond: SExpr, cx: LoopContext): KVal {
  const branch = (b: Block, into: (v: KVal) => void) => (): void => into(lowerBlock(b, cx));
  let then: KVal | null = null;
  let otherwise: KVal | null = null;
  cx.kb.if(
    cond,
    branch(op.then, (v) => {
      then = v;
    }),
    branch(op.else, (v) => {
      otherwise = v;
    }),
  );
  if (then === null || otherwise === null || !sameSinks(then, otherwise)) {
    return unsupported('an if whose branches hand on builders in different places', cx.origin);
  }
  return then;
}

/** The same builders in the same places. */
export function sameSinks(a: KVal, b: KVal): boolean {
  if (a.v === 'builder') return b.v === 'builder' && a.sink === b.sink;
  if (a.v !== 'struct' || b.v !== 'struct') return false;
  return a.fields.every((x, k) => {
    const y = b.fields[k];
    return y !== undefined && sameSinks(x, y);
  });
}

function predicatedIf(op: OpOf<'if'>, cond: SExpr, cx: LoopContext): KVal {
  const outer = cx.guard;
  const under = (c: SExpr): SExpr => (outer === null ? c : cx.kb.let(bin('&', outer, c)));
  cx.guard = under(cond);
  const then = lowerBlock(op.then, cx);
  cx.guard = under(cx.kb.let(un('not', cond)));
  const otherwise = lowerBlock(op.else, cx);
  cx.guard = outer;
  return choose(cond, then, otherwise, cx);
}

/** Straight scalar code, which may be computed on both sides. */
function isSimple(b: Block, cx: LoopContext): boolean {
  return b.lets.every(({ op }) => {
    switch (op.kind) {
      case 'bin':
      case 'un':
      case 'cast':
      case 'select':
      case 'struct':
      case 'field':
      case 'vec':
      case 'len':
      case 'assert':
        return true;
      case 'lookup':
        // A dictionary is probed by a loop, and must not be where its key may be missing.
        return cx.syms.typeOf(op.of).kind === 'vec';
      case 'if':
        return isSimple(op.then, cx) && isSimple(op.else, cx);
      default:
        return false;
    }
  });
}

/** One side runs; its leaves reach the outside through variables. */
function branchingIf(op: OpOf<'if'>, ty: Type, cond: SExpr, cx: LoopContext): KVal {
  const vars = varsOf(ty, 'an if that gives a', cx);
  const into = (b: Block) => (): void => {
    for (const [k, e] of leafExprs(lowerBlock(b, cx)).entries()) {
      const target = vars[k];
      if (target !== undefined) cx.kb.set(target, e);
    }
  };
  cx.kb.if(cond, into(op.then), into(op.else));
  let k = 0;
  return valueOfLeaves(ty, () => vars[k++] ?? unsupported(typeText(ty), cx.origin));
}

/** The variables that a value of type `ty` leaves a branch or an iteration through. */
export function varsOf(ty: Type, what: string, cx: LoopContext): Get[] {
  if (leaves(ty) === null) return unsupported(`${what} ${typeText(ty)}`, cx.origin);
  return leafExprs(zeroOf(ty)).map((zero) => cx.kb.var(zero));
}
