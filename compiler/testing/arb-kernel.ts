/**
 * Random well-formed kernels with data, for fast-check: what a lowering could make, and more of what is delicate.
 *
 * A kernel is read off a tape of numbers: every decision takes the next one, and 0 when the tape is at its end.
 * Decision 0 is always the simplest, so shrinking the tape shrinks the kernel. The kernels keep what a target may
 * rely on: indices inside their buffers where they are evaluated, non-zero divisors, at most one push a row, no
 * failure that depends on memory that the kernel changes, and float sums of small integers only, which are exact in
 * any order.
 */

import fc from 'fast-check';
import type { MergeOp, ScalarKind } from '../core/types.ts';
import { isBigKind, isFloatKind, scalarBytes } from '../core/types.ts';
import { bin, cast, cmp, type Get, KernelBuilder, lit, sel, un } from '../sir/build.ts';
import { INT_RANGE } from '../sir/int-range.ts';
import { identity, type KernelArray, type KernelCall, kernelArray, type Scalar } from '../sir/interp.ts';
import type { Kernel, SBin, SCmp, SExpr, SUn } from '../sir/kernel.ts';
import { operands } from '../sir/shape.ts';
import { Tape } from './tape.ts';

export interface KernelCase {
  readonly kernel: Kernel;
  /** Rows [begin, end) of part `part`, and the values of the scalar parameters. */
  readonly begin: number;
  readonly end: number;
  readonly part: number;
  readonly rowsPerPart: number;
  readonly scalars: readonly Scalar[];
  /** Fresh copies of the buffers. */
  readonly bufs: () => KernelArray[];
}

export const ROWS_PER_PART = 16;
const TABLE = 8;
const OPS: readonly MergeOp[] = ['+', 'min', '*', 'max'];
/** A buffer that is read beside the row has this many elements more. */
const BESIDE = 4;

export interface ArbKernelOptions {
  /** Kinds that values may have; bool is always there. */
  readonly kinds?: readonly ScalarKind[];
  /** Math functions that may be called. */
  readonly functions?: readonly SUn[];
}

const NARROW: readonly ScalarKind[] = ['i32', 'f32', 'u8', 'i16', 'u32', 'i8', 'u16'];
const ALL: readonly ScalarKind[] = ['f64', 'i64', 'i32', 'f32', 'u8', 'u64'];

/** Kernels of up to about 40 statements with data for one call. */
export function arbKernel(options: ArbKernelOptions = {}): fc.Arbitrary<KernelCase> {
  return fc
    .array(fc.nat({ max: 0xffffff }), { maxLength: 250, size: 'max' })
    .map((tape) => new Maker(tape, options).make());
}

/** A fresh call of a case for the interpreter. */
export function callOf(c: KernelCase, useWide: boolean): KernelCall {
  return {
    bufs: c.bufs(),
    scalars: c.scalars,
    begin: c.begin,
    end: c.end,
    part: c.part,
    rowsPerPart: c.rowsPerPart,
    cells: c.kernel.reductions.map((r) => identity(r.op, r.kind)),
    cursors: new Array<number>(c.kernel.cursors).fill(0),
    useWide,
  };
}

interface Known {
  readonly e: Get;
  readonly mutable: boolean;
  /** Comes from memory that the kernel writes. */
  readonly tainted: boolean;
}

class Maker {
  readonly #tape: Tape;
  readonly #kinds: readonly ScalarKind[];
  readonly #functions: readonly SUn[];
  readonly #k = new KernelBuilder('arb');
  /** Values made without the tape. */
  #made = 0;
  #scope: Known[] = [];
  /** Are we under a condition that is tainted, or in a loop? */
  #tainted = false;
  #looping = false;
  #pushed = false;
  readonly #read: { readonly buf: number; readonly table: boolean }[] = [];
  readonly #out: number[] = [];
  #pushes: number[] = [];
  #table = 0;
  readonly #reductions: ScalarKind[] = [];
  #bufs: { readonly kind: ScalarKind; readonly length: number; readonly filled: boolean }[] = [];

  constructor(tape: readonly number[], options: ArbKernelOptions) {
    this.#tape = new Tape(tape);
    this.#kinds = options.kinds ?? (this.#choose(2) === 0 ? ALL : NARROW);
    this.#functions = options.functions ?? [];
  }

