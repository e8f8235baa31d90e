/**
 * Constant folding and the algebra that is exact.
 *
 *     2 + 3 -> 5      x + 0 -> x (integers)      x * 1 -> x      !(a == b) -> a != b
 *     if(c, {.. c ..}, {.. c ..})  ->  if(c, {.. true ..}, {.. false ..})
 *
 * Integers wrap, so only identities that hold for every bit pattern are here: no re-association across `/`, nothing
 * moved across a comparison. Floats: only what is exact for every value, NaN and -0 included (`x * 1`, `x - 0`).
 * Preconditions:
 * - constants fold by `scalar.ts`, but never a division by zero (its error must stay) and never a function like `exp`
 *   or `pow`, whose last bit belongs to the target;
 * - a rule that drops an operand (`x * 0`, `select(true,a,b)`) needs that operand free of failures: both sides of
 *   `select` and of `*` are evaluated, so their errors are part of the meaning.
 */

import { canFail } from '../analysis/effects.ts';
import { lit } from '../core/build.ts';
import type { Atom, BinOp, Lit, Op, OpOf, Sym, UnOp } from '../core/op.ts';
import { isLit, isSym } from '../core/op.ts';
import { binScalar, castScalar, unScalar } from '../core/scalar.ts';
import { atomsOf, blocksOf } from '../core/shape.ts';
import { isFloatKind, isScalar, type ScalarType } from '../core/types.ts';
import { forEachLet } from '../core/walk.ts';
import { sameAtom } from './inline.ts';
import type { Pass } from './pass.ts';
import { type Forward, rewriteForward, type Verdict } from './rewrite.ts';

export const fold: Pass = {
  name: 'fold',
  doc: 'fold constants and exact identities',
  run(p, cx) {
    // Symbols whose value may not come to be, because they or what they are made of can fail.
    const risky = new Set<Sym>();
    const safe = (a: Atom): boolean => isLit(a) || !risky.has(a);
    return rewriteForward(p, {
      visit(op, _sym, fw) {
        const found = foldOp(op, fw, safe);
        if (found === undefined) return undefined;
        cx.fired(found.rule);
        return found.verdict;
      },
      assume(op, k) {
        return op.kind === 'if' && isSym(op.cond) ? [op.cond, lit('bool', k === 0)] : undefined;
      },
      kept(l) {
        if (canFail(l.op, p.syms) || !readsOnly(l.op, safe)) risky.add(l.sym);
      },
    });
  },
};

interface Found {
  readonly rule: string;
  readonly verdict: Verdict;
}
const to = (rule: string, atom: Atom): Found => ({ rule, verdict: { atom } });

function readsOnly(op: Op, ok: (a: Atom) => boolean): boolean {
  if (!atomsOf(op).every(ok)) return false;
  let good = true;
  for (const b of blocksOf(op)) {
    forEachLet(b, (l) => {
      good &&= atomsOf(l.op).every(ok);
    });
    good &&= ok(b.result);
  }
  return good;
}

function foldOp(op: Op, fw: Forward, safe: (a: Atom) => boolean): Found | undefined {
  switch (op.kind) {
    case 'bin':
      return foldBin(op, fw, safe);
    case 'un':
      return foldUn(op, fw);
    case 'cast': {
      if (!isLit(op.a)) return undefined;
      return to('cast-constant', lit(op.to, castScalar(op.a.ty.scalar, op.to.scalar, op.a.lit)));
    }
    case 'select': {
      if (sameAtom(op.a, op.b)) return safe(op.cond) ? to('select-same', op.a) : undefined;
      if (!isLit(op.cond)) return undefined;
      const [chosen, other] = op.cond.lit === true ? [op.a, op.b] : [op.b, op.a];
      return safe(other) ? to('select-constant', chosen) : undefined;
    }
    case 'if': {
      const { then, else: other } = op;
      const result = fw.find(then.result);
      if (then.lets.length > 0 || other.lets.length > 0 || !sameAtom(result, fw.find(other.result))) return undefined;
      return safe(op.cond) ? to('if-same', result) : undefined;
    }
    default:
      return undefined;
  }
}

function foldBin(op: OpOf<'bin'>, fw: Forward, safe: (a: Atom) => boolean): Found | undefined {
  const ty = fw.syms.typeOf(op.a);
  if (!isScalar(ty)) return undefined;
  if (isLit(op.a) && isLit(op.b)) return foldConstants(op.op, op.a, op.b);
  if (isLit(op.b)) return withConstant(op.op, op.a, op.b, safe, true);
  if (isLit(op.a)) return withConstant(op.op, op.b, op.a, safe, false);
  return sameAtom(op.a, op.b) ? withItself(op.op, op.a, ty, safe) : undefined;
}

