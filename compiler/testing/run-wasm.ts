/**
 * Runs kernels as WASM in this thread, for tests of the code generator and of everything that makes kernels.
 *
 * It plays the host of the launch ABI: copies typed arrays into a shared memory, writes identities, cuts the rows into
 * parts (and parts into calls), runs the parts in order and copies everything out again. Every block of memory is
 * surrounded by marked bytes; a kernel that writes outside its buffers is an InternalError.
 *
 * Kernels are written by each sink, for memories of 32-bit addresses and of 64-bit ones where the engine has them (with
 * the buffers above 4 GiB); outcomes that are not the same, bit for bit but for NaN, are an InternalError, so whatever is
 * tested with this is also tested of both sinks and both memories.
 */

import { isDeepStrictEqual } from 'node:util';
import type { ScalarKind } from '../core/types.ts';
import { isBigKind, scalarBytes } from '../core/types.ts';
import { InternalError, invariant } from '../diag/diagnostic.ts';
import type { KernelArray, Scalar } from '../sir/interp.ts';
import { identity, kernelArray } from '../sir/interp.ts';
import type { Kernel } from '../sir/kernel.ts';
import { bufferSlot, LOW_BYTES, scalarSlot } from '../sir/kernel.ts';
import { compileWasm, MAX_PAGES, MAX_PAGES_64, type SinkName } from '../target/wasm/emit.ts';

/** One launch: all rows [0, n) of a kernel. */
export interface WasmLaunch {
  /** In parameter order; a partial buffer is copied once for each part. Arrays given are not changed. */
  readonly bufs: readonly KernelArray[];
  readonly scalars?: readonly Scalar[];
  readonly n: number;
  /** Default: all rows in one part. */
  readonly rowsPerPart?: number;
  /** Rows of one call; default: a whole part. */
  readonly rowsPerCall?: number;
  /** Starting values of the cells of every part; default: identities. */
  readonly cells?: readonly Scalar[];
}
export interface WasmOutcome {
  /** By part: null, or why and where it stopped. */
  readonly status: readonly ({ readonly code: number; readonly row: number } | null)[];
  /** By part, then by reduction. */
  readonly cells: readonly (readonly Scalar[])[];
  /** By part, then by cursor. */
  readonly cursors: readonly (readonly number[])[];
  /** By buffer, then by part (one array when not partial). */
  readonly bufs: readonly (readonly KernelArray[])[];
}
export type WasmRunner = (kernel: Kernel, launch: WasmLaunch) => WasmOutcome;

type MathImports = Readonly<Record<string, (...args: number[]) => number>>;
type KernelFn = (args: number, begin: number, end: number, part: number) => number;

const PAGE = 65536;
const PAD = 64;
const MARK = 0xa5;
const isKernelFn = (f: unknown): f is KernelFn => typeof f === 'function';

/** What kernels import. */
const MATH: MathImports = { fmod: (a = 0, b = 0) => a % b };

const SINKS: readonly SinkName[] = ['direct', 'binaryen'];

/** Compiles kernels (checked) by each sink and gives a function that runs them on fresh data. */
export async function wasmRunner(kernels: readonly Kernel[]): Promise<WasmRunner> {
  const runners: WasmRunner[] = [];
  for (const sink of SINKS) {
    runners.push(await runnerOf(sink, kernels, small()));
    const large = memory64();
    if (large !== null) runners.push(await runnerOf(sink, kernels, large));
  }
  return (kernel, launch) => {
    const [outcome, ...others] = runners.map((run) => run(kernel, launch));
    if (outcome === undefined) throw new InternalError('test: no sink');
    const differs = others.some((o) => !isDeepStrictEqual(plain(o), plain(outcome)));
    invariant(!differs, () => `test: the sinks' code for ${kernel.name} differs in what it does`);
    return outcome;
  };
}

/** Any NaN is as good as another: WASM leaves its bits open. */
const plain = (o: WasmOutcome): unknown => ({ ...o, bufs: o.bufs.map((parts) => parts.map((a) => [...a])) });

/** A memory with what tells its two kinds apart. */
interface TestMemory {
  readonly memory: WebAssembly.Memory;
  readonly memory64: boolean;
  /** Where buffers begin. */
  readonly buffers: number;
}

const small = (): TestMemory => ({
  memory: new WebAssembly.Memory({ initial: 16, maximum: MAX_PAGES, shared: true }),
  memory64: false,
  buffers: LOW_BYTES,
});

