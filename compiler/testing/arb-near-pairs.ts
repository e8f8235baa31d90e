/**
 * Near misses of two loops: one that makes a vector, and one that reads it, as passes look for them, with one thing wrong
 * at most. Where everything is left to chance, two things are wrong more often than one, and then each of them hides
 * whether the other is asked for.
 */

import { i64, iter, range, scan } from '../core/build.ts';
import type { Atom, Iter, Sym } from '../core/op.ts';
import { appender, F64, I64, merger, struct, type Type, type VecType, vec, vecmerger } from '../core/types.ts';
import type { Gen } from './arb-gen.ts';
import { NO_CLASS, ONE, type Scope, scalarVar, sizeFor, structSize, type Var, vecSize } from './arb-scope.ts';
import type { Walk } from './arb-walk.ts';

/** What may be wrong with the loop that makes the vector. */
const MAKER_FLAWS = [
  'merged-before',
  'calls',
  'asserts',
  'sums-by-position',
  'walks-a-part',
  'walks-more',
  'alone-in-a-struct',
] as const;
/** What may be wrong with how it is read. */
const READER_FLAWS = ['index', 'calls', 'kept', 'two-symbols', 'whole', 'needs-more', 'beside', 'counted'] as const;
type Flaw = (typeof MAKER_FLAWS)[number] | (typeof READER_FLAWS)[number];
/** Some pairs have nothing wrong. */
const FLAWS: readonly [Flaw | null, ...(Flaw | null)[]] = [null, null, null, ...MAKER_FLAWS, ...READER_FLAWS];

/** A vector that a loop has made, and what came with it. */
interface Made {
  readonly vector: Var<VecType>;
  /** The values of the loop's other builders. */
  readonly others: readonly Var[];
  /** The values of a loop with several builders, as one. */
  readonly whole: Var | null;
}

export class NearPairs {
  readonly #gen: Gen;
  constructor(gen: Gen) {
    this.#gen = gen;
  }

