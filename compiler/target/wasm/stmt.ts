/**
 * Statements of a kernel body, scalar or wide.
 *
 * Failing. In scalar code a failure writes its record and returns. In wide code a failing lane leaves the wide loop
 * before the row counter moves, and the scalar loop runs the same rows again and fails at the right row with the right
 * code: which of several failures comes first is then decided row by row, as if there were no lanes. What the broken
 * off iteration did to accumulators and outputs is dropped with the part.
 *
 * Filters. `if (c) push ...` alone is done without a branch: the row is stored at the cursor in any case, and the
 * cursor moves by c. The place is always inside the part, since a part pushes at most one row a row; selective
 * filters would otherwise pay a misprediction every few rows.
 */

import { CHEAP_PUSH } from '../../analysis/cost.ts';
import { isFloatKind } from '../../core/types.ts';
import type { SExpr, Stmt } from '../../sir/kernel.ts';
import { FAIL_CODES } from '../../sir/kernel.ts';
import { walkExpr } from '../../sir/shape.ts';
import { emitCompaction, emitPick } from './compact.ts';
import { isExtreme, mergeExtreme } from './extremes.ts';
import type { Frame } from './frame.ts';
import { identityOf, scalarTy } from './info.ts';
import { elementPlace, hasLoadSplat, loadSplat, loadValue, placeAt, storeValue } from './memory.ts';
import { scalarBin, scalarExpr, scalarLit } from './scalar.ts';
import type { Ref } from './sink.ts';
import { litBytes, maskExpr, wideBin, wideExpr } from './wide.ts';

type Of<S extends Stmt['s']> = Extract<Stmt, { readonly s: S }>;

/** Emits an expression of any lane count. */
const expr = (f: Frame, e: SExpr): Ref => (e.ty.lanes === 1 ? scalarExpr(f, e) : wideExpr(f, e));

export function emitStmts(f: Frame, stmts: readonly Stmt[]): void {
  for (let at = 0; at < stmts.length; at++) {
    const [s, next] = [stmts[at], stmts[at + 1]];
    if (s === undefined) continue;
    if (next !== undefined && emitLoadSplat(f, s, next)) at++;
    else emitStmt(f, s);
  }
}

/** An element that is loaded for nothing but to be put in every lane: one instruction does both, where there is one. */
function emitLoadSplat(f: Frame, load: Stmt, use: Stmt): boolean {
  if (load.s !== 'load' || use.s !== 'let' || use.e.x !== 'splat' || use.e.a.x !== 'get') return false;
  if (use.e.a.reg !== load.reg || f.reads(load.reg) !== 1 || !hasLoadSplat(use.e.ty)) return false;
  f.write(use.reg, use.e.ty, loadSplat(f, use.e.ty, elementPlace(f, load.buf, load.index)));
  return true;
}

function emitStmt(f: Frame, s: Stmt): void {
  const { sink } = f;
  switch (s.s) {
    case 'let':
      if (!f.hoistLet(s.reg, s.e, () => emitLet(f, s))) emitLet(f, s);
      return;
    case 'var':
    case 'set':
      f.write(s.reg, s.e.ty, expr(f, s.e));
      return;
    case 'load':
      f.write(s.reg, s.ty, loadValue(f, s.ty, elementPlace(f, s.buf, s.index)));
      return;
    case 'store': {
      const value = expr(f, s.value);
      f.emit(storeValue(f, s.value.ty, elementPlace(f, s.buf, s.index), value));
      return;
    }
    case 'accum':
      emitAccum(f, s);
      return;
    case 'if': {
      if (emitBranchless(f, s)) return;
      const cond = scalarExpr(f, s.cond);
      // A general branch has the usual case on one of its sides; any other may be rare.
      const side = (stmts: readonly Stmt[]): readonly Ref[] =>
        s.general === true ? f.list(() => emitStmts(f, stmts)) : f.branch(() => emitStmts(f, stmts));
      f.emit(sink.if(cond, side(s.then), side(s.else)));
      return;
    }
    case 'while':
      emitWhile(f, s);
      return;
    case 'push':
      if (s.mask !== null) {
        emitCompaction(f, s, s.mask);
        return;
      }
      emitStores(f, s);
      f.state.moveCursor(s.cursor, sink.i32(1));
      return;
    case 'pick':
      emitPick(f, s);
      return;
    case 'fail':
      emitFail(f, s);
      return;
    default:
      s satisfies never;
  }
}

