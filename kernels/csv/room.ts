/**
 * Memory that is used again for every stretch of a text: a buffer a name, which is replaced by a larger one when more is
 * asked for. What is in it is lost then.
 */

import { type Allocator, invariant, type ScalarKind, type TypedArray } from '../../compiler/index.ts';

/** An allocator that may take memory back before the garbage collector does. */
export interface Freeing extends Allocator {
  free?(view: TypedArray): void;
  /** The first elements of a column; the rest of its memory goes back, and the column may not be used any more. */
  trim?(view: TypedArray, length: number): TypedArray;
}

export class Room {
  readonly alloc: Freeing;
  readonly #buffers = new Map<string, TypedArray>();

  constructor(alloc: Freeing) {
    this.alloc = alloc;
  }

  /** The first `length` elements of the buffer called `name`. */
  of(name: string, kind: ScalarKind, length: number): TypedArray {
    const known = this.#buffers.get(name);
    if (known !== undefined && known.length >= length) return known.subarray(0, length);
    if (known !== undefined) this.alloc.free?.(known);
    const made = this.alloc.alloc(kind, Math.max(256, Math.ceil(length * 1.25)));
    this.#buffers.set(name, made);
    return made.subarray(0, length);
  }
  i32(name: string, length: number): Int32Array {
    const view = this.of(name, 'i32', length);
    invariant(view instanceof Int32Array, () => `csv: ${name} is no i32 buffer`);
    return view;
  }
  u8(name: string, length: number): Uint8Array {
    const view = this.of(name, 'u8', length);
    invariant(view instanceof Uint8Array, () => `csv: ${name} is no u8 buffer`);
    return view;
  }
  /** A buffer that `fill` fills when it is new, also one that replaces another. */
  made(name: string, kind: ScalarKind, length: number, fill: (whole: TypedArray) => void): TypedArray {
    const before = this.#buffers.get(name);
    const view = this.of(name, kind, length);
    const whole = this.#buffers.get(name);
    if (whole !== undefined && whole !== before) fill(whole);
    return view;
  }
  /** Gives all of it back. */
  dispose(): void {
    for (const view of this.#buffers.values()) this.alloc.free?.(view);
    this.#buffers.clear();
  }
}