/** A memory of 64-bit addresses, of which only what tests write is there; null where the engine has none. */
function memory64(): TestMemory | null {
  try {
    const [initial, maximum] = [BigInt(MAX_PAGES + 16), BigInt(MAX_PAGES_64)];
    const memory = new WebAssembly.Memory({ address: 'i64', initial, maximum, shared: true });
    return { memory, memory64: true, buffers: MAX_PAGES * PAGE };
  } catch {
    return null;
  }
}

async function runnerOf(sink: SinkName, kernels: readonly Kernel[], to: TestMemory): Promise<WasmRunner> {
  const { memory64, memory } = to;
  const { bytes, imports } = await compileWasm(kernels, { sink, check: sink === 'direct', memory64 });
  const missing = imports.filter((name) => MATH[name] === undefined);
  invariant(missing.length === 0, () => `test: no math import ${missing.join(', ')}`);
  const { exports } = new WebAssembly.Instance(new WebAssembly.Module(bytes), { env: { memory }, math: MATH });
  return (kernel, launch) => {
    const fn = exports[kernel.name];
    if (!isKernelFn(fn)) throw new InternalError(`test: no kernel ${kernel.name}`);
    return new Launch(to, kernel, launch).run(fn);
  };
}

class Launch {
  readonly #memory: WebAssembly.Memory;
  readonly #kernel: Kernel;
  readonly #launch: WasmLaunch;
  readonly #memory64: boolean;
  readonly #blocks: { readonly at: number; readonly bytes: number }[] = [];
  readonly #buffers: number;
  #top = LOW_BYTES;

  constructor({ memory, memory64, buffers }: TestMemory, kernel: Kernel, launch: WasmLaunch) {
    this.#memory = memory;
    this.#memory64 = memory64;
    this.#buffers = buffers;
    this.#kernel = kernel;
    this.#launch = launch;
  }

