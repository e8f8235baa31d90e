/**
 * Constant folding, and the algebra of `rules/`.
 *
 *     2 + 3 -> 5      x + 0 -> x (integers)      (x + 1) + 2 -> x + 3      !(a == b) -> a != b
 *     if(c, {.. c ..}, {.. c ..})  ->  if(c, {.. true ..}, {.. false ..})
 *
 * Preconditions:
 * - constants fold by `scalar.ts`, but never a division by zero (its error must stay) and never a function like `exp`
 *   or `pow`, whose last bit belongs to the target;
 * - a rule that drops an operand (`x * 0`, `select(true,a,b)`) needs that operand free of failures: both sides of
 *   `select` and of `*` are evaluated, so their errors are part of the meaning;
 * - a rule of the class fast-math needs the option `fastMath`.
 */

import { canFail } from '../analysis/effects.ts';
import { lit } from '../core/build.ts';
import type { Atom, BinOp, Lit, Op, Sym, UnOp } from '../core/op.ts';
import { isLit, isSym, sameAtom } from '../core/op.ts';
import { binScalar, castScalar, unScalar } from '../core/scalar.ts';
import { atomsOf, blocksOf } from '../core/shape.ts';
import { isFloatKind } from '../core/types.ts';
import { forEachLet } from '../core/walk.ts';
import { readOnce } from './inline.ts';
import type { Pass } from './pass.ts';
import { type Forward, rewriteForward, type Verdict } from './rewrite.ts';
import { applyRules } from './rules/match.ts';
import type { Rule } from './rules/pattern.ts';
import { RULE_NAMES, rulesFor } from './rules/table.ts';

/** What `fold` knows besides the table of rules. */
const OWN_RULES = ['bin-constant', 'un-constant', 'cast-constant', 'if-same'] as const;

/** The pass; `note` is told each rule of the table that it applies, of which several may have one name. */
export const foldNoting = (note: (rule: Rule) => void): Pass => ({
  name: 'fold',
  doc: 'fold constants and exact identities',
  rules: [...OWN_RULES, ...RULE_NAMES],
  run(p, cx) {
    // Symbols whose value may not come to be, because they or what they are made of can fail.
    const risky = new Set<Sym>();
    const safe = (a: Atom): boolean => isLit(a) || !risky.has(a);
    const once = readOnce(p);
    const index = rulesFor(cx.fastMath);
    return rewriteForward(p, {
      visit(op, sym, fw) {
        const own = foldConstant(op) ?? sameBranches(op, fw, safe);
        if (own !== undefined && cx.enabled(own.rule)) {
          cx.fired(own.rule);
          return own.verdict;
        }
        const found = applyRules(index, op, sym, { fw, safe, once, enabled: cx.enabled });
        if (found === undefined) return undefined;
        cx.fired(found.rule.name);
        note(found.rule);
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
});
export const fold: Pass = foldNoting(() => {});

interface Found {
  readonly rule: (typeof OWN_RULES)[number];
  readonly verdict: Verdict;
}
const to = (rule: Found['rule'], atom: Atom): Found => ({ rule, verdict: { atom } });

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

/** Exactly rounded or exact on every target; the others are left to it. */
const FOLDED: ReadonlySet<UnOp> = new Set<UnOp>(['neg', 'not', 'sqrt', 'floor', 'ceil', 'round', 'trunc']);

function foldConstant(op: Op): Found | undefined {
  switch (op.kind) {
    case 'bin':
      return isLit(op.a) && isLit(op.b) ? foldBin(op.op, op.a, op.b) : undefined;
    case 'un':
      if (!isLit(op.a) || !FOLDED.has(op.op)) return undefined;
      return to('un-constant', lit(op.a.ty, unScalar(op.op, op.a.ty.scalar, op.a.lit)));
    case 'cast':
      if (!isLit(op.a)) return undefined;
      return to('cast-constant', lit(op.to, castScalar(op.a.ty.scalar, op.to.scalar, op.a.lit)));
    default:
      return undefined;
  }
}

function foldBin(op: BinOp, a: Lit, b: Lit): Found | undefined {
  const { scalar } = a.ty;
  const divides = op === '/' || op === '%';
  if (op === 'pow' || op === 'atan2' || (divides && !isFloatKind(scalar) && (b.lit === 0 || b.lit === 0n)))
    return undefined;
  const v = binScalar(op, scalar, a.lit, b.lit);
  return to('bin-constant', typeof v === 'boolean' ? lit('bool', v) : lit(a.ty, v));
}

/** `if(c, x, x)`, both branches with nothing to compute. */
function sameBranches(op: Op, fw: Forward, safe: (a: Atom) => boolean): Found | undefined {
  if (op.kind !== 'if' || op.then.lets.length > 0 || op.else.lets.length > 0) return undefined;
  const result = fw.find(op.then.result);
  return sameAtom(result, fw.find(op.else.result)) && safe(op.cond) ? to('if-same', result) : undefined;
}
