/**
 * Between interpreter values (rows) and columnar values (struct-of-arrays, `value.ts`), by type.
 *
 * A vector becomes one typed array for each scalar leaf of its element type, in field order; bools are bytes 0/1. The
 * elements of all inner vectors of a column stand one after the other in columns of their own, and the outer columns say
 * where (`leaves` in `types.ts`); an inner vector that stands in several places is stored once. An unfinished builder is
 * the value that it has so far. A dictionary gets the slot table that generated code probes (`slots.ts`).
 */

import { fail, InternalError, invariant } from '../diag/diagnostic.ts';
import { ColumnPool } from './flat.ts';
import { dictOf, resumeBuilder } from './ibuilder.ts';
import { asBuilder, asDict, asScalar, asVec, fieldOf, type IDict, type IValue, type IVec, istruct } from './ivalue.ts';
import type { ScalarValue } from './scalar.ts';
import { slotTable } from './slots.ts';
import { isBuilder, leaves, refersToMemory, type ScalarKind, scalarBytes, type Type, typeText } from './types.ts';
import { heldType } from './typing.ts';
import type { Allocator, FlatMemory, Inside, TypedArray, Value } from './value.ts';

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

/** The JavaScript heap as an allocator. W6006 for what the engine has no room for. */
export const plainMemory: Allocator = {
  alloc(kind, length) {
    try {
      return new COLUMN_ARRAYS[kind](length);
    } catch (e) {
      if (!(e instanceof RangeError && length > 0)) throw e;
      return fail('W6006', `out of memory: asked for ${length * scalarBytes(kind)} bytes of the JavaScript heap`, {
        help: 'give it less data, or run it as machine code, which has a memory of its own',
      });
    }
  },
};

/** The columnar form of `v`, in memory from `memory`. */
export function toColumns(t: Type, v: IValue, memory: Allocator): Value {
  return new Writer(memory).value(t, v);
}

class Writer {
  readonly #memory: Allocator;
  /** For what is inside elements: all of it in one flat memory. */
  #inner: (Allocator & { readonly flat: FlatMemory }) | null = null;
  readonly #holds: TypedArray[] = [];

  constructor(memory: Allocator) {
    this.#memory = memory;
  }

  value(t: Type, v: IValue): Value {
    switch (t.kind) {
      case 'scalar':
        return asScalar(v);
      case 'vec': {
        const rows = asVec(v);
        const cols = this.#columns(t.elem, rows, this.#memory);
        return { kind: 'vec', elem: t.elem, length: rows.length, cols, ...this.#insideOf(t.elem) };
      }
      case 'struct':
        return { kind: 'struct', fields: t.fields.map((f, k) => this.value(f, fieldOf(v, k))) };
      case 'dict': {
        const { key, value } = t;
        const pairs = [...asDict(v).entries.values()];
        const keys = this.#columns(key, pairs.map(firstOf), this.#memory);
        const values = this.#columns(value, pairs.map(secondOf), this.#memory);
        const slots = slotTable(key, keys, pairs.length, this.#memory, this.#insideOf(key).inside ?? null);
        const entries = [...keys, ...values];
        const inside = refersToMemory(key) || refersToMemory(value) ? this.#inside() : {};
        return { kind: 'dict', key, value, count: pairs.length, entries, slots, dense: false, ...inside };
      }
      default:
        return isBuilder(t) ? this.value(heldType(t), asBuilder(v).clone().result()) : noColumns(t);
    }
  }

  #insideOf(elem: Type): { readonly inside?: Inside } {
    return refersToMemory(elem) ? this.#inside() : {};
  }
  #inside(): { readonly inside: Inside } {
    return { inside: { memory: this.#flat().flat, holds: this.#holds } };
  }
  #flat(): Allocator & { readonly flat: FlatMemory } {
    if (this.#inner === null) {
      const { flat } = this.#memory;
      this.#inner =
        flat === undefined
          ? new ColumnPool(this.#memory)
          : { flat, alloc: (kind, length) => this.#memory.alloc(kind, length) };
    }
    return this.#inner;
  }
  /** Columns of what is inside elements. */
  #innerColumns(elem: Type, rows: readonly IValue[]): readonly TypedArray[] {
    const cols = this.#columns(elem, rows, this.#flat());
    this.#holds.push(...cols);
    return cols;
  }

  /** One column a leaf for rows of type `t`. */
  #columns(t: Type, rows: readonly IValue[], memory: Allocator): readonly TypedArray[] {
    switch (t.kind) {
      case 'scalar': {
        const col = memory.alloc(t.scalar, rows.length);
        for (const [i, v] of rows.entries()) store(col, i, asScalar(v));
        return [col];
      }
      case 'struct':
        return t.fields.flatMap((f, k) =>
          this.#columns(
            f,
            rows.map((v) => fieldOf(v, k)),
            memory,
          ),
        );
      case 'vec':
        return this.#vectors(t.elem, rows.map(asVec), memory);
      case 'dict':
        return this.#dictionaries(t.key, t.value, rows.map(asDict), memory);
      default:
        return noColumns(t);
    }
  }

