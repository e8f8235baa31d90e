/**
 * The bytes of values: what `serialize` writes and `deserialize[T]` reads, on interpreter values.
 *
 *   scalars    little-endian and packed; a bool is one byte, 0 or 1; every NaN is written as the one quiet NaN
 *   structs    their fields, one after the other
 *   vectors    an i64 length, then the elements
 *   dicts      an i64 number of entries, then key, value, key, value ... in order
 *
 * Bytes carry no type and come from anywhere, so reading trusts nothing: a length is held against the bytes that are
 * left before anything is made of it, a bool byte is 0 or 1, a key stands once, and no byte is left over. Otherwise
 * W6012 names the type and the offset of the byte. Precondition of both: the type has no builder in it.
 */

import { fail, InternalError } from '../diag/diagnostic.ts';
import { asDict, asScalar, asVec, type DictKey, dictKey, fieldOf, type IValue, istruct } from './ivalue.ts';
import { type ScalarKind, scalarBytes, type Type, typeText } from './types.ts';

/** The most bytes that `serialize` writes, and the most elements without bytes that `deserialize` makes of a length. */
export const MOST_BYTES = 2 ** 26;
export const MOST_UNITS = 2 ** 20;

/**
 * How many bytes a value takes. A value may be shared and then is written again for every place: the size of what is
 * written may be exponential in what is held. Every shared part is measured once.
 */
export function serializedSize(t: Type, v: IValue): number {
  const known = new Map<object, number>();
  const sizeOf = (ty: Type, x: IValue): number => {
    const fixed = fixedBytes(ty);
    if (fixed !== null) return fixed;
    if (ty.kind === 'struct') return ty.fields.reduce((sum, f, k) => sum + sizeOf(f, fieldOf(x, k)), 0);
    const seen = typeof x === 'object' ? known.get(x) : undefined;
    if (seen !== undefined) return seen;
    const size = 8 + contentSize(ty, x);
    if (typeof x === 'object') known.set(x, size);
    return size;
  };
  const contentSize = (ty: Type, x: IValue): number => {
    let size = 0;
    if (ty.kind === 'vec') {
      const fixed = fixedBytes(ty.elem);
      if (fixed !== null) return fixed * asVec(x).length;
      for (const e of asVec(x)) size += sizeOf(ty.elem, e);
    } else if (ty.kind === 'dict') {
      for (const [key, value] of asDict(x).entries.values()) size += sizeOf(ty.key, key) + sizeOf(ty.value, value);
    } else noBytes(ty);
    return size;
  };
  return sizeOf(t, v);
}

/** The bytes of a value of type `t`. W6006 when they are more than an interpreter value may have. */
export function serialize(t: Type, v: IValue): Uint8Array {
  const size = serializedSize(t, v);
  if (size > MOST_BYTES) fail('W6006', `serialize: ${size} bytes, the most is ${MOST_BYTES}`);
  const bytes = new Uint8Array(size);
  const view = new DataView(bytes.buffer);
  let at = 0;
  const count = (n: number): void => {
    view.setBigInt64(at, BigInt(n), true);
    at += 8;
  };
  const write = (ty: Type, x: IValue): void => {
    switch (ty.kind) {
      case 'scalar':
        WRITE[ty.scalar](view, at, x);
        at += scalarBytes(ty.scalar);
        return;
      case 'struct':
        for (const [k, f] of ty.fields.entries()) write(f, fieldOf(x, k));
        return;
      case 'vec':
        count(asVec(x).length);
        if (fixedBytes(ty.elem) !== 0) for (const e of asVec(x)) write(ty.elem, e);
        return;
      case 'dict':
        count(asDict(x).entries.size);
        for (const [key, value] of asDict(x).entries.values()) {
          write(ty.key, key);
          write(ty.value, value);
        }
        return;
      default:
        noBytes(ty);
    }
  };
  write(t, v);
  return bytes;
}

/** The value of type `t` that `bytes` encode, all of them. W6012 when they do not. */
export function deserialize(t: Type, bytes: Uint8Array): IValue {
  return new Reader(t, bytes).whole();
}

class Reader {
  readonly #whole: Type;
  readonly #view: DataView;
  #at = 0;
  #units = 0;

