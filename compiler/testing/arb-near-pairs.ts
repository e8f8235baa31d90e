/**
 * Near misses of two loops: one that makes a vector, and one that reads it, as passes look for them, with one thing wrong
 * at most. Where everything is left to chance, two things are wrong more often than one, and then each of them hides
 * whether the other is asked for.
 */

import { i64, iter, range, scan } from '../core/build.ts';
import type { Atom, Iter } from '../core/op.ts';
import {
  appender,
  type BuilderType,
  F64,
  I64,
  merger,
  struct,
  type Type,
  type VecType,
  vec,
  vecmerger,
} from '../core/types.ts';
import type { Gen } from './arb-gen.ts';
import { isVecVar, NO_CLASS, ONE, type Scope, scalarVar, sizeFor, structSize, type Var, vecSize } from './arb-scope.ts';
import type { Walk } from './arb-walk.ts';

type Vec = Var<VecType>;

/** What may be wrong with the loop that makes the vector, and with how it is read. */
const FLAWS = [
  'merged-before',
  'asserts',
  'sums-by-position',
  'walks-a-part',
  'walks-more',
  'alone-in-a-struct',
  'takes-builders-apart',
  'acts-for-nobody',
  'calls',
  'calls',
  'reads-index',
  'kept',
  'two-symbols',
  'kept-whole',
  'needs-the-other',
  'beside-another',
  'counted',
] as const;
type Flaw = (typeof FLAWS)[number] | null;

/** Everything that two such loops make. */
export function nearPair(gen: Gen, from: Vec, scope: Scope): readonly Var[] {
  const { tape } = gen;
  return new Pair(gen, from, scope, tape.choose<Flaw>([null, null, null, ...FLAWS])).make();
}

/** A vector that a loop has made, and what came with it. */
interface Made {
  readonly vector: Vec;
  /** The values of the loop's other builders. */
  readonly others: readonly Var[];
  /** The values of a loop with several builders, as one. */
  readonly whole: Var | null;
}

class Pair {
  readonly #gen: Gen;
  readonly #from: Vec;
  readonly #scope: Scope;
  readonly #flaw: Flaw;

  constructor(gen: Gen, from: Vec, scope: Scope, flaw: Flaw) {
    this.#gen = gen;
    this.#from = from;
    this.#scope = scope;
    this.#flaw = flaw;
  }

