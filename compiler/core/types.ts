/**
 * Core types, interned: structurally equal types are the same object, so `===` is type equality.
 *
 * Scalars, `vec[T]`, `dict[K,V]`, structs `{A,B}` and the builders. A struct that contains a builder is itself
 * linear (a struct of builders is a builder). The interning table is the only global mutable state of the compiler.
 * Text forms are Weld's: `vec[f64]`, `{i32,f64}`, `merger[f64,+]`, `dictmerger[i64,{f64,i64},+]`.
 *
 * Two more forms exist in texts only: `simd[T]`, which elaboration takes for `T` (loops are lane-agnostic), and `?`,
 * a type that inference has yet to find. A Core program contains neither; the verifier checks that.
 */

export type ScalarKind = 'bool' | 'i8' | 'i16' | 'i32' | 'i64' | 'u8' | 'u16' | 'u32' | 'u64' | 'f32' | 'f64';

/** The commutative monoids a merger may use. Identity: 0, 1, largest value, smallest value (infinities for floats). */
export type MergeOp = '+' | '*' | 'min' | 'max';

export interface ScalarType {
  readonly kind: 'scalar';
  readonly id: number;
  readonly scalar: ScalarKind;
}
export interface VecType {
  readonly kind: 'vec';
  readonly id: number;
  readonly elem: Type;
}
export interface DictType {
  readonly kind: 'dict';
  readonly id: number;
  readonly key: Type;
  readonly value: Type;
}
export interface StructType {
  readonly kind: 'struct';
  readonly id: number;
  readonly fields: readonly Type[];
}
export interface AppenderType {
  readonly kind: 'appender';
  readonly id: number;
  readonly elem: Type;
}
export interface MergerType {
  readonly kind: 'merger';
  readonly id: number;
  readonly elem: Type;
  readonly op: MergeOp;
}
export interface VecMergerType {
  readonly kind: 'vecmerger';
  readonly id: number;
  readonly elem: Type;
  readonly op: MergeOp;
}
export interface DictMergerType {
  readonly kind: 'dictmerger';
  readonly id: number;
  readonly key: Type;
  readonly value: Type;
  readonly op: MergeOp;
}
export interface GroupMergerType {
  readonly kind: 'groupmerger';
  readonly id: number;
  readonly key: Type;
  readonly value: Type;
}
/** Lanes of a scalar, in a text. */
export interface SimdType {
  readonly kind: 'simd';
  readonly id: number;
  readonly elem: Type;
}
/** A type that inference has yet to find: `?` in a text, numbered while it is looked for. */
export interface UnknownType {
  readonly kind: 'unknown';
  readonly id: number;
  readonly index: number;
}
/** One builder (not a struct of them). */
export type BuilderType = AppenderType | MergerType | VecMergerType | DictMergerType | GroupMergerType;
export type Type = ScalarType | VecType | DictType | StructType | BuilderType | SimdType | UnknownType;

const table = new Map<string, Type>();

function intern<T extends Type>(key: string, make: (id: number) => T): T {
  const known = table.get(key);
  if (known !== undefined) return known as T;
  const made = make(table.size);
  Object.freeze(made);
  table.set(key, made);
  return made;
}

export function scalar(kind: ScalarKind): ScalarType {
  return intern(kind, (id) => ({ kind: 'scalar', id, scalar: kind }));
}
export function vec(elem: Type): VecType {
  return intern(`v${elem.id}`, (id) => ({ kind: 'vec', id, elem }));
}
export function dict(key: Type, value: Type): DictType {
  return intern(`d${key.id},${value.id}`, (id) => ({ kind: 'dict', id, key, value }));
}
export function struct(fields: readonly Type[]): StructType {
  return intern(`s${fields.map((f) => f.id).join(',')}`, (id) => ({
    kind: 'struct',
    id,
    fields: Object.freeze([...fields]),
  }));
}
export function appender(elem: Type): AppenderType {
  return intern(`a${elem.id}`, (id) => ({ kind: 'appender', id, elem }));
}
export function merger(elem: Type, op: MergeOp): MergerType {
  return intern(`m${elem.id}${op}`, (id) => ({ kind: 'merger', id, elem, op }));
}
export function vecmerger(elem: Type, op: MergeOp): VecMergerType {
  return intern(`vm${elem.id}${op}`, (id) => ({ kind: 'vecmerger', id, elem, op }));
}
export function dictmerger(key: Type, value: Type, op: MergeOp): DictMergerType {
  return intern(`dm${key.id},${value.id}${op}`, (id) => ({ kind: 'dictmerger', id, key, value, op }));
}
export function groupmerger(key: Type, value: Type): GroupMergerType {
  return intern(`gm${key.id},${value.id}`, (id) => ({ kind: 'groupmerger', id, key, value }));
}
export function simd(elem: Type): SimdType {
  return intern(`x${elem.id}`, (id) => ({ kind: 'simd', id, elem }));
}
/** The unknown type of number `index`. Every inference numbers its unknowns from 0, so the table does not grow with use. */
export function unknown(index: number): UnknownType {
  return intern(`?${index}`, (id) => ({ kind: 'unknown', id, index }));
}

