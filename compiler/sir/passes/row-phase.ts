/**
 * The row-by-row part of wide code as a phase of its own (`RowPhase` in `kernel.ts`).
 *
 *     m2 = x2 > 0;  y2 = log(x2)                 m2 = x2 > 0;  y2 = log(x2)
 *     if m2.0 { table[k2.0] += y2.0 }     =>     s0[row - start] = m2;  s1[..] = y2;  s2[..] = k2
 *     if m2.1 { table[k2.1] += y2.1 }          then row by row:
 *                                                if s0[row - start] { table[s2[..]] += s1[..] }
 *
 * Or, where one condition is around all of them, `pick` notes the rows that meet it, and the others are not looked at again.
 *
 * The statements come from `widen.ts`, which wrote every read of a wide value as its lane 0. Each of these values, and
 * each scalar of the first phase, gets a scratch buffer. Bool travels as i32: it is stored and tested by whole registers.
 * A 64-bit scalar that four lanes share travels as two words, since a register holds no four of it.
 */

import { BATCH_ROWS } from '../../analysis/cost.ts';
import { scalarBytes } from '../../core/types.ts';
import { bin, bitcast, cast, cmp, get, type KernelBuilder, lanes, lit, sel, splat } from '../build.ts';
import type { Kernel, Reg, RowPhase, SExpr, Stmt } from '../kernel.ts';
import { exprText } from '../print.ts';
import { definedReg, mapStmts, rewriteExpr, walkStmts } from '../shape.ts';
import { LaneCopy } from './lane-copy.ts';
import { sink } from './sink.ts';

/** Where row-by-row statements go: behind the lanes, a copy for each; to a phase of their own; or there where that runs for
 *  picked rows alone. */
export type RowPlace = 'beside' | 'apart' | 'picked';

/** Emits what the lanes have left over. */
export function placeRows(
  k: KernelBuilder,
  kernel: Kernel,
  left: readonly Stmt[],
  width: 2 | 4,
  place: RowPlace,
): void {
  const rest = sink(left, kernel);
  if (rest.length === 0) return;
  if (place === 'apart' || (place === 'picked' && pickable(rest) !== null)) k.rows(rowPhase(k, kernel, rest, width));
  else for (let i = 0; i < width; i++) new LaneCopy(k, i).emit(rest);
}

/** Emits the stores of what `rest` reads into the current (wide) block; gives the phase that reads it back. */
function rowPhase(k: KernelBuilder, kernel: Kernel, given: readonly Stmt[], width: 2 | 4): RowPhase {
  const only = pickable(given);
  const rest = only === null ? given : only.then;
  const here = new Set<Reg>([kernel.index, ...kernel.scalars.map((p) => p.reg)]);
  walkStmts(rest, (s) => {
    const reg = definedReg(s);
    if (reg !== null) here.add(reg);
  });
  const start = k.fresh();
  const place = k.let(bin('-', k.index, get(start, 'i32')));
  const carried = new Map<string, { readonly buf: number; readonly reg: Reg; readonly isBool: boolean }>();
  const carry = (value: SExpr): SExpr => {
    const key = exprText(value);
    const isBool = value.ty.kind === 'bool';
    let found = carried.get(key);
    if (found === undefined) {
      const kind = isBool ? 'i32' : value.ty.kind;
      found = { buf: k.buf(`scratch${carried.size}`, kind, 'scratch', true), reg: k.fresh(), isBool };
      carried.set(key, found);
      k.store(found.buf, place, isBool ? sel(value, lit('i32', 1, width), lit('i32', 0, width)) : value);
    }
    return get(found.reg, value.ty.kind);
  };
  const shared = (x: SExpr): SExpr => {
    if (width === 2 || scalarBytes(x.ty.kind) < 8) return carry(splat(x, width));
    const [bits, shift] = [bitcast(x, 'u64'), lit('u64', 32)];
    const word = (e: SExpr): SExpr => cast(carry(splat(cast(e, 'u32'), width)), 'u64');
    return bitcast(bin('|', word(bits), bin('<<', word(bin('>>', bits, shift)), shift)), x.ty.kind);
  };
  const rows = mapStmts(rest, (e) =>
    rewriteExpr(e, (x) => {
      if (x.x === 'lane') return carry(x.a);
      // A scalar that the lanes share is defined in the first phase only.
      const foreign = x.x === 'get' && x.ty.lanes === 1 && !here.has(x.reg);
      return foreign ? shared(x) : x;
    }),
  );
  const body = k.block(() => {
    const at = k.let(bin('-', k.index, get(start, 'i32')));
    for (const { buf, reg, isBool } of carried.values()) {
      const value = k.load(buf, at);
      k.emit({ s: 'let', reg, e: isBool ? cmp('!=', value, lit('i32', 0)) : value });
    }
    new LaneCopy(k, 0).emit(rows);
  });
  if (only === null) return { start, batch: BATCH_ROWS, picked: null, body };
  const picked = k.buf('picked', 'i32', 'scratch', true);
  const steps = lanes(Array.from({ length: width }, (_, i) => lit('i32', i)));
  k.pick(bin('+', splat(k.index, width), steps), only.mask);
  return { start, batch: BATCH_ROWS, picked, body };
}

/** What is done for the rows of a mask alone, if that is all there is to do. */
function pickable(rest: readonly Stmt[]): { readonly mask: SExpr; readonly then: readonly Stmt[] } | null {
  const [only, more] = rest;
  if (only?.s !== 'if' || more !== undefined || only.else.length > 0 || only.cond.x !== 'lane') return null;
  return { mask: only.cond.a, then: only.then };
}