  make(): KernelCase {
    const k = this.#k;
    const rows = 2 * ROWS_PER_PART;
    const buf = (name: string, kind: ScalarKind, access: 'read' | 'write' | 'readwrite', length: number): number => {
      this.#bufs.push({ kind, length, filled: access === 'read' });
      return k.buf(name, kind, access, access === 'readwrite');
    };
    for (let i = 0; i < 3; i++) {
      this.#read.push({ buf: buf(`in${i}`, this.#kind(), 'read', rows + BESIDE), table: false });
    }
    for (let i = 0; i < 2; i++) this.#read.push({ buf: buf(`map${i}`, this.#kind(), 'read', TABLE), table: true });
    for (let i = 0; i < 2; i++) this.#out.push(buf(`out${i}`, this.#kind(), 'write', rows));
    this.#pushes = [0, 1].map((i) => buf(`list${i}`, this.#kind(), 'write', rows));
    this.#table = buf('table', this.#kind(), 'readwrite', TABLE);
    const params: ScalarKind[] = ['i32', this.#kind()];
    for (const [i, kind] of params.entries()) this.#know(k.scalar(`p${i}`, kind), false);
    for (const op of OPS) {
      const kind = this.#kindFor(op);
      k.reduction(`r${op}`, kind, op);
      this.#reductions.push(kind);
    }
    k.cursor();
    this.#know(k.index, false);
    this.#load(0);
    this.#statements(2, 3 + this.#choose(6));

    const part = this.#choose(2);
    const begin = part * ROWS_PER_PART;
    const end = begin + this.#choose(14);
    const scalars = params.map((kind) => this.#value(kind));
    const filled = this.#bufs.map((b) => {
      const array = kernelArray(b.kind, b.length);
      if (b.filled) for (let i = 0; i < b.length; i++) put(array, i, this.#value(b.kind));
      return array;
    });
    const bufs = (): KernelArray[] => filled.map((a) => a.slice());
    return { kernel: k.finish(), begin, end, part, rowsPerPart: ROWS_PER_PART, scalars, bufs };
  }

  // ---- decisions ----

  #choose(n: number): number {
    return this.#tape.pick(n);
  }
  #pick<T>(items: readonly [T, ...T[]]): T {
    return items[this.#choose(items.length)] ?? items[0];
  }
  #kind(): ScalarKind {
    return this.#kinds[this.#choose(this.#kinds.length)] ?? 'i32';
  }
  #kindFor(op: MergeOp): ScalarKind {
    const kind = this.#kind();
    return op === '*' && isFloatKind(kind) ? 'i32' : kind;
  }

  /** A value for data: small, or one of the kind's corners. Past the tape a mixture, so that data is not all zero. */
  #value(kind: ScalarKind): Scalar {
    const seed = this.#tape.next() || ++this.#made * 7;
    if (kind === 'bool') return seed % 2 === 1;
    if (isFloatKind(kind)) {
      const corners = [Number.NaN, Number.POSITIVE_INFINITY, -0, 0.5, -1e30, 2 ** -149];
      const v = seed % 3 === 0 ? (corners[(seed >> 3) % corners.length] ?? 0) : (((seed >> 2) % 64) - 32) / 4;
      return kind === 'f32' ? Math.fround(v) : v;
    }
    const [lo, hi] = INT_RANGE[kind] ?? [0n, 0n];
    const small = BigInt((seed >> 3) % 12) - (lo < 0n ? 4n : 0n);
    const v = seed % 5 === 0 ? lo : seed % 5 === 1 ? hi : small;
    return isBigKind(kind) ? v : Number(v);
  }

  // ---- scope ----

  #know(e: Get, tainted: boolean, mutable = false): void {
    this.#scope.push({ e, tainted: tainted || this.#tainted, mutable });
  }
  #isTainted(e: SExpr): boolean {
    if (e.x === 'get') return this.#scope.some((v) => v.tainted && v.e.reg === e.reg);
    return operands(e).some((a) => this.#isTainted(a));
  }
  #nested(tainted: boolean, body: () => void): void {
    const [scope, outer] = [[...this.#scope], this.#tainted];
    this.#tainted ||= tainted;
    body();
    this.#tainted = outer;
    this.#scope = scope;
  }

  // ---- expressions ----

  #expr(kind: ScalarKind, depth: number, pure = false): SExpr {
    const known = this.#scope.filter((v) => v.e.ty.kind === kind && !(pure && v.tainted));
    const leaf = (): SExpr => {
      const v = known[known.length - 1 - this.#choose(Math.max(1, known.length))];
      return v === undefined || this.#choose(4) === 3 ? lit(kind, this.#value(kind)) : v.e;
    };
    if (depth === 0) return this.#choose(3) === 1 ? this.#converted(kind, pure) : leaf();
    const sub = (k: ScalarKind = kind): SExpr => this.#expr(k, depth - 1, pure);
    if (kind === 'bool') {
      if (this.#choose(4) === 3)
        return this.#choose(2) === 0 ? un('not', sub()) : bin(this.#pick(['&', '|', '^']), sub(), sub());
      const of = this.#kind();
      return cmp(this.#pick<SCmp>(['<', '!=', '==', '>=', '>', '<=']), sub(of), sub(of));
    }
    switch (this.#choose(5)) {
      case 0:
        return leaf();
      case 1:
        return this.#arithmetic(kind, sub(), sub());
      case 2:
        return sel(sub('bool'), sub(), sub());
      case 3:
        return this.#converted(kind, pure);
      default:
        return this.#function(kind, sub());
    }
  }

  #converted(kind: ScalarKind, pure: boolean): SExpr {
    const known = this.#scope.filter((v) => !(pure && v.tainted));
    const v = known[known.length - 1 - this.#choose(known.length)];
    return v === undefined ? lit(kind, this.#value(kind)) : cast(v.e, kind);
  }

  #arithmetic(kind: ScalarKind, a: SExpr, b: SExpr): SExpr {
    if (isFloatKind(kind)) {
      return bin(this.#pick<SBin>(['+', '*', '-', '/', 'min', 'max', 'pmin', 'pmax', '%']), a, b);
    }
    const op = this.#pick<SBin>(['+', '*', '-', '&', '|', '^', 'min', 'max', '<<', '>>', '/', '%']);
    if (op === '<<' || op === '>>') return bin(op, a, lit(kind, this.#choose(scalarBytes(kind) * 8)));
    return op === '/' || op === '%' ? bin(op, a, bin('|', b, lit(kind, 1))) : bin(op, a, b);
  }

  #function(kind: ScalarKind, a: SExpr): SExpr {
    if (!isFloatKind(kind)) return un('neg', a);
    return un(this.#pick<SUn>(['neg', 'abs', 'floor', 'sqrt', 'nearest', 'trunc', 'ceil', ...this.#functions]), a);
  }

  // ---- statements ----

  #statements(depth: number, count: number): void {
    for (let i = 0; i < count; i++) this.#statement(depth);
  }

  #statement(depth: number): void {
    const k = this.#k;
    switch (this.#choose(depth === 0 ? 8 : 14)) {
      case 0:
        this.#let(this.#expr(this.#kind(), 2));
        return;
      case 1:
        this.#store();
        return;
      case 2:
        this.#load(this.#choose(6));
        return;
      case 3:
        this.#accumulate();
        return;
      case 4:
        this.#gather();
        return;
      case 5:
        this.#assign();
        return;
      case 6:
        this.#push();
        return;
      case 7:
        this.#fail();
        return;
      case 8:
        this.#update();
        return;
      case 9: {
        const kind = this.#kind();
        const init = this.#expr(kind, 1);
        this.#know(k.var(init), this.#isTainted(init), true);
        return;
      }
      case 10:
        this.#loop(depth - 1);
        return;
      case 11:
        this.#divide();
        return;
      default: {
        const cond = this.#expr('bool', 2);
        const tainted = this.#isTainted(cond);
        // Either branch may push, if nothing has so far.
        const before = this.#pushed;
        let pushed = before;
        const branch = (): void => {
          this.#pushed = before;
          this.#nested(tainted, () => this.#statements(depth - 1, 1 + this.#choose(3)));
          pushed ||= this.#pushed;
        };
        k.if(cond, branch, this.#choose(2) === 0 ? null : branch);
        this.#pushed = pushed;
        return;
      }
    }
  }

  #let(e: SExpr): void {
    if (e.x !== 'get') this.#know(this.#k.let(e), this.#isTainted(e));
  }

  #store(): void {
    const buf = this.#out[this.#choose(2)] ?? 0;
    this.#k.store(buf, this.#rowAddress(), this.#expr(this.#elem(buf), 2));
  }
  #elem(buf: number): ScalarKind {
    return this.#bufs[buf]?.kind ?? 'i32';
  }

  /** The row, plainly or through 64 bits. */
  #rowAddress(): SExpr {
    const { index } = this.#k;
    return this.#choose(3) === 2 ? cast(cast(index, 'i64'), 'i32') : index;
  }

  #load(which: number): void {
    const source = this.#read[which % this.#read.length];
    if (source === undefined) return;
    const beside = bin('+', cast(this.#k.index, 'i64'), lit('i64', this.#choose(BESIDE)));
    const at = source.table
      ? lit('i32', this.#choose(TABLE))
      : this.#choose(3) === 2
        ? cast(beside, 'i32')
        : this.#rowAddress();
    this.#know(this.#k.load(source.buf, at), false);
  }

  /** An index below the table length; half of the time the bound is a condition or a failure, not a computation. */
  #gather(): void {
    const k = this.#k;
    const map = this.#read[3 + this.#choose(2)];
    if (map === undefined) return;
    const at = k.let(this.#expr('i32', 1, true));
    const outside = bin('|', cmp('<', at, lit('i32', 0)), cmp('>=', at, lit('i32', TABLE)));
    const mode = this.#choose(3);
    if (mode === 0) this.#know(k.load(map.buf, bin('&', at, lit('i32', TABLE - 1))), false);
    else if (mode === 1 && !this.#tainted) {
      k.fail('ArrayOutOfBounds', outside);
      this.#know(k.load(map.buf, at), false);
    } else {
      const inside = (): void => {
        this.#know(k.load(map.buf, at), false);
        this.#statements(0, 2);
      };
      k.if(un('not', outside), () => this.#nested(false, inside));
    }
  }

  #accumulate(): void {
    const red = this.#choose(OPS.length);
    const kind = this.#reductions[red] ?? 'i32';
    // Exact in any order: small integers below 2^10.
    const exact = (): SExpr => cast(bin('&', this.#expr('i32', 1), lit('i32', 255)), kind);
    this.#k.accum(red, isFloatKind(kind) && OPS[red] === '+' ? exact() : this.#expr(kind, 2));
  }

  #assign(): void {
    const vars = this.#scope.filter((v) => v.mutable);
    const target = vars[vars.length - 1 - this.#choose(Math.max(1, vars.length))];
    if (target === undefined) {
      this.#let(this.#expr(this.#kind(), 1));
      return;
    }
    const value = this.#expr(target.e.ty.kind, 2, !target.tainted);
    // An untainted variable may not learn of changing memory through a condition either.
    if (this.#tainted && !target.tainted) return;
    this.#k.set(target.e, value);
  }

  #push(): void {
    if (this.#pushed || this.#looping) {
      this.#load(1);
      return;
    }
    this.#pushed = true;
    this.#k.push(
      0,
      this.#pushes.map((buf) => [buf, this.#expr(this.#elem(buf), 1)] as const),
    );
  }

  #fail(): void {
    if (this.#tainted) {
      this.#load(2);
      return;
    }
    const kind = this.#kind();
    const rare = cmp('==', this.#expr(kind, 1, true), lit(kind, this.#value(kind)));
    this.#k.fail(this.#pick(['DivisionByZero', 'KeyNotFoundError']), rare);
  }

  /** table[i & 7] = f(table[i & 7]). */
  #update(): void {
    const k = this.#k;
    const at = k.let(bin('&', this.#expr('i32', 1), lit('i32', TABLE - 1)));
    const old = k.load(this.#table, at);
    this.#know(old, true);
    k.store(this.#table, at, bin('+', old, this.#expr(this.#elem(this.#table), 1)));
  }

  /** A loop of up to three rounds, as many in each row or not. */
  #loop(depth: number): void {
    const k = this.#k;
    const [param] = this.#scope;
    const shared = this.#choose(2) === 0 && param !== undefined;
    const bound = k.let(bin('&', shared ? param.e : this.#expr('i32', 1, true), lit('i32', 3)));
    const turn = k.var(lit('i32', 0));
    const outer = this.#looping;
    k.while(cmp('<', turn, bound), () => {
      this.#looping = true;
      this.#nested(false, () => {
        this.#know(turn, false);
        this.#statements(depth, 1 + this.#choose(3));
      });
      k.set(turn, bin('+', turn, lit('i32', 1)));
    });
    this.#looping = outer;
  }

  /** if d != 0 { q = a / d } */
  #divide(): void {
    const k = this.#k;
    const kind = this.#kinds.find((x) => !isFloatKind(x)) ?? 'i32';
    const d = k.let(this.#expr(kind, 1));
    const cond = cmp('!=', d, lit(kind, 0));
    k.if(cond, () => {
      this.#nested(this.#isTainted(cond), () => {
        this.#let(bin(this.#pick(['/', '%']), this.#expr(kind, 1), d));
        this.#statements(0, 2);
      });
    });
  }
}

function put(array: KernelArray, i: number, v: Scalar): void {
  if (array instanceof BigInt64Array || array instanceof BigUint64Array) array[i] = BigInt(v);
  else array[i] = Number(v);
}
