/**
 * The host steps of a plan on columnar values: everything a plan does outside loops. They touch single rows, so they
 * are plain JavaScript with Core's scalar semantics; slices and `tovec` share memory. Only the bytes of values are made
 * row by row, slowly.
 */

import {
  type Allocator,
  type BinOp,
  binScalar,
  type DictValue,
  deserialize,
  fail,
  fromColumns,
  InternalError,
  serialize,
  struct,
  type Type,
  type TypedArray,
  toColumns,
  typeText,
  U8,
  type Value,
  type VecValue,
  zeroValue,
} from '../compiler/index.ts';
import type { Arena } from './arena.ts';
import type { Device } from './device.ts';
import { Holds } from './inside.ts';
import { asBig, asScalar, asVec, compareValues, copyRows, elementOf, leafKinds, rowOf, writeLeaf } from './value.ts';

/** `a op b`; comparisons also on structs and vectors. */
export function binary(op: BinOp, a: Value, b: Value, ty: Type): Value {
  if (ty.kind === 'scalar') return binScalar(op, ty.scalar, asScalar(a), asScalar(b));
  switch (op) {
    case '==':
    case '!=':
    case '<':
    case '<=':
    case '>':
    case '>=':
      return compareValues(op, a, b);
    default:
      throw new InternalError(`runtime: ${op} on ${typeText(ty)}`);
  }
}

/** A vector of the given elements. */
export async function vectorOf(elem: Type, items: readonly Value[], arena: Arena): Promise<VecValue> {
  const holds = new Holds(arena.device);
  const rows = items.map((v) => holds.leaves(v));
  const cols: TypedArray[] = [];
  for (const [leaf, kind] of leafKinds(elem).entries()) {
    const column = await arena.device.read(arena.alloc(kind, rows.length));
    for (const [row, scalars] of rows.entries()) writeLeaf(column, row, scalars[leaf] ?? 0);
    cols.push(column);
  }
  return { kind: 'vec', elem, length: rows.length, cols, ...holds.of(elem) };
}

export function lengthOf(v: Value): bigint {
  return BigInt(asVec(v).length);
}

/** `lookup(v, i)` or `lookup(d, k)`. */
export function lookup(of: Value, index: Value): Value {
  if (typeof of === 'object' && of.kind === 'dict') {
    const entry = entryOf(of, index);
    if (entry === null) {
      return fail('W6004', `lookup: the key ${shortKey(index)} is not in the dictionary`, {
        help: 'ask keyexists first',
      });
    }
    return entryValue(of, entry);
  }
  const v = asVec(of);
  const at = asBig(index);
  if (at < 0n || at >= BigInt(v.length)) {
    fail('W6001', `lookup: index ${at} is outside a vector of length ${v.length}`);
  }
  return elementOf(v, Number(at));
}

/** `optlookup(d, k)`: a miss gives zero. */
export function optLookup(d: DictValue, key: Value, memory: Allocator): Value {
  const entry = entryOf(d, key);
  return { kind: 'struct', fields: [entry !== null, entry === null ? zeroOf(d.value, memory) : entryValue(d, entry)] };
}

const entryValue = (d: DictValue, entry: number): Value =>
  rowOf(d.value, d.entries.slice(leafKinds(d.key).length), entry, d.inside ?? null);

/** Zero of a scalar, an empty vector or dictionary, a struct of those. */
function zeroOf(t: Type, memory: Allocator): Value {
  return toColumns(t, zeroValue(t), memory);
}

export function keyExists(d: DictValue, key: Value): boolean {
  return entryOf(d, key) !== null;
}

/** `slice(v, start, size)`: cut at the end; shares the columns, which are brought to the device first. */
export async function slice(of: Value, start: Value, size: Value, device: Device): Promise<VecValue> {
  const v = asVec(of);
  const [from, count] = [asBig(start), asBig(size)];
  if (from < 0n || from > BigInt(v.length)) {
    fail('W6001', `slice: start ${from} is outside a vector of length ${v.length}`);
  }
  const first = Number(from);
  const length = Math.max(0, Math.min(Number(count), v.length - first));
  const cols: TypedArray[] = [];
  for (const [leaf, kind] of leafKinds(v.elem).entries()) {
    const column = await device.read(device.upload(kind, v.cols[leaf] ?? EMPTY));
    cols.push(column.subarray(first, first + length));
  }
  return { ...v, length, cols };
}

/** `tovec(d)`: the entries in order; shares the columns. */
export function entriesOf(d: DictValue): VecValue {
  const inside = d.inside === undefined ? {} : { inside: d.inside };
  return { kind: 'vec', elem: struct([d.key, d.value]), length: d.count, cols: d.entries, ...inside };
}

/** Entry numbers by key, made at the first look-up from the host; host look-ups are rare and mostly repeated. */
const indices = new WeakMap<DictValue, ReadonlyMap<string, number>>();

function entryOf(d: DictValue, key: Value): number | null {
  let index = indices.get(d);
  if (index === undefined) {
    const made = new Map<string, number>();
    for (let row = 0; row < d.count; row++) made.set(keyText(rowOf(d.key, d.entries, row, d.inside ?? null)), row);
    indices.set(d, made);
    index = made;
  }
  return index.get(keyText(key)) ?? null;
}
const EMPTY: TypedArray = new Uint8Array(0);

/** `serialize(x)`, by way of the interpreter's values: the one definition of the bytes. */
export function bytesOf(ty: Type, v: Value, memory: Allocator): VecValue {
  const bytes = serialize(ty, fromColumns(ty, v));
  const column = memory.alloc('u8', bytes.length);
  copyRows(column, 0, bytes, bytes.length);
  return { kind: 'vec', elem: U8, length: bytes.length, cols: [column] };
}

/** `deserialize[T](bytes)`. */
export function valueOfBytes(ty: Type, bytes: Value, memory: Allocator): Value {
  const { cols, length } = asVec(bytes);
  const column = new Uint8Array(length);
  copyRows(column, 0, cols[0] ?? EMPTY, length);
  return toColumns(ty, deserialize(ty, column), memory);
}

/** Keys are equal when their texts are: -0 differs from 0, NaN equals NaN. */
export function keyText(key: Value): string {
  if (typeof key !== 'object') return Object.is(key, -0) ? '-0' : String(key);
  switch (key.kind) {
    case 'struct':
      return `{${key.fields.map(keyText).join(',')}}`;
    case 'vec':
      return `[${Array.from({ length: key.length }, (_, row) => keyText(elementOf(key, row))).join(',')}]`;
    case 'dict':
      throw new InternalError('runtime: a dictionary as a key');
    default:
      return key satisfies never;
  }
}

/** Most characters of a key in a message. */
const MOST_KEY = 40;
function shortKey(key: Value): string {
  const text = keyText(key);
  return text.length <= MOST_KEY ? text : `${text.slice(0, MOST_KEY - 3)}...`;
}
