/**
 * The matcher: does the left side of a rule fit an operation, and what is the right side then.
 *
 *     lets  t = x + 2; u = t + 3      rule  (x + c) + d -> x + (c + d)      gives  u = x + 5
 *
 * Patterns look through definitions (`t` above), which stay where they are: dead code elimination takes those that
 * nobody else reads. No commutativity is tried: constants stand on the right by a rule of their own.
 *
 * Preconditions checked here: the kinds are among those of the rule, the condition on constants holds, operands that
 * would no longer be read cannot fail, and where the right side costs more than the root, what is looked through has
 * no other reader.
 */

import { lit } from '../../core/build.ts';
import type { Atom, Let, Op, Sym } from '../../core/op.ts';
import { isLit, isSym, sameAtom } from '../../core/op.ts';
import type { ScalarValue } from '../../core/scalar.ts';
import { BOOL, isScalar, scalar, type Type } from '../../core/types.ts';
import { invariant } from '../../diag/diagnostic.ts';
import { type Forward, makeLet, type Verdict } from '../rewrite.ts';
import { evaluate, kindOf } from './constants.ts';
import {
  isConstant,
  type Kinds,
  type KindVar,
  kindsKey,
  numberIn,
  type Pattern,
  type Rule,
  type Sort,
  sortOf,
} from './pattern.ts';

/** What a rule may ask about the program around an operation. */
export interface Surroundings {
  readonly fw: Forward;
  /** The value comes to be for sure: dropping it hides no error. */
  safe(a: Atom): boolean;
  /** The symbol is read once. */
  once(s: Sym): boolean;
  /** The rule of this name is switched on. */
  enabled(rule: string): boolean;
}

/** Rules by what stands at their root, in the order of the table. */
export type RuleIndex = ReadonlyMap<string, readonly Rule[]>;

export function indexRules(rules: readonly Rule[]): RuleIndex {
  const index = new Map<string, Rule[]>();
  for (const r of rules) {
    const key = rootKey(r.left);
    const bucket = index.get(key);
    if (bucket === undefined) index.set(key, [r]);
    else bucket.push(r);
  }
  return index;
}
const rootKey = (p: Pattern): string => (p.p === 'bin' || p.p === 'un' ? `${p.p} ${p.op}` : p.p);
const opRootKey = (op: Op): string => (op.kind === 'bin' || op.kind === 'un' ? `${op.kind} ${op.op}` : op.kind);

/** The first rule that applies to `op`, the operation of `sym`, and what it makes of it. */
export function applyRules(
  index: RuleIndex,
  op: Op,
  sym: Sym,
  around: Surroundings,
): { readonly rule: Rule; readonly verdict: Verdict } | undefined {
  for (const rule of index.get(opRootKey(op)) ?? []) {
    const verdict = applyRule(rule, op, sym, around);
    if (verdict !== undefined) return { rule, verdict };
  }
  return undefined;
}

function applyRule(rule: Rule, op: Op, sym: Sym, around: Surroundings): Verdict | undefined {
  const m: Match = { atoms: new Map(), kinds: {}, through: [], fw: around.fw };
  if (!matchOp(rule.left, op, m) || !rule.allowed.has(kindsKey(m.kinds))) return undefined;
  const consts = constantsIn(m);
  if (rule.when !== null && evaluate(rule.when, m.kinds, consts) !== true) return undefined;
  if (!rule.dropped.every((name) => around.safe(atomOf(m, name)))) return undefined;
  if (rule.needsOnce && !m.through.every((s) => around.once(s))) return undefined;
  return around.enabled(rule.name) ? build(rule.right, m, consts, sym) : undefined;
}

/** What has been found so far. */
interface Match {
  readonly atoms: Map<string, Atom>;
  kinds: Kinds;
  /** The symbols whose definitions were looked through. */
  readonly through: Sym[];
  readonly fw: Forward;
}

