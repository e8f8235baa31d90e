/**
 * SIR kernels: the imperative level that WASM and WGSL share.
 *
 * A kernel is the body of a loop over [0, n) for ONE index: effectful statements over pure expressions. The target
 * supplies the loop (WASM: over the rows of one chunk; WGSL: grid stride). Threads and workgroups are no SIR concept.
 *
 * Values have a scalar kind and a lane count. `body` is the scalar form of one iteration; `wide`, when present, is
 * the same iteration for `lanes` consecutive indices at once, made by `passes/vectorize.ts`: the target runs `wide`
 * while at least `step` rows are left and `body` for the rest. Lane counts are 2 (the loop has a 64-bit type) or
 * 4, so every wide value is one 128-bit register: a 32-bit kind in a 2-lane loop uses the low half; narrow integers
 * and bool are computed in 32-bit lanes.
 *
 * A `packed` kernel is written by hand (`kernels/`): a row is a piece of work, and its body uses whole registers as it
 * likes, bytes in 16 lanes and 16-bit integers in 8 among them. A register to which it adds a constant in the place of a
 * load or store is not negative there. Only WASM runs it, and no pass widens it.
 *
 * Partial states (the one law): the rows are cut in PARTS of `rowsPerPart` rows, which depends on n only. Every
 * part has its own reduction cells, its own cursors and its own copy of each `partial` buffer; parts run in any
 * order on any thread, and are combined in part order.
 */

import type { MergeOp, ScalarKind } from '../core/types.ts';

/** A value local to a kernel. Unique within the kernel (body and wide share the numbering). */
export type Reg = number & { readonly __reg: never };

export interface ValTy {
  readonly kind: ScalarKind;
  readonly lanes: 1 | 2 | 4 | 8 | 16;
}

/** Arithmetic of one kind: operands and result share `ty`. Integers wrap; `/ %` on integers need a non-zero divisor
 *  (lowering puts a `fail` before them). `min max` give NaN if either side is NaN and order -0 below +0. `<< >>` take
 *  a count below the width; `>>` is arithmetic on signed kinds, logical on unsigned. `pow` and `atan2` are code
 *  of `lib/`. `pmin`/`pmax` are `b<a?b:a` and
 *  `a<b?b:a` (one instruction on WASM SIMD), for code that has dealt with NaN. */
export type SBin =
  | '+'
  | '-'
  | '*'
  | '/'
  | '%'
  | 'min'
  | 'max'
  | 'pmin'
  | 'pmax'
  | '&'
  | '|'
  | '^'
  | '<<'
  | '>>'
  | 'pow'
  | 'atan2';
/** Comparisons of two operands of one kind; the result is bool with the same lanes. False with NaN, but `!=` is true. */
export type SCmp = '==' | '!=' | '<' | '<=' | '>' | '>=';
/** `not` on bool; `clz ctz popcnt` on integers of 32 and 64 bits (of zero `clz` and `ctz` are the width); `abs floor ceil trunc nearest sqrt` on floats map to instructions. The functions from `exp` on
 *  are code of `lib/`, which `passes/expand-math.ts` puts in their place. */
export type SUn =
  | 'neg'
  | 'not'
  | 'clz'
  | 'ctz'
  | 'popcnt'
  | 'abs'
  | 'floor'
  | 'ceil'
  | 'trunc'
  | 'nearest'
  | 'sqrt'
  | 'exp'
  | 'expm1'
  | 'log'
  | 'log1p'
  | 'log2'
  | 'log10'
  | 'sin'
  | 'cos'
  | 'tan'
  | 'asin'
  | 'acos'
  | 'atan'
  | 'sinh'
  | 'cosh'
  | 'tanh'
  | 'erf'
  | 'erfc'
  | 'normcdf';

