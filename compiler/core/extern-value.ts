/**
 * Values at the border between a program and a function written in JavaScript.
 *
 * `forFunction` gives a function what it can work with: scalars as they are, a vector of scalars as its typed array
 * (bool as bytes 0/1), anything else columnar. `readValue` takes what came back, which nobody has checked: it must be
 * of the type in every part, and integers in their range, or W6008 says what was found. It rebuilds the value, so
 * that nothing unchecked gets through, and puts columns where `place` says.
 */

import { fail } from '../diag/diagnostic.ts';
import { COLUMN_ARRAYS, fromColumns, leavesOf, toColumns } from './convert.ts';
import { asDict, type IValue } from './ivalue.ts';
import { normalise, type ScalarValue } from './scalar.ts';
import { slotTable } from './slots.ts';
import {
  type DictType,
  isBigKind,
  isFloatKind,
  isScalar,
  refersToMemory,
  type ScalarKind,
  type Type,
  typeText,
  type VecType,
} from './types.ts';
import type { Allocator, DictValue, FlatMemory, TypedArray, Value } from './value.ts';

/** What an extern function takes and gives. */
export type ExternValue = Value | TypedArray;

/** The form in which a function of `extern` takes a value of type `t`. Its arrays are views: not to be written. */
export function forFunction(t: Type, v: Value): ExternValue {
  if (t.kind !== 'vec' || !isScalar(t.elem) || typeof v !== 'object' || v.kind !== 'vec') return v;
  return v.cols[0]?.subarray(0, v.length) ?? v;
}

/** Puts a column where the result of a function belongs. */
export type Place = (kind: ScalarKind, column: TypedArray, length: number) => TypedArray;
/** Leaves a column where it is. */
export const inPlace: Place = (_kind, column) => column;
/** Copies a column into memory of `alloc`. */
export const copyTo =
  (alloc: Allocator): Place =>
  (kind, column, length) => {
    const to = alloc.alloc(kind, length);
    const from = column.subarray(0, length);
    if (!isBig(to) && !isBig(from)) to.set(from);
    else if (isBig(to) && isBig(from)) to.set(from);
    return to;
  };
const isBig = (a: TypedArray): a is BigInt64Array | BigUint64Array =>
  a instanceof BigInt64Array || a instanceof BigUint64Array;

/** How results are read: whose they are, whether a vector of scalars is a typed array, and where columns go. */
export interface Reading {
  readonly name: string;
  readonly arrays: boolean;
  readonly alloc: Allocator;
  readonly place: Place;
}

/** The value of type `t` that a function gave. W6008 when it is none. */
export function readValue(t: Type, v: unknown, cx: Reading): Value {
  if (cx.arrays && t.kind === 'vec' && isScalar(t.elem)) {
    const { elem } = t;
    const length = isTyped(elem.scalar, v) ? v.length : bad(cx, 'its value', arrayName(elem.scalar), v);
    return { kind: 'vec', elem, length, cols: [column(elem.scalar, v, length, 'its value', cx)] };
  }
  return columnar(t, v, 'its value', cx);
}

function columnar(t: Type, v: unknown, what: string, cx: Reading): Value {
  switch (t.kind) {
    case 'scalar':
      return readScalar(t.scalar, v, what, cx);
    case 'struct': {
      const { fields } = record(t, 'struct', v, what, cx);
      if (!Array.isArray(fields) || fields.length !== t.fields.length) {
        return bad(cx, `the fields of ${what}`, `${t.fields.length} values`, fields);
      }
      return { kind: 'struct', fields: t.fields.map((f, k) => columnar(f, fields[k], `field ${k} of ${what}`, cx)) };
    }
    case 'vec': {
      if (refersToMemory(t.elem)) return rebuilt(t, v, what, cx);
      const { elem, length, cols } = record(t, 'vec', v, what, cx);
      if (elem !== t.elem) bad(cx, `the element type of ${what}`, typeText(t.elem), elem);
      const n = rows(length, what, cx);
      return { kind: 'vec', elem: t.elem, length: n, cols: columns(leavesOf(t.elem), cols, n, what, cx) };
    }
    case 'dict': {
      if (refersToMemory(t.key) || refersToMemory(t.value)) return rebuilt(t, v, what, cx);
      const { key, value, count, entries } = record(t, 'dict', v, what, cx);
      if (key !== t.key) bad(cx, `the key type of ${what}`, typeText(t.key), key);
      if (value !== t.value) bad(cx, `the value type of ${what}`, typeText(t.value), value);
      const n = rows(count, what, cx);
      const kinds = leavesOf(t.key);
      const cells = columns([...kinds, ...leavesOf(t.value)], entries, n, what, cx);
      const keys = cells.slice(0, kinds.length);
      distinct(keys, n, what, cx);
      // Its own slots may be anything: look-ups trust ours only.
      const slots = slotTable(t.key, keys, n, cx.alloc);
      return { kind: 'dict', key: t.key, value: t.value, count: n, entries: cells, slots, dense: false };
    }
    default:
      return fail('W6008', `the extern ${cx.name} cannot give ${typeText(t)}`);
  }
}

