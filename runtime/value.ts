/**
 * What the runtime does with columnar values on the host: look inside, take them apart into scalar leaves and columns,
 * put them together, and check that a value from outside has the type that a program expects.
 */

import {
  type DictValue,
  fail,
  type Inside,
  InternalError,
  invariant,
  leaves,
  refersToMemory,
  type ScalarKind,
  type ScalarValue,
  scalarBytes,
  struct,
  type Type,
  type TypedArray,
  typeText,
  type Value,
  type VecValue,
} from '../compiler/index.ts';
import { arrayName, holdsKind } from './data/column.ts';
import { foundText, MAKING } from './given.ts';

export function asScalar(v: Value): ScalarValue {
  return typeof v === 'object' ? wrong('a scalar', v) : v;
}
export function asBig(v: Value): bigint {
  return typeof v === 'bigint' ? v : wrong('an i64', v);
}
export function asVec(v: Value): VecValue {
  return typeof v === 'object' && v.kind === 'vec' ? v : wrong('a vector', v);
}
export function asDict(v: Value): DictValue {
  return typeof v === 'object' && v.kind === 'dict' ? v : wrong('a dictionary', v);
}
export function fieldOf(v: Value, index: number): Value {
  const field = typeof v === 'object' && v.kind === 'struct' ? v.fields[index] : undefined;
  return field ?? wrong(`a struct with field ${index}`, v);
}
const nameOf = (v: Value): string => (typeof v === 'object' ? v.kind : typeof v);
function wrong(want: string, v: Value): never {
  throw new InternalError(`runtime: expected ${want}, found ${nameOf(v)}`);
}

/** The scalar leaves of an element type; plans hold no vector of anything else. */
export function leafKinds(t: Type): readonly ScalarKind[] {
  const kinds = leaves(t);
  if (kinds === null) throw new InternalError(`runtime: ${typeText(t)} has no columns`);
  return kinds;
}

/** Entry `index` of a column in Core's encoding. */
export function readLeaf(kind: ScalarKind, column: TypedArray, index: number): ScalarValue {
  const v = column[index];
  if (v === undefined) throw new InternalError(`runtime: row ${index} of a column of ${column.length}`);
  return kind === 'bool' ? v !== 0 : v;
}
export function writeLeaf(column: TypedArray, index: number, v: ScalarValue): void {
  if (column instanceof BigInt64Array || column instanceof BigUint64Array) column[index] = BigInt(v);
  else column[index] = Number(v);
}
/** Copies the first `length` values of a column to another of its kind, from place `at` on. */
export function copyRows(to: TypedArray, at: number, from: TypedArray, length: number): void {
  const bytes = to.BYTES_PER_ELEMENT;
  new Uint8Array(to.buffer, to.byteOffset + at * bytes, length * bytes).set(
    new Uint8Array(from.buffer, from.byteOffset, length * bytes),
  );
}
/** Sets all of a column to one value. */
export function fillColumn(column: TypedArray, v: ScalarValue): void {
  if (column instanceof BigInt64Array || column instanceof BigUint64Array) column.fill(BigInt(v));
  else column.fill(Number(v));
}