/**
 * Operations on whole registers, which only packed kernels use:
 *
 *     bits(mask)          scalar i32 with bit l set where lane l is true
 *     swizzle(t, i)       u8x16: lane l is t[i[l]], or 0 where i[l] is no lane
 *     low(a), high(a)     the lower or upper half of the lanes, as integers of twice the width
 *     pairs(a)            the sums of lanes 2l and 2l + 1, as integers of twice the width
 *     dot(a, b)           i16x8 to i32x4: a[2l] * b[2l] + a[2l + 1] * b[2l + 1], which wraps
 *     narrow(a, b)        signed lanes of a, then of b, saturated to unsigned ones of half the width
 *     zipLow(a, b)        the lower halves of the lanes in turn: a[0], b[0], a[1], b[1], ..; zipHigh(a, b) the upper ones
 *     words(a)            u8x16 to u64x2: the same bits, the first byte the lowest of the first word
 */
export type WholeOp = 'bits' | 'swizzle' | 'low' | 'high' | 'pairs' | 'dot' | 'narrow' | 'words' | 'zipLow' | 'zipHigh';

/** Pure expressions; depth at most 64. Every node carries its type. */
export type SExpr =
  | { readonly x: 'get'; readonly reg: Reg; readonly ty: ValTy }
  /** A constant, the same in every lane. i64/u64: bigint; bool: boolean; other kinds: number. */
  | { readonly x: 'lit'; readonly value: number | bigint | boolean; readonly ty: ValTy }
  | { readonly x: 'un'; readonly op: SUn; readonly a: SExpr; readonly ty: ValTy }
  | { readonly x: 'bin'; readonly op: SBin; readonly a: SExpr; readonly b: SExpr; readonly ty: ValTy }
  | { readonly x: 'cmp'; readonly op: SCmp; readonly a: SExpr; readonly b: SExpr; readonly ty: ValTy }
  /** c is bool with the lanes of a and b. */
  | { readonly x: 'select'; readonly c: SExpr; readonly a: SExpr; readonly b: SExpr; readonly ty: ValTy }
  /** Value conversion (Core's cast rules: wrap, saturate, round once). Lanes stay. */
  | { readonly x: 'cast'; readonly a: SExpr; readonly ty: ValTy }
  /** Same bits, another kind of the same width (f64/i64/u64, f32/i32/u32). Lanes stay. */
  | { readonly x: 'bitcast'; readonly a: SExpr; readonly ty: ValTy }
  /** A scalar in every lane. */
  | { readonly x: 'splat'; readonly a: SExpr; readonly ty: ValTy }
  /** One lane of a wide value. */
  | { readonly x: 'lane'; readonly a: SExpr; readonly lane: number; readonly ty: ValTy }
  /** A wide value from scalars, one a lane. */
  | { readonly x: 'lanes'; readonly items: readonly SExpr[]; readonly ty: ValTy }
  /** Scalar bool: is any lane of the mask true. */
  | { readonly x: 'any'; readonly a: SExpr; readonly ty: ValTy }
  | { readonly x: 'whole'; readonly op: WholeOp; readonly args: readonly SExpr[]; readonly ty: ValTy };

/** Why a kernel stops. The number is the status code that the machine code writes. */
export const FAIL_CODES = {
  ArrayOutOfBounds: 1,
  KeyNotFoundError: 2,
  DivisionByZero: 3,
  /** The state of a part is full: of a dictionary, which is run again with a larger table (never seen by users), or of
   *  an appender whose rows are more than kernels count. */
  TableFull: 4,
  /** A key outside the range promised by `@(dense:true)`. */
  DenseRange: 5,
  MismatchedZipSize: 6,
  BadIteratorLength: 7,
  /** Only in wide code: some lane needs what only `body` computes (an argument out of the range of inline code). */
  RareLanes: 8,
  AssertionError: 9,
  /** The region in which a part makes vectors is full: the launch is run again with a larger one (never seen by users). */
  RegionFull: 10,
  /** Bytes that deserialize cannot read, and a length in them that asks for too much. */
  BadBytes: 11,
  OutOfMemory: 12,
} as const;
export type FailCode = keyof typeof FAIL_CODES;

