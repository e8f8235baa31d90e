/**
 * The checked way to make SIR: one constructor per expression node, and `KernelBuilder` for statements.
 *
 * Types are computed, never passed in twice; operands that do not fit throw InternalError, so a fault shows at the
 * line of the lowering that made it instead of in the emitted machine code. All constructors work for 1, 2 and 4
 * lanes alike: `splat`, `lane`, `lanes` and `any` are the identity on one lane, so code written over "the lanes of
 * this value" (the math library) serves scalar and wide bodies without a branch.
 *
 * No folding happens here: what is built is what is printed, and rewriting belongs to the passes.
 */

import type { MergeOp, ScalarKind } from '../core/types.ts';
import { isBigKind, scalarBytes } from '../core/types.ts';
import { InternalError, invariant } from '../diag/diagnostic.ts';
import { binAccepts, takes, unAccepts } from './accepts.ts';
import { INT_RANGE } from './int-range.ts';
import type {
  BufParam,
  FailCode,
  Kernel,
  Reduction,
  Reg,
  RowPhase,
  SBin,
  SCmp,
  ScalarParam,
  SExpr,
  Stmt,
  SUn,
  ValTy,
  WholeOp,
} from './kernel.ts';
import { wholeType } from './whole.ts';

export type Lanes = ValTy['lanes'];
/** The lane counts of loops that passes widen, and of one row. */
export type LoopLanes = Extract<Lanes, 1 | 2 | 4>;
/** The node that reads a register; what `let`, `var`, `load` and the parameters give. */
export type Get = Extract<SExpr, { readonly x: 'get' }>;

const text = (t: ValTy): string => (t.lanes === 1 ? t.kind : `${t.kind}x${t.lanes}`);
export const sameTy = (a: ValTy, b: ValTy): boolean => a.kind === b.kind && a.lanes === b.lanes;

function agree(what: string, a: SExpr, b: SExpr): void {
  invariant(sameTy(a.ty, b.ty), () => `sir: ${what} on ${text(a.ty)} and ${text(b.ty)}`);
}

// ---- expressions -------------------------------------------------------------------------------------------------

export function get(reg: Reg, kind: ScalarKind, lanes: Lanes = 1): Get {
  return { x: 'get', reg, ty: { kind, lanes } };
}

/**
 * A constant in every lane. i64/u64 take a bigint or a safe integer, bool a boolean, the rest a number; f32 is
 * rounded to f32 here. Integers must be in the range of their kind.
 */
export function lit(kind: ScalarKind, value: number | bigint | boolean, lanes: Lanes = 1): SExpr {
  return { x: 'lit', value: literalValue(kind, value), ty: { kind, lanes } };
}

function literalValue(kind: ScalarKind, value: number | bigint | boolean): number | bigint | boolean {
  const bad = (): InternalError => new InternalError(`sir: ${String(value)} is no ${kind} literal`);
  if (kind === 'bool') {
    if (typeof value !== 'boolean') throw bad();
    return value;
  }
  if (typeof value === 'boolean') throw bad();
  const range = INT_RANGE[kind];
  if (range === undefined) {
    if (typeof value !== 'number') throw bad();
    return kind === 'f32' ? Math.fround(value) : value;
  }
  if (typeof value === 'number' && !Number.isSafeInteger(value)) throw bad();
  const big = BigInt(value);
  if (big < range[0] || big > range[1]) throw bad();
  return isBigKind(kind) ? big : Number(big);
}

export function un(op: SUn, a: SExpr): SExpr {
  invariant(unAccepts(op, a.ty.kind), () => `sir: ${op} on ${text(a.ty)}`);
  return { x: 'un', op, a, ty: a.ty };
}

/** Arithmetic and bit operations; both operands and the result have one type. */
export function bin(op: SBin, a: SExpr, b: SExpr): SExpr {
  agree(op, a, b);
  invariant(binAccepts(op, a.ty.kind), () => `sir: ${op} on ${text(a.ty)}`);
  return { x: 'bin', op, a, b, ty: a.ty };
}

