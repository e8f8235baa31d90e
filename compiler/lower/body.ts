/**
 * A Core block inside a loop body becomes SIR statements.
 *
 * Scalars become registers, structs dissolve into their fields, merges go to the sinks of their builders. An `if`
 * that gives a value is predicated when its branches are simple and cheap: both sides are computed and selected, with
 * lookups and divisions guarded by the condition, so that the vectoriser meets straight code. An `if` that merges stays an
 * `if`. What has no form here (a call of an extern) is a W5001, for which `interpret.ts` has an answer.
 */

import { PREDICATED_WORK } from '../analysis/cost.ts';
import { blockCost } from '../analysis/price.ts';
import type { Atom, Block, Let, OpOf } from '../core/op.ts';
import { isSym } from '../core/op.ts';
import { isLinear, leaves, refersToMemory, type Type, typeText } from '../core/types.ts';
import { bin, type Get, lit, un } from '../sir/build.ts';
import type { SExpr, Stmt } from '../sir/kernel.ts';
import { keyExists, len, lookup, optLookup, slice, toVec } from './access.ts';
import { arith, castVal, compare, negate } from './arith.ts';
import { localSink } from './builders/local.ts';
import { deserialize, serialize } from './bytes.ts';
import { type LoopContext, leavesOf, unsupported } from './context.ts';
import { becomes, jointValue, sameSinks } from './handing-on.ts';
import { innerLoop, iterate } from './inner-loop.ts';
import { innerSort } from './inner-sort.ts';
import { choose, leafExprs, vecLiteral } from './leaves.ts';
import { exprOf, type KVal, scalarVal, structVal, valueOfLeaves, zeroOf } from './values.ts';

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
      return choose(cx.syms.type(l.sym), ex(op.cond), val(op.a), val(op.b), cx);
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
      return vecLiteral(op.elem, op.items.map(val), cx);
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
      return toVec(val(op.of), cx);
    case 'sort':
      return innerSort(op, cx);
    case 'serialize':
      return serialize(cx.syms.typeOf(op.of), val(op.of), cx);
    case 'deserialize':
      return deserialize(op.ty, val(op.of), cx);
    case 'cudf':
      return unsupported('a call of an extern inside a loop', cx.origin);
    default:
      return op satisfies never;
  }
}

/** The value of a builder local to the iteration, or of each of a struct of them. */
function resultOf(b: KVal, cx: LoopContext): KVal {
  if (b.v === 'struct') return structVal(b.fields.map((f) => resultOf(f, cx)));
  if (b.v !== 'builder' || b.sink.local === null) return unsupported('the result of this builder', cx.origin);
  return b.sink.local.result();
}

/** Binds an expression to a register, so that it is computed once. */
function named(e: SExpr, cx: LoopContext): KVal {
  return scalarVal(e.x === 'lit' ? e : cx.kb.let(e));
}

function lowerIf(op: OpOf<'if'>, ty: Type, cx: LoopContext): KVal {
  const cond = exprOf(valueAt(op.cond, cx));
  if (isLinear(ty)) return mergingIf(op, ty, cond, cx);
  const work = blockCost(op.then, cx.syms) + blockCost(op.else, cx.syms);
  const simple = isSimple(op.then, cx) && isSimple(op.else, cx);
  // Inside predicated code there is no branch any more.
  return simple && (cx.guard !== null || (work <= PREDICATED_WORK && !refersToMemory(ty)))
    ? predicatedIf(op, ty, cond, cx)
    : branchingIf(op, ty, cond, cx);
}

/** Both branches hand on builders: the same ones, or local ones that become one. */
function mergingIf(op: OpOf<'if'>, ty: Type, cond: SExpr, cx: LoopContext): KVal {
  const { kb } = cx;
  const lowered = (b: Block): { readonly stmts: readonly Stmt[]; readonly value: KVal } => {
    let value: KVal | null = null;
    const stmts = kb.block(() => {
      value = lowerBlock(b, cx);
    });
    return { stmts, value: value ?? unsupported('this branch', cx.origin) };
  };
  const [then, otherwise] = [lowered(op.then), lowered(op.else)];
  const joint = sameSinks(then.value, otherwise.value) ? null : jointValue(ty, then.value, otherwise.value, cx);
  const branch = (b: typeof then): readonly Stmt[] =>
    joint === null ? b.stmts : [...b.stmts, ...kb.block(() => becomes(joint, b.value, cx))];
  kb.emit({ s: 'if', cond, then: branch(then), else: branch(otherwise) });
  return joint ?? then.value;
}

function predicatedIf(op: OpOf<'if'>, ty: Type, cond: SExpr, cx: LoopContext): KVal {
  const outer = cx.guard;
  const under = (c: SExpr): SExpr => (outer === null ? c : cx.kb.let(bin('&', outer, c)));
  cx.guard = under(cond);
  const then = lowerBlock(op.then, cx);
  cx.guard = under(cx.kb.let(un('not', cond)));
  const otherwise = lowerBlock(op.else, cx);
  cx.guard = outer;
  return choose(ty, cond, then, otherwise, cx);
}

/** Straight scalar code, which may be computed on both sides. */
function isSimple(b: Block, cx: LoopContext): boolean {
  return b.lets.every(({ op }) => {
    switch (op.kind) {
      case 'bin':
        // Vectors are compared by a loop.
        return !refersToMemory(cx.syms.typeOf(op.a));
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
    for (const [k, e] of leafExprs(lowerBlock(b, cx), cx).entries()) {
      const target = vars[k];
      if (target !== undefined) cx.kb.set(target, e);
    }
  };
  cx.kb.if(cond, into(op.then), into(op.else));
  let k = 0;
  return valueOfLeaves(ty, () => vars[k++] ?? unsupported(typeText(ty), cx.origin));
}

/** The variables that a value of type `ty` leaves a branch or an iteration through. */
function varsOf(ty: Type, what: string, cx: LoopContext): Get[] {
  if (leaves(ty) === null) return unsupported(`${what} ${typeText(ty)}`, cx.origin);
  return leafExprs(zeroOf(ty), cx).map((zero) => cx.kb.var(zero));
}
