/**
 * Random sorts. A comparator must be consistent, or the result depends on the algorithm: so it compares keys, which are
 * the same pure code for both sides, ascending, descending, by a second key, or not at all; float keys order NaN, too.
 */

import { i32 } from '../core/build.ts';
import type { Atom, Block } from '../core/op.ts';
import {
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
import { inside, NO_CLASS, partOf, type Scope, type Var, weight } from './arb-scope.ts';
import { SCALARS } from './arb-types.ts';

const NARROW: readonly [ScalarType, ...ScalarType[]] = [I8, U8, I16, U16];

export class OrderGen {
  readonly #gen: Gen;
  constructor(gen: Gen) {
    this.#gen = gen;
  }

  /** `sort(v, ..)`, of all elements or of the first, or `v` itself when that would cost too much here. */
  sorted(v: Var<VecType>, scope: Scope): Var<VecType> {
    const { b, tape, values } = this.#gen;
    const rounds = v.size.max * Math.ceil(Math.log2(v.size.max + 2));
    if (rounds + weight(v.size) > scope.work) return v;
    // How often a comparator runs is not defined: nothing that counts its runs may stand in it.
    const inner = { ...inside(scope, [], rounds), counted: false };
    const limit = tape.pick(3) === 2 ? values.scalar(I64, scope, 1) : null;
    const by = (x: Atom, y: Atom): Atom => {
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
    const { b, tape, scalars } = this.#gen;
    const e = b.syms.fresh(v.ty.elem, 'e');
    const elem: Var = { atom: e, ty: v.ty.elem, size: partOf(v.size, 0), len: NO_CLASS };
    const key: Block = b.block([e], () => scalars.expr(ty, { ...scope, vars: [...scope.vars, elem] }, tape.pick(3)));
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
