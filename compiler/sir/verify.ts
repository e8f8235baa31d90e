/**
 * The invariants of a kernel. Lowering and every SIR pass keep them, and the targets rely on them without asking:
 *
 *  1. Registers. The index, the scalar parameters and every let, var and load define different registers below
 *     `regs`; body and wide share no definition. A register is read after its definition, in the block of the
 *     definition or inside it, with the type of the definition. `set` assigns a `var` of the same kind.
 *  2. Expressions. Every node has the type its operands give it by the rules of `build.ts`; literals are in the form
 *     and range of their kind; a tree is at most 64 deep and has at most 4096 nodes.
 *  3. Lanes. In `body` every value is scalar, but in a packed kernel it may fill a register, be a mask, or have 2 or 4
 *     lanes. In `wide` a value is scalar or has `wide.lanes` lanes, and 64-bit kinds have at most 2 lanes. A packed
 *     kernel has no `wide`. Conditions and indices are scalar; so is a pushed value without a mask.
 *  4. Buffers. Numbers are in range; a load reads a `read` or `readwrite` buffer, a store or push writes a `write` or
 *     `readwrite` one of the same element kind. Indices are i32. A pushed-to buffer is not partial: its rows are
 *     placed by part already.
 *  5. Reductions and cursors exist; an accum has the kind of its reduction (a number), or counts in lanes of i32. The mask of an accum or push has
 *     the lanes of its values, and more than one if it is that of a push. `fail` takes a bool. Rows are picked, in wide
 *     code, if and only if the row phase has a scratch buffer of i32 for them.
 *
 * A violation is a fault of ours, so it throws InternalError with the kernel, the statement and what is wrong.
 */

import type { ScalarKind } from '../core/types.ts';
import { isBigKind, scalarBytes } from '../core/types.ts';
import { InternalError } from '../diag/diagnostic.ts';
import { binAccepts, takes, unAccepts } from './accepts.ts';
import { sameTy } from './build.ts';
import { INT_RANGE } from './int-range.ts';
import type { BufParam, Kernel, Reg, SExpr, Stmt, ValTy } from './kernel.ts';
import { stmtsText } from './print.ts';
import { blocksOf, exprsOf, operands } from './shape.ts';
import { fillsRegister, wholeType } from './whole.ts';

const MAX_DEPTH = 64;
const MAX_NODES = 4096;

interface Def {
  readonly ty: ValTy;
  readonly mutable: boolean;
}
/** Depth and tree size of an expression; shared subtrees count every time they occur. */
interface Size {
  readonly depth: number;
  readonly nodes: number;
}
interface Context {
  readonly kernel: Kernel;
  /** Every register defined so far, visible or not. */
  readonly defined: Set<Reg>;
  /** Lanes a value may have besides 1; null for those of a packed kernel. */
  readonly lanes: number | null;
  readonly picks: boolean;
}

/** Throws InternalError unless `kernel` keeps every invariant listed in this file. */
export function verifyKernel(kernel: Kernel): void {
  const defined = new Set<Reg>();
  const params = new Map<Reg, Def>();
  const complain = (what: string): never => {
    throw new InternalError(`sir: kernel ${kernel.name}: ${what}`);
  };
  const param = (reg: Reg, kind: ScalarKind): void => {
    if (defined.has(reg)) complain(`parameter register %${reg} is defined twice`);
    if (reg >= kernel.regs) complain(`register %${reg} is not below the count ${kernel.regs}`);
    defined.add(reg);
    params.set(reg, { ty: { kind, lanes: 1 }, mutable: false });
  };
  param(kernel.index, 'i32');
  for (const s of kernel.scalars) param(s.reg, s.kind);
  for (const r of kernel.reductions) {
    if (r.kind === 'bool') complain(`reduction ${r.name} is on bool`);
  }
  checkBlock(kernel.body, params, { kernel, defined, lanes: kernel.packed ? null : 1, picks: false });
  if (kernel.wide === null) return;
  if (kernel.packed) complain('a packed kernel with a wide body');
  const { lanes, body, rows } = kernel.wide;
  if (rows !== null) param(rows.start, 'i32');
  const picked = rows === null || rows.picked === null ? null : kernel.bufs[rows.picked];
  if (picked !== null && (picked?.access !== 'scratch' || picked.elem !== 'i32')) complain('rows are picked nowhere');
  checkBlock(body, params, { kernel, defined, lanes, picks: picked !== null });
  if (rows !== null) checkBlock(rows.body, params, { kernel, defined, lanes: 1, picks: false });
}

function checkBlock(stmts: readonly Stmt[], outer: ReadonlyMap<Reg, Def>, cx: Context): void {
  const scope = new Map(outer);
  for (const s of stmts) {
    const problem = checkStmt(s, scope, cx);
    if (problem !== null) {
      throw new InternalError(`sir: kernel ${cx.kernel.name}: ${problem}\n  in: ${stmtsText([s], cx.kernel)}`);
    }
    for (const block of blocksOf(s)) checkBlock(block, scope, cx);
  }
}