/** Comparison; the result is bool with the same lanes. Works on bool too (false below true). */
export function cmp(op: SCmp, a: SExpr, b: SExpr): SExpr {
  agree(op, a, b);
  return { x: 'cmp', op, a, b, ty: { kind: 'bool', lanes: a.ty.lanes } };
}

/** `c ? a : b`, lane by lane; both sides are evaluated. */
export function sel(c: SExpr, a: SExpr, b: SExpr): SExpr {
  agree('select', a, b);
  invariant(c.ty.kind === 'bool' && c.ty.lanes === a.ty.lanes, () => `sir: select of ${text(a.ty)} by ${text(c.ty)}`);
  return { x: 'select', c, a, b, ty: a.ty };
}

/** Value conversion; `a` itself when it has the kind already. */
export function cast(a: SExpr, kind: ScalarKind): SExpr {
  return a.ty.kind === kind ? a : { x: 'cast', a, ty: { kind, lanes: a.ty.lanes } };
}

/** The same bits as another kind of the same width (32 or 64 bits); `a` itself when it has the kind already. */
export function bitcast(a: SExpr, kind: ScalarKind): SExpr {
  if (a.ty.kind === kind) return a;
  const bytes = scalarBytes(kind);
  invariant(bytes >= 4 && bytes === scalarBytes(a.ty.kind), () => `sir: bitcast of ${text(a.ty)} to ${kind}`);
  return { x: 'bitcast', a, ty: { kind, lanes: a.ty.lanes } };
}

/** A scalar in every lane; `a` itself for one lane. */
export function splat(a: SExpr, lanes: Lanes): SExpr {
  invariant(a.ty.lanes === 1, () => `sir: splat of ${text(a.ty)}`);
  return lanes === 1 ? a : { x: 'splat', a, ty: { kind: a.ty.kind, lanes } };
}

/** One lane of a wide value; lane 0 of a scalar is the scalar. */
export function lane(a: SExpr, index: number): SExpr {
  invariant(Number.isInteger(index) && index >= 0 && index < a.ty.lanes, () => `sir: lane ${index} of ${text(a.ty)}`);
  return a.ty.lanes === 1 ? a : { x: 'lane', a, lane: index, ty: { kind: a.ty.kind, lanes: 1 } };
}

/** A wide value from scalars of one kind, one a lane. */
export function lanes(items: readonly SExpr[]): SExpr {
  const n = items.length;
  const first = items[0];
  if (first === undefined || !isLaneCount(n)) throw new InternalError(`sir: lanes of ${n} items`);
  for (const item of items) {
    agree('lanes', first, item);
    invariant(item.ty.lanes === 1, () => `sir: lanes of ${text(item.ty)}`);
  }
  return n === 1 ? first : { x: 'lanes', items, ty: { kind: first.ty.kind, lanes: n } };
}

const isLaneCount = (n: number): n is Lanes => n === 1 || n === 2 || n === 4 || n === 8 || n === 16;

/** An operation on whole registers. */
export function whole(op: WholeOp, ...args: readonly SExpr[]): SExpr {
  const ty = wholeType(
    op,
    args.map((a) => a.ty),
  );
  if (ty === null) throw new InternalError(`sir: ${op} of ${args.map((a) => text(a.ty)).join(', ')}`);
  return { x: 'whole', op, args, ty };
}

/** Scalar bool: is any lane of a mask true. */
export function any(a: SExpr): SExpr {
  invariant(a.ty.kind === 'bool', () => `sir: any of ${text(a.ty)}`);
  return a.ty.lanes === 1 ? a : { x: 'any', a, ty: { kind: 'bool', lanes: 1 } };
}

// ---- kernels -----------------------------------------------------------------------------------------------------

type Body = () => void;

/**
 * Builds one kernel. Statements go to the current block, which `if`, `while`, `wide` and `block` nest by callback.
 * Registers come fresh from one counter, so body and wide code never share one.
 */
