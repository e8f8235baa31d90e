/**
 * The memory of one execution. Every allocation made for it is counted: how many registers hold a value that lies in
 * it. At zero it goes back to the device. What the result lies in is handed to the garbage collector at the end; all
 * the rest is freed, also when the execution fails.
 *
 * Counting is by allocation, so registers that share memory (a struct and its field, a slice and its vector) may be
 * freed in any order. Memory that the execution did not allocate (arguments) is never counted and never freed.
 */

import { type Allocator, invariant, type ScalarKind, type Value } from '../compiler/index.ts';
import type { Device, Mem } from './device.ts';
import { columnsOf, mapColumns } from './value.ts';

interface Owned {
  mem: Mem;
  refs: number;
}

const NONE: ReadonlySet<Owned> = new Set();

export class Arena {
  readonly device: Device;
  /** For what the host fills: primitives, and the values that it makes itself. */
  readonly allocator: Allocator;
  readonly #owned = new Map<number, Owned>();
  /** Allocations since the last `settle`: not yet held by a register. */
  #fresh = new Set<Owned>();

  constructor(device: Device) {
    this.device = device;
    this.allocator = {
      flat: device.flat,
      alloc: (kind, length) => {
        const view = device.read(this.alloc(kind, length));
        invariant(!(view instanceof Promise), () => 'arena: the host fills columns of devices with host memory only');
        return view;
      },
    };
  }

  /** Memory that is freed at the next `settle` unless a register holds it by then. */
  alloc(kind: ScalarKind, length: number): Mem {
    const mem = this.device.alloc(kind, length);
    const owned: Owned = { mem, refs: 0 };
    this.#owned.set(mem.handle, owned);
    this.#fresh.add(owned);
    return mem;
  }
  /** Shortens an allocation. */
  trim(mem: Mem, length: number): Mem {
    const owned = this.#owned.get(mem.handle);
    invariant(owned !== undefined, () => 'arena: trim of foreign memory');
    owned.mem = this.device.trim(mem, length);
    return owned.mem;
  }
  /** Frees an allocation that no register ever held. */
  drop(mem: Mem): void {
    const owned = this.#owned.get(mem.handle);
    invariant(owned?.refs === 0, () => 'arena: drop of memory in use');
    this.#free(owned);
  }
  /** Counts one more holder of a value. */
  retain(v: Value): void {
    for (const owned of this.#ownedOf(v)) owned.refs++;
  }
  /** Counts one holder less; memory that nobody holds any more is freed. */
  release(v: Value): void {
    for (const owned of this.#ownedOf(v)) {
      owned.refs--;
      if (owned.refs === 0) this.#free(owned);
    }
  }
  /** Ends a step: frees what it allocated and no register holds. */
  settle(): void {
    for (const owned of this.#fresh) if (owned.refs === 0) this.#free(owned);
    this.#fresh.clear();
  }

  /**
   * Ends the execution: gives the result with columns of its own, whose memory lives as long as they do, and frees
   * the rest. Columns that are shared with an argument get a view of their own too, so disposing one value never
   * takes the memory of the other.
   */
  finish(result: Value): Value {
    const made = mapColumns(result, (column, length) => {
      if (this.device.owner(column) === null) return column;
      const view = column.subarray(0, length);
      this.device.adopt(view);
      return view;
    });
    for (const owned of this.#ownedOf(result)) this.#owned.delete(owned.mem.handle);
    this.abandon();
    return made;
  }
  /** Frees everything that is left. */
  abandon(): void {
    for (const { mem } of this.#owned.values()) this.device.free(mem);
    this.#owned.clear();
    this.#fresh.clear();
  }

  #free(owned: Owned): void {
    this.#owned.delete(owned.mem.handle);
    this.#fresh.delete(owned);
    this.device.free(owned.mem);
  }
  /** Our allocations that a value lies in, each once. */
  #ownedOf(v: Value): ReadonlySet<Owned> {
    if (typeof v !== 'object' || this.#owned.size === 0) return NONE;
    const found = new Set<Owned>();
    for (const column of columnsOf(v)) {
      const handle = this.device.owner(column);
      const owned = handle === null ? undefined : this.#owned.get(handle);
      if (owned !== undefined) found.add(owned);
    }
    return found;
  }
}