  make(): readonly Var[] {
    const { b, tape } = this.#gen;
    const made = this.#maker();
    const { vector, others, whole } = made;
    const values = this.#readers(made);
    switch (this.#flaw) {
      case 'acts-for-nobody':
        return values;
      case 'kept':
        return [...values, ...others, vector];
      case 'counted':
        return [...values, ...others, scalarVar(b.len(vector.atom), I64)];
      default:
    }
    if (this.#flaw === 'kept-whole' && whole !== null) return [...values, whole];
    if (this.#flaw !== 'two-symbols' || whole === null) return [...values, ...others];
    const again = { ...vector, atom: b.field(whole.atom, 0) };
    return [...values, ...others, tape.pick(2) === 0 ? again : this.#sum([again])];
  }

  /** A map or a filter, alone or with another vector or a sum beside it. */
  #maker(): Made {
    const { b, tape, telling, walks } = this.#gen;
    const flaw = this.#flaw;
    const isFilter = flaw !== 'takes-builders-apart' && tape.pick(2) === 1;
    const elem = flaw === 'sums-by-position' ? I64 : tape.choose<Type>([I64, F64, struct([I64, F64])]);
    const [first, start] =
      flaw === 'sums-by-position' ? [vecmerger(I64, '+'), b.vec(I64, [i64(1)])] : [appender(elem), null];
    const fresh = b.builder(first, start);
    const own = flaw === 'merged-before' ? b.merge(fresh, telling.value(elem, [])) : fresh;
    const others = this.#besides();
    const isPlain = others.length === 0 && flaw !== 'alone-in-a-struct';
    const walk = this.#walk();
    const builders = isPlain ? own : b.struct([own, ...others.map((t) => b.builder(t))]);
    const loop = b.loop(walk.iters, builders, (acc, i, ...e) => {
      const body = walks.body(this.#scope, walk, i, e);
      this.#acts(i, body);
      const value = (t: Type): Atom => telling.value(t, body.elems);
      const merge = (to: Atom): Atom => {
        if (flaw === 'sums-by-position') return b.merge(to, b.struct([i64(0), value(I64)]));
        return b.merge(to, flaw === 'takes-builders-apart' && elem === I64 ? this.#apart(value(I64)) : value(elem));
      };
      const beside = (k: number): Atom => this.#beside(b.field(acc, k + 1), i, body, () => value(I64));
      const all = (): Atom =>
        isPlain ? merge(acc) : b.struct([merge(b.field(acc, 0)), ...others.map((_, k) => beside(k))]);
      const test = isFilter ? telling.test(body.elems) : null;
      return test === null ? all() : b.if(test, all, () => acc);
    });
    const done = b.result(loop);
    const many = isFilter ? this.#gen.freshLength() : walk.len;
    const column = (atom: Atom, ty: Type, len: number): Vec => ({
      atom,
      ty: vec(ty),
      size: vecSize(this.#from.size.max + 1, sizeFor(ty, 0)),
      len,
    });
    // Not as long as what else the loop makes: one element more, or one in all.
    const isOdd = flaw === 'merged-before' || flaw === 'sums-by-position';
    const vector = column(isPlain ? done : b.field(done, 0), elem, isOdd ? this.#gen.freshLength() : many);
    if (isPlain) return { vector, others: [], whole: null };
    const values = others.map((t, k): Var => {
      const atom = b.field(done, k + 1);
      return t.kind === 'appender' ? column(atom, I64, many) : scalarVar(atom, I64);
    });
    const size = structSize([vector, ...values].map((v) => v.size));
    return { vector, others: values, whole: { atom: done, ty: b.typeOf(done), size, len: NO_CLASS } };
  }

  /** The other builders. */
  #besides(): readonly BuilderType[] {
    if (this.#flaw === 'alone-in-a-struct') return [];
    if (this.#flaw === 'acts-for-nobody') return [merger(I64, '+')];
    if (this.#flaw === 'asserts' || this.#flaw === 'walks-a-part') return [];
    return this.#gen.tape.choose<readonly BuilderType[]>([[appender(I64)], [], [merger(I64, '+')], [appender(I64)]]);
  }
  /** A merge into one of them; if nobody asks for it, in a branch that acts. */
  #beside(to: Atom, i: Atom, body: Scope, value: () => Atom): Atom {
    const { b, telling } = this.#gen;
    if (this.#flaw !== 'acts-for-nobody') return b.merge(to, value());
    return b.if(
      telling.test(body.elems) ?? b.bin('<', i, i64(2)),
      () => {
        if (this.#gen.options.errors) b.assert(b.bin('<', i, i64(1)));
        return b.merge(to, value());
      },
      () => to,
    );
  }

  /** Calls, and an assertion that fails for elements that few readers look at. */
  #acts(i: Atom, body: Scope): void {
    const { b, tape, options } = this.#gen;
    if (this.#flaw === 'calls') this.#tick(i, body);
    if (this.#flaw === 'asserts' && options.errors) b.assert(b.bin('<', i, i64(1 + tape.pick(3))));
  }
  /** A value that is made with one of two builders of a struct. */
  #apart(x: Atom): Atom {
    const { b } = this.#gen;
    const two = b.struct([x, i64(1)].map((start) => b.builder(merger(I64, '+'), start)));
    const [one, other] = [0, 1].map((k) => b.result(b.field(two, k)));
    return one ?? other ?? x;
  }

  /** The whole vector, if nothing is wrong: else a part of it, or it and numbers of which there is one too many. */
  #walk(): Walk {
    const { b, tape, walks, options } = this.#gen;
    const from = this.#from;
    const walk = walks.along([from]);
    if (this.#flaw === 'walks-a-part') {
      const end = b.bin('min', b.len(from.atom), i64(1 + tape.pick(3)));
      return { ...walk, iters: [iter(from.atom, i64(0), end, i64(1))], len: this.#gen.freshLength() };
    }
    if (this.#flaw !== 'walks-more') return walk;
    const more = options.errors ? b.bin('+', b.len(from.atom), i64(1)) : b.len(from.atom);
    const numbers = range(i64(0), more, i64(1));
    return { ...walk, iters: [...walk.iters, numbers], elems: [...walk.elems, { ty: I64, size: ONE }] };
  }

  #readers({ vector, others }: Made): readonly Var[] {
    const { b, tape, options } = this.#gen;
    const from = this.#from;
    const may = (v: Vec): boolean => v.len === vector.len || options.errors;
    const known = this.#flaw === 'needs-the-other' ? others : [];
    const [mate = vector] = others.filter(isVecVar).filter(may);
    const columns =
      tape.pick(2) === 0 || mate === vector ? [vector] : tape.pick(2) === 0 ? [vector, mate] : [mate, vector];
    if (this.#flaw === 'beside-another' && may(from)) columns.push(from);
    // What asserts is read in part, and what is made of a part asked for its length.
    const least = this.#flaw === 'asserts' ? 7 : this.#flaw === 'walks-a-part' ? 5 : 0;
    switch (least + tape.pick(9 - least)) {
      case 0:
      case 1:
        return [this.#sum(columns, known)];
      case 2:
      case 3:
        return [this.#mapped(columns, known)];
      case 4: {
        const sum = this.#sum([vector], known);
        return [sum, this.#mapped(columns, [...known, sum])];
      }
      case 5:
        return [this.#sum(columns, known), scalarVar(b.len(vector.atom), I64)];
      case 6:
        return [scalarVar(b.len(vector.atom), I64)];
      case 7: {
        const end = b.bin('min', b.len(from.atom), i64(1 + tape.pick(2)));
        return may(from) ? [this.#mapped([vector], known, iter(vector.atom, i64(0), end, i64(1)))] : [];
      }
      default: {
        const start = i64(options.errors ? tape.pick(2) : 0);
        const part = b.slice(vector.atom, start, i64(tape.pick(3)));
        return [{ ...vector, atom: part, len: this.#gen.freshLength() }];
      }
    }
  }

  #sum(columns: readonly Vec[], known: readonly Var[] = []): Var {
    const { b } = this.#gen;
    const iters = columns.map((v) => scan(v.atom));
    return scalarVar(b.result(this.#loop(iters, columns, b.builder(merger(I64, '+')), known)), I64);
  }
  #mapped(columns: readonly Vec[], known: readonly Var[], window?: Iter): Vec {
    const { b } = this.#gen;
    const iters = window === undefined ? columns.map((v) => scan(v.atom)) : [window];
    const atom = b.result(this.#loop(iters, columns, b.builder(appender(I64)), known));
    return { atom, ty: vec(I64), size: vecSize(this.#from.size.max + 1, ONE), len: this.#gen.freshLength() };
  }
  /** One merge for each element, of the element and of what is known. */
  #loop(iters: readonly Iter[], columns: readonly Vec[], builder: Atom, known: readonly Var[]): Atom {
    const { b, tape, telling, walks } = this.#gen;
    const elems = columns.map((v) => ({ ty: v.ty.elem, size: v.size.parts[0] ?? ONE }));
    const walk: Walk = { iters, elems, len: NO_CLASS, max: this.#from.size.max + 1 };
    return b.loop(iters, builder, (acc, i, ...e) => {
      const body = walks.body(this.#scope, walk, i, e);
      if (this.#flaw === 'calls') this.#tick(i64(100 + tape.pick(3)), body);
      const value = telling.value(I64, body.elems);
      const more = telling.of(I64, known);
      const all = more === null ? value : b.bin('-', value, more);
      return b.merge(acc, this.#flaw === 'reads-index' ? b.bin('+', all, b.bin('*', i, i64(5))) : all);
    });
  }

  #tick(x: Atom, body: Scope): void {
    const { b, options } = this.#gen;
    if (options.cudf && body.counted) b.cudf('test_tick', I64, [x], { pure: false });
  }
}
