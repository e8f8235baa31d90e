/**
 * The CPU device: kernels are WebAssembly functions over the shared heap, run by the pool.
 *
 * A launch writes one block: the arguments, then a status record, the reduction cells and the cursors of every part
 * (the layout is in compiler/sir/kernel.ts). Cells start as identities, so a part that merges nothing is neutral.
 */

import {
  ABI,
  cost,
  dict,
  FAIL_CODES,
  type FailCode,
  type FlatMemory,
  fail,
  fromColumns,
  InternalError,
  invariant,
  isBigKind,
  isFloatKind,
  type Kernel,
  partialIdentity,
  type ScalarKind,
  type ScalarValue,
  scalarBytes,
  type TypedArray,
  toColumns,
  type Value,
  vec,
} from '../../compiler/index.ts';
import { Checkpoint, throwIfCancelled } from '../cancel.ts';
import { viewOf } from '../data/column.ts';
import type {
  BufferArg,
  CombineRequest,
  Device,
  DeviceInfo,
  DeviceProgram,
  Failure,
  LaunchReport,
  LaunchRequest,
  Mem,
} from '../device.ts';
import { columnsOf } from '../value.ts';
import { Heap } from './heap.ts';
import { CHUNK_ROWS } from './parts.mjs';
import { type LoadedModule, Pool } from './pool.ts';

const CELL_BYTES = 8;
const STATUS_BYTES = 8;
const align = (bytes: number): number => Math.ceil(bytes / 64) * 64;

export interface CpuOptions {
  readonly threads: number;
  readonly memoryLimitBytes?: number;
}

export class CpuDevice implements Device {
  readonly heap: Heap;
  readonly flat: FlatMemory;
  readonly pool: Pool;
  readonly #programs = new WeakMap<DeviceProgram, LoadedModule>();
  /** Copies in the heap of columns that live elsewhere. */
  readonly #uploads = new WeakMap<TypedArray, TypedArray>();
  /** Copies in the heap of values whose elements refer to another memory. */
  readonly #local = new WeakMap<object, Value>();

  constructor(options: CpuOptions) {
    this.heap = new Heap(options.memoryLimitBytes === undefined ? {} : { limitBytes: options.memoryLimitBytes });
    this.flat = this.heap.flat;
    this.pool = new Pool(this.heap.memory, options.threads);
  }

  info(): DeviceInfo {
    const { threads } = this.pool;
    return { name: `wasm x${threads}`, threads, limitBytes: this.heap.limit, usedBytes: this.heap.used };
  }
  alloc(kind: ScalarKind, length: number): Mem {
    return { kind, length, handle: this.heap.reserve(length * scalarBytes(kind)) };
  }
  free(mem: Mem): void {
    this.heap.release(mem.handle);
  }
  trim(mem: Mem, length: number): Mem {
    this.heap.shrink(mem.handle, length * scalarBytes(mem.kind));
    return { ...mem, length };
  }
  read(mem: Mem): TypedArray {
    return this.heap.view(mem.kind, mem.handle, mem.length);
  }
  owner(view: TypedArray): number | null {
    return this.heap.owner(view);
  }
  adopt(view: TypedArray): void {
    this.heap.manage(view);
  }