/** The scalars of a scalar or a struct of scalars, in field order. */
export function scalarsOf(v: Value): readonly ScalarValue[] {
  if (typeof v !== 'object') return [v];
  return v.kind === 'struct' ? v.fields.flatMap(scalarsOf) : wrong('scalars', v);
}
/** A value of type `t` whose leaves come from `next`, in field order; `inside` is what vectors in it refer to. */
export function valueOfScalars(t: Type, next: () => ScalarValue, inside: Inside | null = null): Value {
  const columns = (kinds: readonly ScalarKind[], length: number): TypedArray[] =>
    kinds.map((kind) => {
      const place = Number(next()) >>> 0;
      if (inside === null) throw new InternalError(`runtime: a ${typeText(t)} in a column without memory`);
      return inside.memory.at(kind, place, length);
    });
  const deeper = (types: readonly Type[]): { readonly inside?: Inside } =>
    inside !== null && types.some(refersToMemory) ? { inside } : {};
  switch (t.kind) {
    case 'scalar':
      return next();
    case 'struct':
      return { kind: 'struct', fields: t.fields.map((f) => valueOfScalars(f, next, inside)) };
    case 'vec': {
      const { elem } = t;
      const length = Number(next());
      return { kind: 'vec', elem, length, cols: columns(leafKinds(elem), length), ...deeper([elem]) };
    }
    case 'dict': {
      const { key, value } = t;
      const count = Number(next());
      const entries = columns([...leafKinds(key), ...leafKinds(value)], count);
      const place = Number(next()) >>> 0;
      const slots = inside?.memory.at('i32', place, Number(next()) + 1);
      invariant(slots instanceof Int32Array, () => 'runtime: a slot table is an Int32Array');
      return { kind: 'dict', key, value, count, entries, slots, dense: false, ...deeper([key, value]) };
    }
    default:
      throw new InternalError(`runtime: ${typeText(t)} has no columns`);
  }
}
/** Row `index` of columns that hold elements of type `t`. */
export function rowOf(t: Type, columns: readonly TypedArray[], index: number, inside: Inside | null = null): Value {
  const kinds = leafKinds(t);
  let leaf = 0;
  const next = (): ScalarValue => {
    const at = leaf++;
    const [kind, column] = [kinds[at], columns[at]];
    invariant(kind !== undefined && column !== undefined, () => `runtime: ${typeText(t)} has no column ${at}`);
    return readLeaf(kind, column, index);
  };
  return valueOfScalars(t, next, inside);
}
/** Row `index` of a vector. */
export const elementOf = (v: VecValue, index: number): Value => rowOf(v.elem, v.cols, index, v.inside ?? null);

/** Bytes of one row of a type's columns. */
export function rowBytes(t: Type): number {
  return leafKinds(t).reduce((sum, kind) => sum + scalarBytes(kind), 0);
}

/** What keeps the memory alive that the elements of a value refer to. */
export const holdsOf = (v: VecValue | DictValue): readonly TypedArray[] => v.inside?.holds ?? NO_HOLDS;
const NO_HOLDS: readonly TypedArray[] = [];

/** All typed arrays inside a value, with those that keep memory alive. */
export function columnsOf(v: Value): readonly TypedArray[] {
  if (typeof v !== 'object') return [];
  switch (v.kind) {
    case 'vec':
      return [...v.cols, ...holdsOf(v)];
    case 'dict':
      return [...v.entries, v.slots, ...(v.near === undefined ? [] : [v.near.places]), ...holdsOf(v)];
    case 'struct':
      return v.fields.flatMap(columnsOf);
    default:
      return v satisfies never;
  }
}

/** The same value with every column replaced; `length` is how many rows of the column count. */
export function mapColumns(v: Value, f: (column: TypedArray, length: number) => TypedArray): Value {
  if (typeof v !== 'object') return v;
  const inside = (x: VecValue | DictValue): { readonly inside?: Inside } =>
    x.inside === undefined ? {} : { inside: { ...x.inside, holds: x.inside.holds.map((c) => f(c, c.length)) } };
  switch (v.kind) {
    case 'vec':
      return { ...v, cols: v.cols.map((c) => f(c, v.length)), ...inside(v) };
    case 'dict': {
      const table = (c: Int32Array): Int32Array => {
        const made = f(c, c.length);
        invariant(made instanceof Int32Array, () => 'runtime: a table of slots or places is an Int32Array');
        return made;
      };
      const near = v.near === undefined ? {} : { near: { ...v.near, places: table(v.near.places) } };
      return { ...v, entries: v.entries.map((c) => f(c, v.count)), slots: table(v.slots), ...near, ...inside(v) };
    }
    case 'struct':
      return { ...v, fields: v.fields.map((field) => mapColumns(field, f)) };
    default:
      return v satisfies never;
  }
}

/**
 * `a op b` on values of one type. The first leaves that are not equal decide, in row order; then the lengths do. A NaN
 * is equal to nothing, and no order holds for it.
 */
export function compareValues(op: '==' | '!=' | '<' | '<=' | '>' | '>=', a: Value, b: Value): boolean {
  const [x, y] = firstDifference(a, b) ?? [0, 0];
  switch (op) {
    case '==':
      return x === y;
    case '!=':
      return x !== y;
    case '<':
      return x < y;
    case '<=':
      return x <= y;
    case '>':
      return x > y;
    case '>=':
      return x >= y;
    default:
      return op satisfies never;
  }
}

