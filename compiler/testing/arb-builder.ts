/**
 * Random builders: which to fill, what to start them with, one merge into each kind, and what is known of the value
 * that they give.
 */

import { i64 } from '../core/build.ts';
import type { Annotations, Atom } from '../core/op.ts';
import {
  appender,
  type BuilderType,
  type DictType,
  dictmerger,
  groupmerger,
  I64,
  isFloat,
  isLinear,
  isMergeable,
  type MergeOp,
  merger,
  partsOf,
  type Type,
  type VecType,
  vec,
  vecmerger,
} from '../core/types.ts';
import type { Gen } from './arb-gen.ts';
import {
  canMake,
  dictSize,
  isLight,
  isVecVar,
  joined,
  ONE,
  partOf,
  type Scope,
  type Size,
  sizeFor,
  structSize,
  type Var,
  vecSize,
} from './arb-scope.ts';

const MERGE_OPS: readonly [MergeOp, ...MergeOp[]] = ['+', 'max', 'min', '*'];
const HINTS: readonly [Annotations, ...Annotations[]] = [
  { impl: 'local' },
  { impl: 'global', num_keys: 12 },
  { size: 'small', ratio: 0.5 },
];

/** A builder to fill. */
export interface Leaf {
  readonly kind: 'leaf';
  readonly ty: BuilderType;
  readonly arg: Atom | null;
  /** The vector that a vecmerger starts from. */
  readonly table: Var<VecType> | null;
}
/** A builder, or a struct of builders. */
export type Target = Leaf | { readonly kind: 'group'; readonly parts: readonly Target[] };

/** What code did to a builder: how many merges, at least and at most, and how large what it merged was. */
export interface Tally {
  readonly least: number;
  readonly most: number;
  readonly size: Size;
}
/** A builder after some code, and the tallies of its leaves in order. */
export interface Filled {
  readonly builder: Atom;
  readonly tallies: readonly Tally[];
}

export const leavesOf = (t: Target): readonly Leaf[] => (t.kind === 'leaf' ? [t] : t.parts.flatMap(leavesOf));

export class BuilderGen {
  readonly #gen: Gen;
  constructor(gen: Gen) {
    this.#gen = gen;
  }

