/**
 * What vectors in vectors refer to: values taken apart into leaves for a column, and the memory that such a column keeps
 * alive.
 *
 * A leaf of an inner vector is a place in the memory of the device, so the inner vector must lie there and stay there:
 * whoever puts one in a column notes what it lies in (`Holds`) beside the column. Notes are per value, never per element:
 * a result holds on to all that its elements may refer to.
 */

import {
  type DictValue,
  type Inside,
  invariant,
  plainMemory,
  refersToMemory,
  type ScalarKind,
  type ScalarValue,
  type SlotForm,
  slotTable,
  type Type,
  type TypedArray,
  type Value,
  type VecValue,
} from '../compiler/index.ts';
import type { Device, Mem } from './device.ts';
import { holdsOf, leafKinds } from './value.ts';

/** The memory that the elements of values being made refer to. */
export class Holds {
  readonly #device: Device;
  /** One array of each block of memory. */
  readonly #held = new Map<number, TypedArray>();
  /** Columns from elsewhere: their copies on the device live as long as they do. */
  readonly #copied = new Set<TypedArray>();

  constructor(device: Device) {
    this.#device = device;
  }

  /** Notes what an array lies in. */
  add(view: TypedArray): void {
    const block = this.#device.owner(view);
    if (block !== null && !this.#held.has(block)) this.#held.set(block, view);
  }
  #addColumn(column: TypedArray): void {
    if (this.#device.owner(column) !== null) this.add(column);
    else if (column.length > 0) this.#copied.add(column);
  }
  /** Notes what the elements of a value refer to. */
  addInside(v: VecValue | DictValue): void {
    for (const view of holdsOf(v)) this.#addColumn(view);
  }
  /** What a value with such elements carries with it. */
  of(...elems: readonly Type[]): { readonly inside?: Inside } {
    if (!elems.some(refersToMemory)) return {};
    return { inside: { memory: this.#device.flat, holds: [...this.#held.values(), ...this.#copied] } };
  }

  /** The leaves of a value as an element of a column; what it lies in is noted. */
  leaves(v: Value): readonly ScalarValue[] {
    if (typeof v !== 'object') return [v];
    switch (v.kind) {
      case 'struct':
        return v.fields.flatMap((f) => this.leaves(f));
      case 'vec': {
        this.addInside(v);
        return [v.length, ...leafKinds(v.elem).map((kind, k) => this.place(kind, v.cols[k]))];
      }
      case 'dict': {
        this.addInside(v);
        const kinds = [...leafKinds(v.key), ...leafKinds(v.value)];
        const slots = slotsOf(v, 'hashed');
        return [
          v.count,
          ...kinds.map((kind, k) => this.place(kind, v.entries[k])),
          this.place('i32', slots),
          slots.length - 1,
        ];
      }
      default:
        return v satisfies never;
    }
  }

  /** The place of a column, which is brought to the device and noted. */
  place(kind: ScalarKind, column: TypedArray | undefined): number {
    invariant(column !== undefined, () => 'runtime: a column that does not exist');
    this.#addColumn(column);
    return this.placeOf(this.#device.upload(kind, column));
  }
  /** The place of the first element of device memory, which is noted. */
  placeOf(mem: Mem): number {
    const view = this.#device.read(mem);
    invariant(!(view instanceof Promise), () => 'runtime: places are of devices with host memory');
    this.add(view);
    return this.#device.flat.placeOf(view) | 0;
  }
}

/** Tables with all keys of dictionaries that were filled in another form, made when one is asked for. */
const hashed = new WeakMap<DictValue, Int32Array>();

/** The slot table of a dictionary in the form that is probed. */
export function slotsOf(d: DictValue, form: SlotForm): Int32Array {
  invariant(d.dense || form !== 'dense', () => 'runtime: a hashed dictionary where a dense one is promised');
  invariant(d.slots.length > 0, () => 'runtime: a look for a key in a dictionary that has no slots');
  const asIs = d.dense ? form === 'dense' : form === 'near' || d.near === undefined;
  if (asIs) return d.slots;
  const keys = d.entries.slice(0, leafKinds(d.key).length);
  const made = hashed.get(d) ?? slotTable(d.key, keys, d.count, plainMemory, d.inside ?? null);
  hashed.set(d, made);
  return made;
}