export type Stmt =
  | { readonly s: 'let'; readonly reg: Reg; readonly e: SExpr }
  /** A mutable local and its assignment: a scalar, or in wide code a value of any lanes. */
  | { readonly s: 'var'; readonly reg: Reg; readonly e: SExpr }
  | { readonly s: 'set'; readonly reg: Reg; readonly e: SExpr }
  /** reg = buf[index ..], `ty.lanes` consecutive elements; index is a scalar i32. A bool buffer holds bytes 0/1. */
  | { readonly s: 'load'; readonly reg: Reg; readonly ty: ValTy; readonly buf: number; readonly index: SExpr }
  /** buf[index ..] = value, consecutive lanes. */
  | { readonly s: 'store'; readonly buf: number; readonly index: SExpr; readonly value: SExpr }
  /** reduction cell `red` op= value, of its kind; lanes of i32 may count for an i64. In wide code `mask` (bool, same lanes) says which lanes take part, and `copy` (0 where
   *  there is none) which accumulators of the reduction. */
  | {
      readonly s: 'accum';
      readonly red: number;
      readonly value: SExpr;
      readonly mask: SExpr | null;
      readonly copy?: number;
    }
  /** Scalar condition. `general`: `then` is right whatever the condition; `else` is a cheaper way where it is false. */
  | {
      readonly s: 'if';
      readonly cond: SExpr;
      readonly then: readonly Stmt[];
      readonly else: readonly Stmt[];
      readonly general?: true;
    }
  /** Loop while the scalar condition over vars holds. */
  | { readonly s: 'while'; readonly cond: SExpr; readonly body: readonly Stmt[] }
  /** Appends one row at the part's cursor: each buf gets its value at the same place. In wide code the values have
   *  lanes and `mask` (bool, same lanes) says which of the rows are appended, in lane order; what the part's places
   *  from the cursor on hold is then unspecified. In `body` the mask is null. */
  | {
      readonly s: 'push';
      readonly cursor: number;
      readonly stores: readonly { readonly buf: number; readonly value: SExpr }[];
      readonly mask: SExpr | null;
    }
  /** Only in wide code, before a row phase that asks for it (`RowPhase.picked`): the phase runs for those of `rows` (i32,
   *  in row order) whose lanes are on. */
  | { readonly s: 'pick'; readonly rows: SExpr; readonly mask: SExpr }
  /** Stops the part with `code` at this row when the scalar condition (or any lane of a mask) is true. In wide code the
   *  rows of the iteration are then run again by `body`, which stops at the first row that fails, with its code; what
   *  the broken off iteration did is dropped with the part and must not keep `body` from failing. */
  | { readonly s: 'fail'; readonly code: FailCode; readonly when: SExpr };

/** A buffer parameter. `partial`: each part has its own copy, at base + part * stride (the stride is a launch argument). */
export interface BufParam {
  readonly name: string;
  readonly elem: ScalarKind;
  /** `scratch`: between the two phases of a wide loop; partial, and whatever it holds is of no use to anybody else. */
  readonly access: 'read' | 'write' | 'readwrite' | 'scratch';
  readonly partial: boolean;
}
/** A scalar parameter, the same for all rows. */
export interface ScalarParam {
  readonly name: string;
  readonly reg: Reg;
  readonly kind: ScalarKind;
}
/**
 * A declared reduction: the target keeps it in registers and combines lanes in a fixed order. In the wide loop of a
 * call lane l takes rows l, l + lanes, ... from the identity on; then cell = cell op ((lane 0 op lane 1) op (lane 2 op
 * lane 3)); the rows that `body` runs go to the cell one by one. Where wide iterations stand side by side each may have
 * accumulators of its own (`copy`); these are combined first, lane by lane, in pairs as the lanes are.
 */
export interface Reduction {
  readonly name: string;
  readonly kind: ScalarKind;
  readonly op: MergeOp;
}

/** The form for several rows at once. */
export interface Wide {
  readonly lanes: 2 | 4;
  /** Rows that one run of `body` does: the lanes, or a multiple after `passes/interleave.ts`. */
  readonly step: number;
  readonly body: readonly Stmt[];
  /** What is left to do row by row after the lanes, when it stands apart from them; null when all is in `body`. */
  readonly rows: RowPhase | null;
}

