/**
 * Values that go on under another name: out of branches, from one iteration to the next, out of the body of a loop.
 * Scalars go through variables. A builder is usually the same one before and after; where it is not (a branch begins a
 * new one), builders local to the row become one another by assigning what they are made of.
 */

import { isBuilder, isLinear, type Type, vec } from '../core/types.ts';
import type { Get } from '../sir/build.ts';
import type { SExpr } from '../sir/kernel.ts';
import { localSink } from './builders/local.ts';
import { type LoopContext, unsupported } from './context.ts';
import { leafExprs } from './leaves.ts';
import { type KVal, structVal, valueOfLeaves, zeroOf } from './values.ts';

/** The same builders in the same places, and nothing else that could differ. */
export function sameSinks(a: KVal, b: KVal): boolean {
  if (a.v === 'builder') return b.v === 'builder' && a.sink === b.sink;
  if (a.v !== 'struct' || b.v !== 'struct') return false;
  return a.fields.every((x, k) => {
    const y = b.fields[k];
    return y !== undefined && sameSinks(x, y);
  });
}

/** A value of type `ty` that can become each of two: variables, and of builders the common one or a new local one. */
export function jointValue(ty: Type, a: KVal, b: KVal, cx: LoopContext): KVal {
  if (ty.kind === 'struct' && isLinear(ty) && a.v === 'struct' && b.v === 'struct') {
    return structVal(ty.fields.map((f, k) => jointValue(f, a.fields[k] ?? a, b.fields[k] ?? b, cx)));
  }
  if (isBuilder(ty)) {
    if (sameSinks(a, b)) return a;
    // The vector of a vecmerger is taken over from one of the two.
    const arg = ty.kind === 'vecmerger' ? zeroOf(vec(ty.elem)) : null;
    return { v: 'builder', sink: localSink(ty, arg, cx) };
  }
  const vars = leafExprs(zeroOf(ty), cx).map((zero) => cx.kb.var(zero));
  let k = 0;
  return valueOfLeaves(ty, () => vars[k++] ?? unsupported('this value', cx.origin));
}

/** Assigns `from` to `target`, which is made of variables and builders; all at once, since each may read the other. */
export function becomes(target: KVal, from: KVal, cx: LoopContext): void {
  const { kb } = cx;
  const moves = movesOf(target, from, cx).map(([to, e]) => [to, e.x === 'lit' ? e : kb.var(e)] as const);
  for (const [to, e] of moves) kb.set(to, e);
}

type Move = readonly [to: Get, e: SExpr];

function movesOf(target: KVal, from: KVal, cx: LoopContext): readonly Move[] {
  if (target.v === 'builder' && from.v === 'builder') {
    if (target.sink === from.sink) return [];
    const [to, vars] = [target.sink.local?.vars, from.sink.local?.vars];
    if (to === undefined || vars === undefined) {
      return unsupported('builders that are handed on in different places', cx.origin);
    }
    return pairs(to, vars, cx);
  }
  if (target.v === 'struct' && from.v === 'struct') {
    return target.fields.flatMap((f, k) => movesOf(f, from.fields[k] ?? from, cx));
  }
  return pairs(leafExprs(target, cx), leafExprs(from, cx), cx);
}

function pairs(to: readonly SExpr[], from: readonly SExpr[], cx: LoopContext): readonly Move[] {
  return to.map((target, k) => {
    const e = from[k];
    if (target.x !== 'get' || e === undefined) return unsupported('this value', cx.origin);
    return [target, e];
  });
}
