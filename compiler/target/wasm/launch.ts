/**
 * The launch ABI in locals: what the prologue of a kernel reads from its argument record and what the epilogue writes
 * back (the record's layout is at the end of `compiler/sir/kernel.ts`).
 *
 * A cursor is held as an absolute row, part * rowsPerPart + count, so a pushed row is one shift and add away. A
 * reduction cell is held as its value; in the wide loop further locals hold one accumulator a lane.
 */

import { InternalError } from '../../diag/diagnostic.ts';
import type { Reduction } from '../../sir/kernel.ts';
import { ABI, bufferSlot, scalarSlot } from '../../sir/kernel.ts';
import type { Frame } from './frame.ts';
import { scalarTy } from './info.ts';
import type { Local, Place, Ref, WasmTy } from './sink.ts';

/** Parameters of every kernel function: (args, begin, end, part). */
export const PARAMS: readonly WasmTy[] = ['i32', 'i32', 'i32', 'i32'];
const ARGS = 0 as Local;
/** Also the row counter: it moves as rows are done. */
export const ROW = 1 as Local;
export const END = 2 as Local;
const PART = 3 as Local;

export class LaunchState {
  readonly #frame: Frame;
  readonly #bases: readonly Local[];
  readonly #cells: readonly Local[];
  readonly #wideCells = new Map<string, Local>();
  readonly #wideExtras = new Map<string, readonly [Local, Local]>();
  readonly #cursors: readonly Local[];
  readonly #cellBase: Local;
  readonly #cursorBase: Local;
  readonly #firstRow: Local;

  constructor(f: Frame) {
    const { kernel } = f;
    this.#frame = f;
    this.#bases = kernel.bufs.map(() => f.local(f.memory64 ? 'i64' : 'i32'));
    this.#cells = kernel.reductions.map((r) => f.local(scalarTy(r.kind)));
    this.#cursors = Array.from({ length: kernel.cursors }, () => f.local('i32'));
    this.#cellBase = f.local('i32');
    this.#cursorBase = f.local('i32');
    this.#firstRow = f.local('i32');
  }