/**
 * The second phase of a wide loop. The target runs `Wide.body` for up to `batch` rows, then this body once for each of
 * these rows in order. Values pass through scratch buffers of `batch` elements, at the row minus `start`. So the lanes
 * are straight code, and table updates are a tight loop that does not share registers with them.
 *
 * Where all of the second phase is behind one condition, the lanes pick the rows that meet it, and the phase runs for
 * these alone: no jump is guessed wrong, and what only it reads is not read of other rows.
 */
export interface RowPhase {
  /** Scalar i32: the first row of the batch, in both phases. */
  readonly start: Reg;
  readonly batch: number;
  /** The scratch buffer (i32) for the picked rows of a batch; null where the phase runs for all rows. */
  readonly picked: number | null;
  readonly body: readonly Stmt[];
}

export interface Kernel {
  readonly name: string;
  readonly bufs: readonly BufParam[];
  readonly scalars: readonly ScalarParam[];
  readonly reductions: readonly Reduction[];
  /** Number of cursors (compacting outputs). Row k that a part pushes lands at part * rowsPerPart + k, or nearer to the front
   *  if the host had the cursor begin there. */
  readonly cursors: number;
  /** The row, scalar i32. */
  readonly index: Reg;
  readonly body: readonly Stmt[];
  readonly wide: Wide | null;
  /** Written by hand: the body may use values of any lanes. */
  readonly packed: boolean;
  /** First register number that is free (for passes). */
  readonly regs: number;
}

/**
 * The launch ABI on the CPU, all little-endian in linear memory. A kernel is exported under its name as
 * `(args: i32, begin: i32, end: i32, part: i32) -> i32` and works on rows [begin, end) of part `part`; a part may be
 * run by several calls, in row order. It returns 0, or a fail code after writing {code: u32, row: u32} at
 * `status + part*8`.
 *
 *     args + 0   u32 status       base of the status records (8 bytes a part)
 *     args + 4   u32 reductions   base of the reduction cells: cell r of part p at base + (p*R + r)*8
 *     args + 8   u32 cursors      base of the cursor counts: cursor c of part p at base + (p*C + c)*4
 *     args + 12  u32 rowsPerPart
 *     args + 16 + 8*k             buffer k: u32 base, u32 stride in bytes (0 unless partial)
 *     then 8 bytes a scalar       in its own kind, at the start of the slot (bool and narrow ints as i32)
 *
 * In a 64-bit memory the slot of a buffer has 16 bytes: u64 base, u32 stride. All else is the same, as the host keeps the
 * records, the cells and the cursors below 4 GiB (`spec/decisions/0018-64-bit-memory.md`).
 *
 * The first LOW_BYTES of the memory belong to the modules: instances write constants there, all of them the same.
 *
 * Cells hold a value in the kind of the reduction at the start of the slot (narrow ints as i32). The host writes
 * identities before the first call; every call loads the cell, works in registers and stores it back, so lanes are
 * reduced once a call. Cursors likewise: they begin at zero, or at the end of the part before, which is below zero.
 */
export const ABI = { status: 0, reductions: 4, cursors: 8, rowsPerPart: 12, bufs: 16, slot: 8, slot64: 16 } as const;
/** Where the argument record has buffer `k`, and its stride behind the base. */
export function bufferSlot(k: number, memory64: boolean): { readonly base: number; readonly stride: number } {
  const base = ABI.bufs + k * (memory64 ? ABI.slot64 : ABI.slot);
  return { base, stride: base + (memory64 ? 8 : 4) };
}
/** Where the argument record of a kernel with `bufs` buffers has scalar `j`. */
export const scalarSlot = (bufs: number, j: number, memory64: boolean): number =>
  bufferSlot(bufs, memory64).base + j * ABI.slot;
/** Bytes from address 0 on that the host keeps free for the constants of modules. */
export const LOW_BYTES = 512;
