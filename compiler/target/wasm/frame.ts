/**
 * The function being emitted: its locals, the statement list that grows, and what the wide loop hoists.
 *
 * Expressions are pure, so a value that an instruction sequence needs twice is spilled: set to a local in the current
 * list, before the statement that is being put together, and read from there. Spills that turn out needless are
 * removed by the clean-up passes.
 *
 * In the wide loop, expressions over literals and scalar parameters alone are computed once before the loop, in packed kernels
 * vector constants: inside a loop these cost up to 45 % on current engines. Integer division is never hoisted, since it may trap in
 * a loop that runs zero times.
 */

import { isFloatKind } from '../../core/types.ts';
import { InternalError } from '../../diag/diagnostic.ts';
import type { Kernel, Reg, SExpr, ValTy } from '../../sir/kernel.ts';
import { exprText } from '../../sir/print.ts';
import { countReads, operands } from '../../sir/shape.ts';
import type { LibraryName } from './info.ts';
import { machineTy } from './info.ts';
import { LaunchState } from './launch.ts';
import type { Local, Ref, WasmSink, WasmTy } from './sink.ts';

/** What code is made for, beyond what every engine has. */
export interface Engine {
  /** Use relaxed multiply-add in wide code: results then depend on the engine in their last bits. */
  readonly relaxedMadd: boolean;
  /** The memory has 64-bit addresses. */
  readonly memory64: boolean;
}

export class Frame {
  readonly sink: WasmSink;
  readonly kernel: Kernel;
  /** May a product and a sum be one relaxed multiply-add? */
  readonly relaxedMadd: boolean;
  /** Are addresses 64 bits wide? */
  readonly memory64: boolean;
  /** Library functions that the code calls. */
  readonly imports: Set<LibraryName>;
  /** Types of the locals after the parameters. */
  readonly locals: WasmTy[] = [];
  /** Buffers, cells and cursors. */
  readonly state: LaunchState;
  /** Label to leave the wide loop by, null outside it. */
  bail: string | null = null;
  /** The list of a row phase that runs for picked rows alone (a buffer) and its length, while the wide code before it is
   *  emitted. */
  picks: { readonly list: number; readonly count: Local } | null = null;
  readonly #params: number;
  readonly #regs = new Map<Reg, Local>();
  readonly #uniform = new Map<Reg, () => Ref>();
  readonly #invariant = new Set<Reg>();
  readonly #isInvariant = new Map<SExpr, boolean>();
  readonly #constants = new Map<string, { readonly local: Local; readonly bytes: Uint8Array }>();
  readonly #hoisted = new Map<string, Local>();
  #reads: ReadonlyMap<Reg, number> | null = null;
  #out: Ref[] = [];
  #prelude: Ref[] | null = null;
  #branches = 0;
  #labels = 0;

  constructor(sink: WasmSink, kernel: Kernel, params: number, imports: Set<LibraryName>, engine: Engine) {
    this.sink = sink;
    this.relaxedMadd = engine.relaxedMadd;
    this.memory64 = engine.memory64;
    this.kernel = kernel;
    this.imports = imports;
    this.#params = params;
    this.state = new LaunchState(this);
    for (const s of kernel.scalars) this.#invariant.add(s.reg);
  }

  /** Appends a statement to the current list. */
  emit(stmt: Ref): void {
    this.#out.push(stmt);
  }
  /** The statements that `body` emits, as a list of their own. */
  list(body: () => void): readonly Ref[] {
    const outer = this.#out;
    const inner: Ref[] = [];
    this.#out = inner;
    body();
    this.#out = outer;
    return inner;
  }
  label(hint: string): string {
    return `${hint}${this.#labels++}`;
  }

