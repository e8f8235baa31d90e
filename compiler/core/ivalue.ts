/**
 * Interpreter values, and what is defined on them: comparison, merging, dictionary keys.
 *
 * A scalar is in Core's JavaScript encoding, a vector a JavaScript array, a struct `{ fields }`, a dictionary a Map in
 * first-insertion order, a builder an object with a mutable state (safe, because builders are linear). The row layout
 * is slow and simple on purpose: these values say what the columnar ones of `value.ts` must mean.
 *
 * The functions here take a type and give a function, so that the type is looked at once and not for every value.
 */

import { InternalError, invariant } from '../diag/diagnostic.ts';
import type { BinOp } from './op.ts';
import { binScalar, identityOf, normalise, type ScalarValue } from './scalar.ts';
import { isFloatKind, type MergeOp, type Type, typeText } from './types.ts';

export type IVec = readonly IValue[];
export interface IStruct {
  readonly kind: 'struct';
  readonly fields: readonly IValue[];
}
/** What finds an entry: the scalar itself, or text for composite keys and for -0, which a Map takes for 0. */
export type DictKey = ScalarValue | string;
export interface IDict {
  readonly kind: 'dict';
  /** Entries in first-insertion order. */
  readonly entries: ReadonlyMap<DictKey, readonly [key: IValue, value: IValue]>;
}
/** An unfinished builder. */
export interface IBuilder {
  readonly kind: 'builder';
  /** Merges; true when the builder holds an element or a key more than before. */
  merge(value: IValue): boolean;
  /** The value so far. It is the state itself, so it lasts until the next merge. */
  result(): IValue;
  /** A builder with the same state, independent of this one. */
  clone(): IBuilder;
}
export type IValue = ScalarValue | IVec | IStruct | IDict | IBuilder;

export const isVec = (v: IValue): v is IVec => Array.isArray(v);
export const istruct = (fields: readonly IValue[]): IStruct => ({ kind: 'struct', fields });

export function asScalar(v: IValue | undefined): ScalarValue {
  if (v === undefined || typeof v === 'object') return wrong('a scalar', v);
  return v;
}
export function asBig(v: IValue | undefined): bigint {
  return typeof v === 'bigint' ? v : wrong('an i64', v);
}
export function asVec(v: IValue | undefined): IVec {
  return v !== undefined && isVec(v) ? v : wrong('a vector', v);
}
export function asStruct(v: IValue | undefined): IStruct {
  return typeof v === 'object' && 'kind' in v && v.kind === 'struct' ? v : wrong('a struct', v);
}
export function asDict(v: IValue | undefined): IDict {
  return typeof v === 'object' && 'kind' in v && v.kind === 'dict' ? v : wrong('a dictionary', v);
}
export function asBuilder(v: IValue | undefined): IBuilder {
  return typeof v === 'object' && 'kind' in v && v.kind === 'builder' ? v : wrong('a builder', v);
}
/** Field `k` of a struct. */
export function fieldOf(v: IValue | undefined, k: number): IValue {
  const f = asStruct(v).fields[k];
  if (f === undefined) throw new InternalError(`a struct value without field ${k}`);
  return f;
}
function wrong(want: string, v: IValue | undefined): never {
  const found = typeof v === 'object' ? ('kind' in v ? v.kind : 'vec') : typeof v;
  throw new InternalError(`interpreter: expected ${want}, found ${found}; was the program verified?`);
}

export type Comparison = '==' | '!=' | '<' | '<=' | '>' | '>=';
export const isComparison = (op: BinOp): op is Comparison =>
  op === '==' || op === '!=' || op === '<' || op === '<=' || op === '>' || op === '>=';

/**
 * A comparison on values of a type. Vectors and structs: `==` is `==` of all elements (and of the lengths), an order
 * is decided by the first elements that are not `==`, and by the lengths if one is a prefix of the other. So NaN in a
 * vector behaves as NaN alone: only `!=` is true of it.
 */
export function comparison(op: Comparison, t: Type): (a: IValue, b: IValue) => boolean {
  const equal = equality(t);
  if (op === '==') return equal;
  if (op === '!=') return (a, b) => !equal(a, b);
  return ordering(op, t);
}

