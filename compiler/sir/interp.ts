/**
 * The reference interpreter of kernels: what a kernel means, on typed arrays, for one call on one part. Targets and
 * passes are tested against it. It walks the trees and is slow; every value is a list of lanes.
 *
 * With `useWide` the rows run as a target runs them: `wide` while at least `lanes` rows are left and none fails,
 * `body` for the rest, with one accumulator a lane that the end of the call folds into the cell in lane order.
 *
 * Memory is checked as strictly as the targets need it: an element must be inside its buffer, but a load may touch
 * the first `READABLE_PAD` bytes after it (or those of an empty buffer), which every heap block has; they read as 0.
 */

import type { MergeOp, ScalarKind } from '../core/types.ts';
import { isFloatKind, scalarBytes } from '../core/types.ts';
import { InternalError, invariant } from '../diag/diagnostic.ts';
import { binary, compare, convert, inPairs, reinterpret, type Scalar, unary, wrap } from './arith.ts';
import { INT_RANGE } from './int-range.ts';
import { FAIL_CODES, type Kernel, type Reg, type SExpr, type Stmt, type Wide } from './kernel.ts';
import { binaryMath, unaryMath } from './lib/evaluate.ts';
import { isBinaryMath, isUnaryMath } from './lib/index.ts';
import { floatKind } from './lib/ops.ts';
import { laneReductions } from './shape.ts';
import { wholeLanes } from './whole.ts';

export type { Scalar } from './arith.ts';

/** Bytes after the end of a buffer that a load may touch. */
export const READABLE_PAD = 64;

/** A column in memory: one array type a kind, bool as bytes 0/1. */
export type KernelArray =
  | Int8Array
  | Uint8Array
  | Int16Array
  | Uint16Array
  | Int32Array
  | Uint32Array
  | Float32Array
  | Float64Array
  | BigInt64Array
  | BigUint64Array;

/** A zeroed array for `length` elements of `kind`. */
export function kernelArray(kind: ScalarKind, length: number): KernelArray {
  switch (kind) {
    case 'bool':
    case 'u8':
      return new Uint8Array(length);
    case 'i8':
      return new Int8Array(length);
    case 'i16':
      return new Int16Array(length);
    case 'u16':
      return new Uint16Array(length);
    case 'i32':
      return new Int32Array(length);
    case 'u32':
      return new Uint32Array(length);
    case 'i64':
      return new BigInt64Array(length);
    case 'u64':
      return new BigUint64Array(length);
    case 'f32':
      return new Float32Array(length);
    case 'f64':
      return new Float64Array(length);
    default:
      return kind satisfies never;
  }
}

/** One call of a kernel: rows [begin, end) of part `part`. Buffers, cells and cursors are changed in place. */
export interface KernelCall {
  /** In parameter order; of a partial buffer, the part's own copy. */
  readonly bufs: readonly KernelArray[];
  readonly scalars: readonly Scalar[];
  readonly begin: number;
  readonly end: number;
  readonly part: number;
  readonly rowsPerPart: number;
  /** The part's reduction cells and cursor counts. */
  readonly cells: Scalar[];
  readonly cursors: number[];
  readonly useWide: boolean;
}

/** Where and why a part stopped. */
export interface KernelStatus {
  readonly code: number;
  readonly row: number;
}

type Lane = readonly Scalar[];

/** Runs the rows of a call in order; null when all of them ran, else the status of the row that failed. */
export function runKernel(kernel: Kernel, call: KernelCall): KernelStatus | null {
  const given = kernel.bufs.filter((b) => b.access !== 'scratch').length;
  invariant(call.bufs.length >= given, () => `sir: ${kernel.name} takes ${given} buffers`);
  const wide = call.useWide ? kernel.wide : null;
  const run = new Run(kernel, call, wide);
  let row = call.begin;
  let status: KernelStatus | null = null;
  while (wide !== null && row + wide.step <= call.end) {
    const before = [...call.cursors];
    if (wide.rows !== null) run.startBatch(wide.rows.start, row);
    run.picked.length = 0;
    if (run.row(wide.body, row) !== null) {
      // A failing wide iteration is broken off: its rows run again one by one, to fail at the right row.
      call.cursors.splice(0, before.length, ...before);
      break;
    }
    // A target runs a batch of iterations before their rows; in between only scratch is written, so it is the same.
    const all = Array.from({ length: wide.rows === null ? 0 : wide.step }, (_, k) => row + k);
    for (const own of wide.rows?.picked === null ? all : run.picked) {
      if (wide.rows !== null && status === null) status = run.row(wide.rows.body, own);
    }
    if (status !== null) break;
    row += wide.step;
  }
  run.foldLanes();
  for (; status === null && row < call.end; row++) status = run.row(kernel.body, row);
  return status;
}