  #vectors(elem: Type, rows: readonly IVec[], memory: Allocator): readonly TypedArray[] {
    const items: IValue[] = [];
    const offsets = new Map<IVec, number>();
    for (const row of rows) {
      if (offsets.has(row)) continue;
      offsets.set(row, items.length);
      for (const item of row) items.push(item);
    }
    const inner = this.#innerColumns(elem, items);
    const { flat } = this.#flat();
    const ints = (f: (row: IVec) => number): TypedArray => intColumn(rows, f, memory);
    return [
      ints((row) => row.length),
      ...inner.map((col) => {
        const first = flat.placeOf(col);
        return ints((row) => first + (offsets.get(row) ?? 0));
      }),
    ];
  }

  #dictionaries(key: Type, value: Type, rows: readonly IDict[], memory: Allocator): readonly TypedArray[] {
    const pairs: (readonly [IValue, IValue])[] = [];
    const offsets = new Map<IDict, number>();
    for (const row of rows) {
      if (offsets.has(row)) continue;
      offsets.set(row, pairs.length);
      for (const pair of row.entries.values()) pairs.push(pair);
    }
    const keys = this.#innerColumns(key, pairs.map(firstOf));
    const inner = [...keys, ...this.#innerColumns(value, pairs.map(secondOf))];
    const { flat } = this.#flat();
    const tables = new Map<IDict, Int32Array>();
    for (const [row, first] of offsets) {
      const own = keys.map((col) => col.subarray(first, first + row.entries.size));
      const table = slotTable(key, own, row.entries.size, this.#flat(), { memory: flat, holds: [] });
      this.#holds.push(table);
      tables.set(row, table);
    }
    const ints = (f: (row: IDict) => number): TypedArray => intColumn(rows, f, memory);
    const table = (row: IDict): Int32Array => tables.get(row) ?? NO_SLOTS;
    return [
      ints((row) => row.entries.size),
      ...inner.map((col) => {
        const first = flat.placeOf(col);
        return ints((row) => first + (offsets.get(row) ?? 0));
      }),
      ints((row) => flat.placeOf(table(row))),
      ints((row) => table(row).length - 1),
    ];
  }
}
const NO_SLOTS = new Int32Array(1);

/** An i32 a row; places are unsigned numbers, of which the bits are kept. */
function intColumn<R>(rows: readonly R[], f: (row: R) => number, memory: Allocator): TypedArray {
  const col = memory.alloc('i32', rows.length);
  for (const [i, row] of rows.entries()) col[i] = f(row) | 0;
  return col;
}

const firstOf = (p: readonly [IValue, IValue]): IValue => p[0];
const secondOf = (p: readonly [IValue, IValue]): IValue => p[1];

