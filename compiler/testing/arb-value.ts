/**
 * Random code for a value of any type that has no builders in it: what is in scope, parts of it, literals, slices,
 * sorted copies, choices, round trips through bytes, iterations, and loops of its own.
 */

import { bool, i64, lit } from '../core/build.ts';
import type { Atom } from '../core/op.ts';
import {
  BOOL,
  type DictType,
  I8,
  I64,
  isFloat,
  isInt,
  isScalar,
  type ScalarType,
  struct,
  type Type,
  typeText,
  U8,
  type VecType,
  vec,
} from '../core/types.ts';
import { InternalError } from '../diag/diagnostic.ts';
import type { Gen } from './arb-gen.ts';
import { callReverse } from './arb-prims.ts';
import {
  canMake,
  fits,
  inside,
  isLight,
  joined,
  NO_CLASS,
  ONE,
  partOf,
  type Scope,
  scalarVar,
  sizeFor,
  structSize,
  type Var,
  vecSize,
  weight,
} from './arb-scope.ts';

/** Texts for `vec[i8]`: what a printer and a parser of strings must get right. */
const WORDS: readonly [string, ...string[]] = ['a', 'weld', '', 'b', 'ab', 'a "q" \\', 'tab\tline\n#', '\u0001\u007f'];

export class ValueGen {
  readonly #gen: Gen;
  constructor(gen: Gen) {
    this.#gen = gen;
  }