export const BOOL: ScalarType = scalar('bool');
export const I8: ScalarType = scalar('i8');
export const I16: ScalarType = scalar('i16');
export const I32: ScalarType = scalar('i32');
export const I64: ScalarType = scalar('i64');
export const U8: ScalarType = scalar('u8');
export const U16: ScalarType = scalar('u16');
export const U32: ScalarType = scalar('u32');
export const U64: ScalarType = scalar('u64');
export const F32: ScalarType = scalar('f32');
export const F64: ScalarType = scalar('f64');
export const UNIT: StructType = struct([]);

export const SCALAR_KINDS: readonly ScalarKind[] = [
  'bool',
  'i8',
  'i16',
  'i32',
  'i64',
  'u8',
  'u16',
  'u32',
  'u64',
  'f32',
  'f64',
];

/** Bytes of one value in memory; a bool takes one byte. */
export function scalarBytes(kind: ScalarKind): 1 | 2 | 4 | 8 {
  switch (kind) {
    case 'bool':
    case 'i8':
    case 'u8':
      return 1;
    case 'i16':
    case 'u16':
      return 2;
    case 'i32':
    case 'u32':
    case 'f32':
      return 4;
    case 'i64':
    case 'u64':
    case 'f64':
      return 8;
    default:
      return kind satisfies never;
  }
}
export const isFloatKind = (k: ScalarKind): boolean => k === 'f32' || k === 'f64';
export const isIntKind = (k: ScalarKind): boolean => k !== 'bool' && !isFloatKind(k);
export const isSignedKind = (k: ScalarKind): boolean => k[0] === 'i';
/** i64 and u64 literals and values are bigint in JavaScript, every other number is a number, bool is boolean. */
export const isBigKind = (k: ScalarKind): boolean => k === 'i64' || k === 'u64';

export const isScalar = (t: Type): t is ScalarType => t.kind === 'scalar';
export const isVecType = (t: Type): t is VecType => t.kind === 'vec';
export const isNumeric = (t: Type): t is ScalarType => t.kind === 'scalar' && t.scalar !== 'bool';
export const isFloat = (t: Type): t is ScalarType => t.kind === 'scalar' && isFloatKind(t.scalar);
export const isInt = (t: Type): t is ScalarType => t.kind === 'scalar' && isIntKind(t.scalar);
export const isBuilder = (t: Type): t is BuilderType =>
  t.kind === 'appender' ||
  t.kind === 'merger' ||
  t.kind === 'vecmerger' ||
  t.kind === 'dictmerger' ||
  t.kind === 'groupmerger';

/** How deep a type nests, and how many types it is made of: one that stands in it twice counts twice. */
export interface Extent {
  readonly depth: number;
  readonly parts: number;
}
const extents = new Map<Type, Extent>();

/** The extent of a type, computed once. */
export function extentOf(t: Type): Extent {
  const known = extents.get(t);
  if (known !== undefined) return known;
  const inner = partsOf(t).map(extentOf);
  const depth = 1 + inner.reduce((most, e) => Math.max(most, e.depth), 0);
  const made = { depth, parts: inner.reduce((sum, e) => sum + e.parts, 1) };
  extents.set(t, made);
  return made;
}

/** The types that a type is made of, in the order in which they are written. */
export function partsOf(t: Type): readonly Type[] {
  switch (t.kind) {
    case 'scalar':
    case 'unknown':
      return NO_PARTS;
    case 'struct':
      return t.fields;
    case 'dict':
    case 'dictmerger':
    case 'groupmerger':
      return [t.key, t.value];
    case 'vec':
    case 'simd':
    case 'appender':
    case 'merger':
    case 'vecmerger':
      return [t.elem];
    default:
      return t satisfies never;
  }
}
const NO_PARTS: readonly Type[] = [];

/** The type with each of its parts replaced; the same type when none changed. */
export function mapParts(t: Type, f: (part: Type) => Type): Type {
  switch (t.kind) {
    case 'scalar':
    case 'unknown':
      return t;
    case 'struct': {
      const fields = t.fields.map(f);
      return fields.every((x, k) => x === t.fields[k]) ? t : struct(fields);
    }
    case 'dict':
      return dict(f(t.key), f(t.value));
    case 'dictmerger':
      return dictmerger(f(t.key), f(t.value), t.op);
    case 'groupmerger':
      return groupmerger(f(t.key), f(t.value));
    case 'vec':
      return vec(f(t.elem));
    case 'simd':
      return simd(f(t.elem));
    case 'appender':
      return appender(f(t.elem));
    case 'merger':
      return merger(f(t.elem), t.op);
    case 'vecmerger':
      return vecmerger(f(t.elem), t.op);
    default:
      return t satisfies never;
  }
}

