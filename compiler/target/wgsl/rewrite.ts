/**
 * SIR rewrites that bring a kernel down to what WGSL has. Kernel in, kernel out; nothing here prints.
 *
 *  - Demotion: every f64 becomes f32, in buffers, parameters and cells too. Only where the caller asked for it, and
 *    not where a kernel looks at the bits of an f64, which no f32 has.
 *  - `-a` on integers becomes `0 - a`: WGSL has no negation of unsigned values.
 *  - `x != x` and `x == x` on floats become a test of the bits: a shader compiler may fold them.
 *
 * All of it must run before `passes/expand-math.ts`, whose f64 code works on bits.
 */

import type { ScalarKind } from '../../core/types.ts';
import { isBigKind, isFloatKind } from '../../core/types.ts';
import { bin, bitcast, cmp, lit } from '../../sir/build.ts';
import type { Kernel, SExpr, Stmt, ValTy } from '../../sir/kernel.ts';
import { exprsOf, mapBlocks, mapExprs, mapStmts, rewriteExpr, walkExpr, walkStmts } from '../../sir/shape.ts';

/** What a kernel does with f64. */
export type F64Use = 'none' | 'values' | 'bits';

/** Does the scalar body, or what surrounds it, use f64, and how? */
export function f64Use(kernel: Kernel): F64Use {
  const params = [...kernel.bufs.map((b) => b.elem), ...kernel.scalars.map((s) => s.kind)];
  let values = [...params, ...kernel.reductions.map((r) => r.kind)].includes('f64');
  let bits = false;
  walkStmts(kernel.body, (s) => {
    for (const e of exprsOf(s)) {
      walkExpr(e, (x) => {
        values ||= x.ty.kind === 'f64';
        bits ||= x.x === 'bitcast' && (x.ty.kind === 'f64' || x.a.ty.kind === 'f64');
      });
    }
  });
  if (bits) return 'bits';
  return values ? 'values' : 'none';
}

const narrower = (kind: ScalarKind): ScalarKind => (kind === 'f64' ? 'f32' : kind);
const demotedTy = (ty: ValTy): ValTy => (ty.kind === 'f64' ? { kind: 'f32', lanes: ty.lanes } : ty);

/** The kernel with f32 in place of f64; the wide form is dropped. `f64Use` must not be `bits`. */
export function demote(kernel: Kernel): Kernel {
  return {
    ...kernel,
    bufs: kernel.bufs.map((b) => ({ ...b, elem: narrower(b.elem) })),
    scalars: kernel.scalars.map((s) => ({ ...s, kind: narrower(s.kind) })),
    reductions: kernel.reductions.map((r) => ({ ...r, kind: narrower(r.kind) })),
    body: kernel.body.map(demoteStmt),
    wide: null,
  };
}

function demoteStmt(s: Stmt): Stmt {
  const stmt = mapBlocks(
    mapExprs(s, (e) => rewriteExpr(e, demoteNode)),
    (block) => block.map(demoteStmt),
  );
  return stmt.s === 'load' ? { ...stmt, ty: demotedTy(stmt.ty) } : stmt;
}

/** The operands are demoted already. */
function demoteNode(e: SExpr): SExpr {
  if (e.x === 'cast' && e.a.ty.kind === narrower(e.ty.kind)) return e.a;
  if (e.ty.kind !== 'f64') return e;
  if (e.x === 'lit') return lit('f32', e.value);
  return { ...e, ty: demotedTy(e.ty) };
}

/** The other rewrites; see the head of the file. */
export function spellable(kernel: Kernel): Kernel {
  return { ...kernel, body: mapStmts(kernel.body, (e) => rewriteExpr(e, spellableNode)), wide: null };
}

function spellableNode(e: SExpr): SExpr {
  if (e.x === 'un' && e.op === 'neg' && !isFloatKind(e.ty.kind)) {
    return bin('-', lit(e.ty.kind, isBigKind(e.ty.kind) ? 0n : 0), e.a);
  }
  const equality = e.x === 'cmp' && (e.op === '==' || e.op === '!=');
  if (equality && e.a.ty.kind === 'f32' && sameExpr(e.a, e.b)) {
    const size = bin('&', bitcast(e.a, 'u32'), lit('u32', 0x7fffffff));
    return cmp(e.op === '!=' ? '>' : '<=', size, lit('u32', 0x7f800000));
  }
  return e;
}

/** Do two expressions have the same form? They then have the same value at the same place. */
export function sameExpr(a: SExpr, b: SExpr): boolean {
  if (a === b) return true;
  if (a.ty.kind !== b.ty.kind) return false;
  switch (a.x) {
    case 'get':
      return b.x === 'get' && a.reg === b.reg;
    case 'lit':
      return b.x === 'lit' && Object.is(a.value, b.value);
    case 'un':
      return b.x === 'un' && a.op === b.op && sameExpr(a.a, b.a);
    case 'bin':
      return b.x === 'bin' && a.op === b.op && sameExpr(a.a, b.a) && sameExpr(a.b, b.b);
    case 'cmp':
      return b.x === 'cmp' && a.op === b.op && sameExpr(a.a, b.a) && sameExpr(a.b, b.b);
    case 'select':
      return b.x === 'select' && sameExpr(a.c, b.c) && sameExpr(a.a, b.a) && sameExpr(a.b, b.b);
    case 'cast':
    case 'bitcast':
      return a.x === b.x && sameExpr(a.a, b.a);
    // Only in wide code and packed kernels, where nobody asks.
    case 'splat':
    case 'lane':
    case 'lanes':
    case 'any':
    case 'whole':
      return false;
    default:
      return a satisfies never;
  }
}
