/**
 * The memory through which a launch talks to its kernel: the arguments, then a status record, the reduction cells and the
 * cursors of every part (the layout is in compiler/sir/kernel.ts), behind them what the cursors began with. Cells start as
 * identities, so a part that merges nothing is neutral.
 */

import {
  ABI,
  bufferSlot,
  FAIL_CODES,
  type FailCode,
  InternalError,
  invariant,
  isBigKind,
  type Kernel,
  partialIdentity,
  type ScalarKind,
  type ScalarValue,
  scalarSlot,
} from '../../compiler/index.ts';
import type { BufferArg, Failure, LaunchReport, LaunchRequest } from '../device.ts';
import type { Heap } from './heap.ts';
import type { Cursors } from './pool.ts';

const CELL_BYTES = 8;
const STATUS_BYTES = 8;
const CURSOR_BYTES = 4;
const align = (bytes: number): number => Math.ceil(bytes / 64) * 64;

export class LaunchBlock {
  /** The block's address in the heap; whoever makes a block gives it back. */
  readonly address: number;
  readonly #kernel: Kernel;
  readonly #parts: number;
  #rowsPerPart = 0;
  readonly #memory64: boolean;
  /** The block's bytes. They stay the same memory when the heap grows. */
  readonly #bytes: DataView;
  /** Offsets in the block. */
  readonly #status: number;
  readonly #cells: number;
  readonly #cursors: number;
  readonly #beginnings: number;