function equality(t: Type): (a: IValue, b: IValue) => boolean {
  switch (t.kind) {
    case 'scalar':
      return (a, b) => a === b;
    case 'vec': {
      const elem = equality(t.elem);
      return (a, b) => {
        const [x, y] = [asVec(a), asVec(b)];
        return x.length === y.length && x.every((v, k) => elem(v, y[k] ?? v));
      };
    }
    case 'struct': {
      const fields = t.fields.map(equality);
      return (a, b) => fields.every((f, k) => f(fieldOf(a, k), fieldOf(b, k)));
    }
    default:
      throw new InternalError(`${typeText(t)} values are not compared`);
  }
}

function ordering(op: '<' | '<=' | '>' | '>=', t: Type): (a: IValue, b: IValue) => boolean {
  switch (t.kind) {
    case 'scalar':
      return (a, b) => binScalar(op, t.scalar, asScalar(a), asScalar(b)) === true;
    case 'vec': {
      const [same, order] = [equality(t.elem), ordering(op, t.elem)];
      return (a, b) => {
        const [x, y] = [asVec(a), asVec(b)];
        for (const [k, v] of x.entries()) {
          const w = y[k];
          if (w === undefined) break;
          if (!same(v, w)) return order(v, w);
        }
        return binScalar(op, 'i32', x.length, y.length) === true;
      };
    }
    case 'struct': {
      const fields = t.fields.map((f) => ({ same: equality(f), order: ordering(op, f) }));
      return (a, b) => {
        for (const [k, f] of fields.entries()) {
          const [v, w] = [fieldOf(a, k), fieldOf(b, k)];
          if (!f.same(v, w)) return f.order(v, w);
        }
        return op === '<=' || op === '>=';
      };
    }
    default:
      throw new InternalError(`${typeText(t)} values are not compared`);
  }
}

/** `a op b` for what a merger holds: numbers, and structs of them field by field. */
export function merging(op: MergeOp, t: Type): (a: IValue, b: IValue) => IValue {
  if (t.kind === 'scalar') return (a, b) => binScalar(op satisfies BinOp, t.scalar, asScalar(a), asScalar(b));
  invariant(t.kind === 'struct', () => `${typeText(t)} values are not merged`);
  const fields = t.fields.map((f) => merging(op, f));
  return (a, b) => istruct(fields.map((f, k) => f(fieldOf(a, k), fieldOf(b, k))));
}

/** What a merger starts with when nothing is given. */
export function identityValue(op: MergeOp, t: Type): IValue {
  if (t.kind === 'scalar') return identityOf(op, t.scalar);
  invariant(t.kind === 'struct', () => `${typeText(t)} values are not merged`);
  return istruct(t.fields.map((f) => identityValue(op, f)));
}

/** What `optlookup` gives where there is nothing: 0, false, empty, and structs of those. */
export function zeroValue(t: Type): IValue {
  switch (t.kind) {
    case 'scalar':
      return normalise(t.scalar, 0);
    case 'vec':
      return [];
    case 'dict':
      return { kind: 'dict', entries: new Map() };
    case 'struct':
      return istruct(t.fields.map(zeroValue));
    default:
      throw new InternalError(`${typeText(t)} values have no zero`);
  }
}

/**
 * The key function of a dictionary: two keys have one entry when they are the same value, which differs from `==` on
 * floats: NaN is one key, and -0 and +0 are two.
 */
export function dictKey(t: Type): (v: IValue) => DictKey {
  if (t.kind !== 'scalar') return keyText(t);
  if (!isFloatKind(t.scalar)) return asScalar;
  return (v) => (Object.is(v, -0) ? '-0' : asScalar(v));
}

function keyText(t: Type): (v: IValue) => string {
  switch (t.kind) {
    case 'scalar':
      return (v) => (Object.is(v, -0) ? '-0' : String(asScalar(v)));
    case 'vec': {
      const elem = keyText(t.elem);
      return (v) => `[${asVec(v).map(elem).join(',')}]`;
    }
    case 'struct': {
      const fields = t.fields.map(keyText);
      return (v) => `{${fields.map((f, k) => f(fieldOf(v, k))).join(',')}}`;
    }
    default:
      throw new InternalError(`${typeText(t)} is not a key type`);
  }
}