function emitLet(f: Frame, s: Of<'let'>): void {
  if (s.e.x === 'splat') {
    // Kept as a scalar too: shifts take their count from it.
    const read = f.spill(scalarExpr(f, s.e.a), scalarTy(s.e.ty.kind));
    f.noteUniform(s.reg, read);
  } else if (s.e.x === 'lit' && s.e.ty.lanes !== 1) {
    const { value, ty } = s.e;
    f.noteUniform(s.reg, () => scalarLit(f, ty.kind, value));
  }
  f.write(s.reg, s.e.ty, expr(f, s.e));
}

/** One jump a round: the condition is asked before the loop and at its end. */
function emitWhile(f: Frame, s: Of<'while'>): void {
  const { sink } = f;
  const again = f.label('again');
  const round = f.list(() => {
    emitStmts(f, s.body);
    f.emit(sink.br(again, scalarExpr(f, s.cond)));
  });
  f.emit(sink.if(scalarExpr(f, s.cond), [sink.loop(again, round)], []));
}

function emitAccum(f: Frame, s: Of<'accum'>): void {
  const { sink } = f;
  const { ty } = s.value;
  const { op, kind } = f.state.reduction(s.red);
  const identity = identityOf(op, ty.kind);
  if (ty.lanes === 1) {
    const value = scalarExpr(f, s.value);
    const taken = s.mask === null ? value : sink.select(scalarExpr(f, s.mask), value, scalarLit(f, kind, identity));
    f.state.setCell(s.red, scalarBin(f, op, kind, f.state.cell(s.red), taken));
    return;
  }
  let value = wideExpr(f, s.value);
  if (s.mask !== null) {
    const mask = maskExpr(f, s.mask, ty.kind);
    // Zero bits are the identity of integer addition.
    value =
      op === '+' && !isFloatKind(kind)
        ? sink.binary('v128.and', value, mask)
        : sink.bitselect(value, f.constant(litBytes(ty, identity)), mask);
  }
  const copy = s.copy ?? 0;
  if (isExtreme(op, ty)) mergeExtreme(f, s.red, copy, ty, value);
  else f.state.setWideCell(s.red, copy, wideBin(f, op, ty, f.state.wideCell(s.red, copy), value));
}

function emitStores(f: Frame, s: Of<'push'>): void {
  for (const { buf, value } of s.stores) {
    const stored = scalarExpr(f, value);
    f.emit(storeValue(f, value.ty, placeAt(f, buf, f.state.cursor(s.cursor), 0), stored));
  }
}

function emitBranchless(f: Frame, s: Of<'if'>): boolean {
  const [push, more] = s.then;
  if (push === undefined || more !== undefined || push.s !== 'push' || s.else.length > 0) return false;
  if (!push.stores.every((p) => isCheap(p.value))) return false;
  const cond = scalarExpr(f, s.cond);
  emitStores(f, push);
  f.state.moveCursor(push.cursor, cond);
  return true;
}

/** Few nodes, none of which may trap or call. */
function isCheap(e: SExpr): boolean {
  let nodes = 0;
  let plain = true;
  walkExpr(e, (x) => {
    nodes++;
    if (x.x === 'bin' && (x.op === '/' || x.op === '%')) plain = false;
  });
  return plain && nodes <= CHEAP_PUSH;
}

function emitFail(f: Frame, s: Of<'fail'>): void {
  const { sink } = f;
  if (f.bail !== null) {
    const when = s.when.ty.lanes === 1 ? scalarExpr(f, s.when) : sink.unary('v128.any_true', wideExpr(f, s.when));
    f.emit(sink.br(f.bail, when));
    return;
  }
  const code = FAIL_CODES[s.code];
  const when = scalarExpr(f, s.when);
  const stop = f.list(() => {
    const record = f.spill(f.state.statusRecord(), 'i32');
    const row = f.read(f.kernel.index, { kind: 'i32', lanes: 1 });
    f.emit(sink.store('i32.store', { ptr: f.pointer(record()), offset: 0, align: 4 }, sink.i32(code)));
    f.emit(sink.store('i32.store', { ptr: f.pointer(record()), offset: 4, align: 4 }, row));
    f.emit(sink.ret(sink.i32(code)));
  });
  f.emit(sink.if(when, stop, []));
}
