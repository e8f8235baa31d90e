/**
 * Ways from the values in scope to a value of a wanted type: through fields of structs, elements of vectors and values
 * of dictionaries. So generated code looks into nested data, and the data that loops make is used by later code.
 *
 * Elements are looked up with a guard, `if(in bounds, lookup, default)`, unless the program may fail.
 */

import { i64 } from '../core/build.ts';
import type { Atom } from '../core/op.ts';
import { BOOL, I64, isScalar, type Type } from '../core/types.ts';
import type { Gen } from './arb-gen.ts';
import { canMake, isLight, isVecVar, joined, NO_CLASS, partOf, type Scope, type Size, type Var } from './arb-scope.ts';

/** One step into a value. */
type Step =
  | { readonly kind: 'field'; readonly index: number; readonly to: Type }
  | { readonly kind: 'in'; readonly to: Type };
type Path = readonly Step[];

const MOST_STEPS = 4;
const MOST_PATHS = 8;
const known = new Map<string, readonly Path[]>();

/** Paths from a type to another or to any scalar, the shortest first; `deep` ones look into vectors and dictionaries. */
function paths(from: Type, to: Type | 'scalar', deep: boolean): readonly Path[] {
  const key = `${from.id},${to === 'scalar' ? to : to.id},${deep}`;
  const before = known.get(key);
  if (before !== undefined) return before;
  const found: Path[] = [];
  const search = (t: Type, path: Path): void => {
    if (t === to || (to === 'scalar' && isScalar(t))) found.push(path);
    if (path.length === MOST_STEPS || found.length > 4 * MOST_PATHS) return;
    if (t.kind === 'struct') {
      for (const [index, f] of t.fields.entries()) search(f, [...path, { kind: 'field', index, to: f }]);
    } else if (deep && t.kind === 'vec') {
      search(t.elem, [...path, { kind: 'in', to: t.elem }]);
    } else if (deep && t.kind === 'dict') {
      search(t.value, [...path, { kind: 'in', to: t.value }]);
    }
  };
  search(from, []);
  const all = found.sort((a, b) => a.length - b.length).slice(0, MOST_PATHS);
  known.set(key, all);
  return all;
}

export class Reach {
  readonly #gen: Gen;
  constructor(gen: Gen) {
    this.#gen = gen;
  }

  /** A value in scope that is of the type or has it as a field. */
  direct<T extends Type>(t: T, scope: Scope): Var<T> | null {
    return this.#find(t, scope, false);
  }
  /** The same, also as an element of a vector or a value of a dictionary: `t` must be one that code can make. */
  deep<T extends Type>(t: T, scope: Scope): Var<T> | null {
    return canMake(t) ? this.#find(t, scope, true) : null;
  }

  /** A scalar of any type from inside a vector or a dictionary in scope. */
  element(scope: Scope): Var | null {
    const { tape } = this.#gen;
    const all = scope.vars.filter((v) => v.ty.kind !== 'scalar' && paths(v.ty, 'scalar', true).length > 0);
    const dict = tape.pick(2) === 0 ? tape.recent(all.filter((v) => v.ty.kind === 'dict')) : undefined;
    const found = dict ?? tape.recent(all.filter((v) => v.ty.kind !== 'struct')) ?? tape.recent(all);
    if (found === undefined) return null;
    const turned = this.#turned(found, scope);
    const from = paths(turned.ty, 'scalar', true).length > 0 ? turned : found;
    const ways = paths(from.ty, 'scalar', true);
    const path = ways[tape.pick(ways.length)] ?? [];
    return this.#follow(from, path, path.at(-1)?.to ?? from.ty, scope);
  }

