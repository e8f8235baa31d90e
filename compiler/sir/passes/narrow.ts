/**
 * Integers in as few bits as their values need, so that they do not halve the lanes of a loop: Core counts in i64, but
 * row numbers and most columns are smaller.
 *
 *     f32(i64(row))            =>  f32(row)                   the same number, rounded once
 *     i32(i64(row) * 3 + k)    =>  row * 3 + i32(k)           + - * & | ^ agree modulo 2^32
 *     i64(e) > 5               =>  e > 5                      e is an i32, and so is 5
 *     i64(row) < n             =>  row < i32(clamp n)         row numbers are below 2^31 - 1
 *
 * Values are looked up through the lets of the block and the blocks around it; the wide ones die when nobody reads them.
 * Runs before `vectorize`, on the scalar body.
 */

import { isFloatKind, type ScalarKind, scalarBytes } from '../../core/types.ts';
import { bin, cast, cmp, lit } from '../build.ts';
import { INT_RANGE } from '../int-range.ts';
import type { Kernel, Reg, SExpr } from '../kernel.ts';
import { readsOnly } from '../shape.ts';
import { uniformRegs } from './row-order.ts';
import { type Defs, rewriteBody } from './strength.ts';

/** How deep an expression is followed through lets and operations. */
const MAX_STEPS = 8;
const WRAPPING: ReadonlySet<string> = new Set(['+', '-', '*', '&', '|', '^']);

/** The kernel with narrower integers; itself when there is nothing to do. Precondition: no wide form yet. */
export function narrow(kernel: Kernel): Kernel {
  const uniform = uniformRegs(kernel, kernel.body);
  return rewriteBody(kernel, (e, defs) => {
    if (e.x === 'cast') return narrowCast(e, defs);
    return e.x === 'cmp' && e.a.ty.kind === 'i64' ? narrowComparison(e, defs, kernel.index, uniform) : e;
  });
}

function narrowCast(e: Extract<SExpr, { readonly x: 'cast' }>, defs: Defs): SExpr {
  if (e.a.ty.kind !== 'i64') return e;
  const small = extended(e.a, defs);
  if (small !== null) return cast(small, e.ty.kind);
  if (!isSmallInt(e.ty.kind)) return e;
  const wrapped = modulo32(e.a, defs, MAX_STEPS);
  return wrapped === null ? e : cast(wrapped, e.ty.kind);
}

/** The smaller integer that an i64 is the extension of, or null. */
function extended(e: SExpr, defs: Defs): SExpr | null {
  const def = defOf(e, defs);
  return def.x === 'cast' && isSmallInt(def.a.ty.kind) ? def.a : null;
}
const isSmallInt = (kind: ScalarKind): boolean => kind !== 'bool' && !isFloatKind(kind) && scalarBytes(kind) <= 4;
const defOf = (e: SExpr, defs: Defs): SExpr => (e.x === 'get' ? (defs.get(e.reg) ?? e) : e);

/** An i64 modulo 2^32 as an i32, where it is made of smaller integers and constants by operations that wrap. */
function modulo32(e: SExpr, defs: Defs, steps: number): SExpr | null {
  const def = defOf(e, defs);
  if (steps === 0) return null;
  if (def.x === 'lit') return lit('i32', BigInt.asIntN(32, BigInt(def.value)));
  const small = extended(def, defs);
  if (small !== null) return cast(small, 'i32');
  if (def.x !== 'bin' || !WRAPPING.has(def.op)) return null;
  const [a, b] = [modulo32(def.a, defs, steps - 1), modulo32(def.b, defs, steps - 1)];
  return a === null || b === null ? null : bin(def.op, a, b);
}

type Comparison = Extract<SExpr, { readonly x: 'cmp' }>;

function narrowComparison(e: Comparison, defs: Defs, row: Reg, uniform: ReadonlySet<Reg>): SExpr {
  const [a, b] = [extended(e.a, defs), extended(e.b, defs)];
  if (a !== null && b !== null) return a.ty.kind === b.ty.kind ? cmp(e.op, a, b) : e;
  const other = (small: SExpr, wide: SExpr): SExpr | null => {
    const value = defOf(wide, defs);
    if (value.x === 'lit') return literalOf(small.ty.kind, BigInt(value.value));
    const isRow = small.x === 'get' && small.reg === row;
    if (!isRow || !readsOnly(wide, uniform)) return null;
    const clamped = bin('min', bin('max', wide, lit('i64', -1n)), lit('i64', 0x7fffffffn));
    return cast(clamped, 'i32');
  };
  if (a !== null) {
    const right = other(a, e.b);
    return right === null ? e : cmp(e.op, a, right);
  }
  if (b === null) return e;
  const left = other(b, e.a);
  return left === null ? e : cmp(e.op, left, b);
}

function literalOf(kind: ScalarKind, value: bigint): SExpr | null {
  const range = INT_RANGE[kind];
  return range !== undefined && value >= range[0] && value <= range[1] ? lit(kind, Number(value)) : null;
}
