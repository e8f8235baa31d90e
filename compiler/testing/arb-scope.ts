/**
 * What the program generator knows: the values in scope, how large they may be, and how much work is left.
 *
 * A generated program must end soon, also where vectors of vectors meet nested loops. So every value has a `Size`, an
 * upper bound by the shape of its type, and every scope a budget: how much one run of its code may cost. A loop of n
 * iterations gives its body an n-th of its own budget, and nothing heavier than the budget is read as a whole.
 */

import { asDict, asVec, fieldOf, type IValue } from '../core/ivalue.ts';
import type { Atom } from '../core/op.ts';
import { isMergeable, partsOf, type Type, type VecType } from '../core/types.ts';

/** What generated programs may contain. Every switch is for a user of the programs that cannot have all of it. */
export interface ProgramOptions {
  /** Float mergers over + and *: results that depend on the order of combination. Default true. */
  readonly floatSums?: boolean;
  /** Code that may raise run-time errors: unguarded divisors and indices, zips of different lengths. Default false. */
  readonly errors?: boolean;
  /** Calls of the primitives in `arb-prims.ts`. Default false. */
  readonly cudf?: boolean;
  /** Vectors inside vectors, structs and dictionaries, and vectors as keys. Default true. */
  readonly nestedVecs?: boolean;
  /** The whole language; when false, mostly what loops over columns need. Default true. */
  readonly rich?: boolean;
  /** Mostly loops that belong together, as passes look for them, and almost (`arb-near-misses.ts`). Default false. */
  readonly nearMisses?: boolean;
  /** First what the optimizer's algebra is about, for each element of a vector (`arb-algebra.ts`). Default false. */
  readonly algebra?: boolean;
  /** Parameters that are vectors have one of these lengths. */
  readonly lengths?: readonly [number, ...number[]];
}

/**
 * An upper bound of a value: `max` elements of a vector or entries of a dictionary (1 of anything else), and the bounds
 * of the parts in the order of `partsOf` its type.
 */
export interface Size {
  readonly max: number;
  readonly parts: readonly Size[];
}
export const ONE: Size = { max: 1, parts: [] };

/** A value in scope. Vectors of one `len` class have one length. */
export interface Var<T extends Type = Type> {
  readonly atom: Atom;
  readonly ty: T;
  readonly size: Size;
  readonly len: number;
}
/** The `len` of what has no class of lengths. */
export const NO_CLASS = -1;

export interface Scope {
  readonly vars: readonly Var[];
  /** The elements of the innermost loop that walks something. */
  readonly elems: readonly Var[];
  /** What one run of the code may cost. */
  readonly work: number;
  /** How many loops surround the code. */
  readonly loops: number;
  /** Whether how often the code runs is defined, so that calls that count may stand in it. */
  readonly counted: boolean;
}

/** The scope of code that runs up to `times` times for each run of the code around it. */
export function inside(s: Scope, vars: readonly Var[], times: number): Scope {
  return { ...s, vars: [...s.vars, ...vars], work: s.work / Math.max(1, times), loops: s.loops + 1 };
}

export const scalarVar = (atom: Atom, ty: Type): Var => ({ atom, ty, size: ONE, len: NO_CLASS });
export const isVecVar = (v: Var): v is Var<VecType> => v.ty.kind === 'vec';

/** An upper bound of the cost of going over the whole value. */
export const weight = (s: Size): number => s.max * s.parts.reduce((sum, p) => sum + weight(p), 1);
/** Whether code in the scope may read the whole of a value. */
export const isLight = (v: Var, s: Scope): boolean => weight(v.size) <= s.work;

/** The size of a part, by its place in `partsOf` the type. */
export const partOf = (s: Size, k: number): Size => s.parts[k] ?? ONE;

/** A bound of both. */
export function joined(a: Size, b: Size): Size {
  const parts = a.parts.length >= b.parts.length ? a.parts : b.parts;
  return { max: Math.max(a.max, b.max), parts: parts.map((p, k) => joined(a.parts[k] ?? p, b.parts[k] ?? p)) };
}
export const fits = (s: Size, within: Size): boolean =>
  s.max <= within.max && s.parts.every((p, k) => fits(p, partOf(within, k)));

/** The size of values of a type whose vectors and dictionaries have up to `n` elements. */
export const sizeFor = (t: Type, n: number): Size => ({
  max: t.kind === 'vec' || t.kind === 'dict' ? n : 1,
  parts: partsOf(t).map((p) => sizeFor(p, n)),
});
export const vecSize = (max: number, elem: Size): Size => ({ max, parts: [elem] });
export const dictSize = (max: number, key: Size, value: Size): Size => ({ max, parts: [key, value] });
export const structSize = (fields: readonly Size[]): Size => ({ max: 1, parts: fields });

/** The size of a value. */
export function sizeOf(t: Type, v: IValue): Size {
  switch (t.kind) {
    case 'vec': {
      const items = asVec(v);
      return vecSize(items.length, joinedAll(t.elem, items));
    }
    case 'struct':
      return structSize(t.fields.map((f, k) => sizeOf(f, fieldOf(v, k))));
    case 'dict': {
      const pairs = [...asDict(v).entries.values()];
      const [keys, values] = [pairs.map((p) => p[0]), pairs.map((p) => p[1])];
      return dictSize(pairs.length, joinedAll(t.key, keys), joinedAll(t.value, values));
    }
    default:
      return ONE;
  }
}

function joinedAll(t: Type, values: readonly IValue[]): Size {
  // Sizes without vectors inside are all alike: there is no need to look at every element of a long column.
  const some = holdsContainer(t) ? values : values.slice(0, 1);
  return some.reduce<Size>((size, v) => joined(size, sizeOf(t, v)), sizeFor(t, 0));
}
const holdsContainer = (t: Type): boolean => t.kind === 'vec' || t.kind === 'dict' || partsOf(t).some(holdsContainer);

/** Whether code can make a value of the type out of nothing: dictionaries only where a builder makes them. */
export const canMake = (t: Type): boolean =>
  t.kind !== 'dict' ? t.kind === 'vec' || partsOf(t).every(canMake) : isMergeable(t.value) || t.value.kind === 'vec';
