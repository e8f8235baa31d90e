/**
 * The memory in which a loop body makes vectors: the region of the part (`REGION` in `sir/plan.ts`), taken from the front.
 * It is given back at once: at the end of the row, of an iteration or of a comparison that keeps nothing of it (`scoped`).
 */

import { leaves, scalarBytes, type Type } from '../core/types.ts';
import { InternalError } from '../diag/diagnostic.ts';
import { bin, bitcast, cast, cmp, type Get, lit, un } from '../sir/build.ts';
import type { SExpr, Stmt } from '../sir/kernel.ts';
import { REGION } from '../sir/plan.ts';
import { mapBlocks, walkStmts } from '../sir/shape.ts';
import { type LoopContext, leavesOf } from './context.ts';

/** The places of new columns for `rows` elements (i32, not negative), with any contents. */
export function allocColumns(elem: Type, rows: SExpr, cx: LoopContext): readonly SExpr[] {
  return leavesOf(elem, cx.origin).map((kind) => allocPlace(scalarBytes(kind), rows, cx));
}

/** Kinds of 1, 2, 4 and 8 bytes have addresses that are whole places of all of them. */
const ALIGN = 8;

/** The place of `count` new elements of `bytes` bytes. The part stops when its region is full. */
export function allocPlace(bytes: 1 | 2 | 4 | 8, count: SExpr, cx: LoopContext): SExpr {
  const { kb } = cx;
  const region = cx.region();
  const wide = (e: SExpr): SExpr => cast(bitcast(e, 'u32'), 'u64');
  const next = kb.load(region, lit('i32', REGION.next));
  const end = kb.load(region, lit('i32', REGION.end));
  const exact = bytes === 1 ? wide(count) : bin('*', wide(count), lit('u64', bytes));
  const size = kb.let(bin('&', bin('+', exact, lit('u64', ALIGN - 1)), lit('u64', 2n ** 64n - BigInt(ALIGN))));
  const full = kb.let(cmp('>', bin('+', wide(next), size), wide(end)));
  const most = lit('u64', 0xfffffff0n);
  kb.if(full, () => kb.store(region, lit('i32', REGION.wanted), cast(bin('min', size, most), 'i32')));
  kb.fail('RegionFull', full);
  kb.store(region, lit('i32', REGION.next), bin('+', next, cast(size, 'i32')));
  if (bytes === 1) return next;
  return kb.let(bitcast(bin('>>', bitcast(next, 'u32'), lit('u32', Math.log2(bytes))), 'i32'));
}

/** Writes an element of a vector in memory. */
export function storeRow(
  elem: Type,
  places: readonly SExpr[],
  at: SExpr,
  row: readonly SExpr[],
  cx: LoopContext,
): void {
  for (const [leaf, kind] of (leaves(elem) ?? []).entries()) {
    const [place, e] = [places[leaf], row[leaf]];
    if (place === undefined || e === undefined) throw new InternalError('lower: a row without a leaf');
    cx.kb.store(cx.memory(kind), place.x === 'lit' && place.value === 0 ? at : cx.kb.let(bin('+', place, at)), e);
  }
}

/** Copies the first `rows` elements of columns in memory to others. */
export function copyColumns(
  elem: Type,
  from: readonly SExpr[],
  to: readonly SExpr[],
  rows: SExpr,
  cx: LoopContext,
): void {
  const { kb } = cx;
  const kinds = leaves(elem) ?? [];
  if (kinds.length === 0) return;
  kb.range(lit('i32', 0), rows, (k) => {
    const row = kinds.map((kind, leaf) => {
      const place = from[leaf];
      if (place === undefined) throw new InternalError('lower: columns without a leaf');
      return kb.load(cx.memory(kind), bin('+', place, k));
    });
    storeRow(elem, to, k, row, cx);
  });
}

/** Columns in memory that are copied to larger ones when they are full. */
export interface Growing {
  readonly length: Get;
  readonly capacity: Get;
  readonly places: readonly Get[];
}

/** Rows that a vector has room for when it first needs any. */
const FIRST_ROWS = 4;

/** Makes room for rows up to `needed`; the new capacity is at least twice the old. */
export function makeRoom(elem: Type, v: Growing, needed: SExpr, cx: LoopContext): void {
  const { kb } = cx;
  kb.if(cmp('>', needed, v.capacity), () => {
    const doubled = bin('max', bin('+', v.capacity, v.capacity), lit('i32', FIRST_ROWS));
    const rows = kb.let(bin('max', needed, doubled));
    const places = allocColumns(elem, rows, cx);
    copyColumns(elem, v.places, places, v.length, cx);
    for (const [k, place] of places.entries()) {
      const target = v.places[k];
      if (target !== undefined) kb.set(target, place);
    }
    kb.set(v.capacity, rows);
  });
}

/** Emits `body`, of which no memory is needed afterwards: what it takes is given back. */
export function scoped(body: () => void, cx: LoopContext): void {
  const { kb } = cx;
  const stmts = kb.block(body);
  if (!takesMemory(stmts, cx)) {
    for (const s of stmts) kb.emit(s);
    return;
  }
  const region = cx.region();
  const next = kb.load(region, lit('i32', REGION.next));
  for (const s of stmts) kb.emit(s);
  kb.store(region, lit('i32', REGION.next), next);
}

/**
 * Emits the body of a loop whose outputs may refer to memory: a row that no output keeps anything of (a filter refused it,
 * its keys are known) gives back what it took.
 */
export function keepingRow(body: () => void, cx: LoopContext): void {
  const { kb } = cx;
  const kept = kb.var(lit('bool', false));
  cx.kept = kept;
  const stmts = kb.block(body);
  cx.kept = null;
  if (!takesMemory(stmts, cx)) {
    for (const s of withoutSets(stmts, kept)) kb.emit(s);
    return;
  }
  const region = cx.region();
  const next = kb.load(region, lit('i32', REGION.next));
  for (const s of stmts) kb.emit(s);
  kb.if(un('not', kept), () => kb.store(region, lit('i32', REGION.next), next));
}

function withoutSets(stmts: readonly Stmt[], target: Get): readonly Stmt[] {
  return stmts
    .filter((s) => s.s !== 'set' || s.reg !== target.reg)
    .map((s) => mapBlocks(s, (block) => withoutSets(block, target)));
}

function takesMemory(stmts: readonly Stmt[], cx: LoopContext): boolean {
  if (!cx.makesVectors) return false;
  const region = cx.region();
  let found = false;
  walkStmts(stmts, (s) => {
    if (s.s === 'store' && s.buf === region) found = true;
  });
  return found;
}