  /** Sometimes the entries of a dictionary for it, and for a vector a part of it, or it in another order. */
  #turned(v: Var, scope: Scope): Var {
    const { tape, options, values, order } = this.#gen;
    if (!options.rich || !tape.rarely(4) || !isLight(v, scope)) return v;
    if (v.ty.kind === 'dict') return values.entries(v);
    if (!isVecVar(v)) return v;
    return tape.pick(2) === 0 ? values.sliced(v, scope) : order.sorted(v, scope);
  }

  #find<T extends Type>(t: T, scope: Scope, deep: boolean): Var<T> | null {
    const { tape } = this.#gen;
    const from = tape.recent(scope.vars.filter((v) => paths(v.ty, t, deep).length > (deep && v.ty === t ? 1 : 0)));
    if (from === undefined) return null;
    const all = paths(from.ty, t, deep);
    const path = all[deep && from.ty === t ? 1 + tape.pick(all.length - 1) : tape.pick(all.length)] ?? [];
    const found = this.#follow(from, path, t, scope);
    // What is found is used as a whole, so it must be light enough; a part may be where the value is not.
    return isLight(found, scope) ? found : null;
  }

  #follow<T extends Type>(from: Var, path: Path, t: T, scope: Scope): Var<T> {
    const { b } = this.#gen;
    const [step, ...rest] = path;
    if (step === undefined) return { ...from, ty: t };
    if (step.kind === 'in') return this.#lookup(from, step.to, rest, t, scope);
    const part = {
      atom: b.field(from.atom, step.index),
      ty: step.to,
      size: partOf(from.size, step.index),
      len: NO_CLASS,
    };
    return this.#follow(part, rest, t, scope);
  }

  /** `if(the element is there, what it leads to, a value made up)` */
  #lookup<T extends Type>(of: Var, elem: Type, rest: Path, t: T, scope: Scope): Var<T> {
    const { b, tape, options, values } = this.#gen;
    const size = partOf(of.size, of.ty.kind === 'dict' ? 1 : 0);
    const part = (atom: Atom): Var => ({ atom, ty: elem, size, len: NO_CLASS });
    const index = of.ty.kind === 'dict' ? values.key(of.ty.key, scope) : this.#index(scope);
    if (options.errors && tape.rarely(4)) return this.#follow(part(b.lookup(of.atom, index)), rest, t, scope);
    const sizes: Size[] = [];
    const note = (v: Var): Atom => {
      sizes.push(v.size);
      return v.atom;
    };
    const otherwise = (): Atom => note(values.small(t, scope));
    let atom: Atom;
    if (of.ty.kind === 'dict' && options.rich && tape.pick(3) > 0) {
      const entry = b.optlookup(of.atom, index);
      const [found, value] = [b.field(entry, 0), b.field(entry, 1)];
      // The value of a miss is not defined: it may be carried along, but nothing may look at it.
      atom =
        rest.length === 0 && tape.pick(2) === 0
          ? b.select(found, note({ ...part(value), ty: t }), otherwise())
          : b.if(found, () => note(this.#follow(part(value), rest, t, scope)), otherwise);
    } else {
      const safe = of.ty.kind === 'dict' ? b.keyexists(of.atom, index) : this.inBounds(index, of.atom);
      const found = (): Atom => note(this.#follow(part(b.lookup(of.atom, index)), rest, t, scope));
      // Where errors are asked for, sometimes the other way round.
      const [then, other] = options.errors && tape.rarely(5) ? [otherwise, found] : [found, otherwise];
      atom = b.if(safe, then, other);
    }
    return { atom, ty: t, size: sizes.reduce(joined), len: NO_CLASS };
  }

  /** An index, in half of the cases one that most vectors have. */
  #index(scope: Scope): Atom {
    const { b, tape, values } = this.#gen;
    const index = values.scalar(I64, scope, 1);
    return tape.pick(2) === 0 ? index : b.bin('&', index, i64(3));
  }

  /** `0 <= index && index < len(vec)` */
  inBounds(index: Atom, vec: Atom): Atom {
    const { b } = this.#gen;
    return b.bin('&&', b.bin('>=', index, i64(0)), b.bin('<', index, b.len(vec)));
  }

  /** Whether a dictionary in scope has a key, or null when there is none. */
  keyExists(scope: Scope): Atom | null {
    const { b, tape, values } = this.#gen;
    const dict = tape.recent(scope.vars.filter((v) => v.ty.kind === 'dict'));
    if (dict?.ty.kind !== 'dict') return null;
    const found = b.keyexists(dict.atom, values.key(dict.ty.key, scope));
    return b.typeOf(found) === BOOL ? found : null;
  }
}
