/**
 * The heap: one shared WebAssembly memory with our allocator, where every column lives that kernels read or write.
 *
 * Blocks start on 64 bytes and have at least 64 readable bytes behind their data, so vector code may read past the
 * end. The memory starts small and grows geometrically up to the limit. A grown shared memory has a new buffer object;
 * views of the old one stay valid, so views of all buffer objects so far are recognised.
 *
 * Addresses are unsigned numbers below 4 GiB; a limit above asks for a memory of 64-bit addresses, up to 16 GiB. There,
 * blocks lie in two zones (`zones.ts`): columns of 32- and 64-bit kinds above 4 GiB, everything else below.
 *
 * Two ways to own memory: `reserve`/`release` by address for code that knows the end of its use, and managed views
 * (`alloc`, `manage`) whose block goes back when all managed views of it were collected or freed.
 */

import {
  type Allocator,
  type FlatMemory,
  fail,
  LOW_BYTES,
  type ScalarKind,
  scalarBytes,
  type TypedArray,
} from '../../compiler/index.ts';
import { viewOf } from '../data/column.ts';
import { GRAIN } from './blocks.ts';
import { hasMemory64 } from './features.ts';
import { Zones } from './zones.ts';

const PAGE = 65536;
/** The most that wasm32 can address. */
const MAX_PAGES = 65536;
/** The most that engines give a memory of 64-bit addresses. */
const MAX_PAGES_64 = 262_144;
const INITIAL_PAGES = 16;
/** Readable bytes behind every block. */
export const PADDING = 64;
/** The memory grows by at least this factor. */
const GROWTH = 1.5;

export interface HeapOptions {
  /** The most bytes that blocks may take together: by default 4 GiB; at most 16 GiB, on engines with memory64. */
  readonly limitBytes?: number;
}

/** A WebAssembly memory. Not the global type: users of the package need not have the types of the DOM library. */
export interface SharedMemory {
  readonly buffer: ArrayBuffer | SharedArrayBuffer;
  /** Adds pages of 64 KiB; gives the size before, in pages. */
  grow(delta: number | bigint): number | bigint;
}

/** Places in columns of inner vectors are unsigned 32-bit numbers of elements. */
const PLACES = 2 ** 32;
/** Columns of elements of so many bytes may lie anywhere: places reach all of 16 GiB. */
const ANYWHERE_BYTES = 4;

export class Heap implements Allocator {
  readonly memory: SharedMemory;
  /** The heap as a memory of elements, for what vectors in vectors refer to. */
  readonly flat: FlatMemory = {
    at: (kind, place, length) => this.view(kind, length === 0 ? 0 : place * scalarBytes(kind), length),
    placeOf: (column) => this.#placeOf(column),
  };
  /** Are addresses 64 bits wide? */
  readonly memory64: boolean;
  readonly limit: number;
  /** Called whenever another amount is in use: for profiles. */
  watch: (() => void) | null = null;
  readonly #zones: Zones;
  /** All buffer objects that views may lie in, and the last one of them. */
  readonly #buffers = new WeakSet<object>();
  #buffer: object | null = null;
  /** Number of managed views by block address. */
  readonly #pins = new Map<number, number>();
  /** Views that were freed before the garbage collector found them: their memory may be another's by now. */
  readonly #freed = new WeakSet<TypedArray>();
  readonly #registry = new FinalizationRegistry<number>((block) => this.#unpin(block));
  #pages: number;