function atomOf(m: Match, name: string): Atom {
  const a = m.atoms.get(name);
  invariant(a !== undefined, () => `the left side of a rule binds ${name}`);
  return a;
}
const constantsIn = (m: Match): ReadonlyMap<string, ScalarValue> =>
  new Map([...m.atoms].flatMap(([name, a]) => (isLit(a) ? [[name, a.lit] as const] : [])));

function matchOp(p: Pattern, op: Op, m: Match): boolean {
  switch (p.p) {
    case 'bin':
      return op.kind === 'bin' && op.op === p.op && matchAtom(p.a, op.a, m) && matchAtom(p.b, op.b, m);
    case 'un':
      return op.kind === 'un' && op.op === p.op && matchAtom(p.a, op.a, m);
    case 'cast':
      return op.kind === 'cast' && matchSort(p.to, op.to, m) && matchAtom(p.a, op.a, m);
    case 'select':
      return (
        op.kind === 'select' && matchAtom(p.cond, op.cond, m) && matchAtom(p.a, op.a, m) && matchAtom(p.b, op.b, m)
      );
    default:
      return false;
  }
}

function matchAtom(p: Pattern, operand: Atom, m: Match): boolean {
  const a = m.fw.find(operand);
  switch (p.p) {
    case 'var':
      return bind(p.name, p.sort, a, m);
    case 'const':
      return isLit(a) && bind(p.name, 'T', a, m);
    case 'num':
      return isLit(a) && matchSort('T', a.ty, m) && Object.is(a.lit, numberIn(a.ty.scalar, p.value));
    case 'bool':
      return isLit(a) && a.lit === p.value;
    default: {
      const op = isSym(a) ? m.fw.def(a) : undefined;
      if (op === undefined || !isSym(a)) return false;
      m.through.push(a);
      return matchOp(p, op, m);
    }
  }
}

function bind(name: string, sort: Sort, a: Atom, m: Match): boolean {
  const known = m.atoms.get(name);
  if (known !== undefined) return sameAtom(known, a);
  if (!matchSort(sort, m.fw.syms.typeOf(a), m)) return false;
  m.atoms.set(name, a);
  return true;
}

function matchSort(sort: Sort, ty: Type, m: Match): boolean {
  if (sort === 'any') return true;
  if (sort === 'bool') return ty === BOOL;
  return isScalar(ty) && (m.kinds[sort] ?? ty.scalar) === ty.scalar && bindKind(sort, ty.scalar, m);
}
function bindKind(v: KindVar, kind: NonNullable<Kinds[KindVar]>, m: Match): true {
  if (m.kinds[v] === undefined) m.kinds = { ...m.kinds, [v]: kind };
  return true;
}

/** The right side: an atom, an operation, or operations of which the last one takes the place of `sym`. */
function build(right: Pattern, m: Match, consts: ReadonlyMap<string, ScalarValue>, sym: Sym): Verdict {
  const lets: Let[] = [];
  const value = (p: Pattern): Atom => {
    if (p.p === 'var') return atomOf(m, p.name);
    if (isConstant(p)) return lit(kindOf(sortOf(p), m.kinds), evaluate(p, m.kinds, consts));
    const made = makeLet(operation(p), m.fw.syms);
    lets.push(made);
    return made.sym;
  };
  const operation = (p: Pattern): Op => {
    switch (p.p) {
      case 'bin':
        return { kind: 'bin', op: p.op, a: value(p.a), b: value(p.b) };
      case 'un':
        return { kind: 'un', op: p.op, a: value(p.a) };
      case 'cast':
        return { kind: 'cast', to: scalar(kindOf(p.to, m.kinds)), a: value(p.a) };
      default:
        invariant(p.p === 'select', () => `a rule does not make ${p.p}`);
        return { kind: 'select', cond: value(p.cond), a: value(p.a), b: value(p.b) };
    }
  };
  if (right.p === 'var' || isConstant(right)) return { atom: value(right) };
  const op = operation(right);
  if (lets.length === 0) return { op };
  const last = makeLet(op, m.fw.syms, sym);
  return { lets: [...lets, last], atom: last.sym };
}