  upload(kind: ScalarKind, column: TypedArray): Mem {
    const view = this.heap.address(column) === null ? this.#copyIn(kind, column) : column;
    const isGone = this.heap.owner(view) === null;
    // Empty vectors and dictionaries inside others lie at the first bytes of the heap, which are zero and nobody's.
    if (isGone && this.heap.address(view) === 0) return { kind, length: view.length, handle: 0 };
    if (isGone || this.heap.isFreed(view)) {
      fail('W8009', 'a column that was disposed is used again', { help: 'dispose a value after its last use' });
    }
    return { kind, length: view.length, handle: view.byteOffset };
  }
  localize(v: Value): Value {
    if (typeof v !== 'object') return v;
    if (v.kind === 'struct') {
      const fields = v.fields.map((f) => this.localize(f));
      return fields.every((f, k) => f === v.fields[k]) ? v : { ...v, fields };
    }
    if (v.inside === undefined || v.inside.memory === this.flat) return v;
    const known = this.#local.get(v);
    if (known !== undefined) return known;
    const t = v.kind === 'vec' ? vec(v.elem) : dict(v.key, v.value);
    const copy = toColumns(t, fromColumns(t, v), this.heap);
    this.#local.set(v, copy);
    return copy;
  }
  /** Gives the copies back that were made of a value that lives elsewhere. No launch may be using them. */
  forget(v: Value): void {
    if (typeof v !== 'object') return;
    if (v.kind === 'struct') for (const f of v.fields) this.forget(f);
    const local = this.#local.get(v);
    for (const column of columnsOf(v)) this.forgetColumn(column);
    this.#local.delete(v);
    if (local !== undefined) for (const copy of columnsOf(local)) this.heap.free(copy);
  }
  /** Gives back the copy that was made of a column. */
  forgetColumn(column: TypedArray): void {
    const copy = this.#uploads.get(column);
    this.#uploads.delete(column);
    if (copy !== undefined) this.heap.free(copy);
  }
  #copyIn(kind: ScalarKind, column: TypedArray): TypedArray {
    const known = this.#uploads.get(column);
    if (known !== undefined) return known;
    const copy = this.heap.alloc(kind, column.length);
    bytesOf(copy).set(bytesOf(column));
    this.#uploads.set(column, copy);
    return copy;
  }

  async prepare(code: Uint8Array): Promise<DeviceProgram> {
    const module = this.pool.load(code);
    const program: DeviceProgram = { kernels: module.names };
    this.#programs.set(program, module);
    return program;
  }
  unload(program: DeviceProgram): void {
    this.pool.unload(this.#moduleOf(program));
  }

  async launch(request: LaunchRequest): Promise<LaunchReport> {
    const { rows, rowsPerPart, trial, signal = null, lane = null } = request;
    throwIfCancelled(signal);
    const parts = Math.ceil(rows / rowsPerPart);
    const block = new LaunchBlock(
      this.heap,
      trial === undefined ? [request.kernel] : [request.kernel, trial.kernel],
      parts,
    );
    const module = this.#moduleOf(request.program);
    const run = (form: Pick<LaunchRequest, 'kernel' | 'buffers'>, from: number, to: number): Promise<void> => {
      block.bind({ ...request, ...form });
      // Parts shorter than a chunk are those of rows with much work.
      const few = to - from < cost.MIN_PARALLEL_ROWS && rowsPerPart >= CHUNK_ROWS;
      const threads = few ? 1 : request.threads;
      const kernel = form.kernel.name;
      const args = block.address;
      return this.pool.run({ module, kernel, args, firstRow: from, rows: to, rowsPerPart, threads, signal, lane });
    };
    try {
      block.start();
      if (trial === undefined) {
        await run(request, 0, rows);
        return block.report();
      }
      await run(trial, 0, trial.rows);
      const first = block.report();
      if (first.failure !== null) return first;
      await run(trial.isBetter(first) ? trial : request, trial.rows, rows);
      return block.report();
    } finally {
      this.heap.release(block.address);
    }
  }
  async combine({ program, kernel, rows, buffers, scalars, signal }: CombineRequest): Promise<Failure | null> {
    const checkpoint = signal ? new Checkpoint(signal) : null;
    const module = this.#moduleOf(program);
    const block = new LaunchBlock(this.heap, [kernel], 1);
    try {
      block.start();
      block.bind({ kernel, rowsPerPart: 0, buffers, scalars });
      for (const [part, count] of rows.entries()) {
        if (count === 0) continue;
        if (checkpoint?.due()) await checkpoint.pass();
        block.moveBuffers(buffers, part);
        this.pool.runAlone({ module, kernel: kernel.name, args: block.address, rows: count, rowsPerPart: count });
        const failure = block.failure();
        if (failure !== null) return { ...failure, part };
      }
      return null;
    } finally {
      this.heap.release(block.address);
    }
  }
  /** Launches on the CPU are done when their promise is. */
  async sync(): Promise<void> {}
  dispose(): Promise<void> {
    return this.pool.dispose();
  }

  #moduleOf(program: DeviceProgram): LoadedModule {
    const module = this.#programs.get(program);
    invariant(module !== undefined, () => 'cpu: a program of another device');
    return module;
  }
}

const bytesOf = (view: TypedArray): Uint8Array => new Uint8Array(view.buffer, view.byteOffset, view.byteLength);

/** The memory through which a launch talks to its kernel. */
class LaunchBlock {
  readonly address: number;
  readonly #heap: Heap;
  readonly #kernel: Kernel;
  readonly #parts: number;
  readonly #status: number;
  readonly #cells: number;
  readonly #cursors: number;

  /** For one of `kernels` after the other, which have equally many reductions and cursors. */
  constructor(heap: Heap, kernels: readonly [Kernel, ...Kernel[]], parts: number) {
    const [kernel] = kernels;
    this.#heap = heap;
    this.#kernel = kernel;
    this.#parts = parts;
    const slots = kernels.map((k) => k.bufs.length + k.scalars.length);
    const args = align(ABI.bufs + ABI.slot * Math.max(...slots));
    const status = align(parts * STATUS_BYTES);
    const cells = align(parts * kernel.reductions.length * CELL_BYTES);
    const cursors = align(parts * kernel.cursors * 4);
    this.address = heap.reserve(args + status + cells + cursors);
    this.#status = this.address + args;
    this.#cells = this.#status + status;
    this.#cursors = this.#cells + cells;
  }