export class KernelBuilder {
  readonly name: string;
  /** The row, scalar i32. */
  readonly index: Get;
  readonly #bufs: BufParam[] = [];
  readonly #scalars: ScalarParam[] = [];
  readonly #reductions: Reduction[] = [];
  #cursors = 0;
  #regs: number;
  #block: Stmt[] = [];
  #wide: Kernel['wide'] = null;
  #rows: RowPhase | null = null;
  #packed = false;

  constructor(name: string, index: Reg = 0 as Reg, firstFree = 1) {
    this.name = name;
    this.index = get(index, 'i32');
    this.#regs = firstFree;
  }

  /** A builder with the declarations and the register counter of `kernel` and an empty body, for passes. */
  static from(kernel: Kernel): KernelBuilder {
    const k = new KernelBuilder(kernel.name, kernel.index, kernel.regs);
    k.#bufs.push(...kernel.bufs);
    k.#scalars.push(...kernel.scalars);
    k.#reductions.push(...kernel.reductions);
    k.#cursors = kernel.cursors;
    k.#packed = kernel.packed;
    return k;
  }
  /** A builder of a kernel that is written by hand. */
  static packed(name: string): KernelBuilder {
    const k = new KernelBuilder(name);
    k.#packed = true;
    return k;
  }

  /** The first register number that is free. */
  get regs(): number {
    return this.#regs;
  }
  /** A register that nothing defines yet. */
  fresh(): Reg {
    return this.#regs++ as Reg;
  }

  // Declarations: they give the number (or, for a scalar, the value) that statements use.

  buf(name: string, elem: ScalarKind, access: BufParam['access'], partial = false): number {
    return this.#bufs.push({ name, elem, access, partial }) - 1;
  }
  scalar(name: string, kind: ScalarKind): Get {
    const reg = this.fresh();
    this.#scalars.push({ name, reg, kind });
    return get(reg, kind);
  }
  reduction(name: string, kind: ScalarKind, op: MergeOp): number {
    return this.#reductions.push({ name, kind, op }) - 1;
  }
  cursor(): number {
    return this.#cursors++;
  }

  // Statements.

