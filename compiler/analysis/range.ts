/**
 * Which integers a value can be: an interval for every integer and bool of a program, structs field by field.
 *
 * One walk in order of evaluation. Literals, arithmetic (`interval.ts`), casts, the indices and the elements of loops
 * give intervals; what comes from elsewhere may be all that its type holds. Inside a branch the condition is known:
 *
 *     if(x >= 0L, (let y = x % 8L; ..), ..)      x is in [0, 2^63), so y is in [0, 7]
 *
 * Sound for every run that does not fail on the way; tested against the interpreter on random programs.
 */

import type { Atom, BinOp, Block, Iter, Op, OpOf, Sym } from '../core/op.ts';
import { isLit, isSym } from '../core/op.ts';
import type { SymTab } from '../core/program.ts';
import { blocksOf } from '../core/shape.ts';
import { isScalar, type Type } from '../core/types.ts';
import {
  allOf,
  binInterval,
  castInterval,
  type Interval,
  interval,
  join,
  meet,
  negInterval,
  notInterval,
} from './interval.ts';

/** What is known of a value: an interval, the fields of a struct, or nothing. */
export type Fact = Interval | readonly Fact[] | null;

export const isInterval = (f: Fact): f is Interval => f !== null && 'lo' in f;

/** Conditions are looked into this deep. */
const MAX_DEPTH = 8;
const LARGEST = (1n << 63n) - 1n;
/** No vector has more elements (`spec/semantics.md`, section 5). */
const LONGEST = (1n << 31n) - 1n;

/** What is known of every symbol of a program where it is bound. */
export function rangesOf(body: Block, syms: SymTab): ReadonlyMap<Sym, Fact> {
  const walk = new Walk(syms);
  for (const p of body.params) walk.facts.set(p, factOfType(syms.type(p)));
  walk.block(body);
  return walk.facts;
}

/** All that a type holds. */
export function factOfType(t: Type): Fact {
  if (isScalar(t)) return allOf(t.scalar);
  return t.kind === 'struct' ? t.fields.map(factOfType) : null;
}

/** What is known of a value that is one of two. */
export function joinFacts(a: Fact, b: Fact): Fact {
  if (a === null || b === null) return null;
  if (isInterval(a)) return isInterval(b) ? join(a, b) : null;
  return isInterval(b) ? null : a.map((f, k) => joinFacts(f, b[k] ?? null));
}

class Walk {
  readonly facts = new Map<Sym, Fact>();
  readonly #syms: SymTab;
  readonly #defs = new Map<Sym, Op>();

  constructor(syms: SymTab) {
    this.#syms = syms;
  }

