/**
 * The address bookkeeping of the heap: which byte ranges of an address space are taken. It never touches memory, so
 * it is tested on its own.
 *
 * Blocks tile the space in address order (a doubly linked list), so a freed block merges with free neighbours at once
 * and two free blocks are never adjacent. Free blocks are kept in bins by size: four bins for each power of two. A
 * request takes the best fit of its own bin, else any block of the next non-empty bin, and gives the rest back.
 */

import { invariant } from '../../compiler/index.ts';
import { GrainSet } from './grain-set.ts';

/** Sizes and addresses are multiples of this: a cache line, and the widest vector with room to spare. */
export const GRAIN = 64;

interface Block {
  readonly start: number;
  size: number;
  free: boolean;
  prev: Block | null;
  next: Block | null;
}

const BINS_PER_OCTAVE = 4;
const BINS = 28 * BINS_PER_OCTAVE;

/** The bin of a size; bins are ordered, and every block of a higher bin is larger than every one of a lower bin. */
function binOf(size: number): number {
  const grains = size / GRAIN;
  const octave = 31 - Math.clz32(grains);
  const quarter = Math.floor((grains / 2 ** octave - 1) * BINS_PER_OCTAVE);
  return Math.min(octave * BINS_PER_OCTAVE + quarter, BINS - 1);
}

const roundUp = (bytes: number): number => Math.max(GRAIN, Math.ceil(bytes / GRAIN) * GRAIN);

export class Blocks {
  readonly #bins: Set<Block>[] = Array.from({ length: BINS }, () => new Set<Block>());
  /** A bit for each bin: 1 if there is a block in it. */
  readonly #filled = new Int32Array(Math.ceil(BINS / 32));
  readonly #taken = new Map<number, Block>();
  /** Where they start, in grains: vectors of small dictionaries are hundreds of thousands of blocks. */
  readonly #starts = new GrainSet();
  #first: Block | null = null;
  #last: Block | null = null;
  #end: number;
  #used = 0;

  /** An empty space that starts at `start`; `extend` makes room. */
  constructor(start: number) {
    this.#end = start;
  }

  /** Bytes in taken blocks. */
  get used(): number {
    return this.#used;
  }
  /** The first address behind the space. */
  get end(): number {
    return this.#end;
  }

  /** Moves the end of the space up to `end`. */
  extend(end: number): void {
    const size = Math.floor((end - this.#end) / GRAIN) * GRAIN;
    if (size <= 0) return;
    const last = this.#last;
    if (last?.free) {
      this.#unbin(last);
      last.size += size;
      this.#bin(last);
    } else {
      this.#bin(this.#insertAfter(last, this.#end, size));
    }
    this.#end += size;
  }

  /** Takes a block of at least `bytes` bytes: its address, or null when no free block is large enough. */
  take(bytes: number): number | null {
    const size = roundUp(bytes);
    const block = this.#fit(size);
    if (block === null) return null;
    this.#unbin(block);
    block.free = false;
    this.#taken.set(block.start, block);
    this.#starts.add(block.start / GRAIN);
    this.#used += block.size;
    this.#cut(block, size);
    return block.start;
  }

  /** Gives a block back. */
  give(address: number): void {
    const block = this.#block(address);
    this.#taken.delete(address);
    this.#starts.delete(address / GRAIN);
    this.#used -= block.size;
    this.#release(block);
  }

  /** Keeps the first `bytes` bytes of a block and gives the rest back. */
  shrink(address: number, bytes: number): void {
    this.#cut(this.#block(address), roundUp(bytes));
  }

  /** The size of the taken block at `address`, or null if there is none. */
  sizeOf(address: number): number | null {
    return this.#taken.get(address)?.size ?? null;
  }

  /** The address of the taken block that holds `address`, or null. */
  ownerOf(address: number): number | null {
    if (this.#taken.has(address)) return address;
    const grain = this.#starts.floor(Math.floor(address / GRAIN));
    if (grain === null) return null;
    const start = grain * GRAIN;
    return address < start + (this.#taken.get(start)?.size ?? 0) ? start : null;
  }

  /** The largest block that `take` could give now. */
  largestFree(): number {
    for (let k = BINS - 1; k >= 0; k--) {
      const sizes = [...(this.#bins[k] ?? [])].map((b) => b.size);
      if (sizes.length > 0) return Math.max(...sizes);
    }
    return 0;
  }
  /** The size of the free block at the end of the space: what an extension adds to. */
  freeAtEnd(): number {
    return this.#last?.free ? this.#last.size : 0;
  }

  #block(address: number): Block {
    const block = this.#taken.get(address);
    invariant(block !== undefined, () => `heap: no block at ${address}`);
    return block;
  }

  #fit(size: number): Block | null {
    const own = binOf(size);
    let best: Block | null = null;
    for (const b of this.#bins[own] ?? []) {
      if (b.size >= size && (best === null || b.size < best.size)) best = b;
    }
    if (best !== null) return best;
    for (const b of this.#bins[this.#filledFrom(own + 1)] ?? []) return b;
    return null;
  }
  /** The first bin from `bin` on that is not empty; BINS if there is none. */
  #filledFrom(bin: number): number {
    let word = bin >> 5;
    let bits = (this.#filled[word] ?? 0) & (-1 << (bin & 31));
    while (bits === 0 && word < this.#filled.length) bits = this.#filled[++word] ?? 0;
    return bits === 0 ? BINS : 32 * word + 31 - Math.clz32(bits & -bits);
  }

  /** Cuts a taken block to `size`; what is behind becomes free. */
  #cut(block: Block, size: number): void {
    const rest = block.size - size;
    if (rest < GRAIN) return;
    block.size = size;
    this.#used -= rest;
    this.#release(this.#insertAfter(block, block.start + size, rest));
  }

  /** Makes a block free and merges it with its free neighbours. */
  #release(block: Block): void {
    let merged = block;
    const { prev, next } = block;
    if (next?.free) {
      this.#unbin(next);
      merged.size += next.size;
      this.#unlink(next);
    }
    if (prev?.free) {
      this.#unbin(prev);
      prev.size += merged.size;
      this.#unlink(merged);
      merged = prev;
    }
    this.#bin(merged);
  }

  #insertAfter(prev: Block | null, start: number, size: number): Block {
    const next = prev === null ? this.#first : prev.next;
    const block: Block = { start, size, free: true, prev, next };
    if (prev === null) this.#first = block;
    else prev.next = block;
    if (next === null) this.#last = block;
    else next.prev = block;
    return block;
  }
  #unlink(block: Block): void {
    if (block.prev === null) this.#first = block.next;
    else block.prev.next = block.next;
    if (block.next === null) this.#last = block.prev;
    else block.next.prev = block.prev;
  }
  #bin(block: Block): void {
    block.free = true;
    const k = binOf(block.size);
    this.#bins[k]?.add(block);
    this.#filled[k >> 5] = (this.#filled[k >> 5] ?? 0) | (1 << (k & 31));
  }
  #unbin(block: Block): void {
    const k = binOf(block.size);
    const bin = this.#bins[k];
    bin?.delete(block);
    if (bin?.size === 0) this.#filled[k >> 5] = (this.#filled[k >> 5] ?? 0) & ~(1 << (k & 31));
  }
}