  /** Appends a finished statement as it is. */
  emit(stmt: Stmt): void {
    this.#block.push(stmt);
  }
  /** Names a value. A value that is a register already is given back as it is. */
  let(e: SExpr): Get {
    if (e.x === 'get') return e;
    const reg = this.fresh();
    this.emit({ s: 'let', reg, e });
    return get(reg, e.ty.kind, e.ty.lanes);
  }
  /** A mutable local; wide code may have wide ones. */
  var(e: SExpr): Get {
    const reg = this.fresh();
    this.emit({ s: 'var', reg, e });
    return get(reg, e.ty.kind, e.ty.lanes);
  }
  set(target: Get, e: SExpr): void {
    agree('set', target, e);
    this.emit({ s: 'set', reg: target.reg, e });
  }
  load(buf: number, index: SExpr, lanes: Lanes = 1): Get {
    const ty: ValTy = { kind: this.#buf(buf).elem, lanes };
    invariant(sameTy(index.ty, this.index.ty), () => `sir: load at ${text(index.ty)}`);
    const reg = this.fresh();
    this.emit({ s: 'load', reg, ty, buf, index });
    return get(reg, ty.kind, lanes);
  }
  store(buf: number, index: SExpr, value: SExpr): void {
    const { name, elem } = this.#buf(buf);
    invariant(value.ty.kind === elem, () => `sir: store of ${text(value.ty)} in ${name} of ${elem}`);
    invariant(sameTy(index.ty, this.index.ty), () => `sir: store at ${text(index.ty)}`);
    this.emit({ s: 'store', buf, index, value });
  }
  /** reduction op= value, in the lanes of `mask` where one is given. */
  accum(red: number, value: SExpr, mask: SExpr | null = null): void {
    const reduction = this.#reductions[red];
    const accepted = reduction !== undefined && takes(reduction, value.ty);
    invariant(accepted, () => `sir: accum of ${text(value.ty)} in a reduction of ${reduction?.kind}`);
    if (mask !== null) {
      const fits = mask.ty.kind === 'bool' && mask.ty.lanes === value.ty.lanes;
      invariant(fits, () => `sir: accum of ${text(value.ty)} under ${text(mask.ty)}`);
    }
    this.emit({ s: 'accum', red, value, mask });
  }
  if(cond: SExpr, then: Body, otherwise: Body | null = null): void {
    invariant(sameTy(cond.ty, BOOL), () => `sir: if of ${text(cond.ty)}`);
    this.emit({
      s: 'if',
      cond,
      then: this.block(then),
      else: otherwise === null ? [] : this.block(otherwise),
    });
  }
  while(cond: SExpr, body: Body): void {
    invariant(sameTy(cond.ty, BOOL), () => `sir: while of ${text(cond.ty)}`);
    this.emit({ s: 'while', cond, body: this.block(body) });
  }
  /** Runs `body` for each i32 from `from` up to `to`. */
  range(from: SExpr, to: SExpr, body: (k: Get) => void): void {
    const end = to.x === 'lit' ? to : this.let(to);
    const k = this.var(from);
    this.while(cmp('<', k, end), () => {
      body(k);
      this.set(k, bin('+', k, lit('i32', 1)));
    });
  }
  /** Appends a row at `cursor`: `stores` pairs buffers with scalars, or with a mask the rows whose lanes are on. */
  push(cursor: number, stores: readonly (readonly [buf: number, value: SExpr])[], mask: SExpr | null = null): void {
    invariant(cursor >= 0 && cursor < this.#cursors, () => `sir: push at cursor ${cursor} of ${this.#cursors}`);
    for (const [buf, value] of stores) {
      const elem: ValTy = { kind: this.#buf(buf).elem, lanes: mask?.ty.lanes ?? 1 };
      invariant(sameTy(value.ty, elem), () => `sir: push of ${text(value.ty)} in a buffer of ${elem.kind}`);
    }
    this.emit({
      s: 'push',
      cursor,
      stores: stores.map(([buf, value]) => ({ buf, value })),
      mask,
    });
  }
  /** Inside `wide`: the row phase runs for the rows whose lanes are on. */
  pick(rows: SExpr, mask: SExpr): void {
    this.emit({ s: 'pick', rows, mask });
  }
  /** Stops the part when `when` (a scalar bool or a mask) holds. */
  fail(code: FailCode, when: SExpr): void {
    invariant(when.ty.kind === 'bool', () => `sir: fail when ${text(when.ty)}`);
    this.emit({ s: 'fail', code, when });
  }

  /** The statements that `body` emits, as a block of their own: they do not go to the current block. */
  block(body: Body): readonly Stmt[] {
    const outer = this.#block;
    const inner: Stmt[] = [];
    this.#block = inner;
    try {
      body();
    } finally {
      this.#block = outer;
    }
    return inner;
  }
  /** The wide form of the body: the same iteration for `lanes` consecutive rows, `index` being the first. */
  wide(lanes: 2 | 4, body: Body): void {
    this.#rows = null;
    const stmts = this.block(body);
    this.#wide = { lanes, step: lanes, body: stmts, rows: this.#rows };
  }
  /** Inside `wide`: what runs row by row after the lanes of a batch. */
  rows(phase: RowPhase): void {
    this.#rows = phase;
  }

  /** The kernel; the builder may not be used afterwards. */
  finish(): Kernel {
    return {
      name: this.name,
      bufs: this.#bufs,
      scalars: this.#scalars,
      reductions: this.#reductions,
      cursors: this.#cursors,
      index: this.index.reg,
      body: this.#block,
      wide: this.#wide,
      packed: this.#packed,
      regs: this.#regs,
    };
  }

  #buf(buf: number): BufParam {
    const param = this.#bufs[buf];
    if (param === undefined) throw new InternalError(`sir: kernel ${this.name} has no buffer ${buf}`);
    return param;
  }
}

const BOOL: ValTy = { kind: 'bool', lanes: 1 };
