/** The CPU device: kernels are WebAssembly functions over the shared heap, run by the pool. */

import {
  cost,
  dict,
  type FlatMemory,
  fail,
  fromColumns,
  invariant,
  type ScalarKind,
  scalarBytes,
  type TypedArray,
  toColumns,
  type Value,
  vec,
} from '../../compiler/index.ts';
import { Checkpoint, throwIfCancelled } from '../cancel.ts';
import type {
  CombineRequest,
  Device,
  DeviceInfo,
  DeviceProgram,
  Failure,
  LaunchReport,
  LaunchRequest,
  Mem,
  Soon,
} from '../device.ts';
import { columnsOf } from '../value.ts';
import { Heap } from './heap.ts';
import { LaunchBlock } from './launch-block.ts';
import { CHUNK_ROWS } from './parts.mjs';
import { type LoadedModule, Pool } from './pool.ts';

export interface CpuOptions {
  readonly threads: number;
  readonly memoryLimitBytes?: number;
}

/** Kernels count elements in i32, and 4 GiB hold hardly more of them. */
const MAX_LENGTH = 2 ** 31 - 1;

/** One of two forms of a kernel. */
type Form = Pick<LaunchRequest, 'kernel' | 'buffers'>;

export class CpuDevice implements Device {
  readonly heap: Heap;
  readonly flat: FlatMemory;
  readonly memory64: boolean;
  readonly pool: Pool;
  readonly #programs = new WeakMap<DeviceProgram, LoadedModule>();
  /** Copies in the heap of columns that live elsewhere. */
  readonly #uploads = new WeakMap<TypedArray, TypedArray>();
  /** Copies in the heap of values whose elements refer to another memory. */
  readonly #local = new WeakMap<object, Value>();

  constructor(options: CpuOptions) {
    this.heap = new Heap(options.memoryLimitBytes === undefined ? {} : { limitBytes: options.memoryLimitBytes });
    this.flat = this.heap.flat;
    this.memory64 = this.heap.memory64;
    this.pool = new Pool(this.heap.memory, options.threads);
  }

  info(): DeviceInfo {
    const { threads } = this.pool;
    return { name: `wasm x${threads}`, threads, limitBytes: this.heap.limit, usedBytes: this.heap.used };
  }
  alloc(kind: ScalarKind, length: number): Mem {
    return { kind, length, handle: this.heap.reserveFor(kind, length) };
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
    if (this.memory64 && view.length > MAX_LENGTH) {
      fail('W6009', `a column of ${view.length} elements, the most is ${MAX_LENGTH}`, {
        help: 'stream it in batches, or give it in slices',
      });
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

  launch(request: LaunchRequest): Soon<LaunchReport> {
    const { kernel, rows, rowsPerPart, trial, rounds = null, signal = null } = request;
    throwIfCancelled(signal);
    const kernels = trial === undefined ? [kernel] : [kernel, trial.kernel];
    const block = new LaunchBlock(this.heap, kernels, Math.ceil(rows / rowsPerPart));
    // A short loop is done before this returns: waiting for a promise would take longer than the rows.
    let running: Soon<LaunchReport> | null = null;
    try {
      block.start();
      const inOneGo = trial === undefined && rounds === null;
      running = inOneGo ? this.#runWhole(block, request) : this.#runInTurns(block, request);
    } finally {
      if (!(running instanceof Promise)) this.heap.release(block.address);
    }
    return running instanceof Promise ? running.finally(() => this.heap.release(block.address)) : running;
  }
  #runWhole(block: LaunchBlock, request: LaunchRequest): Soon<LaunchReport> {
    const running = this.#run(block, request, request, 0, request.rows);
    return running instanceof Promise ? running.then(() => block.report()) : block.report();
  }
  /** The trial, then the rounds of the other rows. */
  async #runInTurns(block: LaunchBlock, request: LaunchRequest): Promise<LaunchReport> {
    const { rows, rowsPerPart, trial, rounds = null } = request;
    let form: Form = request;
    let done = 0;
    if (trial !== undefined) {
      await this.#run(block, request, trial, 0, trial.rows);
      const tried = block.report();
      if (tried.failure !== null) return tried;
      if (trial.isBetter(tried)) form = trial;
      done = trial.rows;
    }
    const parts = Math.ceil(rows / rowsPerPart);
    const ofRound = rounds?.parts ?? parts;
    for (let first = 0; first < parts; first += ofRound) {
      const end = Math.min(parts, first + ofRound);
      const last = Math.min(rows, end * rowsPerPart);
      await this.#run(block, request, form, done, last, first);
      done = last;
      const failure = block.failure() ?? (await rounds?.take(first, end)) ?? null;
      if (failure !== null) return { ...block.report(), failure };
    }
    return block.report();
  }
  /** Runs the rows from `firstRow` up to `rows` by one form of a kernel, in a round that begins with `firstPart`. */
  #run(
    block: LaunchBlock,
    { program, rowsPerPart, scalars, threads: most, signal = null, lane = null }: LaunchRequest,
    { kernel, buffers }: Form,
    firstRow: number,
    rows: number,
    firstPart = 0,
  ): Soon<void> {
    block.bind({ kernel, rowsPerPart, buffers, scalars }, firstPart);
    // Parts shorter than a chunk are those of rows with much work.
    const few = rows - firstRow < cost.MIN_PARALLEL_ROWS && rowsPerPart >= CHUNK_ROWS;
    const module = this.#moduleOf(program);
    const [args, threads] = [block.address, few ? 1 : most];
    const { cursors } = block;
    return this.pool.run({
      module,
      kernel: kernel.name,
      args,
      cursors,
      firstRow,
      rows,
      rowsPerPart,
      threads,
      signal,
      lane,
    });
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
