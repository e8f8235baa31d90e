/**
 * The slot table of a dictionary and the hash that fills it, on the host. `lower/builders/dict-table.ts` makes and
 * probes the same tables in kernels, so the words of a key and what is made of them are one definition in two places:
 * scalars give their bits, structs the words of their fields, vectors their length and then the words of the elements.
 */

import { InternalError, invariant } from '../diag/diagnostic.ts';
import { isFloatKind, leaves, type ScalarKind, type Type, typeText } from './types.ts';
import type { Allocator, Inside, TypedArray } from './value.ts';

/**
 * The slot table of a dictionary: entry number + 1 by slot, 0 where free; a power of two of slots, at most half full.
 * A key's first slot is `hashKey` of its words; linear probing from there.
 */
export function slotTable(
  key: Type,
  keys: readonly TypedArray[],
  count: number,
  memory: Allocator,
  inside: Inside | null = null,
): Int32Array {
  let size = 16;
  while (size < 2 * count) size *= 2;
  const slots = memory.alloc('i32', size);
  invariant(slots instanceof Int32Array, () => 'an allocator gives Int32Array for i32');
  slots.fill(0);
  fillSlots(slots, key, keys, count, inside);
  return slots;
}

/** Enters all keys in a table of zeros. */
export function fillSlots(
  slots: Int32Array,
  key: Type,
  keys: readonly TypedArray[],
  count: number,
  inside: Inside | null,
): void {
  const mask = slots.length - 1;
  for (let entry = 0; entry < count; entry++) {
    const words: bigint[] = [];
    addWords(key, keys, 0, entry, inside, words);
    let slot = hashKey(words) & mask;
    while (slots[slot] !== 0) slot = (slot + 1) & mask;
    slots[slot] = entry + 1;
  }
}

/** Adds the words of a key whose columns are those from `first` on; gives the number of the column behind them. */
function addWords(
  t: Type,
  cols: readonly TypedArray[],
  first: number,
  row: number,
  inside: Inside | null,
  words: bigint[],
): number {
  switch (t.kind) {
    case 'scalar':
      words.push(keyWord(t.scalar, cols[first]?.[row] ?? 0));
      return first + 1;
    case 'struct':
      return t.fields.reduce((at, f) => addWords(f, cols, at, row, inside, words), first);
    case 'vec': {
      const length = Number(cols[first]?.[row] ?? 0);
      const kinds = leaves(t.elem) ?? [];
      const columns = kinds.map((kind, k) => {
        const place = Number(cols[first + 1 + k]?.[row] ?? 0) >>> 0;
        if (inside === null) throw new InternalError(`slots: a key of type ${typeText(t)} without memory`);
        return inside.memory.at(kind, place, length);
      });
      words.push(keyWord('i32', length));
      for (let k = 0; k < length; k++) addWords(t.elem, columns, 0, k, inside, words);
      return first + 1 + kinds.length;
    }
    default:
      throw new InternalError(`slots: ${typeText(t)} is no key type`);
  }
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
