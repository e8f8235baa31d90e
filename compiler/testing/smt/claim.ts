/**
 * What there is to prove of a rule, as a question to a solver: is there an input for which it is wrong? "No" is a proof.
 *
 * Exact rules: for all inputs and all constants that meet the condition, the left side fails exactly when the right
 * side does, and if it does not fail both sides are the same value (floats bit for bit, NaN whatever its payload).
 * Operands that fail by themselves are not inputs: the matcher drops none (`match.ts`).
 *
 * Fast-math rules: the same over the real numbers, for inputs that make no divisor zero.
 */

import { COMPARISONS } from '../../core/op.ts';
import { isFloatKind, isIntKind, type ScalarKind } from '../../core/types.ts';
import { InternalError } from '../../diag/diagnostic.ts';
import { kindOf } from '../../passes/rules/constants.ts';
import {
  constsOf,
  type Kinds,
  nodesOf,
  numberIn,
  type Pattern,
  type Rule,
  type Sort,
  sortOf,
  varsOf,
} from '../../passes/rules/pattern.ts';
import { declare, type Input, negated, type Power2 } from './inputs.ts';
import { bitsOf, smtBin, smtCast, smtLit, smtUn, type Term } from './smtlib.ts';

export interface Claim {
  /** SMT-LIB commands, without `check-sat`. */
  readonly script: string;
  /** What a counterexample gives values of; empty over the real numbers. */
  readonly inputs: readonly Input[];
}

/**
 * The claims that a rule is wrong for this choice of kinds: it is proved when each of them is refuted. There is one,
 * and for a rule on powers of two one for each sign.
 */
export function claimsOf(rule: Rule, kinds: Kinds): readonly Claim[] {
  if (rule.sound === 'fast-math') return [realClaim(rule)];
  const constant = powerOfTwo(rule);
  if (constant === null) return [exactClaim(rule, kinds, () => null)];
  return (['+', '-'] as const).map((sign) => exactClaim(rule, kinds, (name) => (name === constant ? sign : null)));
}

function inputsOf(rule: Rule, kinds: Kinds): readonly Input[] {
  const sides: Pattern = { p: 'select', cond: rule.left, a: rule.left, b: rule.right };
  const vars = varsOf(sides).map((v) => ({ name: v.name, kind: v.sort === 'any' ? null : kindOf(v.sort, kinds) }));
  return [...vars, ...constsOf(sides).map((name) => ({ name, kind: kindOf('T', kinds) }))];
}

function exactClaim(rule: Rule, kinds: Kinds, power2: (name: string) => Power2 | null): Claim {
  const inputs = inputsOf(rule, kinds);
  const lines: string[] = [];
  if (inputs.some((i) => i.kind === null)) {
    lines.push('(declare-sort Any 0)', '(declare-fun equal (Any Any) Bool)');
  }
  for (const input of inputs) lines.push(...declare(input, power2(input.name)));
  const cx: Exact = { kinds };
  if (rule.when !== null) lines.push(`(assert ${exactTerm(rule.when, cx)})`);
  const [left, right] = [exactTerm(rule.left, cx), exactTerm(rule.right, cx)];
  const [leftFails, rightFails] = [failsAt(rule.left, cx), failsAt(rule.right, cx)];
  lines.push(`(assert (or (not (= ${leftFails} ${rightFails})) (and (not ${leftFails}) (not (= ${left} ${right})))))`);
  return { script: lines.join('\n'), inputs };
}

interface Exact {
  readonly kinds: Kinds;
}

function exactTerm(p: Pattern, cx: Exact): Term {
  const term = (q: Pattern): Term => exactTerm(q, cx);
  const kind = (q: Pattern): ScalarKind => kindOf(sortOf(q), cx.kinds);
  switch (p.p) {
    case 'var':
    case 'const':
      return p.name;
    case 'num':
      return smtLit(kind(p), numberIn(kind(p), p.value));
    case 'bool':
      return String(p.value);
    case 'bin':
      if (isAny(sortOf(p.a))) return anyComparison(p.op, term(p.a), term(p.b));
      return smtBin(p.op, kind(p.a), term(p.a), term(p.b));
    case 'un':
      if (p.op === 'neg' && (p.a.p === 'var' || p.a.p === 'const') && isFloatKind(kind(p.a))) return negated(p.a.name);
      return smtUn(p.op, kind(p.a), term(p.a));
    case 'cast':
      return smtCast(kind(p.a), kind(p), term(p.a));
    case 'select':
      return `(ite ${term(p.cond)} ${term(p.a)} ${term(p.b)})`;
    case 'power2':
      // Declared as one (`inputs.ts`).
      return 'true';
    default:
      return p satisfies never;
  }
}
const isAny = (s: Sort): boolean => s === 'any';

