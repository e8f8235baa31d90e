/**
 * Random sorts. A comparator must be consistent, or the result depends on the algorithm: so it compares keys, which are
 * the same pure code for both sides, ascending, descending, by a second key, or not at all; float keys order NaN, too.
 */

import { i32, i64 } from '../core/build.ts';
import type { Atom, Block } from '../core/op.ts';
import {
  BOOL,
  I8,
  I16,
  I32,
  I64,
  isFloat,
  isHashable,
  isScalar,
  type ScalarType,
  type Type,
  U8,
  U16,
  type VecType,
} from '../core/types.ts';
import { inlineBlock } from '../core/walk.ts';
import type { Gen } from './arb-gen.ts';
import { inside, NO_CLASS, partOf, type Scope, scalarVar, type Var, weight } from './arb-scope.ts';
import { SCALARS } from './arb-types.ts';

const NARROW: readonly [ScalarType, ...ScalarType[]] = [I8, U8, I16, U16];

/** What may be wrong with an order that is cut. */
const CUT_FLAWS = ['kept', 'length', 'any-place', 'own-size', 'limit', 'asserts'] as const;
type CutFlaw = (typeof CUT_FLAWS)[number] | null;

export class OrderGen {
  readonly #gen: Gen;
  constructor(gen: Gen) {
    this.#gen = gen;
  }