/** What an accumulator starts from: the identity of the monoid, -0 for float sums (0 + -0 would lose the sign). */
export function identity(op: MergeOp, kind: ScalarKind): Scalar {
  if (isFloatKind(kind)) {
    if (op === '+') return -0;
    return op === '*' ? 1 : op === 'min' ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
  }
  const [lo, hi] = INT_RANGE[kind] ?? [0n, 0n];
  return wrap(kind, op === '+' ? 0n : op === '*' ? 1n : op === 'min' ? hi : lo);
}

class Run {
  /** Rows of this iteration that the row phase runs for, if it does not for all. */
  readonly picked: number[] = [];
  readonly #kernel: Kernel;
  readonly #call: KernelCall;
  /** The buffers of the call, and scratch where it brings none. */
  readonly #bufs: readonly KernelArray[];
  readonly #regs = new Map<Reg, Lane>();
  /** By reduction, by copy, by lane. */
  readonly #accs: Scalar[][][];
  #row = 0;

  constructor(kernel: Kernel, call: KernelCall, wide: Wide | null) {
    this.#kernel = kernel;
    this.#call = call;
    this.#bufs = kernel.bufs.map((b, k) => call.bufs[k] ?? kernelArray(b.elem, kernel.wide?.rows?.batch ?? 0));
    const byLane = laneReductions(wide?.body ?? []);
    this.#accs = kernel.reductions.map(({ op, kind }, i) => {
      const { ty, copies } = byLane.get(i) ?? { ty: { lanes: 0 }, copies: 0 };
      return Array.from({ length: copies }, () => new Array<Scalar>(ty.lanes).fill(identity(op, kind)));
    });
    kernel.scalars.forEach((p, i) => {
      this.#regs.set(p.reg, [call.scalars[i] ?? 0]);
    });
  }

  /** The batch of scratch begins at `row`. */
  startBatch(start: Reg, row: number): void {
    this.#regs.set(start, [row]);
  }

  row(body: readonly Stmt[], row: number): KernelStatus | null {
    this.#row = row;
    this.#regs.set(this.#kernel.index, [row]);
    return this.#block(body);
  }

  /** After the last wide iteration: cell = cell op ((lane0 op lane1) op (lane2 op lane3)), the copies before the lanes. */
  foldLanes(): void {
    this.#kernel.reductions.forEach((r, i) => {
      const fold = (a: Scalar, b: Scalar): Scalar => binary(r.op, r.kind, a, b);
      const copies = this.#accs[i] ?? [];
      this.#accs[i] = [];
      const lanes = inPairs(copies, (a, b) => a.map((v, k) => fold(v, b[k] ?? v)));
      const total = inPairs(lanes ?? [], fold);
      if (total !== null) this.#toCell(i, total);
    });
  }

  #block(stmts: readonly Stmt[]): KernelStatus | null {
    for (const s of stmts) {
      const status = this.#stmt(s);
      if (status !== null) return status;
    }
    return null;
  }

  #stmt(s: Stmt): KernelStatus | null {
    switch (s.s) {
      case 'let':
      case 'var':
      case 'set':
        this.#regs.set(s.reg, this.#eval(s.e));
        return null;
      case 'load': {
        const first = Number(this.#scalar(s.index));
        this.#regs.set(
          s.reg,
          Array.from({ length: s.ty.lanes }, (_, k) => this.#read(s.buf, first + k)),
        );
        return null;
      }
      case 'store': {
        const first = Number(this.#scalar(s.index));
        this.#eval(s.value).forEach((v, k) => {
          this.#write(s.buf, first + k, v);
        });
        return null;
      }
      case 'accum':
        this.#accumulate(s, this.#eval(s.value), s.mask === null ? null : this.#eval(s.mask));
        return null;
      case 'if':
        return this.#block(this.#scalar(s.cond) === true ? s.then : s.else);
      case 'while': {
        while (this.#scalar(s.cond) === true) {
          const status = this.#block(s.body);
          if (status !== null) return status;
        }
        return null;
      }
      case 'push': {
        const mask = s.mask === null ? [true] : this.#eval(s.mask);
        const columns = s.stores.map((p) => ({ buf: p.buf, lanes: this.#eval(p.value) }));
        mask.forEach((on, k) => {
          if (on !== true) return;
          const place = this.#call.cursors[s.cursor] ?? 0;
          const row = this.#call.part * this.#call.rowsPerPart + place;
          for (const { buf, lanes } of columns) this.#write(buf, row, lanes[k] ?? 0);
          this.#call.cursors[s.cursor] = place + 1;
        });
        return null;
      }
      case 'pick': {
        const mask = this.#eval(s.mask);
        this.picked.push(
          ...this.#eval(s.rows)
            .map(Number)
            .filter((_, k) => mask[k] === true),
        );
        return null;
      }
      case 'fail': {
        const at = this.#eval(s.when).indexOf(true);
        return at < 0 ? null : { code: FAIL_CODES[s.code], row: this.#row + at };
      }
      default:
        return s satisfies never;
    }
  }

  /** Scalars go to the cell, lanes to accumulators of their own. */
  #accumulate({ red, copy = 0 }: Extract<Stmt, { readonly s: 'accum' }>, value: Lane, mask: Lane | null): void {
    const reduction = this.#kernel.reductions[red];
    const copies = this.#accs[red];
    if (reduction === undefined || copies === undefined) throw new InternalError(`sir: there is no reduction ${red}`);
    const accs = value.length === 1 ? [] : (copies[copy] ?? []);
    value.forEach((v, k) => {
      if (mask !== null && mask[k] !== true) return;
      if (value.length === 1) this.#toCell(red, v);
      // Lanes of i32 count for an i64.
      else accs[k] = binary(reduction.op, reduction.kind, accs[k] ?? v, reduction.kind === 'i64' ? BigInt(v) : v);
    });
  }
  #toCell(red: number, v: Scalar): void {
    const reduction = this.#kernel.reductions[red];
    if (reduction === undefined) throw new InternalError(`sir: there is no reduction ${red}`);
    const cell = this.#call.cells[red] ?? identity(reduction.op, reduction.kind);
    this.#call.cells[red] = binary(reduction.op, reduction.kind, cell, v);
  }

  #scalar(e: SExpr): Scalar {
    return this.#eval(e)[0] ?? 0;
  }

  #eval(e: SExpr): Lane {
    switch (e.x) {
      case 'get': {
        const v = this.#regs.get(e.reg);
        if (v === undefined) throw new InternalError(`sir: %${e.reg} has no value`);
        return v;
      }
      case 'lit':
        return new Array<Scalar>(e.ty.lanes).fill(e.value);
      case 'un': {
        const { op } = e;
        const a = this.#eval(e.a);
        if (isUnaryMath(op)) return a.map((v) => unaryMath(op, floatKind(e), Number(v)));
        return a.map((v) => unary(op, e.ty.kind, v));
      }
      case 'bin': {
        const { op } = e;
        if (isBinaryMath(op)) {
          return this.#zip(e.a, e.b, (a, b) => binaryMath(op, floatKind(e), Number(a), Number(b)));
        }
        return this.#zip(e.a, e.b, (a, b) => binary(op, e.ty.kind, a, b));
      }
      case 'cmp':
        return this.#zip(e.a, e.b, (a, b) => compare(e.op, a, b));
      case 'select': {
        const c = this.#eval(e.c);
        return this.#zip(e.a, e.b, (a, b, k) => (c[k] === true ? a : b));
      }
      case 'cast':
        return this.#eval(e.a).map((v) => convert(e.a.ty.kind, e.ty.kind, v));
      case 'bitcast':
        return this.#eval(e.a).map((v) => reinterpret(e.a.ty.kind, e.ty.kind, v));
      case 'splat':
        return new Array<Scalar>(e.ty.lanes).fill(this.#scalar(e.a));
      case 'lane':
        return [this.#eval(e.a)[e.lane] ?? 0];
      case 'lanes':
        return e.items.map((i) => this.#scalar(i));
      case 'any':
        return [this.#eval(e.a).includes(true)];
      case 'whole': {
        const [first] = e.args;
        const args = e.args.map((a) => this.#eval(a));
        return wholeLanes(e.op, first?.ty.kind ?? e.ty.kind, e.ty, args);
      }
      default:
        return e satisfies never;
    }
  }

  #zip(a: SExpr, b: SExpr, f: (a: Scalar, b: Scalar, k: number) => Scalar): Lane {
    const right = this.#eval(b);
    return this.#eval(a).map((v, k) => f(v, right[k] ?? 0, k));
  }

  #read(buf: number, index: number): Scalar {
    const { array, kind } = this.#buf(buf);
    const v = array[index];
    if (v !== undefined) return kind === 'bool' ? v !== 0 : v;
    const over = (index - array.length + 1) * scalarBytes(kind);
    invariant(index >= 0 && over <= READABLE_PAD, () => `sir: load at ${index} of ${array.length} elements`);
    return kind === 'bool' ? false : convert('i32', kind, 0);
  }

  #write(buf: number, index: number, v: Scalar): void {
    const { array, kind } = this.#buf(buf);
    invariant(index >= 0 && index < array.length, () => `sir: store at ${index} of ${array.length} elements`);
    if (array instanceof BigInt64Array || array instanceof BigUint64Array) array[index] = BigInt(v);
    else array[index] = kind === 'bool' ? Number(v === true) : Number(v);
  }

  #buf(buf: number): { readonly array: KernelArray; readonly kind: ScalarKind } {
    const array = this.#bufs[buf];
    const param = this.#kernel.bufs[buf];
    if (array === undefined || param === undefined) throw new InternalError(`sir: there is no buffer ${buf}`);
    return { array, kind: param.elem };
  }
}