/** Of a type that nothing is known of, `==` may be any relation; `!=` is its negation on every type. */
function anyComparison(op: string, a: Term, b: Term): Term {
  if (op === '==') return `(equal ${a} ${b})`;
  if (op === '!=') return `(not (equal ${a} ${b}))`;
  throw new InternalError(`${op} is not proved for any type`);
}

/** The constant that is a power of two by the condition of a rule. */
function powerOfTwo({ name, when }: Rule): string | null {
  if (when === null || nodesOf(when).every((n) => n.p !== 'power2')) return null;
  if (when.p !== 'power2' || when.a.p !== 'const') {
    throw new InternalError(`${name}: power2 of one constant is a whole condition`);
  }
  return when.a.name;
}

/** When evaluating a pattern ends with an error: an integer divisor is zero. */
function failsAt(p: Pattern, cx: Exact): Term {
  const zeros = nodesOf(p).flatMap((n) => {
    if (n.p !== 'bin' || (n.op !== '/' && n.op !== '%')) return [];
    const kind = kindOf(sortOf(n.b), cx.kinds);
    return isIntKind(kind) ? [`(= ${exactTerm(n.b, cx)} ${smtLit(kind, bitsOf(kind) === 64 ? 0n : 0)})`] : [];
  });
  return zeros.length === 0 ? 'false' : `(or ${zeros.join(' ')})`;
}

function realClaim(rule: Rule): Claim {
  const inputs = inputsOf(rule, { T: 'f64' });
  const lines = inputs.map(({ name, kind }) => `(declare-const ${name} ${kind === 'bool' ? 'Bool' : 'Real'})`);
  const divisors = [rule.left, rule.right].flatMap(nodesOf).flatMap((n) => {
    if (n.p !== 'bin') return [];
    if (n.op === '/') return [realTerm(n.b)];
    return n.op === 'pow' && n.b.p === 'num' && Number(n.b.value) < 0 ? [realTerm(n.a)] : [];
  });
  for (const d of divisors) lines.push(`(assert (not (= ${d} 0.0)))`);
  if (rule.when !== null) lines.push(`(assert ${realTerm(rule.when)})`);
  lines.push(`(assert (not (= ${realTerm(rule.left)} ${realTerm(rule.right)})))`);
  return { script: lines.join('\n'), inputs: [] };
}

function realTerm(p: Pattern): Term {
  switch (p.p) {
    case 'var':
    case 'const':
      return p.name;
    case 'bool':
      return String(p.value);
    case 'num': {
      const v = Number(p.value);
      return v < 0 ? `(- ${(-v).toFixed(1)})` : `${v.toFixed(1)}`;
    }
    case 'bin': {
      if (p.op === 'pow') return power(p);
      const [a, b] = [realTerm(p.a), realTerm(p.b)];
      if (p.op === '!=') return `(not (= ${a} ${b}))`;
      if (COMPARISONS.has(p.op)) return `(${p.op === '==' ? '=' : p.op} ${a} ${b})`;
      if ('+-*/'.includes(p.op)) return `(${p.op} ${a} ${b})`;
      throw new InternalError(`${p.op} is not proved over the reals`);
    }
    case 'un':
      return `(${p.op === 'neg' ? '-' : p.op} ${realTerm(p.a)})`;
    default:
      throw new InternalError(`${p.p} is not proved over the reals`);
  }
}

/** A power with a whole exponent is a product of that many factors, by its definition. */
function power(p: Extract<Pattern, { readonly p: 'bin' }>): Term {
  const n = p.b.p === 'num' ? Number(p.b.value) : Number.NaN;
  if (!Number.isInteger(n) || n === 0) throw new InternalError('pow is proved for whole exponents');
  const product = `(* 1.0 ${Array.from({ length: Math.abs(n) }, () => realTerm(p.a)).join(' ')})`;
  return n > 0 ? product : `(/ 1.0 ${product})`;
}
