/**
 * Between interpreter values (rows) and columnar values (struct-of-arrays, `value.ts`), by type.
 *
 * A vector becomes one typed array for each scalar leaf of its element type, in field order; bools are bytes 0/1. A
 * vector of vectors or dictionaries has no column form (W5001). An unfinished builder is the value that it has so far.
 * A dictionary gets the slot table that generated code probes: `slotTable` below defines its hash, and
 * `lower/builders/dict-table.ts` computes the same in kernels.
 */

import { fail, InternalError, invariant } from '../diag/diagnostic.ts';
import { dictOf, resumeBuilder } from './ibuilder.ts';
import { asBuilder, asDict, asScalar, asStruct, asVec, fieldOf, type IValue, istruct } from './ivalue.ts';
import type { ScalarValue } from './scalar.ts';
import { isBuilder, isFloatKind, leaves, type ScalarKind, type Type, typeText } from './types.ts';
import { heldType } from './typing.ts';
import type { Allocator, DictValue, TypedArray, Value } from './value.ts';

/** The array class of a column of scalars. */
export const COLUMN_ARRAYS = {
  bool: Uint8Array,
  i8: Int8Array,
  i16: Int16Array,
  i32: Int32Array,
  i64: BigInt64Array,
  u8: Uint8Array,
  u16: Uint16Array,
  u32: Uint32Array,
  u64: BigUint64Array,
  f32: Float32Array,
  f64: Float64Array,
} as const satisfies Record<ScalarKind, unknown>;

/** The JavaScript heap as an allocator. */
export const plainMemory: Allocator = {
  alloc: (kind, length) => new COLUMN_ARRAYS[kind](length),
};

/** The columnar form of `v`, in memory from `memory`. */
export function toColumns(t: Type, v: IValue, memory: Allocator): Value {
  switch (t.kind) {
    case 'scalar':
      return asScalar(v);
    case 'vec': {
      const rows = asVec(v);
      return { kind: 'vec', elem: t.elem, length: rows.length, cols: columnsOf(t.elem, rows, memory) };
    }
    case 'struct':
      return { kind: 'struct', fields: t.fields.map((f, k) => toColumns(f, fieldOf(v, k), memory)) };
    case 'dict': {
      const pairs = [...asDict(v).entries.values()];
      const keys = columnsOf(t.key, pairs.map(firstOf), memory);
      const values = columnsOf(t.value, pairs.map(secondOf), memory);
      const slots = slotTable(leavesOf(t.key), keys, pairs.length, memory);
      return {
        kind: 'dict',
        key: t.key,
        value: t.value,
        count: pairs.length,
        entries: [...keys, ...values],
        slots,
        dense: false,
      };
    }
    default:
      return isBuilder(t) ? toColumns(heldType(t), asBuilder(v).clone().result(), memory) : noColumns(t);
  }
}

/** The interpreter value that a columnar value of type `t` stands for. */
export function fromColumns(t: Type, v: Value): IValue {
  switch (t.kind) {
    case 'scalar':
      if (typeof v === 'object') return mismatch(t, v);
      return v;
    case 'vec': {
      if (typeof v !== 'object' || v.kind !== 'vec') return mismatch(t, v);
      return rowsOf(t.elem, v.cols, v.length);
    }
    case 'struct':
      if (typeof v !== 'object' || v.kind !== 'struct') return mismatch(t, v);
      return istruct(t.fields.map((f, k) => fromColumns(f, v.fields[k] ?? mismatch(f, v))));
    case 'dict': {
      if (typeof v !== 'object' || v.kind !== 'dict') return mismatch(t, v);
      return dictFrom(v);
    }
    default:
      return isBuilder(t) ? resumeBuilder(t, fromColumns(heldType(t), v)) : noColumns(t);
  }
}

function dictFrom(v: DictValue): IValue {
  const width = leavesOf(v.key).length;
  const keys = rowsOf(v.key, v.entries.slice(0, width), v.count);
  const values = rowsOf(v.value, v.entries.slice(width), v.count);
  return dictOf(
    v.key,
    keys.map((k, i) => [k, values[i] ?? 0]),
  );
}

const firstOf = (p: readonly [IValue, IValue]): IValue => p[0];
const secondOf = (p: readonly [IValue, IValue]): IValue => p[1];

