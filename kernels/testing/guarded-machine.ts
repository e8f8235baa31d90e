/**
 * A machine for tests of machine forms: every launch gets copies of its buffers between marked bytes, so a kernel that
 * writes outside them is an InternalError, and one that reads there computes with the marks. Memory that a form asks for is
 * full of them too. Parts run in order on one thread; `threads` is what the form is told, so that it cuts the rows as it
 * would for so many. Every second part pushes its rows behind those of the part before it, as parts of one thread do.
 */

import {
  ABI,
  type Allocator,
  InternalError,
  invariant,
  LOW_BYTES,
  partialIdentity,
  plainMemory,
  type ScalarKind,
  type ScalarValue,
  scalarBytes,
  type TypedArray,
} from '../../compiler/index.ts';
import { compileKernels, type Kernel } from '../../compiler/kernels.ts';
import type { Machine, MachineBuffer, MachineLaunch, MachineReport } from '../machine.ts';
import type { Tuning } from '../tuning.ts';

type KernelFn = (args: number, begin: number, end: number, part: number) => number;
const isKernelFn = (f: unknown): f is KernelFn => typeof f === 'function';

/** Marked bytes around each buffer; reads may go so far behind its end. */
const GUARD = 64;
const CODES = 'stopped';

const compiled = new Map<Kernel, Promise<WebAssembly.Module>>();

/** Memory that holds marks when it is given out. */
export const markedMemory = (mark: number): Allocator => ({
  alloc(kind, length) {
    const column = plainMemory.alloc(kind, length);
    bytesOf(column).fill(mark);
    return column;
  },
});

const machines = new Map<number, Machine>();

/** The machine that says it has so many threads, with marks of its own: its memory and its functions are kept. */
export function guardedMachine(threads: number): Machine {
  const machine = machines.get(threads) ?? madeMachine(threads, (0x5b * threads) & 0xff);
  machines.set(threads, machine);
  return machine;
}

function madeMachine(threads: number, mark: number): Machine {
  const memory = new WebAssembly.Memory({ initial: 16, maximum: 65536, shared: true });
  const functions = new Map<Kernel, KernelFn>();
  const functionOf = async (kernel: Kernel): Promise<KernelFn> => {
    const known = functions.get(kernel);
    if (known !== undefined) return known;
    const module = compiled.get(kernel) ?? compileKernels([kernel]).then((b) => new WebAssembly.Module(b.slice()));
    compiled.set(kernel, module);
    const math = { fmod: (a: number, b: number) => a % b };
    const made = new WebAssembly.Instance(await module, { env: { memory }, math }).exports[kernel.name];
    if (!isKernelFn(made)) throw new InternalError(`test: no function ${kernel.name}`);
    functions.set(kernel, made);
    return made;
  };
  const launch = async (kernel: Kernel, given: MachineLaunch): Promise<MachineReport> => {
    const run = await functionOf(kernel);
    return new Launch(memory, kernel, given, mark).run(run);
  };
  // Few rows, so that small inputs are cut in parts too.
  return {
    alloc: markedMemory(mark),
    threads,
    fewestRows: 16,
    tuning: turn(threads),
    launch,
    onHost: () => {},
  };
}

/** Other candidates for other numbers of threads: a form that agrees for all of them agrees by all candidates. */
export const turn = (threads: number): Tuning => ({
  best: (_, count) => threads % count,
  run: (_, count, __, body) => body(threads % count),
});

const columnOf = (b: MachineBuffer): TypedArray => ('copies' in b ? b.copies : b);
const bytesOf = (a: TypedArray): Uint8Array => new Uint8Array(a.buffer, a.byteOffset, a.byteLength);

class Launch {
  readonly #memory: WebAssembly.Memory;
  readonly #kernel: Kernel;
  readonly #given: MachineLaunch;
  readonly #mark: number;
  readonly #blocks: { readonly at: number; readonly bytes: number }[] = [];
  #top = LOW_BYTES;

  constructor(memory: WebAssembly.Memory, kernel: Kernel, given: MachineLaunch, mark: number) {
    this.#memory = memory;
    this.#kernel = kernel;
    this.#given = given;
    this.#mark = mark;
  }