  /** A builder of a kind and of types that the data in reach has, or of others. */
  leaf(scope: Scope, given: readonly Type[]): Leaf {
    const { tape, options, types, values } = this.#gen;
    switch (tape.pick(options.rich ? 11 : 9)) {
      case 0:
      case 1:
      case 2:
        return plain(appender(this.#elem(given)), tape.rarely(6) ? i64(tape.pick(20)) : null);
      case 3:
      case 4:
      case 5: {
        const [elem, op] = this.merged(given);
        return plain(merger(elem, op), tape.rarely(3) ? values.make(elem, scope, 1).atom : null);
      }
      case 6:
        return this.#table(scope, given);
      case 7:
      case 8: {
        const [value, op] = this.merged(given);
        return plain(dictmerger(types.key(), value, op), tape.rarely(3) ? i64(tape.pick(40)) : null);
      }
      default:
        return plain(groupmerger(types.key(), this.#elem(given)));
    }
  }
  #table(scope: Scope, given: readonly Type[]): Leaf {
    const { tape, options, values } = this.#gen;
    const tables = scope.vars.filter(isVecVar).filter((v) => isMergeable(v.ty.elem) && isLight(v, scope));
    let table = tape.recent(tables);
    if (table === undefined || (options.rich && tape.rarely(6))) {
      if (!options.rich) return plain(appender(I64));
      table = values.literal(vec(this.merged(given)[0]), scope, 1);
    }
    return { kind: 'leaf', ty: vecmerger(table.ty.elem, this.opFor(table.ty.elem)), arg: table.atom, table };
  }
  /** One builder, or a struct of some, of which some may be structs in turn. */
  target(scope: Scope, given: readonly Type[]): Target {
    const { tape, options } = this.#gen;
    const leaf = (): Leaf => this.leaf(scope, given);
    if (tape.pick(4) < 3) return leaf();
    if (!options.rich || tape.pick(3) === 0) return { kind: 'group', parts: [leaf(), leaf()] };
    const inner = (): Target => ({ kind: 'group', parts: tape.pick(2) === 0 ? [leaf()] : [leaf(), leaf()] });
    const shapes = tape.choose<() => readonly Target[]>([
      () => [leaf()],
      () => [leaf(), leaf(), leaf()],
      () => [inner(), leaf()],
      () => [leaf(), inner()],
    ]);
    return { kind: 'group', parts: shapes() };
  }
  /** The builder of a dictionary type, or null when none gives it. */
  forDict(t: DictType): Leaf | null {
    if (isMergeable(t.value)) return plain(dictmerger(t.key, t.value, this.opFor(t.value)));
    return t.value.kind === 'vec' ? plain(groupmerger(t.key, t.value.elem)) : null;
  }

  /** The type of a builder that comes from outside, as the last program left it. */
  foreign(): Leaf {
    const leaf = this.leaf({ vars: [], elems: [], work: 0, loops: 0, counted: true }, []);
    return leaf.ty.kind === 'vecmerger' ? plain(appender(leaf.ty.elem)) : { ...leaf, arg: null };
  }

  /** The element type of a new vector. */
  #elem(given: readonly Type[]): Type {
    const { tape, types } = this.#gen;
    const known = tape.recent(given.filter((t) => types.allows(t) && canMake(t) && !isLinear(t)));
    return known !== undefined && tape.pick(2) === 0 ? known : types.data(2);
  }
  /** What a merger holds, and its operator. */
  merged(given: readonly Type[]): [Type, MergeOp] {
    const { tape, types } = this.#gen;
    const known = tape.recent(given.filter(isMergeable));
    const elem = known !== undefined && tape.pick(2) === 0 ? known : types.merged();
    return [elem, this.opFor(elem)];
  }
  /** An operator for values of the type. */
  opFor(t: Type): MergeOp {
    const { tape, options } = this.#gen;
    return !options.floatSums && holdsFloat(t) ? tape.choose(['max', 'min']) : tape.choose(MERGE_OPS);
  }

  /** The builders themselves, sometimes with hints. */
  fresh(t: Target): Atom {
    const { b, tape, options } = this.#gen;
    if (t.kind === 'group') return b.struct(t.parts.map((p) => this.fresh(p)));
    const notes = tape.rarely(6) ? (options.rich ? tape.choose(HINTS) : HINTS[0]) : {};
    return b.builder(t.ty, t.arg, notes);
  }

  /** One merge; into a vecmerger only where the index fits. */
  merge(acc: Atom, leaf: Leaf, scope: Scope, depth: number): { readonly builder: Atom; readonly tally: Tally } {
    const { b, values, reach, options, tape } = this.#gen;
    const { ty, table } = leaf;
    const once = (value: Var): { builder: Atom; tally: Tally } => ({
      builder: b.merge(acc, value.atom),
      tally: { least: 1, most: 1, size: value.size },
    });
    switch (ty.kind) {
      case 'appender':
      case 'merger':
        return once(values.make(ty.elem, scope, depth));
      case 'dictmerger':
      case 'groupmerger': {
        const [key, value] = [values.key(ty.key, scope), values.make(ty.value, scope, depth)];
        const size = structSize([sizeFor(ty.key, 4), value.size]);
        return once({ ...value, atom: b.struct([key, value.atom]), size });
      }
      case 'vecmerger': {
        const index = values.scalar(I64, scope, 2);
        const value = values.make(ty.elem, scope, 2);
        const merged = (): Atom => b.merge(acc, b.struct([index, value.atom]));
        const unguarded = options.errors && tape.rarely(4);
        const builder =
          unguarded || table === null ? merged() : b.if(reach.inBounds(index, table.atom), merged, () => acc);
        return { builder, tally: { least: 0, most: 1, size: ONE } };
      }
      default:
        return ty satisfies never;
    }
  }

  /** The size of what a builder gives after `times` times the tally. */
  resultSize(leaf: Leaf, tally: Tally, times: number): Size {
    const max = tally.most * times;
    switch (leaf.ty.kind) {
      case 'appender':
        return vecSize(max, tally.size);
      case 'merger':
        return sizeFor(leaf.ty.elem, 0);
      case 'vecmerger':
        return leaf.table?.size ?? vecSize(0, ONE);
      case 'dictmerger':
        return dictSize(max, partOf(tally.size, 0), partOf(tally.size, 1));
      case 'groupmerger':
        return dictSize(max, partOf(tally.size, 0), vecSize(max, partOf(tally.size, 1)));
      default:
        return leaf.ty satisfies never;
    }
  }
}

export const NOTHING: Tally = { least: 0, most: 0, size: ONE };
/** One tally after the other. */
export const inTurn = (a: readonly Tally[], b: readonly Tally[]): readonly Tally[] =>
  zipped(a, b, (x, y) => ({ least: x.least + y.least, most: x.most + y.most, size: joined(x.size, y.size) }));
/** One of two. */
export const either = (a: readonly Tally[], b: readonly Tally[]): readonly Tally[] =>
  zipped(a, b, (x, y) => ({
    least: Math.min(x.least, y.least),
    most: Math.max(x.most, y.most),
    size: joined(x.size, y.size),
  }));
/** Up to `n` times. */
export const upTo = (n: number, all: readonly Tally[]): readonly Tally[] =>
  all.map((t) => ({ least: 0, most: n * t.most, size: t.size }));

const zipped = (a: readonly Tally[], b: readonly Tally[], f: (x: Tally, y: Tally) => Tally): readonly Tally[] =>
  a.map((x, k) => f(x, b[k] ?? NOTHING));
/** A builder that nothing is known of. */
export const plain = (ty: BuilderType, arg: Atom | null = null): Leaf => ({ kind: 'leaf', ty, arg, table: null });
const holdsFloat = (t: Type): boolean => isFloat(t) || partsOf(t).some(holdsFloat);