/** What is wrong with a statement (not looking into its blocks), or null; adds its definition to the scope. */
function checkStmt(s: Stmt, scope: Map<Reg, Def>, cx: Context): string | null {
  const sizes = new Map<SExpr, Size>();
  for (const e of exprsOf(s)) {
    const problem = checkExpr(e, scope, cx, sizes);
    if (problem !== null) return problem;
  }
  const define = (reg: Reg, ty: ValTy, mutable: boolean): string | null => {
    if (cx.defined.has(reg)) return `register %${reg} is defined twice`;
    if (reg >= cx.kernel.regs) return `register %${reg} is not below the count ${cx.kernel.regs}`;
    cx.defined.add(reg);
    scope.set(reg, { ty, mutable });
    return null;
  };
  switch (s.s) {
    case 'let':
      return define(s.reg, s.e.ty, false);
    case 'var':
      return define(s.reg, s.e.ty, true);
    case 'set': {
      const def = scope.get(s.reg);
      if (def === undefined || !def.mutable) return `set of %${s.reg}, which is no var in scope`;
      return sameTy(def.ty, s.e.ty) ? null : `set of a ${def.ty.kind} var to ${s.e.ty.kind}`;
    }
    case 'load':
      return (
        checkAccess(s.buf, 'read', s.ty.kind, cx.kernel.bufs) ??
        checkLanes(s.ty, cx.lanes) ??
        (isScalarOf(s.index, 'i32') ? define(s.reg, s.ty, false) : 'an index must be a scalar i32')
      );
    case 'store':
      return (
        checkAccess(s.buf, 'write', s.value.ty.kind, cx.kernel.bufs) ??
        (isScalarOf(s.index, 'i32') ? null : 'an index must be a scalar i32')
      );
    case 'accum': {
      const red = cx.kernel.reductions[s.red];
      if (red === undefined) return `there is no reduction ${s.red}`;
      if (!takes(red, s.value.ty)) return `accum of ${s.value.ty.kind} in a reduction of ${red.kind}`;
      if (s.copy !== undefined && s.value.ty.lanes === 1) return 'a scalar is accumulated in the cell';
      return s.mask === null || isMaskOf(s.mask, s.value) ? null : 'a mask must be bool with the lanes of the value';
    }
    case 'if':
    case 'while':
      return isScalarOf(s.cond, 'bool') ? null : 'a condition must be a scalar bool';
    case 'push':
      if (s.cursor < 0 || s.cursor >= cx.kernel.cursors) return `there is no cursor ${s.cursor}`;
      if (s.mask?.ty.lanes === 1) return 'the mask of a push must have lanes';
      for (const p of s.stores) {
        const problem = checkAccess(p.buf, 'write', p.value.ty.kind, cx.kernel.bufs);
        if (problem !== null) return problem;
        if (s.mask === null && p.value.ty.lanes !== 1) return 'a value pushed without a mask must be scalar';
        if (s.mask !== null && !isMaskOf(s.mask, p.value)) return 'a mask must be bool with the lanes of the value';
        if (cx.kernel.bufs[p.buf]?.partial === true) return 'push to a partial buffer';
      }
      return null;
    case 'pick':
      if (!cx.picks) return 'rows are picked for nothing';
      return s.rows.ty.kind === 'i32' && s.rows.ty.lanes > 1 && isMaskOf(s.mask, s.rows)
        ? null
        : 'a pick takes i32 rows and their mask';
    case 'fail':
      return s.when.ty.kind === 'bool' ? null : 'fail takes a bool';
    default:
      return s satisfies never;
  }
}

const isScalarOf = (e: SExpr, kind: ScalarKind): boolean => e.ty.kind === kind && e.ty.lanes === 1;
const isMaskOf = (mask: SExpr, value: SExpr): boolean => mask.ty.kind === 'bool' && mask.ty.lanes === value.ty.lanes;

function checkLanes(ty: ValTy, lanes: number | null): string | null {
  if (lanes === null) {
    const fits = ty.lanes <= 4 ? ty.lanes * scalarBytes(ty.kind) <= 16 : ty.kind === 'bool' || fillsRegister(ty);
    return fits ? null : `${ty.lanes} lanes of ${ty.kind}`;
  }
  if (ty.lanes !== 1 && ty.lanes !== lanes) return `a value of ${ty.lanes} lanes where ${lanes} are allowed`;
  return ty.lanes === 4 && scalarBytes(ty.kind) === 8 ? `four lanes of ${ty.kind}` : null;
}