  run(fn: KernelFn): WasmOutcome {
    const { n, bufs, scalars = [], cells } = this.#launch;
    const kernel = this.#kernel;
    const scratch = kernel.bufs.filter((b) => b.access === 'scratch');
    const all = [...bufs, ...scratch.map((b) => kernelArray(b.elem, kernel.wide?.rows?.batch ?? 0))];
    invariant(all.length === kernel.bufs.length, () => `test: ${kernel.name} takes ${kernel.bufs.length} buffers`);
    const rowsPerPart = this.#launch.rowsPerPart ?? Math.max(n, 1);
    const parts = Math.max(1, Math.ceil(n / rowsPerPart));
    const perCall = this.#launch.rowsPerCall ?? rowsPerPart;

    const status = this.#alloc(parts * 8);
    const cellBase = this.#alloc(parts * kernel.reductions.length * 8);
    const cursorBase = this.#alloc(parts * kernel.cursors * 4);
    const args = this.#alloc(scalarSlot(kernel.bufs.length, kernel.scalars.length, this.#memory64));
    this.#top = Math.max(this.#top, this.#buffers);
    const places = kernel.bufs.map((param, k) => this.#place(param.partial ? parts : 1, all[k]));

    const head = [status, cellBase, cursorBase, rowsPerPart];
    for (const [i, word] of head.entries()) this.#write('u32', args + i * 4, word);
    for (const [k, { base, stride }] of places.entries()) {
      const slot = bufferSlot(k, this.#memory64);
      this.#write(this.#memory64 ? 'u64' : 'u32', args + slot.base, base);
      this.#write('u32', args + slot.stride, stride);
    }
    for (const [j, param] of kernel.scalars.entries()) {
      const value = scalars[j];
      if (value === undefined) throw new InternalError(`test: no value for scalar ${param.name}`);
      this.#write(slotKind(param.kind), args + scalarSlot(places.length, j, this.#memory64), value);
    }
    const cellAt = (p: number, r: number): number => cellBase + (p * kernel.reductions.length + r) * 8;
    for (let p = 0; p < parts; p++) {
      for (const [r, red] of kernel.reductions.entries()) {
        this.#write(slotKind(red.kind), cellAt(p, r), cells?.[r] ?? identity(red.op, red.kind));
      }
      for (let c = 0; c < kernel.cursors; c++) this.#write('u32', cursorBase + (p * kernel.cursors + c) * 4, 0);
    }

    const outcome = Array.from({ length: parts }, (_, p) => {
      const end = Math.min(n, (p + 1) * rowsPerPart);
      let begin = p * rowsPerPart;
      do {
        const code = fn(args, begin, Math.min(end, begin + perCall), p);
        if (code !== 0) {
          invariant(this.#read('u32', status + p * 8) === code, () => 'test: status record and result differ');
          return { code, row: Number(this.#read('u32', status + p * 8 + 4)) };
        }
        begin += perCall;
      } while (begin < end);
      return null;
    });
    this.#checkMarks();
    const eachPart = <T>(f: (p: number) => T): T[] => Array.from({ length: parts }, (_, p) => f(p));
    return {
      status: outcome,
      cells: eachPart((p) => kernel.reductions.map((red, r) => this.#read(slotKind(red.kind), cellAt(p, r)))),
      cursors: eachPart((p) =>
        Array.from({ length: kernel.cursors }, (_, c) =>
          Number(this.#read('u32', cursorBase + (p * kernel.cursors + c) * 4)),
        ),
      ),
      bufs: kernel.bufs
        .slice(0, bufs.length)
        .map((param, k) =>
          Array.from({ length: param.partial ? parts : 1 }, (_, p) => this.#copyOut(param.elem, k, p, places[k])),
        ),
    };
  }

  /** Room for one copy of `array` a part, filled. */
  #place(copies: number, array: KernelArray | undefined): { readonly base: number; readonly stride: number } {
    if (array === undefined) throw new InternalError('test: a missing buffer');
    const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
    const at = Array.from({ length: copies }, () => {
      const base = this.#alloc(array.byteLength);
      new Uint8Array(this.#memory.buffer, base, bytes.length).set(bytes);
      return base;
    });
    const [base = 0, second = base] = at;
    return { base, stride: second - base };
  }
  #copyOut(
    kind: ScalarKind,
    k: number,
    part: number,
    place: { readonly base: number; readonly stride: number } | undefined,
  ): KernelArray {
    const length = this.#launch.bufs[k]?.length ?? 0;
    const out = kernelArray(kind, length);
    const base = (place?.base ?? 0) + part * (place?.stride ?? 0);
    new Uint8Array(out.buffer).set(new Uint8Array(this.#memory.buffer, base, out.byteLength));
    return out;
  }

  /** Memory between two marked pads, 16-byte aligned plus one element so that vectors are not aligned by luck. */
  #alloc(bytes: number): number {
    const at = this.#top + PAD + 8;
    this.#top = Math.ceil((at + bytes + PAD) / 16) * 16;
    const pages = Math.ceil((this.#top + PAD) / PAGE) - this.#memory.buffer.byteLength / PAGE;
    if (pages > 0) this.#memory.grow(this.#memory64 ? BigInt(pages) : pages);
    new Uint8Array(this.#memory.buffer, at - PAD, bytes + 2 * PAD).fill(MARK);
    this.#blocks.push({ at, bytes });
    return at;
  }
  #checkMarks(): void {
    for (const { at, bytes } of this.#blocks) {
      const before = new Uint8Array(this.#memory.buffer, at - PAD, PAD);
      const after = new Uint8Array(this.#memory.buffer, at + bytes, PAD);
      const clean = before.every((b) => b === MARK) && after.every((b) => b === MARK);
      invariant(clean, () => `test: kernel ${this.#kernel.name} wrote outside its memory`);
    }
  }

  #write(kind: ScalarKind, at: number, value: Scalar): void {
    const one = kernelArray(kind, 1);
    if (one instanceof BigInt64Array || one instanceof BigUint64Array) one[0] = BigInt(value);
    else one[0] = Number(value);
    new Uint8Array(this.#memory.buffer, at, one.byteLength).set(new Uint8Array(one.buffer));
  }
  #read(kind: ScalarKind, at: number): Scalar {
    const one = kernelArray(kind, 1);
    const bytes = scalarBytes(kind);
    new Uint8Array(one.buffer).set(new Uint8Array(this.#memory.buffer, at, bytes));
    return one[0] ?? 0;
  }
}

/** The kind in which an argument slot or a reduction cell holds a value: narrow kinds as i32. */
function slotKind(kind: ScalarKind): ScalarKind {
  if (isBigKind(kind) || scalarBytes(kind) >= 4) return kind;
  return 'i32';
}
