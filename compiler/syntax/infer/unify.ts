/**
 * Unification: unknown types, what has been found out about them, and rules that wait to know more.
 *
 * The rules are those of `core/rules.ts`; this is the solver that lets them run before every type is known. A rule
 * that asks for a type nobody knows yet is put aside under that unknown, and runs again as soon as the unknown is
 * bound. So the work is proportional to the program, whatever the order in which types become known.
 */

import type { Solver } from '../../core/rules.ts';
import { hasUnknown, mapParts, partsOf, type Type, typeText, type UnknownType, unknown } from '../../core/types.ts';
import { type Diagnostic, diagnostic, type Origin, WeldError } from '../../diag/diagnostic.ts';

/** Thrown through a rule that asks for a type which is not known yet. */
class NotYet {
  readonly on: UnknownType;
  constructor(on: UnknownType) {
    this.on = on;
  }
}

/** A rule put aside; its value has been given out as `value`, an unknown. */
interface Waiting {
  readonly rule: () => Type;
  readonly value: Type;
  readonly origin: Origin;
}

/** A text that means nothing has as many wrong places as it is long: the first few say it. */
const MOST_DIAGNOSTICS = 20;

export class Unifier implements Solver {
  readonly found: Diagnostic[] = [];
  origin: Origin | null = null;
  readonly #bound: (Type | undefined)[] = [];
  readonly #waiting = new Map<UnknownType, Waiting[]>();
  #ready: Waiting[] = [];

  /** A type of which nothing is known. */
  fresh(): UnknownType {
    this.#bound.push(undefined);
    return unknown(this.#bound.length - 1);
  }
  /** A type as written: each `?` is an unknown of its own. */
  written(t: Type): Type {
    if (!hasUnknown(t)) return t;
    return t.kind === 'unknown' ? this.fresh() : mapParts(t, (p) => this.written(p));
  }

  peek(t: Type): Type {
    let at = t;
    while (at.kind === 'unknown') {
      const to = this.#bound[at.index];
      if (to === undefined) return at;
      at = to;
    }
    return at;
  }
  known(t: Type): Type {
    const found = this.peek(t);
    if (found.kind === 'unknown') throw new NotYet(found);
    return found;
  }
  /** The type with everything that is known about its parts. */
  whole(t: Type): Type {
    const found = this.peek(t);
    return hasUnknown(found) ? mapParts(found, (p) => this.whole(p)) : found;
  }

  same(a: Type, b: Type): boolean {
    const [x, y] = [this.peek(a), this.peek(b)];
    if (x === y) return true;
    if (x.kind === 'unknown') return this.#bind(x, y);
    if (y.kind === 'unknown') return this.#bind(y, x);
    if (x.kind !== y.kind || ('op' in x && 'op' in y && x.op !== y.op)) return false;
    const [xs, ys] = [partsOf(x), partsOf(y)];
    // Scalars have no parts: two that are not one object are two kinds.
    return xs.length === ys.length && xs.length > 0 && xs.every((p, k) => this.same(p, ys[k] ?? p));
  }

  #bind(u: UnknownType, to: Type): boolean {
    if (this.#occurs(u, to)) return false;
    this.#bound[u.index] = to;
    const woken = this.#waiting.get(u);
    if (woken !== undefined) {
      this.#waiting.delete(u);
      this.#ready.push(...woken);
    }
    return true;
  }
  #occurs(u: UnknownType, inside: Type): boolean {
    if (!hasUnknown(inside)) return false;
    const t = this.peek(inside);
    return t === u || partsOf(t).some((p) => this.#occurs(u, p));
  }

  /** The value of a rule at a place of the text; an unknown where the rule must wait or has been refused. */
  apply(origin: Origin, rule: () => Type): Type {
    const value = this.#run({ rule, value: NONE, origin });
    this.#settle();
    return value;
  }

  /** Runs a rule; one that waits, or whose value is awaited, has its value bound. */
  #run(w: Waiting): Type {
    const before = this.origin;
    this.origin = w.origin;
    try {
      const value = w.rule();
      if (w.value !== NONE && !this.same(w.value, value)) this.#clash(w, value);
      return value;
    } catch (e) {
      if (e instanceof NotYet) {
        const value = w.value === NONE ? this.fresh() : w.value;
        const others = this.#waiting.get(e.on) ?? [];
        others.push({ ...w, value });
        this.#waiting.set(e.on, others);
        return value;
      }
      this.refuse(e);
      return w.value === NONE ? this.fresh() : w.value;
    } finally {
      this.origin = before;
    }
  }
  #clash(w: Waiting, value: Type): void {
    this.refuse(mismatch(this.whole(w.value), this.whole(value), w.origin));
  }

  #settle(): void {
    for (let w = this.#ready.pop(); w !== undefined; w = this.#ready.pop()) this.#run(w);
  }

  /** Notes what a rule has refused; anything but a WeldError goes on up. */
  refuse(e: unknown): void {
    if (!(e instanceof WeldError)) throw e;
    if (this.found.length < MOST_DIAGNOSTICS) this.found.push(...e.diagnostics);
  }

  /** The places of the rules that wait for what nobody will know, in the order of the text. */
  stuck(): readonly Origin[] {
    const origins = [...this.#waiting.values()].flatMap((ws) => ws.map((w) => w.origin));
    const start = (o: Origin): number => (o.kind === 'text' ? o.span.start : 0);
    return origins.sort((a, b) => start(a) - start(b));
  }
}

/** Stands for "no value given out yet"; no rule gives it. */
const NONE: Type = unknown(-1);

function mismatch(want: Type, found: Type, origin: Origin): WeldError {
  const message = `the expression is used as ${typeText(want)}, and is ${typeText(found)}`;
  return new WeldError([diagnostic('W2001', message, { origin })]);
}
