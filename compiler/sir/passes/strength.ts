/**
 * Replaces operations by cheaper ones with exactly the same value:
 *
 *     x / 8            =>  x * 0.125        a power of two whose inverse is a number: both are rounded once, from one value
 *     max(x, neg x)    =>  abs(x)           also for NaN, infinities and zeros of either sign
 *     (x + y) - x      =>  y                integers, which wrap around: the rounds of a loop from x to x + y
 *
 * WASM's vector division takes three times a multiplication, its NaN-careful maximum twice an `abs`. Operands are
 * looked up through the lets of the block and the blocks around it. Runs before `vectorize`, on the scalar body.
 */

import { isFloatKind } from '../../core/types.ts';
import { bin, lit, un } from '../build.ts';
import type { Kernel, Reg, SExpr, Stmt } from '../kernel.ts';
import { mapBlocks, mapExprs, readsAny, rewriteExpr, varsOf } from '../shape.ts';

/** The kernel with cheaper operations; itself when there is nothing to do. Precondition: no wide form yet. */
export function strength(kernel: Kernel): Kernel {
  return rewriteBody(kernel, cheaper);
}

/** What registers are, as far as the lets of the block and the blocks around it tell. */
export type Defs = ReadonlyMap<Reg, SExpr>;
type Rule = (e: SExpr, defs: Defs) => SExpr;

/** The kernel with `rule` applied to every node of its body, operands first. */
export function rewriteBody(kernel: Kernel, rule: Rule): Kernel {
  const body = rewriteBlock(kernel.body, new Map(), varsOf(kernel.body), rule);
  return body === kernel.body ? kernel : { ...kernel, body };
}

/** `vars` may have changed since a let read them, so such lets are not looked through. */
function rewriteBlock(stmts: readonly Stmt[], outer: Defs, vars: ReadonlySet<Reg>, rule: Rule): readonly Stmt[] {
  const defs = new Map(outer);
  let changed = false;
  const out = stmts.map((s) => {
    const own = mapExprs(s, (e) => rewriteExpr(e, (x) => rule(x, defs)));
    const made = mapBlocks(own, (b) => rewriteBlock(b, defs, vars, rule));
    if (made !== s) changed = true;
    if (made.s === 'let' && !readsAny(made.e, vars)) defs.set(made.reg, made.e);
    return made;
  });
  return changed ? out : stmts;
}

function cheaper(e: SExpr, defs: Defs): SExpr {
  if (e.x !== 'bin') return e;
  if (!isFloatKind(e.ty.kind)) return e.op === '-' ? (otherTerm(e.a, e.b, defs) ?? e) : e;
  if (e.op === '/' && e.b.x === 'lit') {
    const inverse = exactInverse(Number(e.b.value), e.ty.kind === 'f32' ? 126 : 1022);
    return inverse === null ? e : bin('*', e.a, lit(e.ty.kind, inverse, e.ty.lanes));
  }
  if (e.op !== 'max') return e;
  if (isNegationOf(e.b, e.a, defs)) return un('abs', e.a);
  return isNegationOf(e.a, e.b, defs) ? un('abs', e.b) : e;
}

/** 1 / d when d is a power of two (of either sign) and both d and 1 / d are normal numbers. */
function exactInverse(d: number, maxExponent: number): number | null {
  const exponent = Math.log2(Math.abs(d));
  return Number.isInteger(exponent) && Math.abs(exponent) <= maxExponent && 2 ** exponent === Math.abs(d)
    ? 1 / d
    : null;
}

/** `y`, when `sum` is `x + y` or `y + x`. */
function otherTerm(sum: SExpr, x: SExpr, defs: Defs): SExpr | null {
  const def = sum.x === 'get' ? defs.get(sum.reg) : sum;
  if (def?.x !== 'bin' || def.op !== '+' || x.x !== 'get') return null;
  const isX = (e: SExpr): boolean => e.x === 'get' && e.reg === x.reg;
  return isX(def.a) ? def.b : isX(def.b) ? def.a : null;
}

/** Is `a`, by itself or by the let that names it, `neg b`? */
function isNegationOf(a: SExpr, b: SExpr, defs: Defs): boolean {
  const def = a.x === 'get' ? defs.get(a.reg) : a;
  return def?.x === 'un' && def.op === 'neg' && def.a.x === 'get' && b.x === 'get' && def.a.reg === b.reg;
}