function store(col: TypedArray, i: number, v: ScalarValue): void {
  if (col instanceof BigInt64Array || col instanceof BigUint64Array) col[i] = BigInt(v);
  else col[i] = Number(v);
}

/** The interpreter value that a columnar value of type `t` stands for. */
export function fromColumns(t: Type, v: Value): IValue {
  switch (t.kind) {
    case 'scalar':
      if (typeof v === 'object') return mismatch(t, v);
      return v;
    case 'vec': {
      if (typeof v !== 'object' || v.kind !== 'vec') return mismatch(t, v);
      return rowsOf(t.elem, v.cols, v.length, v.inside ?? null);
    }
    case 'struct':
      if (typeof v !== 'object' || v.kind !== 'struct') return mismatch(t, v);
      return istruct(t.fields.map((f, k) => fromColumns(f, v.fields[k] ?? mismatch(f, v))));
    case 'dict': {
      if (typeof v !== 'object' || v.kind !== 'dict') return mismatch(t, v);
      return dictFrom(v.key, v.value, v.entries, v.count, v.inside ?? null);
    }
    default:
      return isBuilder(t) ? resumeBuilder(t, fromColumns(heldType(t), v)) : noColumns(t);
  }
}

function dictFrom(key: Type, value: Type, entries: readonly TypedArray[], count: number, inside: Inside | null): IDict {
  const width = leavesOf(key).length;
  const keys = rowsOf(key, entries.slice(0, width), count, inside);
  const values = rowsOf(value, entries.slice(width), count, inside);
  return dictOf(
    key,
    keys.map((k, i) => [k, values[i] ?? 0]),
  );
}

/** The scalar leaves of a type that has columns. */
export function leavesOf(t: Type): readonly ScalarKind[] {
  return leaves(t) ?? noColumns(t);
}

function rowsOf(elem: Type, cols: readonly TypedArray[], n: number, inside: Inside | null): readonly IValue[] {
  invariant(cols.length === leavesOf(elem).length, () => `${cols.length} columns for elements ${typeText(elem)}`);
  const rows: IValue[] = [];
  for (let i = 0; i < n; i++) {
    let leaf = 0;
    const next = (): number | bigint => {
      const x = cols[leaf++]?.[i];
      if (x === undefined) throw new InternalError(`a column shorter than its vector of length ${n}`);
      return x;
    };
    rows.push(readValue(elem, next, inside));
  }
  return rows;
}

/** A value whose leaves come from `next`. */
function readValue(t: Type, next: () => number | bigint, inside: Inside | null): IValue {
  const columns = (kinds: readonly ScalarKind[], length: number): readonly TypedArray[] =>
    kinds.map((kind) => {
      const place = Number(next()) >>> 0;
      if (inside === null) throw new InternalError(`a ${typeText(t)} in a column without memory`);
      return inside.memory.at(kind, place, length);
    });
  switch (t.kind) {
    case 'scalar': {
      const x = next();
      return t.scalar === 'bool' ? x !== 0 : x;
    }
    case 'struct':
      return istruct(t.fields.map((f) => readValue(f, next, inside)));
    case 'vec': {
      const length = Number(next());
      return rowsOf(t.elem, columns(leavesOf(t.elem), length), length, inside);
    }
    case 'dict': {
      const count = Number(next());
      const entries = columns([...leavesOf(t.key), ...leavesOf(t.value)], count);
      for (let slots = 0; slots < 2; slots++) next();
      return dictFrom(t.key, t.value, entries, count, inside);
    }
    default:
      return noColumns(t);
  }
}

function noColumns(t: Type): never {
  throw new InternalError(`${typeText(t)} has no column form`);
}
function mismatch(t: Type, v: Value): never {
  throw new InternalError(
    `a value of type ${typeText(t)} was expected, found ${typeof v === 'object' ? v.kind : typeof v}`,
  );
}
