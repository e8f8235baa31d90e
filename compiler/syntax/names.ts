/**
 * The names in a surface tree: which it has at all, and which are free in it. Whatever goes on to the left or from let
 * to let is walked in loops.
 */

import type { Expr } from './ast.ts';

const NONE: readonly Expr[] = [];

/** The expressions directly inside another, in the order of the text. */
export function childrenOf(e: Expr): readonly Expr[] {
  switch (e.k) {
    case 'lit':
    case 'text':
    case 'name':
      return NONE;
    case 'unary':
      return [e.a];
    case 'binary':
      return [e.a, e.b];
    case 'form':
    case 'cudf':
      return e.args;
    case 'apply':
      return [e.f, ...e.args];
    case 'field':
      return [e.of];
    case 'struct':
    case 'vec':
      return e.items;
    case 'lets':
      return [...e.lets.map((l) => l.value), e.body];
    case 'lambda':
      return [e.body];
    case 'builder':
      return e.arg === null ? NONE : [e.arg];
    case 'ascribe':
      return [e.e];
    default:
      return e satisfies never;
  }
}

/** Calls `visit` with every expression in a tree, in no particular order. */
export function eachExpr(root: Expr, visit: (e: Expr) => void): void {
  const waiting = [root];
  for (let e = waiting.pop(); e !== undefined; e = waiting.pop()) {
    visit(e);
    for (const child of childrenOf(e)) waiting.push(child);
  }
}

/** Every name in a tree, bound or free, read or given. */
export function namesIn(root: Expr): ReadonlySet<string> {
  const names = new Set<string>();
  eachExpr(root, (e) => {
    if (e.k === 'name') names.add(e.name);
    else if (e.k === 'lets') for (const l of e.lets) names.add(l.name);
    else if (e.k === 'lambda') for (const p of e.params) names.add(p.name);
  });
  return names;
}

const known = new WeakMap<Expr, ReadonlySet<string>>();

/** The names that a tree reads and does not bind. */
export function freeNames(e: Expr): ReadonlySet<string> {
  const before = known.get(e);
  if (before !== undefined) return before;
  const walk = new FreeNames();
  walk.enter(e);
  known.set(e, walk.found);
  return walk.found;
}

class FreeNames {
  readonly found = new Set<string>();
  /** How many binders of a name are around. */
  readonly #bound = new Map<string, number>();

  enter(e: Expr): void {
    let left = e;
    for (; left.k === 'binary' || left.k === 'apply' || left.k === 'field'; ) {
      if (left.k === 'binary') this.enter(left.b);
      else if (left.k === 'apply') for (const a of left.args) this.enter(a);
      left = left.k === 'binary' ? left.a : left.k === 'apply' ? left.f : left.of;
    }
    if (left.k === 'name') {
      if (!this.#bound.get(left.name)) this.found.add(left.name);
    } else if (left.k === 'lambda') {
      const names = left.params.map((p) => p.name);
      for (const name of names) this.#bind(name, 1);
      this.enter(left.body);
      for (const name of names) this.#bind(name, -1);
    } else if (left.k === 'lets') {
      for (const l of left.lets) {
        this.enter(l.value);
        this.#bind(l.name, 1);
      }
      this.enter(left.body);
      for (const l of left.lets) this.#bind(l.name, -1);
    } else for (const child of childrenOf(left)) this.enter(child);
  }
  #bind(name: string, by: 1 | -1): void {
    this.#bound.set(name, (this.#bound.get(name) ?? 0) + by);
  }
}