function checkAccess(buf: number, mode: 'read' | 'write', kind: ScalarKind, bufs: readonly BufParam[]): string | null {
  const param = bufs[buf];
  if (param === undefined) return `there is no buffer ${buf}`;
  if (param.access !== mode && param.access !== 'readwrite' && param.access !== 'scratch')
    return `buffer ${param.name} is not for ${mode}`;
  return param.elem === kind ? null : `${kind} in buffer ${param.name} of ${param.elem}`;
}

/** What is wrong inside an expression, or null. Each shared node is looked at once. */
function checkExpr(e: SExpr, scope: ReadonlyMap<Reg, Def>, cx: Context, sizes: Map<SExpr, Size>): string | null {
  if (sizes.has(e)) return null;
  let depth = 0;
  let nodes = 1;
  for (const a of operands(e)) {
    const problem = checkExpr(a, scope, cx, sizes);
    if (problem !== null) return problem;
    const size = sizes.get(a) ?? { depth: 0, nodes: 0 };
    depth = Math.max(depth, size.depth);
    nodes += size.nodes;
  }
  sizes.set(e, { depth: depth + 1, nodes });
  if (depth + 1 > MAX_DEPTH) return `an expression more than ${MAX_DEPTH} deep`;
  if (nodes > MAX_NODES) return `an expression of more than ${MAX_NODES} nodes`;
  return checkLanes(e.ty, cx.lanes) ?? checkNode(e, scope);
}

/** The typing rule of one node, given that its operands are well typed. */
function checkNode(e: SExpr, scope: ReadonlyMap<Reg, Def>): string | null {
  const mistyped = `a mistyped ${e.x}`;
  switch (e.x) {
    case 'get': {
      const def = scope.get(e.reg);
      if (def === undefined) return `%${e.reg} is read where it is not defined`;
      return sameTy(def.ty, e.ty) ? null : `%${e.reg} is read as ${e.ty.kind}, defined as ${def.ty.kind}`;
    }
    case 'lit':
      return isLiteral(e.ty.kind, e.value) ? null : `${String(e.value)} is no ${e.ty.kind} literal`;
    case 'un':
      return unAccepts(e.op, e.ty.kind) && sameTy(e.ty, e.a.ty) ? null : mistyped;
    case 'bin':
      return binAccepts(e.op, e.ty.kind) && sameTy(e.ty, e.a.ty) && sameTy(e.ty, e.b.ty) ? null : mistyped;
    case 'cmp':
      return sameTy(e.a.ty, e.b.ty) && isMaskOf(e, e.a) ? null : mistyped;
    case 'select':
      return sameTy(e.a.ty, e.b.ty) && sameTy(e.ty, e.a.ty) && isMaskOf(e.c, e.a) ? null : mistyped;
    case 'cast':
      return e.ty.lanes === e.a.ty.lanes && (e.ty.lanes <= 4 || castsPacked(e.a.ty.kind, e.ty.kind)) ? null : mistyped;
    case 'bitcast': {
      const bytes = scalarBytes(e.ty.kind);
      return e.ty.lanes === e.a.ty.lanes && bytes >= 4 && bytes === scalarBytes(e.a.ty.kind) ? null : mistyped;
    }
    case 'splat':
      return e.ty.lanes !== 1 && isScalarOf(e.a, e.ty.kind) ? null : mistyped;
    case 'lane': {
      const inRange = Number.isInteger(e.lane) && e.lane >= 0 && e.lane < e.a.ty.lanes;
      return e.a.ty.lanes !== 1 && inRange && isScalarOf(e, e.a.ty.kind) ? null : mistyped;
    }
    case 'lanes':
      return e.items.length === e.ty.lanes && e.items.every((i) => isScalarOf(i, e.ty.kind)) ? null : mistyped;
    case 'any':
      return e.a.ty.kind === 'bool' && e.a.ty.lanes !== 1 && isScalarOf(e, 'bool') ? null : mistyped;
    case 'whole': {
      const ty = wholeType(
        e.op,
        e.args.map((a) => a.ty),
      );
      return ty !== null && sameTy(ty, e.ty) ? null : mistyped;
    }
    default:
      return e satisfies never;
  }
}

/** Lanes of 8 or 16 bits convert in place only: between signs, and to and from masks. */
const castsPacked = (from: ScalarKind, to: ScalarKind): boolean =>
  from === 'bool' || to === 'bool' || scalarBytes(from) === scalarBytes(to);

function isLiteral(kind: ScalarKind, value: number | bigint | boolean): boolean {
  const range = INT_RANGE[kind];
  if (kind === 'bool') return typeof value === 'boolean';
  if (range === undefined) {
    return typeof value === 'number' && (kind === 'f64' || Object.is(Math.fround(value), value));
  }
  if (typeof value === 'boolean' || (typeof value === 'bigint') !== isBigKind(kind)) return false;
  if (typeof value === 'number' && !Number.isInteger(value)) return false;
  const big = BigInt(value);
  return big >= range[0] && big <= range[1];
}
