/**
 * The heap: one shared WebAssembly memory with our allocator, where every column lives that kernels read or write.
 *
 * Blocks start on 64 bytes and have at least 64 readable bytes behind their data, so vector code may read past the
 * end. The memory starts small and grows geometrically up to the limit. A grown shared memory has a new buffer object;
 * views of the old one stay valid, so views of all buffer objects so far are recognised. Addresses are unsigned
 * numbers up to 4 GiB.
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
import { Blocks, GRAIN } from './blocks.ts';

const PAGE = 65536;
/** The most that wasm32 can address. */
const MAX_PAGES = 65536;
const INITIAL_PAGES = 16;
/** Readable bytes behind every block. */
export const PADDING = 64;
/** The memory grows by at least this factor. */
const GROWTH = 1.5;

export interface HeapOptions {
  /** The most bytes that blocks may take together; 4 GiB at most and by default. */
  readonly limitBytes?: number;
}

/** A WebAssembly memory. Not the global type: users of the package need not have the types of the DOM library. */
export interface SharedMemory {
  readonly buffer: ArrayBuffer | SharedArrayBuffer;
  /** Adds pages of 64 KiB; gives the size before, in pages. */
  grow(delta: number): number;
}

export class Heap implements Allocator {
  readonly memory: SharedMemory;
  /** The heap as a memory of elements, for what vectors in vectors refer to. */
  readonly flat: FlatMemory = {
    at: (kind, place, length) => this.view(kind, length === 0 ? 0 : place * scalarBytes(kind), length),
    placeOf: (column) => column.byteOffset / column.BYTES_PER_ELEMENT,
  };
  readonly limit: number;
  /** Called whenever another amount is in use: for profiles. */
  watch: (() => void) | null = null;
  /** From the first grain on that is not of the modules. */
  readonly #blocks = new Blocks(Math.ceil(LOW_BYTES / GRAIN) * GRAIN);
  /** All buffer objects that views may lie in, and the last one of them. */
  readonly #buffers = new WeakSet<object>();
  #buffer: object | null = null;
  /** Number of managed views by block address. */
  readonly #pins = new Map<number, number>();
  /** Views that were freed before the garbage collector found them: their memory may be another's by now. */
  readonly #freed = new WeakSet<TypedArray>();
  readonly #registry = new FinalizationRegistry<number>((block) => this.#unpin(block));
  #pages = INITIAL_PAGES;

  constructor(options: HeapOptions = {}) {
    this.limit = Math.min(options.limitBytes ?? MAX_PAGES * PAGE, MAX_PAGES * PAGE);
    this.memory = new WebAssembly.Memory({ initial: INITIAL_PAGES, maximum: MAX_PAGES, shared: true });
    this.#blocks.extend(INITIAL_PAGES * PAGE);
  }

  /** Bytes in use, with padding. */
  get used(): number {
    return this.#blocks.used;
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
  /** A block of at least `bytes` bytes and its padding, with any contents: its address. W6006 beyond the limit. */
  reserve(bytes: number): number {
    const size = bytes + PADDING;
    if (!(this.used + size <= this.limit)) this.#outOfMemory(bytes);
    const address = this.#blocks.take(size) ?? this.#grow(bytes);
    this.watch?.();
    return address;
  }
  /** Gives a block back, by its address. */
  release(address: number): void {
    this.#blocks.give(address);
    this.watch?.();
  }
  /** Keeps the first `bytes` bytes of a block. */
  shrink(address: number, bytes: number): void {
    this.#blocks.shrink(address, bytes + PADDING);
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
    return address === null ? null : this.#blocks.ownerOf(address);
  }

  /** A managed column with any contents. */
  alloc(kind: ScalarKind, length: number): TypedArray {
    const view = this.view(kind, this.reserve(length * scalarBytes(kind)), length);
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
  #grow(bytes: number): number {
    const maxPages = Math.min(MAX_PAGES, Math.ceil(this.limit / PAGE) + 1);
    const missing = Math.ceil((bytes + PADDING + GRAIN - this.#blocks.freeAtEnd()) / PAGE);
    const wanted = Math.max(this.#pages + missing, Math.ceil(this.#pages * GROWTH));
    const pages = Math.min(wanted, maxPages);
    if (this.#pages + missing > pages || !this.#growTo(pages)) this.#outOfMemory(bytes);
    return this.#blocks.take(bytes + PADDING) ?? this.#outOfMemory(bytes);
  }
  /** False when the engine has no more memory to give. */
  #growTo(pages: number): boolean {
    try {
      this.memory.grow(pages - this.#pages);
    } catch (e) {
      if (e instanceof RangeError) return false;
      throw e;
    }
    this.#pages = pages;
    this.#blocks.extend(pages * PAGE);
    return true;
  }

  #outOfMemory(bytes: number): never {
    return fail('W6006', `out of memory: asked for ${bytes} bytes with ${this.used} of ${this.limit} bytes in use`, {
      help: 'dispose results that are no longer needed, or give the session a higher memoryLimitBytes (4 GiB at most)',
    });
  }
}