function firstDifference(a: Value, b: Value): readonly [ScalarValue, ScalarValue] | null {
  if (typeof a !== 'object' || typeof b !== 'object') {
    const [x, y] = [asScalar(a), asScalar(b)];
    return x === y ? null : [x, y];
  }
  if (a.kind === 'struct') {
    for (const [k, x] of a.fields.entries()) {
      const found = firstDifference(x, fieldOf(b, k));
      if (found !== null) return found;
    }
    return null;
  }
  const [v, w] = [asVec(a), asVec(b)];
  const nested = refersToMemory(v.elem);
  for (let row = 0; row < Math.min(v.length, w.length); row++) {
    if (nested) {
      const found = firstDifference(elementOf(v, row), elementOf(w, row));
      if (found !== null) return found;
      continue;
    }
    for (const [leaf, column] of v.cols.entries()) {
      const [x, y] = [column[row] ?? 0, w.cols[leaf]?.[row] ?? 0];
      if (x !== y) return [x, y];
    }
  }
  return v.length === w.length ? null : [v.length, w.length];
}

/** Throws W8006 unless `v` is a value of type `t`; `what` names it in the message. */
export function checkValue(v: Value, t: Type, what: string): void {
  const refuse: (found: string, help?: string) => never = (found, help) =>
    fail('W8006', `${what} must be ${typeText(t)}, found ${found}`, help === undefined ? {} : { help });
  if (v === null || (typeof v === 'object' && !KINDS.has(v.kind))) refuse(foundText(v), MAKING);
  switch (t.kind) {
    case 'scalar': {
      const want = t.scalar === 'bool' ? 'boolean' : t.scalar === 'i64' || t.scalar === 'u64' ? 'bigint' : 'number';
      if (typeof v !== want) refuse(foundText(v), want === 'bigint' && Number.isInteger(v) ? `write ${v}n` : undefined);
      return;
    }
    case 'struct': {
      if (typeof v !== 'object' || v.kind !== 'struct') refuse(foundText(v));
      if (v.fields.length !== t.fields.length) refuse(`a struct of ${v.fields.length} fields`);
      for (const [k, f] of t.fields.entries()) checkValue(fieldOf(v, k), f, `${what}.$${k}`);
      return;
    }
    case 'vec':
      if (typeof v !== 'object' || v.kind !== 'vec') refuse(foundText(v));
      if (v.elem !== t.elem) refuse(`vec[${typeText(v.elem)}]`);
      checkColumns(v.cols, t.elem, v.length, v.inside, what);
      return;
    case 'dict':
      if (typeof v !== 'object' || v.kind !== 'dict') refuse(foundText(v));
      if (v.key !== t.key || v.value !== t.value) refuse(`dict[${typeText(v.key)},${typeText(v.value)}]`);
      checkColumns(v.entries, struct([t.key, t.value]), v.count, v.inside, what);
      return;
    default:
      refuse('a builder, which has no columnar form');
  }
}
const KINDS: ReadonlySet<string> = new Set(['vec', 'struct', 'dict']);

function checkColumns(
  columns: readonly TypedArray[],
  elem: Type,
  length: number,
  inside: Inside | undefined,
  what: string,
): void {
  const kinds = leafKinds(elem);
  if (inside === undefined && refersToMemory(elem)) {
    fail('W8006', `${what} holds ${typeText(elem)} and does not say in which memory`, {
      help: 'make it with toColumns, or take it from a session',
    });
  }
  if (columns.length !== kinds.length) {
    fail('W8006', `${what} needs ${kinds.length} columns for ${typeText(elem)}, found ${columns.length}`);
  }
  for (const [k, kind] of kinds.entries()) {
    const column = columns[k];
    if (column === undefined || !holdsKind(kind, column)) {
      const found = column?.constructor.name;
      fail('W8006', `column ${k} of ${what} must be a ${arrayName(kind)} for ${kind}, found ${found}`);
    }
    if (column.length < length) {
      fail('W8006', `column ${k} of ${what} has ${column.length} rows, but the vector has ${length}`);
    }
  }
}