  block(b: Block): void {
    for (const { sym, op } of b.lets) {
      this.facts.set(sym, this.#op(op, this.#syms.type(sym)));
      this.#defs.set(sym, op);
    }
  }

  #at(a: Atom): Fact {
    if (isSym(a)) return this.facts.get(a) ?? factOfType(this.#syms.type(a));
    if (typeof a.lit === 'boolean') return interval(a.lit ? 1n : 0n, a.lit ? 1n : 0n);
    if (typeof a.lit === 'bigint') return interval(a.lit, a.lit);
    return allOf(a.ty.scalar) === null ? null : interval(BigInt(a.lit), BigInt(a.lit));
  }
  #interval(a: Atom): Interval | null {
    const fact = this.#at(a);
    return isInterval(fact) ? fact : null;
  }
  #def(a: Atom): Op | undefined {
    return isSym(a) ? this.#defs.get(a) : undefined;
  }

  #op(op: Op, ty: Type): Fact {
    const all = factOfType(ty);
    switch (op.kind) {
      case 'bin':
        return this.#bin(op) ?? all;
      case 'un': {
        const a = this.#interval(op.a);
        if (a === null || !isScalar(ty)) return all;
        return op.op === 'not' ? notInterval(a) : op.op === 'neg' ? negInterval(ty.scalar, a) : all;
      }
      case 'cast': {
        const a = this.#interval(op.a);
        return a === null ? all : castInterval(op.to.scalar, a);
      }
      case 'select': {
        const a = this.#under(op.cond, true, () => this.#at(op.a));
        return joinFacts(
          a,
          this.#under(op.cond, false, () => this.#at(op.b)),
        );
      }
      case 'if': {
        const side = (b: Block, truth: boolean): Fact =>
          this.#under(op.cond, truth, () => {
            this.block(b);
            return this.#at(b.result);
          });
        return joinFacts(side(op.then, true), side(op.else, false));
      }
      case 'struct':
        return op.fields.map((f) => this.#at(f));
      case 'field': {
        const of = this.#at(op.of);
        return of === null || isInterval(of) ? all : (of[op.index] ?? all);
      }
      case 'len':
        return this.#length(op.of);
      case 'lookup':
        return this.#element(op.of) ?? all;
      case 'assert':
        return interval(1n, 1n);
      case 'for':
        this.#loop(op);
        return all;
      default:
        for (const b of blocksOf(op)) {
          for (const p of b.params) this.facts.set(p, factOfType(this.#syms.type(p)));
          this.block(b);
        }
        return all;
    }
  }

  #bin(op: OpOf<'bin'>): Fact {
    const ty = this.#syms.typeOf(op.a);
    const [a, b] = [this.#interval(op.a), this.#interval(op.b)];
    return a === null || b === null || !isScalar(ty) ? null : binInterval(op.op, ty.scalar, a, b);
  }

  #length(v: Atom): Interval {
    const made = this.#def(v);
    const n = made?.kind === 'vec' ? BigInt(made.items.length) : null;
    return n === null ? interval(0n, LONGEST) : interval(n, n);
  }
  /** The elements of a vector that is written down; null for any other vector. */
  #element(v: Atom): Fact {
    const made = this.#def(v);
    if (made?.kind !== 'vec') return null;
    const [first, ...rest] = made.items.map((a) => this.#at(a));
    return first === undefined ? null : rest.reduce<Fact>(joinFacts, first);
  }

  #loop(op: OpOf<'for'>): void {
    const [builder, index, ...elems] = op.body.params;
    if (builder !== undefined) this.facts.set(builder, null);
    // All iterators have one count, so each of them bounds the index.
    const last = op.iters.reduce((most, it) => {
      const own = this.#lastIndex(it);
      return own < most ? own : most;
    }, LARGEST);
    if (index !== undefined) this.facts.set(index, interval(0n, last));
    for (const [k, elem] of elems.entries()) {
      const it = op.iters[k];
      const known = it === undefined ? null : it.kind === 'range' ? this.#counted(it) : this.#element(it.vec);
      this.facts.set(elem, known ?? factOfType(this.#syms.type(elem)));
    }
    this.block(op.body);
  }
  /** The largest index of an iteration; 0 when there is none. */
  #lastIndex(it: Iter): bigint {
    if (it.kind === 'range') {
      const [start, end] = [this.#interval(it.start), this.#interval(it.end)];
      const last = start === null || end === null ? LARGEST : end.hi - start.lo - 1n;
      return last < 0n ? 0n : last < LARGEST ? last : LARGEST;
    }
    const n = it.kind === 'scan' ? this.#length(it.vec).hi : LARGEST;
    return n > 0n ? n - 1n : 0n;
  }
  /** The values of a range: from its start to below its end. */
  #counted(it: Extract<Iter, { kind: 'range' }>): Fact {
    const [start, end] = [this.#interval(it.start), this.#interval(it.end)];
    return start === null || end === null || start.lo >= end.hi ? null : interval(start.lo, end.hi - 1n);
  }

  /** Runs `f` with what a condition says of symbols, if it has that truth. */
  #under<T>(cond: Atom, truth: boolean, f: () => T): T {
    const before = new Map<Sym, Fact>();
    this.#assume(cond, truth, MAX_DEPTH, (s, known) => {
      const was = this.#at(s);
      if (!isInterval(was)) return;
      if (!before.has(s)) before.set(s, was);
      this.facts.set(s, meet(was, known));
    });
    const made = f();
    for (const [s, was] of before) this.facts.set(s, was);
    return made;
  }

  #assume(cond: Atom, truth: boolean, depth: number, learn: (s: Sym, known: Interval) => void): void {
    if (isLit(cond) || depth === 0) return;
    const op = this.#def(cond);
    const also = (a: Atom, t: boolean): void => this.#assume(a, t, depth - 1, learn);
    learn(cond, interval(truth ? 1n : 0n, truth ? 1n : 0n));
    if (op?.kind === 'un' && op.op === 'not') {
      also(op.a, !truth);
    } else if (op?.kind === 'bin') {
      const both = truth ? op.op === '&&' || op.op === '&' : op.op === '||' || op.op === '|';
      if (both) {
        also(op.a, truth);
        also(op.b, truth);
      } else {
        this.#compared(op, truth, learn);
      }
    } else if (op?.kind === 'if' || op?.kind === 'select') {
      // `p && q` is if(p, q, false), and `p || q` is if(p, true, q).
      const [then, other] = op.kind === 'if' ? [op.then.result, op.else.result] : [op.a, op.b];
      const [decided, open] = truth ? [other, then] : [then, other];
      if (!isLit(decided) || decided.lit === truth) return;
      also(op.cond, truth);
      also(open, truth);
    }
  }

  #compared(op: OpOf<'bin'>, truth: boolean, learn: (s: Sym, known: Interval) => void): void {
    const word = truth ? op.op : OPPOSITE[op.op];
    const [a, b] = [this.#interval(op.a), this.#interval(op.b)];
    if (word === undefined || a === null || b === null) return;
    const [left, right] = bounds(word, a, b);
    if (isSym(op.a)) learn(op.a, left);
    if (isSym(op.b)) learn(op.b, right);
  }
}

const OPPOSITE: Partial<Record<BinOp, BinOp>> = { '<': '>=', '<=': '>', '>': '<=', '>=': '<', '==': '!=', '!=': '==' };

/** What `a word b` says of each side. */
function bounds(word: BinOp, a: Interval, b: Interval): readonly [Interval, Interval] {
  switch (word) {
    case '<':
      return [interval(a.lo, b.hi - 1n), interval(a.lo + 1n, b.hi)];
    case '<=':
      return [interval(a.lo, b.hi), interval(a.lo, b.hi)];
    case '>':
      return [interval(b.lo + 1n, a.hi), interval(b.lo, a.hi - 1n)];
    case '>=':
      return [interval(b.lo, a.hi), interval(b.lo, a.hi)];
    case '==':
      return [b, a];
    default:
      return [a, b];
  }
}
