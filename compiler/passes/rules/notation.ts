/**
 * Rules as they are written: `left -> right` or `left -> right if condition`, in Weld's operators and precedence.
 *
 * Letters are the variables of `pattern.ts`; `min max pow select T U V power2` are calls; a minus before a number
 * belongs to the number, so `-0` is the negative zero. The texts are constants of this program: a mistake in one is a
 * fault of ours, found by the tests of the table.
 */

import { type BinOp, isCalled } from '../../core/op.ts';
import { InternalError } from '../../diag/diagnostic.ts';
import {
  costOf,
  type Kinds,
  type KindVar,
  kindsKey,
  type Pattern,
  type Rule,
  rootCost,
  type Soundness,
  varsOf,
} from './pattern.ts';

/** A rule from its text. What only a match needs is read at the first one: few of five hundred rules ever match. */
export function rule(name: string, sound: Soundness, kinds: readonly Kinds[], text: string): Rule {
  const [sides = '', condition] = text.split(' if ');
  const [from = '', to = ''] = sides.split('->');
  const left = parsePattern(from);
  let rest: Rest | null = null;
  const restOf = (): Rest => {
    rest ??= restFrom(left, parsePattern(to), condition === undefined ? null : parsePattern(condition));
    return rest;
  };
  return {
    name,
    sound,
    kinds,
    allowed: keysOf(kinds),
    left,
    text,
    get right() {
      return restOf().right;
    },
    get when() {
      return restOf().when;
    },
    get dropped() {
      return restOf().dropped;
    },
    get needsOnce() {
      return restOf().needsOnce;
    },
  };
}

type Rest = Pick<Rule, 'right' | 'when' | 'dropped' | 'needsOnce'>;

function restFrom(left: Pattern, right: Pattern, when: Pattern | null): Rest {
  const kept = new Set(varsOf(right).map((v) => v.name));
  const dropped = varsOf(left).flatMap((v) => (kept.has(v.name) ? [] : [v.name]));
  return { right, when, dropped, needsOnce: costOf(right) > rootCost(left) };
}

/** The keys of a list of kinds, which many rules share: five hundred rules have thirty lists. */
function keysOf(kinds: readonly Kinds[]): ReadonlySet<string> {
  const known = keySets.get(kinds);
  if (known !== undefined) return known;
  const made = new Set(kinds.map(kindsKey));
  keySets.set(kinds, made);
  return made;
}
const keySets = new WeakMap<readonly Kinds[], ReadonlySet<string>>();

/** Makes rules of one soundness and one list of kinds. */
export const rulesOver =
  (sound: Soundness, kinds: readonly Kinds[]) =>
  (name: string, ...texts: readonly string[]): readonly Rule[] =>
    texts.map((text) => rule(name, sound, kinds, text));

/** Loosest first, as in the language. */
const LEVELS: readonly (readonly BinOp[])[] = [
  ['||'],
  ['&&'],
  ['|'],
  ['^'],
  ['&'],
  ['==', '!='],
  ['<', '<=', '>', '>='],
  ['+', '-'],
  ['*', '/', '%'],
];
const TOKEN = /\s*(\|\||&&|==|!=|<=|>=|[-+*/%<>&|^!(),]|\d+(?:\.\d+)?|[A-Za-z]\w*)/y;

export function parsePattern(text: string): Pattern {
  const source = text.trim();
  const tokens: string[] = [];
  TOKEN.lastIndex = 0;
  while (TOKEN.lastIndex < source.length) {
    const m = TOKEN.exec(source);
    if (m?.[1] === undefined) throw new InternalError(`rule notation: cannot read '${source}'`);
    tokens.push(m[1]);
  }
  let at = 0;
  const peek = (): string => tokens[at] ?? '';
  const eat = (t: string): void => {
    if (peek() !== t) throw new InternalError(`rule notation: '${source}' has '${peek()}' in the place of '${t}'`);
    at++;
  };

  const binary = (level: number): Pattern => {
    const ops = LEVELS[level];
    if (ops === undefined) return unary();
    let a = binary(level + 1);
    for (let op = ops.find((o) => o === peek()); op !== undefined; op = ops.find((o) => o === peek())) {
      at++;
      a = { p: 'bin', op, a, b: binary(level + 1) };
    }
    return a;
  };
  const unary = (): Pattern => {
    if (peek() === '!') {
      at++;
      return { p: 'un', op: 'not', a: unary() };
    }
    if (peek() !== '-') return primary();
    at++;
    const a = unary();
    return a.p === 'num' && typeof a.value === 'number' ? { p: 'num', value: -a.value } : { p: 'un', op: 'neg', a };
  };
  const primary = (): Pattern => {
    const t = peek();
    at++;
    if (t === '(') {
      const inner = binary(0);
      eat(')');
      return inner;
    }
    if (peek() !== '(') return leaf(t, source);
    eat('(');
    const args = [binary(0)];
    while (peek() === ',') {
      eat(',');
      args.push(binary(0));
    }
    eat(')');
    return call(t, args, source);
  };

  const made = binary(0);
  if (at < tokens.length) throw new InternalError(`rule notation: '${source}' goes on after '${peek()}'`);
  return made;
}

function leaf(t: string, source: string): Pattern {
  if (/^\d/.test(t)) return { p: 'num', value: Number(t) };
  if (t === 'MIN' || t === 'MAX') return { p: 'num', value: t };
  if (t === 'true' || t === 'false') return { p: 'bool', value: t === 'true' };
  if (/^[xyz]$/.test(t)) return { p: 'var', name: t, sort: 'T' };
  if (/^[pqr]$/.test(t)) return { p: 'var', name: t, sort: 'bool' };
  if (/^[uvw]$/.test(t)) return { p: 'var', name: t, sort: 'any' };
  if (/^[cde]$/.test(t)) return { p: 'const', name: t };
  throw new InternalError(`rule notation: '${t}' in '${source}' means nothing`);
}

const isKindVar = (t: string): t is KindVar => t === 'T' || t === 'U' || t === 'V';

function call(name: string, args: readonly Pattern[], source: string): Pattern {
  const [a, b, c] = args;
  if (a !== undefined && b === undefined) {
    if (isKindVar(name)) return { p: 'cast', to: name, a };
    if (name === 'power2') return { p: 'power2', a };
  }
  if (a !== undefined && b !== undefined && c === undefined) {
    if (isCalled(name)) return { p: 'bin', op: name, a, b };
  }
  if (name === 'select' && a !== undefined && b !== undefined && c !== undefined) {
    return { p: 'select', cond: a, a: b, b: c };
  }
  throw new InternalError(`rule notation: no call '${name}' with ${args.length} arguments, in '${source}'`);
}