  /** Code for a value of type `t`, which must be one that code can make (see `canMake`). */
  make<T extends Type>(t: T, scope: Scope, depth: number): Var<T> {
    const { tape, options } = this.#gen;
    if (isScalar(t)) return { atom: this.scalar(t, scope, depth), ty: t, size: ONE, len: NO_CLASS };
    if (depth <= 0 || tape.isEmpty) return this.small(t, scope);
    switch (tape.pick(options.rich ? 9 : 3)) {
      case 0:
      case 1:
        return this.small(t, scope);
      case 2:
        return this.parts(t, scope, depth - 1);
      case 3:
        return this.choice(t, scope, depth - 1);
      case 4:
        return this.roundTrip(t, scope, depth - 1);
      case 5:
        return this.iterated(t, scope, depth - 1);
      case 6:
        return this.#gen.reach.deep(t, scope) ?? this.small(t, scope);
      default:
        return typed(this.#special(t, scope, depth - 1), t) ?? this.small(t, scope);
    }
  }
  scalar(t: ScalarType, scope: Scope, depth: number): Atom {
    return this.#gen.scalars.expr(t, scope, depth);
  }

  /** What is in scope, or else a small literal. */
  small<T extends Type>(t: T, scope: Scope): Var<T> {
    const { tape, reach } = this.#gen;
    if (isScalar(t)) return { atom: this.scalar(t, scope, 0), ty: t, size: ONE, len: NO_CLASS };
    const known = tape.rarely(4) ? null : reach.direct(t, scope);
    return known ?? this.parts(t, scope, 0);
  }

  /** A struct of its fields, a vector of its elements, a dictionary of its entries. */
  parts<T extends Type>(t: T, scope: Scope, depth: number): Var<T> {
    const { b } = this.#gen;
    switch (t.kind) {
      case 'scalar':
        return { ...scalarVar(this.scalar(t, scope, depth), t), ty: t };
      case 'struct': {
        const fields = t.fields.map((f) => this.make(f, scope, depth));
        const atom = b.struct(fields.map((f) => f.atom));
        return { atom, ty: t, size: structSize(fields.map((f) => f.size)), len: NO_CLASS };
      }
      case 'vec':
        return { ...this.literal(t, scope, depth), ty: t };
      case 'dict':
        return { ...this.#entries(t, scope, depth), ty: t };
      default:
        throw new InternalError(`the generator makes no ${typeText(t)}`);
    }
  }

  /** `[..]` */
  literal(t: VecType, scope: Scope, depth: number): Var<VecType> {
    const { b, tape, options } = this.#gen;
    if (options.rich && t.elem === I8 && tape.pick(2) === 0) {
      const word = tape.choose(WORDS);
      const items = Array.from(word, (c) => lit(I8, c.charCodeAt(0)));
      return this.#vector(t, b.vec(I8, items), items.length, ONE);
    }
    const items = Array.from({ length: tape.pick(4) }, () => this.make(t.elem, scope, depth));
    const atom = b.vec(
      t.elem,
      items.map((v) => v.atom),
    );
    const elem = items.reduce<Var['size']>((s, v) => joined(s, v.size), sizeFor(t.elem, 0));
    return this.#vector(t, atom, items.length, elem);
  }
  #vector(ty: VecType, atom: Atom, length: number, elem: Var['size']): Var<VecType> {
    return { atom, ty, size: vecSize(length, elem), len: this.#gen.freshLength(length) };
  }

  /** Some merges without a loop. */
  #entries(t: DictType, scope: Scope, depth: number): Var {
    const { b, tape, loops } = this.#gen;
    const target = loops.builders.forDict(t);
    if (target === null) throw new InternalError(`the generator makes no ${typeText(t)}`);
    let builder: Atom = b.builder(target.ty);
    const count = tape.pick(3);
    let size = sizeFor(t, 0);
    for (let k = 0; k < count; k++) {
      const merged = loops.builders.merge(builder, target, scope, depth);
      builder = merged.builder;
      size = joined(size, loops.builders.resultSize(target, merged.tally, count));
    }
    return { atom: b.result(builder), ty: t, size, len: NO_CLASS };
  }

  /** `if` or `select` between two. */
  choice<T extends Type>(t: T, scope: Scope, depth: number): Var<T> {
    const { b, tape } = this.#gen;
    const cond = this.scalar(BOOL, scope, 2);
    if (tape.pick(2) === 0) {
      const [x, y] = [this.make(t, scope, depth), this.make(t, scope, depth)];
      const len = x.len === y.len ? x.len : NO_CLASS;
      return this.#classed({ atom: b.select(cond, x.atom, y.atom), ty: t, size: joined(x.size, y.size), len });
    }
    const made: Var[] = [];
    const side = (): Atom => {
      const v = this.make(t, scope, depth);
      made.push(v);
      return v.atom;
    };
    const atom = b.if(cond, side, side);
    const [len, other] = made.map((v) => v.len);
    const size = made.map((v) => v.size).reduce(joined);
    return this.#classed({ atom, ty: t, size, len: len === other ? (len ?? NO_CLASS) : NO_CLASS });
  }
  /** A vector needs a class of lengths, and gets its own when it has none. */
  #classed<T extends Type>(v: Var<T>): Var<T> {
    return v.ty.kind === 'vec' && v.len === NO_CLASS ? { ...v, len: this.#gen.freshLength() } : v;
  }

  /** `deserialize[T](serialize(x))`; in programs that may fail also of other bytes. */
  roundTrip<T extends Type>(t: T, scope: Scope, depth: number): Var<T> {
    const { b, tape, options } = this.#gen;
    if (options.errors && tape.rarely(5)) {
      const bytes = this.make(vec(U8), scope, depth);
      return { atom: b.deserialize(t, bytes.atom), ty: t, size: sizeFor(t, weight(bytes.size)), len: this.#classOf(t) };
    }
    const x = this.make(t, scope, depth);
    return { ...x, atom: b.deserialize(t, b.serialize(x.atom)) };
  }
  #classOf(t: Type): number {
    return t.kind === 'vec' ? this.#gen.freshLength() : NO_CLASS;
  }

  /**
   * A bounded `iterate`. The value of a round is one of the next, so its size is bounded from the start; a next value
   * that could be larger is not handed on.
   */
  iterated<T extends Type>(t: T, scope: Scope, depth: number): Var<T> {
    const { b, tape } = this.#gen;
    const rounds = 1 + tape.pick(4);
    const init = this.make(t, scope, depth);
    const bound = joined(init.size, sizeFor(t, 6));
    if (weight(bound) * rounds > scope.work) return init;
    const next = (x: Var<T>, more: readonly Var[]): Var => {
      const made = this.make(t, inside(scope, [x, ...more], rounds), depth);
      return fits(made.size, bound) ? made : x;
    };
    const state = (atom: Atom): Var<T> => this.#classed({ atom, ty: t, size: bound, len: NO_CLASS });
    if (tape.rarely(3)) {
      const again = bool(false);
      return state(b.iterate(init.atom, (x) => b.struct([next(state(x), []).atom, again])));
    }
    // The count stands before or behind the value.
    const [value, count] = tape.pick(2) === 0 ? [0, 1] : [1, 0];
    const pair = (v: Atom, n: Atom): Atom => b.struct(value === 0 ? [v, n] : [n, v]);
    const end = b.iterate(pair(init.atom, i64(0)), (s) => {
      const [x, n] = [state(b.field(s, value)), b.field(s, count)];
      const made = next(x, [scalarVar(n, I64)]);
      const n1 = b.bin('+', n, i64(1));
      return b.struct([pair(made.atom, n1), b.bin('<', n1, i64(rounds))]);
    });
    return state(b.field(end, value));
  }

  /** What only some types have. */
  #special(t: Type, scope: Scope, depth: number): Var | null {
    const { b, tape, loops, options } = this.#gen;
    if (t.kind === 'dict') return loops.dictionary(t, scope);
    if (t.kind !== 'vec') return null;
    switch (tape.pick(7)) {
      case 0:
      case 1:
        return this.slice(t, scope, depth);
      case 2:
        return this.#gen.order.sorted(this.make(t, scope, depth), scope);
      case 3:
        return options.cudf ? callReverse(this.#gen, t.elem, scope) : null;
      case 4: {
        if (t !== vec(U8)) return loops.collection(t, scope);
        const x = this.make(tape.recent(scope.vars.filter((v) => canMake(v.ty)))?.ty ?? I64, scope, depth);
        const size = vecSize(8 * weight(x.size), ONE);
        return { atom: b.serialize(x.atom), ty: t, size, len: this.#gen.freshLength() };
      }
      case 5: {
        const dicts = scope.vars.filter((v) => v.ty.kind === 'dict' && isLight(v, scope));
        const dict = tape.recent(dicts.filter((v) => v.ty.kind === 'dict' && t === entriesOf(v.ty)));
        return dict === undefined ? loops.collection(t, scope) : this.entries(dict);
      }
      default:
        return loops.collection(t, scope);
    }
  }
  /** `tovec(dict)` */
  entries(dict: Var): Var {
    const [key, value] = [partOf(dict.size, 0), partOf(dict.size, 1)];
    const atom = this.#gen.b.tovec(dict.atom);
    const size = vecSize(dict.size.max, structSize([key, value]));
    return { atom, ty: this.#gen.b.typeOf(atom), size, len: this.#gen.freshLength() };
  }

  /** A part of a vector; the start is in bounds unless the program may fail. */
  slice(t: VecType, scope: Scope, depth: number): Var<VecType> {
    return this.sliced(this.make(t, scope, depth), scope);
  }
  sliced(v: Var<VecType>, scope: Scope): Var<VecType> {
    const { b, tape, options } = this.#gen;
    const wish = (): Atom => this.scalar(I64, scope, 1);
    const start =
      tape.pick(2) === 0
        ? i64(0)
        : options.errors && tape.rarely(4)
          ? wish()
          : b.bin('min', b.bin('max', i64(0), wish()), b.len(v.atom));
    return { ...v, atom: b.slice(v.atom, start, wish()), len: this.#gen.freshLength() };
  }

  /** A key: numbers are cut to few values, so that keys meet. */
  key(t: Type, scope: Scope): Atom {
    const { b, tape, options } = this.#gen;
    if (t.kind === 'struct') return b.struct(t.fields.map((f) => this.key(f, scope)));
    if (t.kind === 'vec') {
      const known = options.rich && tape.rarely(4) ? this.#gen.reach.direct(t, scope) : null;
      if (known !== null) return known.atom;
      if (t.elem === I8 && options.rich) return this.literal(t, scope, 0).atom;
      const length = options.rich ? 1 - (tape.rarely(3) ? 1 : 0) : 1;
      return b.vec(
        t.elem,
        Array.from({ length }, () => this.key(t.elem, scope)),
      );
    }
    if (!isScalar(t)) throw new InternalError(`${typeText(t)} is no key type`);
    const value = this.scalar(t, scope, 2);
    return isInt(t)
      ? b.bin('&', value, lit(t, 3))
      : isFloat(t) && tape.pick(2) === 0
        ? b.select(b.bin('<', value, lit(t, 1)), lit(t, 0.5), value)
        : value;
  }
}

const entriesOf = (t: DictType): VecType => vec(struct([t.key, t.value]));
const typed = <T extends Type>(v: Var | null, t: T): Var<T> | null => (v === null ? null : { ...v, ty: t });