  /** Emits the prologue. */
  load(): void {
    const f = this.#frame;
    const { sink, kernel } = f;
    const word = (offset: number): Ref => sink.load('i32.load', this.#arg(offset));
    const part = (): Ref => sink.getLocal(PART, 'i32');
    const set = (local: Local, value: Ref): void => f.emit(sink.setLocal(local, value));
    const scaled = (a: Ref, b: Ref): Ref => sink.binary('i32.mul', a, b);

    const copy = (stride: Ref): Ref =>
      f.memory64 ? sink.binary('i64.mul', f.pointer(part()), f.pointer(stride)) : scaled(part(), stride);
    kernel.bufs.forEach((buf, k) => {
      const at = bufferSlot(k, f.memory64);
      const base = f.memory64 ? sink.load('i64.load', this.#arg(at.base)) : word(at.base);
      const start = buf.partial ? sink.binary(f.memory64 ? 'i64.add' : 'i32.add', base, copy(word(at.stride))) : base;
      set(this.#local(this.#bases, k), start);
    });
    kernel.scalars.forEach((param, j) => {
      const ty = scalarTy(param.kind);
      const at = scalarSlot(kernel.bufs.length, j, f.memory64);
      f.write(param.reg, { kind: param.kind, lanes: 1 }, sink.load(`${ty}.load`, this.#arg(at)));
    });
    if (kernel.reductions.length > 0) {
      const bytes = kernel.reductions.length * ABI.slot;
      set(this.#cellBase, sink.binary('i32.add', word(ABI.reductions), scaled(part(), sink.i32(bytes))));
    }
    kernel.reductions.forEach((red, r) => {
      set(this.#local(this.#cells, r), sink.load(`${scalarTy(red.kind)}.load`, this.#cellPlace(r)));
    });
    if (kernel.cursors > 0) {
      const bytes = kernel.cursors * 4;
      set(this.#cursorBase, sink.binary('i32.add', word(ABI.cursors), scaled(part(), sink.i32(bytes))));
      set(this.#firstRow, scaled(part(), word(ABI.rowsPerPart)));
    }
    this.#cursors.forEach((cursor, c) => {
      const count = sink.load('i32.load', this.#cursorPlace(c));
      set(cursor, sink.binary('i32.add', sink.getLocal(this.#firstRow, 'i32'), count));
    });
  }

  /** Emits the epilogue: cells and cursor counts go back to memory. */
  store(): void {
    const f = this.#frame;
    const { sink, kernel } = f;
    kernel.reductions.forEach((red, r) => {
      f.emit(sink.store(`${scalarTy(red.kind)}.store`, this.#cellPlace(r), this.cell(r)));
    });
    this.#cursors.forEach((_, c) => {
      const count = sink.binary('i32.sub', this.cursor(c), sink.getLocal(this.#firstRow, 'i32'));
      f.emit(sink.store('i32.store', this.#cursorPlace(c), count));
    });
  }

  /** Address of buffer `buf`, of this part's copy if it is partial. */
  base(buf: number): Ref {
    const f = this.#frame;
    return f.sink.getLocal(this.#local(this.#bases, buf), f.memory64 ? 'i64' : 'i32');
  }
  /** Address of this part's status record. */
  statusRecord(): Ref {
    const { sink } = this.#frame;
    const offset = sink.binary('i32.shl', sink.getLocal(PART, 'i32'), sink.i32(3));
    return sink.binary('i32.add', sink.load('i32.load', this.#arg(ABI.status)), offset);
  }

  reduction(red: number): Reduction {
    const found = this.#frame.kernel.reductions[red];
    if (found === undefined) throw new InternalError(`wasm: kernel ${this.#frame.kernel.name} has no reduction ${red}`);
    return found;
  }
  cell(red: number): Ref {
    return this.#frame.sink.getLocal(this.#local(this.#cells, red), scalarTy(this.reduction(red).kind));
  }
  setCell(red: number, value: Ref): void {
    this.#frame.emit(this.#frame.sink.setLocal(this.#local(this.#cells, red), value));
  }
  /** A copy of the lane accumulators of a reduction; the first use makes the local. */
  wideCell(red: number, copy: number): Ref {
    return this.#frame.sink.getLocal(this.#wideLocal(red, copy), 'v128');
  }
  setWideCell(red: number, copy: number, value: Ref): void {
    this.#frame.emit(this.#frame.sink.setLocal(this.#wideLocal(red, copy), value));
  }

  /** Two more accumulators of such a copy (`extremes.ts`); the first use makes the locals. */
  wideExtras(red: number, copy: number): readonly [Local, Local] {
    const key = `${red}.${copy}`;
    const known = this.#wideExtras.get(key);
    if (known !== undefined) return known;
    const made = [this.#frame.local('v128'), this.#frame.local('v128')] as const;
    this.#wideExtras.set(key, made);
    return made;
  }

  /** The absolute row that the next push at a cursor fills. */
  cursor(cursor: number): Ref {
    return this.#frame.sink.getLocal(this.#local(this.#cursors, cursor), 'i32');
  }
  moveCursor(cursor: number, by: Ref): void {
    const { sink } = this.#frame;
    this.setCursor(cursor, sink.binary('i32.add', this.cursor(cursor), by));
  }
  setCursor(cursor: number, row: Ref): void {
    this.#frame.emit(this.#frame.sink.setLocal(this.#local(this.#cursors, cursor), row));
  }

  /** A fresh local for a copy of each cursor. */
  cursorCopies(): readonly Local[] {
    return this.#cursors.map(() => this.#frame.local('i32'));
  }

  #wideLocal(red: number, copy: number): Local {
    const key = `${red}.${copy}`;
    const known = this.#wideCells.get(key);
    if (known !== undefined) return known;
    const made = this.#frame.local('v128');
    this.#wideCells.set(key, made);
    return made;
  }
  #local(locals: readonly Local[], n: number): Local {
    const local = locals[n];
    if (local === undefined) throw new InternalError(`wasm: kernel ${this.#frame.kernel.name} lacks parameter ${n}`);
    return local;
  }
  #arg(offset: number): Place {
    return this.#low(ARGS, offset);
  }
  #cellPlace(red: number): Place {
    return this.#low(this.#cellBase, red * ABI.slot);
  }
  #cursorPlace(cursor: number): Place {
    return this.#low(this.#cursorBase, cursor * 4);
  }
  #low(base: Local, offset: number): Place {
    return { ptr: this.#frame.pointer(this.#frame.sink.getLocal(base, 'i32')), offset, align: 4 };
  }
}