  /** `sort(v, ..)`, of all elements or of the first, or `v` itself when that would cost too much here. */
  sorted(v: Var<VecType>, scope: Scope): Var<VecType> {
    const { b, tape, options } = this.#gen;
    const rounds = v.size.max * Math.ceil(Math.log2(v.size.max + 2));
    if (rounds + weight(v.size) > scope.work) return v;
    // How often a comparator runs is not defined: nothing that counts its runs may stand in it.
    const inner = { ...inside(scope, [], rounds), counted: false };
    const limit = tape.pick(3) === 2 ? this.#end(scope) : null;
    const by = (x: Atom, y: Atom): Atom => {
      if (options.errors && tape.rarely(4)) this.#assertion(x, y, v, inner);
      switch (tape.pick(8)) {
        case 0:
        case 1:
          return this.#byKey(tape.choose(SCALARS), x, y, v, inner);
        case 2:
          return this.#byKey(tape.choose(SCALARS), y, x, v, inner);
        case 3: {
          const [p, q] = this.#keys(tape.choose(NARROW), x, y, v, inner);
          return b.bin('-', b.cast(I32, p), b.cast(I32, q));
        }
        case 4:
          return this.#elements(x, y, v) ?? i32(0);
        case 5: {
          const first = this.#byKey(tape.choose(NARROW), x, y, v, inner);
          return b.if(
            b.bin('==', first, i32(0)),
            () => this.#byKey(tape.choose(SCALARS), y, x, v, inner),
            () => first,
          );
        }
        case 6:
          return i32(0);
        default:
          return this.#elements(y, x, v) ?? i32(0);
      }
    };
    return { ...v, atom: b.sort(v.atom, by, limit), len: limit === null ? v.len : this.#gen.freshLength() };
  }

  /** A vector in order, and a part of it that begins in front; sometimes the whole is there to be read, too. */
  cut(v: Var<VecType>, scope: Scope): readonly Var[] {
    const { b, tape, options } = this.#gen;
    const whole = this.sorted(v, scope);
    if (whole === v) return [v];
    const made: Var[] = [];
    let size = this.#end(scope);
    if (options.errors && tape.rarely(4)) {
      const first = b.lookup(whole.atom, i64(tape.pick(2)));
      const ty = b.typeOf(first);
      made.push({ atom: first, ty, size: partOf(v.size, 0), len: NO_CLASS });
      if (isScalar(ty)) size = b.cast(I64, first);
    }
    const part: Var = { ...whole, atom: b.slice(whole.atom, i64(0), size), len: this.#gen.freshLength() };
    return [...made, ...(tape.rarely(3) ? [whole] : []), part];
  }
  /** An order that is cut, with one thing wrong at most (see `arb-near-pairs.ts`). */
  nearCut(v: Var<VecType>, scope: Scope): readonly Var[] {
    const { b, tape, telling, reach, options } = this.#gen;
    const rounds = v.size.max * Math.ceil(Math.log2(v.size.max + 2));
    if (rounds + weight(v.size) > scope.work) return [];
    const flaw = tape.choose<CutFlaw>([null, ...CUT_FLAWS]);
    const by = (x: Atom, y: Atom): Atom => {
      const [p, q] = this.#twice(v, x, y, (e) => telling.value(I64, [e]));
      if (flaw === 'asserts' && options.errors) b.assert(b.bin('==', p, q));
      return this.#three(p, q);
    };
    const whole: Var<VecType> = {
      ...v,
      atom: b.sort(v.atom, by, flaw === 'limit' ? i64(1 + tape.pick(2)) : null),
      len: this.#gen.freshLength(),
    };
    const element = (index: Atom): Var => {
      const found = b.if(
        reach.inBounds(index, v.atom),
        () => telling.value(I64, [{ ...v, atom: b.lookup(whole.atom, index), ty: v.ty.elem }]),
        () => i64(2),
      );
      return scalarVar(found, I64);
    };
    // An order with a limit may have no such element, and one that asserts must not be asked for it.
    const mayAsk = flaw !== 'limit' && flaw !== 'asserts';
    const first = flaw === 'own-size' || (mayAsk && tape.pick(2) === 0) ? [element(i64(tape.pick(2)))] : [];
    const size =
      flaw === 'own-size'
        ? b.bin('&', first[0]?.atom ?? i64(0), i64(3))
        : i64(flaw === 'asserts' ? 0 : flaw === 'limit' ? 3 : tape.pick(4));
    const part: Var = { ...whole, atom: b.slice(whole.atom, i64(0), size), len: this.#gen.freshLength() };
    switch (flaw) {
      case 'kept':
        return [...first, part, whole];
      case 'length':
        return [...first, part, scalarVar(b.len(whole.atom), I64)];
      case 'any-place':
        return [...first, part, element(this.#gen.values.scalar(I64, scope, 1))];
      default:
        return [...first, part];
    }
  }

  /** How many elements: few, or what comes. */
  #end(scope: Scope): Atom {
    const { tape, values } = this.#gen;
    return tape.pick(3) === 2 ? values.scalar(I64, scope, 1) : i64(tape.pick(6) - 1);
  }
  /** Something about two elements that need not hold. */
  #assertion(x: Atom, y: Atom, v: Var<VecType>, scope: Scope): void {
    const { b, scalars } = this.#gen;
    const two = [x, y].map((atom): Var => ({ atom, ty: v.ty.elem, size: partOf(v.size, 0), len: NO_CLASS }));
    b.assert(scalars.expr(BOOL, { ...scope, vars: [...scope.vars, ...two] }, 2));
  }

  /** The whole elements, where they have an order that NaN does not break. */
  #elements(x: Atom, y: Atom, v: Var<VecType>): Atom | null {
    return isHashable(v.ty.elem) && !holdsFloat(v.ty.elem) ? this.#three(x, y) : null;
  }

  #byKey(ty: ScalarType, x: Atom, y: Atom, v: Var<VecType>, scope: Scope): Atom {
    const [p, q] = this.#keys(ty, x, y, v, scope);
    return isFloat(ty) ? this.#three(p, q, () => this.#nanLast(p, q)) : this.#three(p, q);
  }

  /** One expression over an element, twice. */
  #keys(ty: ScalarType, x: Atom, y: Atom, v: Var<VecType>, scope: Scope): readonly [Atom, Atom] {
    const { tape, scalars } = this.#gen;
    return this.#twice(v, x, y, (e) => scalars.expr(ty, { ...scope, vars: [...scope.vars, e] }, tape.pick(3)));
  }
  /** What is made of an element, for two of them. */
  #twice(v: Var<VecType>, x: Atom, y: Atom, of: (elem: Var) => Atom): readonly [Atom, Atom] {
    const { b } = this.#gen;
    const e = b.syms.fresh(v.ty.elem, 'e');
    const key: Block = b.block([e], () => of({ atom: e, ty: v.ty.elem, size: partOf(v.size, 0), len: NO_CLASS }));
    const [p, q] = [x, y].map((a) => {
      const copy = inlineBlock(key, [a], b.syms);
      b.splice(copy.lets);
      return copy.result;
    });
    return [p ?? x, q ?? y];
  }

  /** -1, 0 or 1, by branches or by selections. */
  #three(p: Atom, q: Atom, otherwise: () => Atom = () => i32(0)): Atom {
    const { b, tape } = this.#gen;
    const [below, above] = [(): Atom => b.bin('<', p, q), (): Atom => b.bin('>', p, q)];
    if (tape.pick(3) === 2) return b.select(below(), i32(-5), b.select(above(), i32(7), otherwise()));
    return b.if(
      below(),
      () => i32(-1),
      () => b.if(above(), () => i32(1), otherwise),
    );
  }
  /** NaN is equal to NaN and above the rest. */
  #nanLast(p: Atom, q: Atom): Atom {
    const { b } = this.#gen;
    return b.bin('-', b.cast(I32, b.bin('!=', p, p)), b.cast(I32, b.bin('!=', q, q)));
  }
}

const holdsFloat = (t: Type): boolean =>
  isScalar(t) ? isFloat(t) : t.kind === 'vec' ? holdsFloat(t.elem) : t.kind === 'struct' && t.fields.some(holdsFloat);
