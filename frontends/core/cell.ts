/**
 * Cells: what a lazy loop computes for one row, as a small expression graph over scalars.
 *
 * A cell reads elements of lazy vectors at the loop's row (`input`) or at any row (`at`), scalars from outside the
 * loop (`outer`, `given`), and combines them with Core's scalar operators. Cells are what a library call adds to the
 * lazy graph (`node.ts`); `emit-cell.ts` turns them into Core. A cell used twice is emitted once, so operators should
 * share the object rather than rebuild it. All operators are strict except `guard`, which evaluates `then` only where
 * `cond` holds and so protects reads that would be out of bounds.
 *
 * The constructors do not check types: `operand.ts` and `ops.ts` decide what is allowed, Core's Builder verifies.
 */

import type { BinOp, Lit, ScalarKind, ScalarType, ScalarValue, UnOp } from '../../compiler/index.ts';
import { BOOL, castScalar, lit as coreLit, I64, isBigKind } from '../../compiler/index.ts';
import type { FieldRef, IndexNode, ReduceNode } from './node.ts';

interface Base {
  readonly ty: ScalarType;
  /** True when the value is the same for every row and cannot fault, so that it is computed before the loop. */
  readonly uniform: boolean;
}
/** The element of a lazy vector at the loop's row. */
export interface InputCell extends Base {
  readonly kind: 'input';
  readonly ref: FieldRef;
}
/** The element of a lazy vector at row `index` (i64), which must be in bounds where the cell is evaluated. */
export interface AtCell extends Base {
  readonly kind: 'at';
  readonly table: FieldRef;
  readonly index: Cell;
}
/** Slot `index` of a reduction. */
export interface OuterCell extends Base {
  readonly kind: 'outer';
  readonly node: ReduceNode;
  readonly index: number;
}
/** A scalar parameter of the program: a value that data decides, kept out of the program's text. */
export interface GivenCell extends Base {
  readonly kind: 'given';
  readonly value: ScalarValue;
}
/** The position of key `key` in an index, -1 when it is not there. */
export interface FindCell extends Base {
  readonly kind: 'find';
  readonly node: IndexNode;
  readonly key: Cell;
}
export type Cell =
  | InputCell
  | AtCell
  | OuterCell
  | GivenCell
  | FindCell
  | (Base & { readonly kind: 'row' })
  | (Base & { readonly kind: 'lit'; readonly lit: Lit })
  | (Base & { readonly kind: 'bin'; readonly op: BinOp; readonly a: Cell; readonly b: Cell })
  | (Base & { readonly kind: 'un'; readonly op: UnOp; readonly a: Cell })
  | (Base & { readonly kind: 'cast'; readonly a: Cell })
  | (Base & { readonly kind: 'select'; readonly cond: Cell; readonly a: Cell; readonly b: Cell })
  | (Base & { readonly kind: 'guard'; readonly cond: Cell; readonly then: Cell; readonly otherwise: Cell });

export const input = (ref: FieldRef, ty: ScalarType): InputCell => ({ kind: 'input', ty, uniform: false, ref });
export const at = (table: FieldRef, ty: ScalarType, index: Cell): Cell => ({
  kind: 'at',
  ty,
  uniform: false,
  table,
  index,
});
/** The element at a fixed place of a vector that is known to have it. */
export const element = (table: FieldRef, ty: ScalarType, place: number): Cell => ({
  kind: 'at',
  ty,
  uniform: true,
  table,
  index: lit(I64, BigInt(place)),
});
export const outer = (node: ReduceNode, index: number, ty: ScalarType): Cell => ({
  kind: 'outer',
  ty,
  uniform: true,
  node,
  index,
});
export const given = (ty: ScalarType, value: ScalarValue): Cell => ({ kind: 'given', ty, uniform: true, value });
export const find = (node: IndexNode, key: Cell): Cell => ({ kind: 'find', ty: I64, uniform: false, node, key });
export const row = (): Cell => ({ kind: 'row', ty: I64, uniform: false });
export const lit = (ty: ScalarType, value: ScalarValue): Cell => ({
  kind: 'lit',
  ty,
  uniform: true,
  lit: coreLit(ty, value),
});
export const TRUE: Cell = lit(BOOL, true);
export const FALSE: Cell = lit(BOOL, false);
export const zero = (ty: ScalarType): Cell => lit(ty, zeroOf(ty.scalar));

function zeroOf(kind: ScalarKind): ScalarValue {
  if (kind === 'bool') return false;
  return isBigKind(kind) ? 0n : 0;
}

const COMPARES: ReadonlySet<BinOp> = new Set<BinOp>(['==', '!=', '<', '<=', '>', '>=']);

export function bin(op: BinOp, a: Cell, b: Cell): Cell {
  return { kind: 'bin', ty: COMPARES.has(op) ? BOOL : a.ty, uniform: a.uniform && b.uniform, op, a, b };
}
export const un = (op: UnOp, a: Cell): Cell => ({ kind: 'un', ty: a.ty, uniform: a.uniform, op, a });
/** Converts; the cell itself when it has the type already, a literal at once. */
export function cast(ty: ScalarType, a: Cell): Cell {
  if (a.ty === ty) return a;
  if (a.kind === 'lit') return lit(ty, castScalar(a.ty.scalar, ty.scalar, a.lit.lit));
  return { kind: 'cast', ty, uniform: a.uniform, a };
}
export function select(cond: Cell, a: Cell, b: Cell): Cell {
  if (cond === TRUE || a === b) return a;
  if (cond === FALSE) return b;
  return { kind: 'select', ty: a.ty, uniform: cond.uniform && a.uniform && b.uniform, cond, a, b };
}
export const guard = (cond: Cell, then: Cell, otherwise: Cell): Cell => ({
  kind: 'guard',
  ty: then.ty,
  uniform: false,
  cond,
  then,
  otherwise,
});
export function and(a: Cell, b: Cell): Cell {
  if (a === TRUE || a === b) return b;
  if (b === TRUE) return a;
  return a === FALSE || b === FALSE ? FALSE : bin('&&', a, b);
}
export function or(a: Cell, b: Cell): Cell {
  if (a === FALSE || a === b) return b;
  if (b === FALSE) return a;
  return a === TRUE || b === TRUE ? TRUE : bin('||', a, b);
}
export function not(a: Cell): Cell {
  if (a === TRUE) return FALSE;
  return a === FALSE ? TRUE : un('not', a);
}

/** The cells that a cell is made of. */
export function partsOf(c: Cell): readonly Cell[] {
  switch (c.kind) {
    case 'input':
    case 'outer':
    case 'given':
    case 'row':
    case 'lit':
      return [];
    case 'at':
      return [c.index];
    case 'find':
      return [c.key];
    case 'un':
    case 'cast':
      return [c.a];
    case 'bin':
      return [c.a, c.b];
    case 'select':
      return [c.cond, c.a, c.b];
    case 'guard':
      return [c.cond, c.then, c.otherwise];
    default:
      return c satisfies never;
  }
}

/** Visits every cell under `roots` once, parents before parts, in order of first appearance, without recursion. */
export function walkCells(roots: readonly Cell[], visit: (c: Cell) => void): void {
  const seen = new Set<Cell>();
  const todo = [...roots].reverse();
  for (let c = todo.pop(); c !== undefined; c = todo.pop()) {
    if (seen.has(c)) continue;
    seen.add(c);
    visit(c);
    for (const part of [...partsOf(c)].reverse()) todo.push(part);
  }
}