function foldConstants(op: BinOp, a: Lit, b: Lit): Found | undefined {
  const { scalar } = a.ty;
  const divides = op === '/' || op === '%';
  if (op === 'pow' || (divides && !isFloatKind(scalar) && isZero(b))) return undefined;
  const v = binScalar(op, scalar, a.lit, b.lit);
  return to('bin-constant', typeof v === 'boolean' ? lit('bool', v) : lit(a.ty, v));
}

/** `x op c`, or `c op x` when `right` is false. */
function withConstant(op: BinOp, x: Atom, c: Lit, safe: (a: Atom) => boolean, right: boolean): Found | undefined {
  const float = isFloatKind(c.ty.scalar);
  const drop = (rule: string, atom: Atom): Found | undefined => (safe(x) ? to(rule, atom) : undefined);
  switch (op) {
    case '+':
      // -0 is the identity of float addition: 0 + -0 is 0, which +0 would give for -0, too.
      if (float ? Object.is(c.lit, -0) : isZero(c)) return to(float ? 'float-add-zero' : 'int-add-zero', x);
      return undefined;
    case '-':
      if (right && (float ? Object.is(c.lit, 0) : isZero(c))) return to(float ? 'float-sub-zero' : 'int-sub-zero', x);
      return undefined;
    case '*':
      if (isOne(c)) return to('mul-one', x);
      return !float && isZero(c) ? drop('int-mul-zero', c) : undefined;
    case '/':
      return right && isOne(c) ? to('div-one', x) : undefined;
    case '%':
      return right && !float && isOne(c) ? drop('int-rem-one', lit(c.ty, 0)) : undefined;
    case '&&':
      return c.lit === true ? to('and-true', x) : drop('and-false', c);
    case '||':
      return c.lit === false ? to('or-false', x) : drop('or-true', c);
    case '&':
      if (c.lit === true) return to('and-true', x);
      return isZero(c) || c.lit === false ? drop('bits-and-zero', c) : undefined;
    case '|':
    case '^':
      return isZero(c) || c.lit === false ? to('bits-or-zero', x) : undefined;
    case '==':
      return c.lit === true ? to('bool-eq-true', x) : undefined;
    case '!=':
      return c.lit === false ? to('bool-ne-false', x) : undefined;
    default:
      return undefined;
  }
}

/** `x op x`. Nothing for floats but what holds for NaN. */
function withItself(op: BinOp, x: Atom, ty: ScalarType, safe: (a: Atom) => boolean): Found | undefined {
  if (op === '&&' || op === '||' || op === '&' || op === '|' || op === 'min' || op === 'max')
    return to('same-idempotent', x);
  if (isFloatKind(ty.scalar) || !safe(x)) return undefined;
  switch (op) {
    case '==':
    case '<=':
    case '>=':
      return to('same-compare', lit('bool', true));
    case '!=':
    case '<':
    case '>':
      return to('same-compare', lit('bool', false));
    case '-':
    case '^':
      return to('same-cancels', lit(ty, ty.scalar === 'bool' ? false : 0));
    default:
      return undefined;
  }
}

/** Exactly rounded or exact on every target; the others are left to it. */
const FOLDED: ReadonlySet<UnOp> = new Set<UnOp>(['neg', 'not', 'sqrt']);
const NEGATED: Partial<Record<BinOp, BinOp>> = { '==': '!=', '!=': '==' };
/** Not on floats: a < b and a >= b are both false for NaN. */
const NEGATED_ORDER: Partial<Record<BinOp, BinOp>> = { '<': '>=', '<=': '>', '>': '<=', '>=': '<' };

function foldUn(op: OpOf<'un'>, fw: Forward): Found | undefined {
  if (isLit(op.a)) {
    if (!FOLDED.has(op.op)) return undefined;
    return to('un-constant', lit(op.a.ty, unScalar(op.op, op.a.ty.scalar, op.a.lit)));
  }
  const inner = fw.def(op.a);
  if ((op.op === 'neg' || op.op === 'not') && inner?.kind === 'un' && inner.op === op.op) {
    return to('double-negation', inner.a);
  }
  if (op.op !== 'not' || inner?.kind !== 'bin') return undefined;
  const ty = fw.syms.typeOf(inner.a);
  const exact = isScalar(ty) && !isFloatKind(ty.scalar);
  const negated = NEGATED[inner.op] ?? (exact ? NEGATED_ORDER[inner.op] : undefined);
  return negated === undefined ? undefined : { rule: 'not-compare', verdict: { op: { ...inner, op: negated } } };
}

const isZero = (c: Lit): boolean => c.lit === 0 || c.lit === 0n;
const isOne = (c: Lit): boolean => c.lit === 1 || c.lit === 1n;