  /** W8006 for a limit that the engine cannot give. */
  constructor(options: HeapOptions = {}) {
    this.limit = options.limitBytes ?? MAX_PAGES * PAGE;
    this.memory64 = this.limit > MAX_PAGES * PAGE;
    if (this.memory64) checkLimit(this.limit);
    this.#pages = this.memory64 ? MAX_PAGES + INITIAL_PAGES : INITIAL_PAGES;
    this.memory = this.memory64
      ? new WebAssembly.Memory({
          address: 'i64',
          initial: BigInt(this.#pages),
          maximum: BigInt(MAX_PAGES_64),
          shared: true,
        })
      : new WebAssembly.Memory({ initial: this.#pages, maximum: MAX_PAGES, shared: true });
    // From the first grain on that is not of the modules.
    this.#zones = new Zones(Math.ceil(LOW_BYTES / GRAIN) * GRAIN, this.memory64 ? MAX_PAGES * PAGE : null);
    this.#zones.extend(this.#pages * PAGE);
  }

  /** Bytes in use, with padding. */
  get used(): number {
    return this.#zones.used;
  }

  /**
   * The memory's buffer object now. A growth replaces it, and so may the engine some time later when other threads
   * share the memory; so it is noted here, whenever it is handed out.
   */
  get buffer(): ArrayBuffer | SharedArrayBuffer {
    const { buffer } = this.memory;
    if (buffer === this.#buffer) return buffer;
    this.#buffer = buffer;
    this.#buffers.add(buffer);
    return buffer;
  }
  /** A block of at least `bytes` bytes and its padding, with any contents: its address. Below 4 GiB, unless it may lie
   *  anywhere. W6006 beyond the limit. */
  reserve(bytes: number, anywhere = false): number {
    const size = bytes + PADDING;
    if (!(this.used + size <= this.limit)) this.#outOfMemory(bytes);
    const address = this.#zones.take(size, anywhere) ?? this.#grow(bytes, anywhere);
    this.watch?.();
    return address;
  }
  /** A block for `length` values of `kind`. */
  reserveFor(kind: ScalarKind, length: number): number {
    const size = scalarBytes(kind);
    return this.reserve(length * size, size >= ANYWHERE_BYTES);
  }
  /** Gives a block back, by its address. */
  release(address: number): void {
    this.#zones.of(address).give(address);
    this.watch?.();
  }
  /** Keeps the first `bytes` bytes of a block. */
  shrink(address: number, bytes: number): void {
    this.#zones.of(address).shrink(address, bytes + PADDING);
    this.watch?.();
  }
  /** A typed array over the memory at `address`. */
  view(kind: ScalarKind, address: number, length: number): TypedArray {
    return viewOf(kind, this.buffer, address, length);
  }
  /** The address of a view's first byte if it lives in this heap, else null. */
  address(view: TypedArray): number | null {
    return view.buffer === this.buffer || this.#buffers.has(view.buffer) ? view.byteOffset : null;
  }
  /** The address of the block that holds a view, or null if it lives elsewhere or its block was freed. */
  owner(view: TypedArray): number | null {
    const address = this.address(view);
    return address === null ? null : this.#zones.of(address).ownerOf(address);
  }

  /** A managed column with any contents. */
  alloc(kind: ScalarKind, length: number): TypedArray {
    const view = this.view(kind, this.reserveFor(kind, length), length);
    this.manage(view);
    return view;
  }
  /** A managed column of zeros. */
  allocZeroed(kind: ScalarKind, length: number): TypedArray {
    const view = this.alloc(kind, length);
    new Uint8Array(view.buffer, view.byteOffset, view.byteLength).fill(0);
    return view;
  }
  /**
   * Ties the block of `view` to the life of the view: it goes back when all its managed views are gone, and must not
   * be released by address any more. Once a view.
   */
  manage(view: TypedArray): void {
    const block = this.owner(view);
    if (block === null) return;
    this.#pins.set(block, (this.#pins.get(block) ?? 0) + 1);
    this.#registry.register(view, block, view);
  }
  /** Ends a managed view now instead of when it is collected; a second time does nothing. The view may not be used. */
  free(view: TypedArray): void {
    const block = this.owner(view);
    if (block === null || !this.#registry.unregister(view)) return;
    this.#freed.add(view);
    this.#unpin(block);
  }
  /** The first `length` elements of a managed column, which ends; the rest of its memory goes back. */
  trim(view: TypedArray, length: number): TypedArray {
    const block = this.owner(view);
    if (block === null) return view.slice(0, length);
    const kept = view.subarray(0, length);
    this.manage(kept);
    this.free(view);
    if (block === view.byteOffset && this.#pins.get(block) === 1) this.shrink(block, kept.byteLength);
    return kept;
  }
  /** Was this very view freed? */
  isFreed(view: TypedArray): boolean {
    return this.#freed.has(view);
  }
  /** Another managed view of the same column, which keeps the memory when this one is freed; the column itself if it lives
   *  elsewhere. */
  share(view: TypedArray): TypedArray {
    if (this.owner(view) === null) return view;
    const other = view.subarray();
    this.manage(other);
    return other;
  }

  #unpin(block: number): void {
    const pins = this.#pins.get(block);
    if (pins === undefined) return;
    if (pins > 1) {
      this.#pins.set(block, pins - 1);
      return;
    }
    this.#pins.delete(block);
    this.release(block);
  }

  /** Enlarges the memory so that a block of `bytes` fits, and takes it. */
  #grow(bytes: number, anywhere: boolean): number {
    if (!this.#zones.grows(anywhere)) this.#outOfMemory(bytes);
    const maxPages = this.memory64
      ? Math.min(MAX_PAGES_64, MAX_PAGES + Math.ceil(this.limit / PAGE) + 1)
      : Math.min(MAX_PAGES, Math.ceil(this.limit / PAGE) + 1);
    const missing = Math.ceil((bytes + PADDING + GRAIN - this.#zones.freeAtEnd()) / PAGE);
    const wanted = Math.max(this.#pages + missing, Math.ceil(this.#pages * GROWTH));
    const pages = Math.min(wanted, maxPages);
    if (this.#pages + missing <= pages && this.#growTo(pages)) {
      return this.#zones.take(bytes + PADDING, anywhere) ?? this.#outOfMemory(bytes);
    }
    // What may lie anywhere may lie in what is left below 4 GiB, too.
    return (anywhere ? this.#zones.take(bytes + PADDING, false) : null) ?? this.#outOfMemory(bytes);
  }
  /** False when the engine has no more memory to give. */
  #growTo(pages: number): boolean {
    try {
      const delta = pages - this.#pages;
      this.memory.grow(this.memory64 ? BigInt(delta) : delta);
    } catch (e) {
      if (e instanceof RangeError) return false;
      throw e;
    }
    this.#pages = pages;
    this.#zones.extend(pages * PAGE);
    return true;
  }

  #placeOf(column: TypedArray): number {
    const { byteOffset, byteLength, BYTES_PER_ELEMENT: size } = column;
    if (byteOffset + byteLength > PLACES * size) {
      fail('W5001', `generated code does not support inner vectors of ${size}-byte elements at ${byteOffset} yet`, {
        help: 'give a column that the session has allocated for elements of that size, or a copy of it',
      });
    }
    return byteOffset / size;
  }

  #outOfMemory(bytes: number): never {
    const asked = `out of memory: asked for ${bytes} bytes with ${this.used} of ${this.limit} bytes in use`;
    const room = 'dispose results that are no longer needed';
    return fail('W6006', asked, {
      help: this.memory64
        ? `${room}; columns of 8- and 16-bit kinds and the vectors that loops make share the first 4 GiB`
        : `${room}, or give the session a higher memoryLimitBytes (above 4 GiB: Node.js 24 and later)`,
    });
  }
}

/** Can the engine give a memory of more than 4 GiB? */
function checkLimit(bytes: number): void {
  if (!hasMemory64()) {
    fail('W8006', `memoryLimitBytes is ${bytes}, and the WebAssembly of this engine has no addresses above 4 GiB`, {
      help: 'ask for at most 4 GiB (4294967296 bytes), stream the columns in batches, or use Node.js 24 or later',
    });
  }
  if (!(bytes <= MAX_PAGES_64 * PAGE)) {
    fail('W8006', `memoryLimitBytes is ${bytes}, the most is 16 GiB (${MAX_PAGES_64 * PAGE} bytes)`, {
      help: 'stream the columns in batches',
    });
  }
}