/** A value with vectors in its elements: read out row by row from the memory that it names, and written anew. */
function rebuilt(t: VecType | DictType, v: unknown, what: string, cx: Reading): Value {
  const given = record(t, t.kind, v, what, cx);
  const { memory } = fieldsOf(given['inside']);
  if (!isFlat(memory)) return bad(cx, `the memory of what is inside ${what}`, 'inside.memory', memory);
  const inside = { memory, holds: [] };
  const checked = (list: unknown, n: number, kinds: readonly ScalarKind[]): TypedArray[] =>
    columns(kinds, list, n, what, { ...cx, place: inPlace });
  const columnar = (): Value => {
    if (t.kind === 'vec') {
      const length = rows(given['length'], what, cx);
      const cols = checked(given['cols'], length, leavesOf(t.elem));
      return { kind: 'vec', elem: t.elem, length, cols, inside };
    }
    const { key, value } = t;
    const count = rows(given['count'], what, cx);
    const entries = checked(given['entries'], count, [...leavesOf(key), ...leavesOf(value)]);
    return { kind: 'dict', key, value, count, entries, slots: NO_SLOTS, dense: false, inside };
  };
  const found = columnar();
  let value: IValue;
  try {
    value = fromColumns(t, found);
  } catch {
    return bad(cx, `the places inside ${what}`, `of ${typeText(t)} in its memory`, given['inside']);
  }
  if (t.kind === 'dict' && asDict(value).entries.size !== (isDict(found) ? found.count : 0)) {
    return bad(cx, `the keys of ${what}`, 'different', 'one twice');
  }
  return toColumns(t, value, cx.alloc);
}
const NO_SLOTS = new Int32Array(0);
const isDict = (v: Value): v is DictValue => typeof v === 'object' && v.kind === 'dict';
const fieldsOf = (v: unknown): Readonly<Record<string, unknown>> =>
  typeof v === 'object' && v !== null ? { ...v } : {};
const isFlat = (v: unknown): v is FlatMemory =>
  typeof v === 'object' && v !== null && 'at' in v && typeof v.at === 'function';

function readScalar(kind: ScalarKind, v: unknown, what: string, cx: Reading): ScalarValue {
  if (kind === 'bool') return typeof v === 'boolean' ? v : bad(cx, what, 'true or false', v);
  if (isBigKind(kind)) {
    if (typeof v !== 'bigint') return bad(cx, what, `a bigint for ${kind}`, v);
    return normalise(kind, v) === v ? v : bad(cx, what, `in the range of ${kind}`, v);
  }
  if (typeof v !== 'number') return bad(cx, what, `a number for ${kind}`, v);
  if (isFloatKind(kind)) return normalise(kind, v);
  if (!Number.isInteger(v)) return bad(cx, what, `an integer for ${kind}`, v);
  // `+ 0` makes -0 the integer 0.
  return normalise(kind, v) === v ? v + 0 : bad(cx, what, `in the range of ${kind}`, v);
}

function rows(n: unknown, what: string, cx: Reading): number {
  return typeof n === 'number' && Number.isSafeInteger(n) && n >= 0
    ? n
    : bad(cx, `the length of ${what}`, 'a count', n);
}

function columns(kinds: readonly ScalarKind[], cols: unknown, n: number, what: string, cx: Reading): TypedArray[] {
  if (!Array.isArray(cols) || cols.length !== kinds.length) {
    return bad(cx, `the columns of ${what}`, `${kinds.length} arrays`, cols);
  }
  return kinds.map((kind, k) => column(kind, cols[k], n, `column ${k} of ${what}`, cx));
}

function column(kind: ScalarKind, col: unknown, n: number, what: string, cx: Reading): TypedArray {
  if (!isTyped(kind, col)) return bad(cx, what, arrayName(kind), col);
  if (col.length < n) bad(cx, what, `at least ${n} elements`, col);
  if (kind === 'bool') {
    for (let k = 0; k < n; k++) if (Number(col[k]) > 1) bad(cx, `element ${k} of ${what}`, '0 or 1 for bool', col[k]);
  }
  return cx.place(kind, col, n);
}

/** Keys are one key when they are the same value: NaN is one, and -0 and +0 are two. */
function distinct(keys: readonly TypedArray[], n: number, what: string, cx: Reading): void {
  const seen = new Set<string>();
  for (let k = 0; k < n; k++) {
    const text = keys.map((col) => (Object.is(col[k], -0) ? '-0' : String(col[k]))).join();
    if (seen.has(text)) bad(cx, `the keys of ${what}`, 'different', `${text} twice`);
    seen.add(text);
  }
}

const isTyped = (kind: ScalarKind, v: unknown): v is TypedArray => v instanceof COLUMN_ARRAYS[kind];
function arrayName(kind: ScalarKind): string {
  const { name } = COLUMN_ARRAYS[kind];
  return `${name.startsWith('I') ? 'an' : 'a'} ${name}`;
}

function record(t: Type, kind: string, v: unknown, what: string, cx: Reading): Readonly<Record<string, unknown>> {
  const fields: Record<string, unknown> = typeof v === 'object' && v !== null ? { ...v } : {};
  return fields['kind'] === kind ? fields : bad(cx, what, `columns of ${typeText(t)}`, v);
}

function bad(cx: Reading, what: string, want: string, found: unknown): never {
  const help = found instanceof Promise ? 'externs answer at once: they cannot be async' : null;
  return fail('W6008', `the extern ${cx.name}: ${what} must be ${want}, found ${shown(found)}`, { help });
}

function shown(v: unknown): string {
  switch (typeof v) {
    case 'string':
      return v.length > 40 ? `${v.slice(0, 37)}...` : v;
    case 'bigint':
      return `${v}n`;
    case 'object': {
      if (v === null) return 'null';
      const name: unknown = v.constructor?.name;
      const length = ArrayBuffer.isView(v) && 'length' in v ? ` of length ${String(v.length)}` : '';
      return typeof name === 'string' && name !== '' ? `${name}${length}` : 'an object';
    }
    case 'number':
      return Object.is(v, -0) ? '-0' : String(v);
    case 'function':
      return 'a function';
    default:
      return String(v);
  }
}