  /** Writes the arguments of a kernel. */
  bind(request: Pick<LaunchRequest, 'kernel' | 'rowsPerPart' | 'buffers' | 'scalars'>): void {
    const { kernel } = request;
    const args = new DataView(this.#heap.buffer, this.address);
    args.setUint32(ABI.status, this.#status, true);
    args.setUint32(ABI.reductions, this.#cells, true);
    args.setUint32(ABI.cursors, this.#cursors, true);
    args.setUint32(ABI.rowsPerPart, request.rowsPerPart, true);
    for (const [k, param] of kernel.bufs.entries()) {
      const arg = request.buffers[k];
      invariant(arg !== undefined, () => `cpu: buffer ${param.name} of ${kernel.name} is not bound`);
      args.setUint32(ABI.bufs + ABI.slot * k, arg.mem.handle, true);
      args.setUint32(ABI.bufs + ABI.slot * k + 4, arg.stride, true);
    }
    const scalars = ABI.bufs + ABI.slot * kernel.bufs.length;
    for (const [k, param] of kernel.scalars.entries()) {
      const value = request.scalars[k];
      invariant(value !== undefined, () => `cpu: scalar ${param.name} of ${kernel.name} is not bound`);
      writeScalar(args, scalars + ABI.slot * k, param.kind, value);
    }
  }

  /** Writes the initial partial states. */
  start(): void {
    const kernel = this.#kernel;
    this.#words(this.#status, (this.#parts * STATUS_BYTES) / 4).fill(0);
    this.#words(this.#cursors, this.#parts * kernel.cursors).fill(0);
    const { length } = kernel.reductions;
    const cells = new DataView(this.#heap.buffer, this.#cells, this.#parts * length * CELL_BYTES);
    for (const [r, red] of kernel.reductions.entries()) {
      const identity = partialIdentity(red.op, red.kind);
      for (let p = 0; p < this.#parts; p++) writeScalar(cells, (p * length + r) * CELL_BYTES, red.kind, identity);
    }
  }

  /** Binds strided buffers to the copy of one part. */
  moveBuffers(buffers: readonly BufferArg[], part: number): void {
    const args = new DataView(this.#heap.buffer, this.address + ABI.bufs);
    for (const [k, { mem, stride }] of buffers.entries()) {
      if (stride !== 0) args.setUint32(ABI.slot * k, mem.handle + part * stride, true);
    }
  }

  /** What the parts left, copied out of the block. */
  report(): LaunchReport {
    const { reductions, cursors, name } = this.#kernel;
    const bytes = this.#parts * reductions.length * CELL_BYTES;
    const copy = new Uint8Array(this.#heap.buffer, this.#cells, bytes).slice();
    const cells = reductions.map((r) => cellReader(copy.buffer, r.kind));
    const counts = this.#words(this.#cursors, this.#parts * cursors).slice();
    return {
      parts: this.#parts,
      failure: this.failure(),
      cell(part, red) {
        const read = cells[red];
        invariant(read !== undefined, () => `cpu: kernel ${name} has no reduction ${red}`);
        return read(part * reductions.length + red);
      },
      count: (part, cursor) => counts[part * cursors + cursor] ?? 0,
    };
  }

  /** The first failing part. */
  failure(): Failure | null {
    const status = this.#words(this.#status, this.#parts * 2);
    for (let part = 0; part < this.#parts; part++) {
      const code = status[2 * part] ?? 0;
      if (code !== 0) return { code: failCode(code), part, row: status[2 * part + 1] ?? 0 };
    }
    return null;
  }
  #words(address: number, length: number): Uint32Array {
    return new Uint32Array(this.#heap.buffer, address, length);
  }
}

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

/** Reads cell `index` of 8-byte cells. */
function cellReader(buffer: ArrayBuffer, kind: ScalarKind): (index: number) => ScalarValue {
  const bytes = isFloatKind(kind) || isBigKind(kind) ? scalarBytes(kind) : 4;
  const stored: ScalarKind = bytes === 4 && kind !== 'f32' ? (kind === 'u32' ? 'u32' : 'i32') : kind;
  const view = viewOf(stored, buffer, 0, buffer.byteLength / bytes);
  const step = CELL_BYTES / bytes;
  return (index) => {
    const v = view[index * step] ?? 0;
    return kind === 'bool' ? v !== 0 : v;
  };
}
