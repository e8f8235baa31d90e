/**
 * Puts products next to the sums that take them, so that a target can emit one multiply-add for both.
 *
 *     %3: f64x2 = %1 * %2                  becomes      %5: f64x2 = (%1 * %2) + %4
 *     %5: f64x2 = %3 + %4
 *
 * Only in wide code, and only a product that nothing else reads. The kernel means the same: whether the two are rounded
 * once or twice is decided where the code is emitted, and asked for with `fastMath` only.
 */

import { isFloatKind } from '../../core/types.ts';
import type { Kernel, Reg, SExpr, Stmt } from '../kernel.ts';
import {
  blocksOf,
  countReads,
  exprsOf,
  mapBlocks,
  mapExprs,
  operands,
  readsAny,
  rewriteExpr,
  varsOf,
  walkExpr,
  walkStmts,
} from '../shape.ts';

type Bin = Extract<SExpr, { readonly x: 'bin' }>;

/** A product of float lanes. */
export const isProduct = (e: SExpr): e is Bin =>
  e.x === 'bin' && e.op === '*' && isFloatKind(e.ty.kind) && e.ty.lanes !== 1;

/** Expressions stay well below the depth that kernels may have. */
const DEEPEST = 24;

/** The kernel with the products of its wide body in place. */
export function contract(kernel: Kernel): Kernel {
  const { wide } = kernel;
  return wide === null ? kernel : { ...kernel, wide: { ...wide, body: contracted(wide.body) } };
}

function contracted(body: readonly Stmt[]): readonly Stmt[] {
  const [reads, vars, addends] = [countReads(body), varsOf(body), addendsOf(body)];
  const products = new Map<Reg, SExpr>();
  const place = (e: SExpr): SExpr => rewriteExpr(e, (x) => (x.x === 'get' ? (products.get(x.reg) ?? x) : x));
  const block = (stmts: readonly Stmt[]): readonly Stmt[] =>
    stmts.flatMap((s) => {
      const own = mapExprs(s, place);
      const placed = blocksOf(own).length === 0 ? own : mapBlocks(own, block);
      if (placed.s !== 'let' || !isProduct(placed.e)) return [placed];
      const only = addends.has(placed.reg) && reads.get(placed.reg) === 1;
      if (!only || readsAny(placed.e, vars) || depth(placed.e) > DEEPEST) return [placed];
      products.set(placed.reg, placed.e);
      return [];
    });
  return block(body);
}

/** The registers that a sum reads where it could take a product: either side of `+`, the right side of `-`. */
function addendsOf(body: readonly Stmt[]): ReadonlySet<Reg> {
  const found = new Set<Reg>();
  walkStmts(body, (s) => {
    for (const e of exprsOf(s)) {
      walkExpr(e, (x) => {
        if (x.x !== 'bin' || (x.op !== '+' && x.op !== '-')) return;
        for (const side of x.op === '+' ? [x.a, x.b] : [x.b]) if (side.x === 'get') found.add(side.reg);
      });
    }
  });
  return found;
}

const depth = (e: SExpr): number => 1 + Math.max(0, ...operands(e).map(depth));