  /** A new local. */
  local(ty: WasmTy): Local {
    return (this.#params + this.locals.push(ty) - 1) as Local;
  }
  /** Computes `value` now; the result reads it, as often as needed. */
  spill(value: Ref, ty: WasmTy): () => Ref {
    const local = this.local(ty);
    this.emit(this.sink.setLocal(local, value));
    return () => this.sink.getLocal(local, ty);
  }

  /** An address below 4 GiB, which is an i32, as what loads and stores take. */
  pointer(low: Ref): Ref {
    return this.memory64 ? this.sink.unary('i64.extend_i32_u', low) : low;
  }
  /** An address plus element `index`, a number below 2^32, of `2^shift` bytes. */
  element(base: Ref, index: Ref, shift: number): Ref {
    const { sink } = this;
    const offset = this.pointer(index);
    if (this.memory64) {
      return sink.binary(
        'i64.add',
        base,
        shift === 0 ? offset : sink.binary('i64.shl', offset, sink.i64(BigInt(shift))),
      );
    }
    return sink.binary('i32.add', base, shift === 0 ? offset : sink.binary('i32.shl', offset, sink.i32(shift)));
  }

  /** Ties a register to a local that exists (a parameter of the function). */
  bind(reg: Reg, local: Local): void {
    this.#regs.set(reg, local);
  }
  /** Defines or assigns a register. */
  write(reg: Reg, ty: ValTy, value: Ref): void {
    let local = this.#regs.get(reg);
    if (local === undefined) {
      local = this.local(machineTy(ty));
      this.#regs.set(reg, local);
    }
    this.emit(this.sink.setLocal(local, value));
  }
  read(reg: Reg, ty: ValTy): Ref {
    const local = this.#regs.get(reg);
    if (local === undefined) throw new InternalError(`wasm: kernel ${this.kernel.name}: %${reg} is not defined`);
    return this.sink.getLocal(local, machineTy(ty));
  }

  /** How often the kernel reads a register. */
  reads(reg: Reg): number {
    this.#reads ??= countReads([
      ...this.kernel.body,
      ...(this.kernel.wide?.body ?? []),
      ...(this.kernel.wide?.rows?.body ?? []),
    ]);
    return this.#reads.get(reg) ?? 0;
  }

  /** Remembers that a wide register has the scalar that `read` gives in every lane. */
  noteUniform(reg: Reg, read: () => Ref): void {
    this.#uniform.set(reg, read);
  }
  /** The scalar in every lane of a register, or null if it is not known to be the same. */
  uniform(reg: Reg): Ref | null {
    return this.#uniform.get(reg)?.() ?? null;
  }

  /** Collects what `body` hoists; the hoisted statements come first in the result. */
  withPrelude(body: () => void): readonly Ref[] {
    const prelude: Ref[] = [];
    this.#prelude = prelude;
    const rest = this.list(body);
    this.#prelude = null;
    return [...prelude, ...rest];
  }
  /** The statements of a branch, which may be rare: nothing new is hoisted from there, to keep registers free. */
  branch(body: () => void): readonly Ref[] {
    this.#branches++;
    const stmts = this.list(body);
    this.#branches--;
    return stmts;
  }
  /** Runs `body` with its statements going before the wide loop, if a register of value `e` may be defined there. */
  hoistLet(reg: Reg, e: SExpr, body: () => void): boolean {
    if (this.#prelude === null || this.#branches > 0 || !this.#invariantExpr(e)) return false;
    this.#invariant.add(reg);
    this.#beforeLoop(this.#prelude, body);
    return true;
  }
  /** A read of the loop-invariant wide value `e`, computed before the loop by `make`; null if `e` must stay. */
  hoistValue(e: SExpr, make: () => Ref): Ref | null {
    if (this.#prelude === null || e.x === 'get' || !this.#invariantExpr(e)) return null;
    return this.#hoistKeyed(`${exprText(e)} ${e.ty.kind}x${e.ty.lanes}`, this.#prelude, make);
  }
  /** A vector constant of 16 bytes, in a local when inside the wide loop or in a packed kernel. */
  constant(bytes: Uint8Array): Ref {
    const make = (): Ref => this.sink.v128(bytes);
    if (this.#prelude !== null) return this.#hoistKeyed(`bytes ${bytes.join()}`, this.#prelude, make);
    // Zeros take engines one instruction and no register.
    if (!this.kernel.packed || bytes.every((b) => b === 0)) return make();
    const key = bytes.join();
    const local = this.#constants.get(key)?.local ?? this.local('v128');
    this.#constants.set(key, { local, bytes });
    return this.sink.getLocal(local, 'v128');
  }
  /** Sets the constants of a packed kernel, whose own loops are all inside the one over its rows: before that one. */
  constants(): readonly Ref[] {
    return [...this.#constants.values()].map(({ local, bytes }) => this.sink.setLocal(local, this.sink.v128(bytes)));
  }

  /** Calls a library function; f64 in, f64 out. */
  library(name: LibraryName, args: readonly Ref[]): Ref {
    this.imports.add(name);
    return this.sink.call(name, args, 'f64');
  }

  #hoistKeyed(key: string, prelude: Ref[], make: () => Ref): Ref {
    let local = this.#hoisted.get(key);
    if (local === undefined) {
      if (this.#branches > 0) return make();
      const fresh = this.local('v128');
      this.#beforeLoop(prelude, () => this.emit(this.sink.setLocal(fresh, make())));
      this.#hoisted.set(key, fresh);
      local = fresh;
    }
    return this.sink.getLocal(local, 'v128');
  }
  /** Emits to the prelude; nothing in there is hoisted again. */
  #beforeLoop(prelude: Ref[], body: () => void): void {
    this.#prelude = null;
    const stmts = this.list(body);
    this.#prelude = prelude;
    prelude.push(...stmts);
  }
  #invariantExpr(e: SExpr): boolean {
    const known = this.#isInvariant.get(e);
    if (known !== undefined) return known;
    const mayTrap = e.x === 'bin' && (e.op === '/' || e.op === '%') && !isFloatKind(e.ty.kind);
    const answer =
      e.x === 'get' ? this.#invariant.has(e.reg) : !mayTrap && operands(e).every((a) => this.#invariantExpr(a));
    this.#isInvariant.set(e, answer);
    return answer;
  }
}