/** The scalar leaves of a type that has columns; W5001 for one that has none. */
export function leavesOf(t: Type): readonly ScalarKind[] {
  return leaves(t) ?? noColumns(t);
}

function columnsOf(elem: Type, rows: readonly IValue[], memory: Allocator): readonly TypedArray[] {
  const leaves = leavesOf(elem);
  const cols = leaves.map((kind) => memory.alloc(kind, rows.length));
  for (const [i, row] of rows.entries()) {
    let leaf = 0;
    const write = (t: Type, v: IValue): void => {
      if (t.kind === 'struct') {
        const { fields } = asStruct(v);
        for (const [k, f] of t.fields.entries()) write(f, fields[k] ?? 0);
      } else {
        const col = cols[leaf++];
        if (col !== undefined) store(col, i, asScalar(v));
      }
    };
    write(elem, row);
  }
  return cols;
}

function store(col: TypedArray, i: number, v: ScalarValue): void {
  if (col instanceof BigInt64Array || col instanceof BigUint64Array) col[i] = BigInt(v);
  else col[i] = Number(v);
}

function rowsOf(elem: Type, cols: readonly TypedArray[], n: number): readonly IValue[] {
  invariant(cols.length === leavesOf(elem).length, () => `${cols.length} columns for elements ${typeText(elem)}`);
  const rows: IValue[] = [];
  for (let i = 0; i < n; i++) {
    let leaf = 0;
    const read = (t: Type): IValue => {
      if (t.kind === 'struct') return istruct(t.fields.map(read));
      const x = cols[leaf++]?.[i];
      if (x === undefined) throw new InternalError(`a column shorter than its vector of length ${n}`);
      return t.kind === 'scalar' && t.scalar === 'bool' ? x !== 0 : x;
    };
    rows.push(read(elem));
  }
  return rows;
}

/**
 * The slot table of a dictionary: entry number + 1 by slot, 0 where free; a power of two of slots, at most half full.
 * A key's first slot is `hashKey` of its leaves; linear probing from there.
 */
export function slotTable(
  kinds: readonly ScalarKind[],
  keys: readonly TypedArray[],
  count: number,
  memory: Allocator,
): Int32Array {
  let size = 16;
  while (size < 2 * count) size *= 2;
  const slots = memory.alloc('i32', size);
  invariant(slots instanceof Int32Array, () => 'an allocator gives Int32Array for i32');
  slots.fill(0);
  for (let entry = 0; entry < count; entry++) {
    const words = keys.map((col, k) => keyWord(kinds[k] ?? 'i64', col[entry] ?? 0));
    let slot = hashKey(words) & (size - 1);
    while (slots[slot] !== 0) slot = (slot + 1) & (size - 1);
    slots[slot] = entry + 1;
  }
  return slots;
}

/** The bits of a key leaf as u64: floats by their bits (all NaNs alike), signed integers sign-extended. */
export function keyWord(kind: ScalarKind, v: number | bigint): bigint {
  if (typeof v === 'bigint') return BigInt.asUintN(64, v);
  if (!isFloatKind(kind)) return BigInt.asUintN(64, BigInt(v));
  if (Number.isNaN(v)) return kind === 'f64' ? 0x7ff8000000000000n : 0x7fc00000n;
  const bits = new DataView(new ArrayBuffer(8));
  if (kind === 'f64') {
    bits.setFloat64(0, v);
    return bits.getBigUint64(0);
  }
  bits.setFloat32(0, v);
  return BigInt.asUintN(64, BigInt(bits.getInt32(0)));
}

/** A multiplicative hash of the words of a key, i32: each is folded in, the high half mixed down. */
export function hashKey(words: readonly bigint[]): number {
  const fold = (h: bigint): bigint => h ^ (h >> 32n);
  let h = 0n;
  for (const w of words) h = BigInt.asUintN(64, (fold(h) ^ w) * 0x9e3779b97f4a7c15n);
  return Number(BigInt.asIntN(32, fold(h)));
}

function noColumns(t: Type): never {
  return fail('W5001', `${typeText(t)} has no column form`, {
    help: 'keep nested vectors inside the program, or pass one vector and the offsets into it',
  });
}
function mismatch(t: Type, v: Value): never {
  throw new InternalError(
    `a value of type ${typeText(t)} was expected, found ${typeof v === 'object' ? v.kind : typeof v}`,
  );
}