  /** Everything that the two loops make. */
  make(from: Var<VecType>, scope: Scope): readonly Var[] {
    const { b, tape } = this.#gen;
    const flaw = tape.choose(FLAWS);
    const made = this.#maker(from, scope, flaw);
    const { vector, others, whole } = made;
    const values = [...this.#reader(made, from, scope, flaw), ...others];
    if (flaw === 'kept') values.push(vector);
    if (flaw === 'counted') values.push(scalarVar(b.len(vector.atom), I64));
    if (flaw === 'whole' && whole !== null) values.push(whole);
    if (flaw === 'two-symbols' && whole !== null) {
      const again = { ...vector, atom: b.field(whole.atom, 0) };
      values.push(tape.pick(2) === 0 ? again : this.#reduced(again, scope));
    }
    return values;
  }

  /** A map or a filter, alone or with another vector or a sum beside it. */
  #maker(from: Var<VecType>, scope: Scope, flaw: Flaw | null): Made {
    const { b, tape, telling, walks } = this.#gen;
    const isFilter = tape.pick(2) === 1;
    const elem = tape.choose<Type>([I64, F64, struct([I64, F64])]);
    const others = flaw === 'alone-in-a-struct' ? [] : tape.choose([[], [merger(I64, '+')], [appender(I64)]]);
    const table = flaw === 'sums-by-position';
    const first = table ? b.builder(vecmerger(I64, '+'), b.vec(I64, [i64(1)])) : b.builder(appender(elem));
    const ty = table ? I64 : elem;
    const start = flaw === 'merged-before' ? b.merge(first, this.#constant(elem)) : first;
    const plain = others.length === 0 && flaw !== 'alone-in-a-struct';
    const builders = [start, ...others.map((t) => b.builder(t))];
    const walk = this.#walk(from, flaw);
    const loop = b.loop(walk.iters, plain ? start : b.struct(builders), (acc, i, ...e) => {
      const body = walks.body(scope, walk, i, e);
      if (flaw === 'calls') this.#tick(i, body);
      // It fails for one that few readers look at.
      if (flaw === 'asserts' && this.#gen.options.errors) b.assert(b.bin('<', i, i64(1 + tape.pick(3))));
      const value = (t: Type): Atom => telling.value(t, body.elems) ?? this.#constant(t);
      const merged = (): Atom => {
        const own = (to: Atom): Atom => b.merge(to, table ? b.struct([i64(0), value(I64)]) : value(elem));
        if (plain) return own(acc);
        return b.struct([own(b.field(acc, 0)), ...others.map((_, k) => b.merge(b.field(acc, k + 1), value(I64)))]);
      };
      const test = isFilter ? telling.test(body.elems) : null;
      return test === null ? merged() : b.if(test, merged, () => acc);
    });
    const done = b.result(loop);
    const len = isFilter ? this.#gen.freshLength() : walk.len;
    const column = (atom: Sym, t: Type): Var<VecType> => ({
      atom,
      ty: vec(t),
      size: vecSize(from.size.max + 1, sizeFor(t, 0)),
      len,
    });
    if (plain) return { vector: column(done, ty), others: [], whole: null };
    const vector = column(b.field(done, 0), ty);
    const beside = others.map((t, k): Var => {
      const atom = b.field(done, k + 1);
      return t.kind === 'appender' ? column(atom, I64) : scalarVar(atom, I64);
    });
    const parts = [vector, ...beside].map((v) => v.size);
    return {
      vector,
      others: beside,
      whole: { atom: done, ty: b.typeOf(done), size: structSize(parts), len: NO_CLASS },
    };
  }

  /** The whole vector, if nothing is wrong: else a part of it, or it and numbers of which there is one too many. */
  #walk(from: Var<VecType>, flaw: Flaw | null): Walk {
    const { b, tape, walks } = this.#gen;
    const walk = walks.along([from]);
    if (flaw === 'walks-a-part') {
      const end = b.bin('min', b.len(from.atom), i64(1 + tape.pick(3)));
      return { ...walk, iters: [iter(from.atom, i64(0), end, i64(1))], len: this.#gen.freshLength() };
    }
    if (flaw !== 'walks-more') return walk;
    const more = this.#gen.options.errors ? b.bin('+', b.len(from.atom), i64(1)) : b.len(from.atom);
    return {
      ...walk,
      iters: [...walk.iters, range(i64(0), more, i64(1))],
      elems: [...walk.elems, { ty: I64, size: ONE }],
    };
  }

  #reader({ vector, others }: Made, from: Var<VecType>, scope: Scope, flaw: Flaw | null): readonly Var[] {
    const { b, tape, options } = this.#gen;
    const asLong = vector.len === from.len || options.errors;
    const known: Scope = { ...scope, vars: flaw === 'needs-more' ? others : [] };
    const [other = asLong ? from : vector] = others.filter(
      (v): v is Var<VecType> => v.ty.kind === 'vec' && v.len === vector.len,
    );
    switch (tape.pick(flaw === 'index' || flaw === 'needs-more' || flaw === 'beside' ? 3 : 7)) {
      case 3:
        return [{ ...vector, atom: b.slice(vector.atom, i64(tape.pick(2)), i64(tape.pick(3))) }];
      case 4:
        return [scalarVar(b.len(vector.atom), I64)];
      case 5: {
        const sum = this.#reduced(vector, known, flaw);
        return [sum, this.#mapped([scan(vector.atom)], [vector], { ...known, vars: [sum] }, flaw)];
      }
      case 6: {
        if (!asLong) return [];
        const end = b.bin('min', b.len(from.atom), i64(1 + tape.pick(2)));
        return [this.#mapped([iter(vector.atom, i64(0), end, i64(1))], [vector], known, flaw)];
      }
      case 2: {
        const beside = flaw === 'beside' ? [vector, other] : [vector];
        return [
          this.#mapped(
            beside.map((v) => scan(v.atom)),
            beside,
            known,
            flaw,
          ),
        ];
      }
      default:
        return [this.#reduced(vector, known, flaw, flaw === 'beside' ? other : null)];
    }
  }

  #reduced(v: Var<VecType>, scope: Scope, flaw: Flaw | null = null, beside: Var<VecType> | null = null): Var {
    const { b, walks } = this.#gen;
    const columns: readonly [Var<VecType>, ...Var<VecType>[]] = beside === null ? [v] : [v, beside];
    const walk = walks.along(columns);
    const loop = b.loop(walk.iters, b.builder(merger(I64, '+')), (acc, i, ...e) =>
      b.merge(acc, this.#read(i, walks.body(scope, walk, i, e), scope, flaw)),
    );
    return scalarVar(b.result(loop), I64);
  }
  #mapped(iters: readonly Iter[], of: readonly Var<VecType>[], scope: Scope, flaw: Flaw | null): Var<VecType> {
    const { b, walks } = this.#gen;
    const [first = of[0]] = of;
    const max = first?.size.max ?? 0;
    const walk: Walk = {
      iters,
      elems: of.map((v) => ({ ty: v.ty.elem, size: v.size.parts[0] ?? ONE })),
      len: NO_CLASS,
      max,
    };
    const loop = b.loop(iters, b.builder(appender(I64)), (acc, i, ...e) =>
      b.merge(acc, this.#read(i, walks.body(scope, walk, i, e), scope, flaw)),
    );
    return { atom: b.result(loop), ty: vec(I64), size: vecSize(max, ONE), len: this.#gen.freshLength() };
  }
  /** What a reader makes of an element. */
  #read(i: Atom, body: Scope, outside: Scope, flaw: Flaw | null): Atom {
    const { b, telling } = this.#gen;
    if (flaw === 'calls') this.#tick(b.bin('+', i, i64(100)), body);
    const value = telling.value(I64, body.elems) ?? i64(1);
    if (flaw === 'index') return b.bin('+', value, b.bin('*', i, i64(5)));
    const more = outside.vars.length > 0 ? telling.value(I64, outside.vars) : null;
    return more === null ? value : b.bin('-', value, more);
  }

  #constant(t: Type): Atom {
    return this.#gen.values.make(t, { vars: [], elems: [], work: 1, loops: 0, counted: false }, 0).atom;
  }
  #tick(x: Atom, body: Scope): void {
    if (this.#gen.options.cudf && body.counted) this.#gen.b.cudf('test_tick', I64, [x], { pure: false });
  }
}