  constructor(whole: Type, bytes: Uint8Array) {
    this.#whole = whole;
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  whole(): IValue {
    const v = this.#value(this.#whole);
    if (this.#left > 0) this.#bad(this.#at, `${bytesText(this.#left)} left over`);
    return v;
  }

  get #left(): number {
    return this.#view.byteLength - this.#at;
  }

  #value(t: Type): IValue {
    switch (t.kind) {
      case 'scalar':
        return this.#scalar(t.scalar);
      case 'struct':
        return istruct(t.fields.map((f) => this.#value(f)));
      case 'vec':
        return this.#elements(t.elem, this.#length(t, leastBytes(t.elem)));
      case 'dict': {
        const n = this.#length(t, leastBytes(t.key) + leastBytes(t.value));
        return this.#entries(t.key, t.value, n);
      }
      default:
        return noBytes(t);
    }
  }

  #scalar(kind: ScalarKind): IValue {
    const at = this.#at;
    const size = scalarBytes(kind);
    if (this.#left < size) this.#bad(at, `${kind} needs ${bytesText(size)}, ${this.#left} left`);
    this.#at += size;
    if (kind !== 'bool') return READ[kind](this.#view, at);
    const byte = this.#view.getUint8(at);
    return byte > 1 ? this.#bad(at, `a bool is 0 or 1, found ${byte}`) : byte === 1;
  }

  /** A length that the bytes left can have, when an element takes `least` bytes or more. */
  #length(t: Type, least: number): number {
    const at = this.#at;
    if (this.#left < 8) this.#bad(at, `the length of ${typeText(t)} needs 8 bytes, ${this.#left} left`);
    const n = this.#view.getBigInt64(at, true);
    this.#at += 8;
    if (n < 0n) this.#bad(at, `the length ${n} of ${typeText(t)} is below 0`);
    if (n * BigInt(least) > BigInt(this.#left)) {
      this.#bad(at, `${typeText(t)} of length ${n} needs ${n * BigInt(least)} bytes, ${this.#left} left`);
    }
    // Elements without bytes are not bounded by the bytes that are left.
    if (least === 0 && n + BigInt(this.#units) > BigInt(MOST_UNITS)) {
      fail('W6006', `deserialize: ${typeText(t)} of length ${n}, the most without bytes is ${MOST_UNITS}`);
    }
    if (least === 0) this.#units += Number(n);
    return Number(n);
  }

  #elements(elem: Type, n: number): readonly IValue[] {
    const items: IValue[] = [];
    for (let k = 0; k < n; k++) items.push(this.#value(elem));
    return items;
  }

  #entries(key: Type, value: Type, n: number): IValue {
    const keyOf = dictKey(key);
    const entries = new Map<DictKey, readonly [IValue, IValue]>();
    for (let k = 0; k < n; k++) {
      const at = this.#at;
      const found = this.#value(key);
      const word = keyOf(found);
      if (entries.has(word)) this.#bad(at, 'a key that stands there already');
      entries.set(word, [found, this.#value(value)]);
    }
    return { kind: 'dict', entries };
  }

  #bad(offset: number, what: string): never {
    return fail('W6012', `deserialize[${typeText(this.#whole)}]: at byte ${offset}: ${what}`, {
      help: 'read the type that was written, all of it',
    });
  }
}

const bytesText = (n: number): string => (n === 1 ? '1 byte' : `${n} bytes`);

type Put = (to: DataView, at: number, v: IValue) => void;
const int = (v: IValue): number => Number(asScalar(v));
const big = (v: IValue): bigint => BigInt(asScalar(v));

const WRITE: Readonly<Record<ScalarKind, Put>> = {
  bool: (to, at, v) => to.setUint8(at, v === true ? 1 : 0),
  i8: (to, at, v) => to.setInt8(at, int(v)),
  i16: (to, at, v) => to.setInt16(at, int(v), true),
  i32: (to, at, v) => to.setInt32(at, int(v), true),
  i64: (to, at, v) => to.setBigInt64(at, big(v), true),
  u8: (to, at, v) => to.setUint8(at, int(v)),
  u16: (to, at, v) => to.setUint16(at, int(v), true),
  u32: (to, at, v) => to.setUint32(at, int(v), true),
  u64: (to, at, v) => to.setBigUint64(at, big(v), true),
  // Engines may write any NaN for NaN; bytes must not depend on that.
  f32: (to, at, v) => (Number.isNaN(v) ? to.setUint32(at, 0x7fc00000, true) : to.setFloat32(at, int(v), true)),
  f64: (to, at, v) =>
    Number.isNaN(v) ? to.setBigUint64(at, 0x7ff8000000000000n, true) : to.setFloat64(at, int(v), true),
};

const READ: Readonly<Record<Exclude<ScalarKind, 'bool'>, (from: DataView, at: number) => number | bigint>> = {
  i8: (from, at) => from.getInt8(at),
  i16: (from, at) => from.getInt16(at, true),
  i32: (from, at) => from.getInt32(at, true),
  i64: (from, at) => from.getBigInt64(at, true),
  u8: (from, at) => from.getUint8(at),
  u16: (from, at) => from.getUint16(at, true),
  u32: (from, at) => from.getUint32(at, true),
  u64: (from, at) => from.getBigUint64(at, true),
  f32: (from, at) => from.getFloat32(at, true),
  f64: (from, at) => from.getFloat64(at, true),
};

/** The bytes of every value of the type, or null when they differ. */
function fixedBytes(t: Type): number | null {
  if (t.kind === 'scalar') return scalarBytes(t.scalar);
  if (t.kind !== 'struct') return null;
  let sum = 0;
  for (const f of t.fields) {
    const size = fixedBytes(f);
    if (size === null) return null;
    sum += size;
  }
  return sum;
}

/** The bytes of the smallest value of the type. */
const leastBytes = (t: Type): number =>
  t.kind === 'struct' ? t.fields.reduce((sum, f) => sum + leastBytes(f), 0) : (fixedBytes(t) ?? 8);

function noBytes(t: Type): never {
  throw new InternalError(`codec: ${typeText(t)} values have no bytes`);
}
