/**
 * What wide code saves: the instructions that a wide iteration has fewer than the scalar bodies of its rows, by a rough
 * count. An instruction here is an addition of scalars, a twentieth of a nanosecond on the machine of `spec/cost.md`.
 *
 *     x2 + y2                   two additions for one
 *     x2 * y2 of 64 bits        V128 has no such product: it is put together of seven others
 *     f64x2(x2) from i64x2      each lane is taken out, converted, and put back
 *     x2.1                      a lane taken out
 *     if c { s += x }           a jump that may be guessed wrong, where there is none in lanes
 */

import {
  DIVISION,
  FLOAT_LATENCY,
  LANE_CONVERTED,
  LANE_MOVED,
  LOOP_OVERHEAD,
  MISGUESSED,
  PICKING,
  SCALAR_MAX,
  TRANSCENDENTAL,
  WIDE_MAX,
  WIDE_PRODUCT,
} from '../../analysis/cost.ts';
import { isFloatKind, type MergeOp, type ScalarKind, scalarBytes } from '../../core/types.ts';
import type { Reduction, SBin, SExpr, Stmt, ValTy, Wide } from '../kernel.ts';
import { isMathCall } from '../lib/index.ts';
import { blocksOf, exprsOf, operands, walkStmts } from '../shape.ts';

/** The gain of a wide body, `beside` with copies of row-by-row statements in it; below 0 it is dearer than scalar code. */
export function laneGain({ lanes, body }: Wide, reductions: readonly Reduction[], beside: boolean): number {
  let total = beside ? 0 : (lanes - 1) * LOOP_OVERHEAD;
  walkStmts(body, (s) => {
    if (s.s === 'load') total += loadGain(s.ty);
    else if (s.s === 'store') total += s.value.ty.lanes - 1;
    else if (s.s === 'push' && s.mask !== null) total += s.mask.ty.lanes - 1;
    else if (s.s === 'pick') total += lanes * MISGUESSED - PICKING;
    else if (s.s === 'accum') total += accumGain(reductions[s.red]?.op ?? '+', s.value.ty);
    for (const e of exprsOf(s)) total += exprGain(e);
  });
  return total;
}

/** The gain of an expression of lanes. */
export function exprGain(e: SExpr): number {
  return operands(e).reduce((sum, a) => sum + exprGain(a), gain(e));
}

/** What the jumps of scalar code cost that become masks: those around nothing that is done row by row. */
export function savedJumps(body: readonly Stmt[], rowByRow: ReadonlySet<Stmt>): number {
  let jumps = 0;
  const isWide = (stmts: readonly Stmt[]): boolean => stmts.every((s) => !rowByRow.has(s) && blocksOf(s).every(isWide));
  walkStmts(body, (s) => {
    if (s.s === 'if' && isWide([s])) jumps++;
  });
  return jumps * MISGUESSED;
}

function gain(e: SExpr): number {
  const { ty } = e;
  switch (e.x) {
    case 'get':
    case 'lit':
    case 'bitcast':
    case 'splat':
    case 'any':
    case 'whole':
      return 0;
    case 'lane':
      return -moved(ty.kind);
    case 'lanes':
      return -moved(ty.kind) * e.items.filter((i) => i.x !== 'lit').length;
    case 'cmp':
      // Without an instruction for it, both sides have their sign flipped.
      return e.a.ty.lanes - 1 - (e.a.ty.kind === 'u64' && e.op !== '==' && e.op !== '!=' ? 2 : 0);
    case 'cast':
      return castGain(e.a.ty.kind, ty);
    case 'select':
      // Of scalar floats it is a jump.
      return ty.lanes === 1 ? 0 : isFloatKind(ty.kind) ? ty.lanes * MISGUESSED : ty.lanes - 1;
    case 'un':
      return (ty.lanes - 1) * (isMathCall(e) ? TRANSCENDENTAL : e.op === 'sqrt' ? DIVISION : 1);
    case 'bin':
      return isMathCall(e) ? (ty.lanes - 1) * TRANSCENDENTAL : binGain(e.op, ty);
    default:
      return e satisfies never;
  }
}

function binGain(op: SBin, { kind, lanes }: ValTy): number {
  if (lanes === 1) return 0;
  const plain = lanes - 1;
  switch (op) {
    case '*':
      return isLong(kind) ? 2 * lanes - WIDE_PRODUCT : plain;
    case '/':
    case '%':
      // Integers are divided lane by lane.
      if (isFloatKind(kind)) return op === '/' ? plain * DIVISION : -2 * LANE_MOVED * lanes;
      return isLong(kind) ? -LANE_MOVED * lanes : 0;
    case 'min':
    case 'max':
      return isFloatKind(kind) ? SCALAR_MAX * lanes - WIDE_MAX : plain;
    default:
      return plain;
  }
}

/** Each of floats waits for the one before, of rows as long as of registers. */
function accumGain(op: MergeOp, ty: ValTy): number {
  return isFloatKind(ty.kind) ? (ty.lanes - 1) * FLOAT_LATENCY : binGain(op, ty);
}

/** Between 64-bit integers and floats there is no conversion in lanes. */
function castGain(from: ScalarKind, { kind, lanes }: ValTy): number {
  if (lanes === 1) return 0;
  return (isLong(from) && isFloatKind(kind)) || (isFloatKind(from) && isLong(kind))
    ? -LANE_CONVERTED * lanes
    : lanes - 1;
}

/** A float is the low part of its register, an integer has one of its own. */
const moved = (kind: ScalarKind): number => (isFloatKind(kind) ? 1 : LANE_MOVED);

/** Narrow values are spread over their lanes. */
function loadGain({ kind, lanes }: ValTy): number {
  const bytes = kind === 'bool' ? 1 : scalarBytes(kind);
  return lanes === 1 ? 0 : lanes - (bytes === 1 ? 3 : bytes === 2 && lanes === 2 ? 2 : 1);
}

const isLong = (kind: ScalarKind): boolean => kind === 'i64' || kind === 'u64';