  /** For one of `kernels` after the other, which have equally many reductions and cursors. */
  constructor(heap: Heap, kernels: readonly Kernel[], parts: number) {
    const [kernel] = kernels;
    invariant(kernel !== undefined, () => 'launch: a block without kernel');
    this.#kernel = kernel;
    this.#parts = parts;
    let end: number = ABI.bufs;
    for (const { bufs, scalars } of kernels) {
      end = Math.max(end, scalarSlot(bufs.length, scalars.length, heap.memory64));
    }
    this.#memory64 = heap.memory64;
    this.#status = align(end);
    this.#cells = this.#status + align(parts * STATUS_BYTES);
    this.#cursors = this.#cells + align(parts * kernel.reductions.length * CELL_BYTES);
    this.#beginnings = this.#cursors + parts * kernel.cursors * CURSOR_BYTES;
    const size = align(this.#beginnings + parts * kernel.cursors * CURSOR_BYTES);
    this.address = heap.reserve(size);
    this.#bytes = new DataView(heap.buffer, this.address, size);
  }

  /** Where the pool finds the cursors. */
  get cursors(): Cursors {
    const { address } = this;
    return {
      ofPart: this.#kernel.cursors,
      address: address + this.#cursors,
      beginnings: address + this.#beginnings,
    };
  }

  /** Writes the arguments of a kernel, for a round that begins with part `firstPart`. */
  bind({ kernel, rowsPerPart, buffers, scalars }: Arguments, firstPart = 0): void {
    const args = this.#bytes;
    this.#rowsPerPart = rowsPerPart;
    args.setUint32(ABI.status, this.address + this.#status, true);
    args.setUint32(ABI.reductions, this.address + this.#cells, true);
    args.setUint32(ABI.cursors, this.address + this.#cursors, true);
    args.setUint32(ABI.rowsPerPart, rowsPerPart, true);
    for (let k = 0; k < kernel.bufs.length; k++) {
      const arg = buffers[k];
      invariant(arg !== undefined, () => `cpu: buffer ${k} of ${kernel.name} is not bound`);
      // Addresses are modulo 2^32 or 2^64: the copy of the round's first part lies at the handle.
      this.#writeBase(k, arg.mem.handle - (arg.perRound === true ? firstPart * arg.stride : 0));
      args.setUint32(bufferSlot(k, this.#memory64).stride, arg.stride, true);
    }
    for (const [k, { kind, name }] of kernel.scalars.entries()) {
      const value = scalars[k];
      invariant(value !== undefined, () => `cpu: scalar ${name} of ${kernel.name} is not bound`);
      writeScalar(args, scalarSlot(kernel.bufs.length, k, this.#memory64), kind, value);
    }
  }
  #writeBase(k: number, address: number): void {
    const at = bufferSlot(k, this.#memory64).base;
    if (this.#memory64) this.#bytes.setBigInt64(at, BigInt(address), true);
    else this.#bytes.setUint32(at, address, true);
  }

  /** Writes the initial partial states. */
  start(): void {
    const { reductions, cursors } = this.#kernel;
    const bytes = this.#bytes;
    for (let at = this.#status; at < this.#status + this.#parts * STATUS_BYTES; at += 4) bytes.setInt32(at, 0, true);
    const behind = this.#beginnings + this.#parts * cursors * CURSOR_BYTES;
    for (let at = this.#cursors; at < behind; at += CURSOR_BYTES) bytes.setInt32(at, 0, true);
    const stride = reductions.length * CELL_BYTES;
    for (const [r, { op, kind }] of reductions.entries()) {
      const identity = partialIdentity(op, kind);
      const first = this.#cells + r * CELL_BYTES;
      for (let p = 0; p < this.#parts; p++) writeScalar(bytes, first + p * stride, kind, identity);
    }
  }

  /** Binds strided buffers to the copy of one part. */
  moveBuffers(buffers: readonly BufferArg[], part: number): void {
    for (const [k, { mem, stride }] of buffers.entries()) {
      if (stride !== 0) this.#writeBase(k, mem.handle + part * stride);
    }
  }

  /** What the parts left, copied out of the block. */
  report(): LaunchReport {
    const { reductions, cursors, name } = this.#kernel;
    const [bytes, parts] = [this.#bytes, this.#parts];
    const cells: ScalarValue[] = [];
    for (let at = this.#cells, part = 0; part < parts; part++) {
      for (const { kind } of reductions) {
        cells.push(readScalar(bytes, at, kind));
        at += CELL_BYTES;
      }
    }
    const wordsAt = (at: number): readonly number[] =>
      Array.from({ length: parts * cursors }, (_, k) => bytes.getInt32(at + k * CURSOR_BYTES, true));
    const [begun, ended] = [wordsAt(this.#beginnings), wordsAt(this.#cursors)];
    const rowsPerPart = this.#rowsPerPart;
    return {
      parts,
      failure: this.failure(),
      cell(part, red) {
        const value = cells[part * reductions.length + red];
        invariant(value !== undefined, () => `cpu: kernel ${name} has no reduction ${red}`);
        return value;
      },
      first: (part, cursor) => part * rowsPerPart + (begun[part * cursors + cursor] ?? 0),
      count: (part, cursor) => (ended[part * cursors + cursor] ?? 0) - (begun[part * cursors + cursor] ?? 0),
    };
  }

  /** The first failing part. */
  failure(): Failure | null {
    for (let part = 0; part < this.#parts; part++) {
      const at = this.#status + part * STATUS_BYTES;
      const code = this.#bytes.getUint32(at, true);
      if (code !== 0) return { code: failCode(code), part, row: this.#bytes.getUint32(at + 4, true) };
    }
    return null;
  }
}

type Arguments = Pick<LaunchRequest, 'kernel' | 'rowsPerPart' | 'buffers' | 'scalars'>;

function failCode(n: number): FailCode {
  for (const [code, number] of Object.entries(FAIL_CODES)) if (number === n) return code as FailCode;
  throw new InternalError(`cpu: a kernel wrote the unknown status ${n}`);
}

/** Writes a value in its own kind; bool and narrow integers as i32. */
function writeScalar(to: DataView, at: number, kind: ScalarKind, value: ScalarValue): void {
  if (kind === 'f64') to.setFloat64(at, Number(value), true);
  else if (kind === 'f32') to.setFloat32(at, Number(value), true);
  else if (isBigKind(kind)) to.setBigInt64(at, BigInt(value), true);
  else to.setInt32(at, Number(value), true);
}

function readScalar(from: DataView, at: number, kind: ScalarKind): ScalarValue {
  switch (kind) {
    case 'f64':
      return from.getFloat64(at, true);
    case 'f32':
      return from.getFloat32(at, true);
    case 'i64':
      return from.getBigInt64(at, true);
    case 'u64':
      return from.getBigUint64(at, true);
    case 'u32':
      return from.getUint32(at, true);
    case 'bool':
      return from.getInt32(at, true) !== 0;
    default:
      return from.getInt32(at, true);
  }
}