  run(fn: KernelFn): MachineReport {
    const { rows, rowsPerPart, bufs, scalars = [] } = this.#given;
    const { name, bufs: params, scalars: slots, reductions, cursors } = this.#kernel;
    invariant(bufs.length === params.length, () => `test: ${name} takes ${params.length} buffers`);
    invariant(scalars.length === slots.length, () => `test: ${name} takes ${slots.length} scalars`);
    const parts = Math.ceil(rows / rowsPerPart);
    const status = this.#alloc(parts * 8);
    const cells = this.#alloc(parts * reductions.length * 8);
    const counts = this.#alloc(parts * cursors * 4);
    const args = this.#alloc(ABI.bufs + (bufs.length + slots.length) * ABI.slot);
    const places = bufs.map((b) => this.#copyIn(bytesOf(columnOf(b))));
    for (const [k, word] of [status, cells, counts, rowsPerPart].entries()) this.#word(args + 4 * k, word);
    for (const [k, b] of bufs.entries()) {
      const elem = params[k]?.elem ?? 'u8';
      this.#word(args + ABI.bufs + 8 * k, places[k] ?? 0);
      this.#word(args + ABI.bufs + 8 * k + 4, 'copies' in b ? b.length * scalarBytes(elem) : 0);
    }
    for (const [k, { kind }] of slots.entries()) {
      this.#scalar(kind, args + ABI.bufs + 8 * (bufs.length + k), scalars[k] ?? 0);
    }
    for (let part = 0; part < parts; part++) {
      for (const [r, { op, kind }] of reductions.entries()) {
        this.#scalar(kind, cells + 8 * (part * reductions.length + r), partialIdentity(op, kind));
      }
    }
    for (let p = 0; p < parts * cursors; p++) this.#word(counts + 4 * p, 0);
    let failure: MachineReport['failure'] = null;
    const begun = new Int32Array(parts * cursors);
    for (let part = 0; part < parts && failure === null; part++) {
      for (let at = part * cursors; part % 2 === 1 && at < (part + 1) * cursors; at++) {
        begun[at] = this.#view().getInt32(counts + 4 * (at - cursors), true) - rowsPerPart;
        this.#word(counts + 4 * at, begun[at] ?? 0);
      }
      const code = fn(args, part * rowsPerPart, Math.min(rows, (part + 1) * rowsPerPart), part);
      if (code !== 0) failure = { code: CODES, part, row: this.#view().getUint32(status + part * 8 + 4, true) };
    }
    this.#checkGuards();
    for (const [k, b] of bufs.entries()) {
      const to = bytesOf(columnOf(b));
      if (params[k]?.access !== 'read') to.set(new Uint8Array(this.#memory.buffer, places[k] ?? 0, to.length));
    }
    const found = Array.from({ length: parts * reductions.length }, (_, at) =>
      this.#cell(reductions[at % reductions.length]?.kind ?? 'i32', cells + 8 * at),
    );
    const ended = begun.map((_, at) => this.#view().getInt32(counts + 4 * at, true));
    return {
      parts,
      failure,
      cell: (part, red) => found[part * reductions.length + red] ?? 0,
      first: (part, cursor) => part * rowsPerPart + (begun[part * cursors + cursor] ?? 0),
      count: (part, cursor) => (ended[part * cursors + cursor] ?? 0) - (begun[part * cursors + cursor] ?? 0),
    };
  }

  /** Memory between marks, and not aligned to more than eight bytes, lest vectors be aligned by luck. */
  #alloc(bytes: number): number {
    const at = this.#top + GUARD + 8;
    this.#top = (at + bytes + GUARD + 15) & ~15;
    const pages = Math.ceil((this.#top + GUARD) / 65536) - this.#memory.buffer.byteLength / 65536;
    if (pages > 0) this.#memory.grow(pages);
    new Uint8Array(this.#memory.buffer, at - GUARD, bytes + 2 * GUARD).fill(this.#mark);
    this.#blocks.push({ at, bytes });
    return at;
  }
  #copyIn(bytes: Uint8Array): number {
    const at = this.#alloc(bytes.length);
    new Uint8Array(this.#memory.buffer).set(bytes, at);
    return at;
  }
  #checkGuards(): void {
    const all = new Uint8Array(this.#memory.buffer);
    for (const { at, bytes } of this.#blocks) {
      for (let k = 0; k < GUARD; k++) {
        const kept = all[at - 1 - k] === this.#mark && all[at + bytes + k] === this.#mark;
        invariant(kept, () => `test: ${this.#kernel.name} wrote ${k + 1} bytes outside a buffer`);
      }
    }
  }
  #view(): DataView {
    return new DataView(this.#memory.buffer);
  }
  #word(at: number, value: number): void {
    this.#view().setUint32(at, value, true);
  }
  #cell(kind: ScalarKind, at: number): ScalarValue {
    const view = this.#view();
    if (kind === 'f64') return view.getFloat64(at, true);
    if (kind === 'f32') return view.getFloat32(at, true);
    if (kind === 'i64') return view.getBigInt64(at, true);
    return kind === 'u64' ? view.getBigUint64(at, true) : view.getInt32(at, true);
  }
  #scalar(kind: ScalarKind, at: number, value: ScalarValue): void {
    const view = this.#view();
    if (typeof value === 'bigint') view.setBigUint64(at, BigInt.asUintN(64, value), true);
    else if (kind === 'f64') view.setFloat64(at, Number(value), true);
    else if (kind === 'f32') view.setFloat32(at, Number(value), true);
    else view.setInt32(at, Number(value) | 0, true);
  }
}
