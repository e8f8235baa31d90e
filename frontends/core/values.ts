/**
 * JavaScript values to columns: typed arrays as they are, lists by what is in them.
 *
 * A list of numbers is f64, of bigints i64, of booleans bool, of strings dictionary-encoded, of Dates timestamps; `null`
 * is a missing value. Typed arrays keep their kind and are not copied.
 */

import type { ScalarKind, TypedArray } from '../../compiler/index.ts';
import type { DataColumn as Column, Dictionary, DType } from '../../runtime/index.ts';
import { refuse, type Site } from './trail.ts';

/** What a list may hold. */
export type Item = number | bigint | boolean | string | Date | null;

/** The kind of a typed array's elements, or null when it is none that we know. */
export function kindOfArray(x: unknown): ScalarKind | null {
  if (x instanceof Float64Array) return 'f64';
  if (x instanceof Float32Array) return 'f32';
  if (x instanceof Int32Array) return 'i32';
  if (x instanceof BigInt64Array) return 'i64';
  if (x instanceof Uint8Array || x instanceof Uint8ClampedArray) return 'u8';
  if (x instanceof Int16Array) return 'i16';
  if (x instanceof Int8Array) return 'i8';
  if (x instanceof Uint16Array) return 'u16';
  if (x instanceof Uint32Array) return 'u32';
  return x instanceof BigUint64Array ? 'u64' : null;
}

export const isTypedArray = (x: unknown): x is TypedArray => kindOfArray(x) !== null;

/** A column of a typed array or a list; `name` says which one in messages. */
export function columnOf(values: TypedArray | readonly Item[], name: string, site: Site): Column {
  const kind = kindOfArray(values);
  if (kind !== null && isTypedArray(values)) {
    return { dtype: kind, length: values.length, data: values, validity: null, dictionary: null };
  }
  if (!Array.isArray(values)) {
    refuse(site, 'W8006', `${name} must be a typed array or a list, found ${describe(values)}`);
  }
  const items: readonly unknown[] = values;
  return columnOfList(items, name, site);
}

function columnOfList(items: readonly unknown[], name: string, site: Site): Column {
  const first = items.find((x) => x !== null);
  const dtype = first === undefined ? null : dtypeOf(first);
  if (items.length > 0 && dtype === null) {
    const found = first === undefined ? 'only null' : describe(first);
    refuse(site, 'W8006', `${name}: a list holds numbers, bigints, booleans, strings or Dates, found ${found}`, {
      help: 'give a typed array to fix the type',
    });
  }
  const kind = dtype ?? 'f64';
  const misfit = items.findIndex((x) => x !== null && dtypeOf(x) !== kind);
  if (misfit >= 0) {
    refuse(site, 'W8006', `${name}: item ${misfit} is ${describe(items[misfit])} in a list of ${kind}`, {
      help: 'the items of a list have one type; null marks a missing one',
    });
  }
  const wide = items.findIndex((x) => typeof x === 'bigint' && BigInt.asIntN(64, x) !== x);
  if (wide >= 0) {
    refuse(site, 'W8006', `${name}: item ${wide}, ${String(items[wide])}, does not fit in i64`, {
      help: 'a BigUint64Array holds u64, a list of numbers f64',
    });
  }
  const validity = items.includes(null) ? Uint8Array.from(items, (x) => (x === null ? 0 : 1)) : null;
  const { data, dictionary } = encode(kind, items);
  return { dtype: kind, length: items.length, data, validity, dictionary };
}

type ListType = 'f64' | 'i64' | 'bool' | 'string' | 'timestamp';

function dtypeOf(x: unknown): ListType | null {
  switch (typeof x) {
    case 'number':
      return 'f64';
    case 'bigint':
      return 'i64';
    case 'boolean':
      return 'bool';
    case 'string':
      return 'string';
    default:
      return x instanceof Date && !Number.isNaN(x.getTime()) ? 'timestamp' : null;
  }
}

function encode(
  dtype: ListType,
  items: readonly unknown[],
): { data: TypedArray; dictionary: readonly string[] | null } {
  switch (dtype) {
    case 'f64':
      return { data: Float64Array.from(items, (x) => (typeof x === 'number' ? x : 0)), dictionary: null };
    case 'i64':
      return { data: BigInt64Array.from(items, (x) => (typeof x === 'bigint' ? x : 0n)), dictionary: null };
    case 'bool':
      return { data: Uint8Array.from(items, (x) => (x === true ? 1 : 0)), dictionary: null };
    case 'timestamp': {
      const micros = (x: unknown): bigint => (x instanceof Date ? BigInt(x.getTime()) * 1000n : 0n);
      return { data: BigInt64Array.from(items, micros), dictionary: null };
    }
    case 'string': {
      const codes = new Map<string, number>();
      const code = (x: unknown): number => {
        if (typeof x !== 'string') return 0;
        const known = codes.get(x) ?? codes.size;
        codes.set(x, known);
        return known;
      };
      const data = Int32Array.from(items, code);
      return { data, dictionary: [...codes.keys()] };
    }
    default:
      return dtype satisfies never;
  }
}

/** How a value is shown in a message. */
export function describe(x: unknown): string {
  if (x === null || x === undefined) return String(x);
  if (typeof x === 'string') return JSON.stringify(x);
  if (typeof x !== 'object' && typeof x !== 'function') return `the ${typeof x} ${String(x)}`;
  if (x instanceof Date) return 'an invalid Date';
  return typeof x === 'function' ? 'a function' : `an object (${x.constructor?.name ?? 'without a class'})`;
}

/** A value of a column as JavaScript: i64 as a number where exact, timestamps as Date, a missing one as null. */
export function itemAt(column: Column, row: number): Item {
  if (column.validity !== null && column.validity[row] === 0) return null;
  const raw = column.data[row];
  if (raw === undefined) return null;
  return itemOf(column.dtype, raw, column.dictionary);
}

function itemOf(dtype: DType, raw: number | bigint, dictionary: Dictionary | null): Item {
  if (dtype === 'string') return dictionary?.at(Number(raw)) ?? null;
  if (dtype === 'bool') return raw !== 0;
  if (dtype === 'timestamp') return new Date(Number(BigInt(raw) / 1000n));
  if (typeof raw === 'number') return raw;
  const number = Number(raw);
  return Number.isSafeInteger(number) ? number : raw;
}
