/**
 * Values and conditions that tell elements apart: sums of them, their parity, their sign. A random expression
 * often comes out the same for all elements, and then shows nothing of one too many, too few or in the wrong place.
 */

import { lit } from '../core/build.ts';
import type { Atom } from '../core/op.ts';
import { BOOL, I64, isScalar, type ScalarType, type Type } from '../core/types.ts';
import { invariant } from '../diag/diagnostic.ts';
import type { Gen } from './arb-gen.ts';
import type { Var } from './arb-scope.ts';

export class TellingGen {
  readonly #gen: Gen;
  constructor(gen: Gen) {
    this.#gen = gen;
  }

  /** A value that changes with the elements; the same for all where there is nothing to tell them apart by. */
  value(ty: Type, elems: readonly Var[]): Atom {
    return this.of(ty, elems) ?? this.#one(ty);
  }
  #one(ty: Type): Atom {
    const { b } = this.#gen;
    if (isScalar(ty)) return lit(ty, 1);
    invariant(ty.kind === 'struct', () => 'values that tell elements apart are made of scalars');
    return b.struct(ty.fields.map((t) => this.#one(t)));
  }

  /** The same, or null where there is nothing to tell them apart by, and for what is not made of scalars. */
  of(ty: Type, elems: readonly Var[]): Atom | null {
    const { b, tape } = this.#gen;
    if (ty.kind === 'struct') {
      const fields = ty.fields.flatMap((t) => this.of(t, elems) ?? []);
      return fields.length === ty.fields.length ? b.struct(fields) : null;
    }
    if (!isScalar(ty)) return null;
    if (ty === BOOL) return this.test(elems);
    const x = this.#number(ty, elems);
    if (x === null) return null;
    switch (tape.pick(3)) {
      case 0:
        return x;
      case 1:
        return b.bin('+', x, lit(ty, 1 + tape.pick(3)));
      default:
        return b.bin('-', b.bin('*', x, lit(ty, 3)), this.#number(ty, elems) ?? x);
    }
  }

  /** A condition that holds for some elements; null of no elements. */
  test(elems: readonly Var[]): Atom | null {
    const { b, tape } = this.#gen;
    const x = this.#number(I64, elems);
    if (x === null) return null;
    switch (tape.pick(4)) {
      case 0:
        return b.bin('>', x, lit(I64, tape.pick(3)));
      case 1:
        return b.bin('<', x, lit(I64, tape.pick(3)));
      default:
        return b.bin('==', b.bin('&', x, lit(I64, 1)), lit(I64, tape.pick(2)));
    }
  }

  /** A number in an element, or how long it is. */
  #number(ty: ScalarType, elems: readonly Var[]): Atom | null {
    const { b, tape } = this.#gen;
    const all = elems.flatMap((v) => this.#numbers(v.atom, v.ty));
    const one = tape.recent(all);
    return one === undefined ? null : b.cast(ty, one());
  }
  #numbers(of: Atom, ty: Type): readonly (() => Atom)[] {
    const { b } = this.#gen;
    if (isScalar(ty)) return [() => of];
    if (ty.kind === 'vec') return [() => b.len(of)];
    if (ty.kind !== 'struct') return [];
    return ty.fields.flatMap((t, k) => (isScalar(t) ? [() => b.field(of, k)] : []));
  }
}