const textual = new Map<Type, { readonly unknown: boolean; readonly simd: boolean }>();
/** Which of the forms that only texts have stand in a type. */
function textFormsOf(t: Type): { readonly unknown: boolean; readonly simd: boolean } {
  const known = textual.get(t);
  if (known !== undefined) return known;
  const inner = partsOf(t).map(textFormsOf);
  const made = {
    unknown: t.kind === 'unknown' || inner.some((p) => p.unknown),
    simd: t.kind === 'simd' || inner.some((p) => p.simd),
  };
  textual.set(t, made);
  return made;
}
/** True when a type has a `?` in it. */
export const hasUnknown = (t: Type): boolean => textFormsOf(t).unknown;
/** True when a type has `simd` in it. */
export const hasSimd = (t: Type): boolean => textFormsOf(t).simd;

/** True for a builder and for a struct that contains one: such values are consumed exactly once on every path. */
export function isLinear(t: Type): boolean {
  return isBuilder(t) || (t.kind === 'struct' && t.fields.some(isLinear));
}

/** May be a dictionary key: scalars, and structs and vectors of hashable types (as in Weld). */
export function isHashable(t: Type): boolean {
  switch (t.kind) {
    case 'scalar':
      return true;
    case 'simd':
    case 'vec':
      return isHashable(t.elem);
    case 'struct':
      return t.fields.every(isHashable);
    default:
      return false;
  }
}

/** May be merged under `+ * min max`: a number, or a struct of such (operators apply field by field). */
export function isMergeable(t: Type): boolean {
  return isNumeric(t) || (t.kind === 'struct' && t.fields.length > 0 && t.fields.every(isMergeable));
}

/**
 * The scalar leaves of an element type in field order: the columns of a vector of it. Null where it has none (a builder
 * inside). What is inside an element lies elsewhere in memory, and the element says where:
 *
 *   vec[T]     its length, and for each leaf of T the place of that column: i32s
 *   dict[K,V]  the number of entries, the places of the columns of K and V, the place of the slot table, slots - 1: i32s
 *
 * A place is an element number in the memory, seen as an array of the leaf's kind: the address divided by the bytes of an
 * element, as the bits of an unsigned number.
 */
export function leaves(t: Type): readonly ScalarKind[] | null {
  const known = leafLists.get(t);
  if (known !== undefined) return known;
  const made = leavesOfParts(t);
  leafLists.set(t, made);
  return made;
}
const leafLists = new Map<Type, readonly ScalarKind[] | null>();

function leavesOfParts(t: Type): readonly ScalarKind[] | null {
  if (t.kind === 'scalar') return [t.scalar];
  if (t.kind !== 'struct' && t.kind !== 'vec' && t.kind !== 'dict') return null;
  const all: ScalarKind[] = [];
  for (const part of partsOf(t)) {
    const inner = leaves(part);
    if (inner === null) return null;
    all.push(...inner);
  }
  if (t.kind === 'struct') return all;
  return new Array<ScalarKind>(all.length + (t.kind === 'vec' ? 1 : 3)).fill('i32');
}

/** Do values of the type, as elements, refer to memory: is there a vector or a dictionary in it? */
export const refersToMemory = (t: Type): boolean =>
  t.kind === 'vec' || t.kind === 'dict' || (t.kind === 'struct' && t.fields.some(refersToMemory));

/** Weld's text of a type, without spaces. */
export function typeText(t: Type): string {
  switch (t.kind) {
    case 'scalar':
      return t.scalar;
    case 'vec':
      return `vec[${typeText(t.elem)}]`;
    case 'dict':
      return `dict[${typeText(t.key)},${typeText(t.value)}]`;
    case 'struct':
      return `{${t.fields.map(typeText).join(',')}}`;
    case 'appender':
      return `appender[${typeText(t.elem)}]`;
    case 'merger':
      return `merger[${typeText(t.elem)},${t.op}]`;
    case 'vecmerger':
      return `vecmerger[${typeText(t.elem)},${t.op}]`;
    case 'dictmerger':
      return `dictmerger[${typeText(t.key)},${typeText(t.value)},${t.op}]`;
    case 'groupmerger':
      return `groupmerger[${typeText(t.key)},${typeText(t.value)}]`;
    case 'simd':
      return `simd[${typeText(t.elem)}]`;
    case 'unknown':
      return '?';
    default:
      return t satisfies never;
  }
}
