/**
 * Lazy columns: what a frame column, an array and a tensor column all are.
 *
 * A lazy column is an operand whose cells read outputs of lazy nodes at the row, in a space of rows. Columns of one
 * space have one length by construction; columns of two spaces can be combined when their lengths agree (known lengths
 * are compared at the call, others when the loop runs). Passing a column to another library passes these references.
 */

import { BOOL, invariant, type TypedArray } from '../../compiler/index.ts';
import type { DataColumn as Column, Session } from '../../runtime/index.ts';
import { and, type Cell, cast, type InputCell, input, select, walkCells, zero } from './cell.ts';
import { storageType } from './dtype.ts';
import { Lease } from './lease.ts';
import { type FieldRef, loopNode, type Node, sourceNode } from './node.ts';
import type { Operand } from './operand.ts';
import { originOf, refuse, type Site } from './trail.ts';

/** A sequence of rows that several columns have in common. */
export interface Space {
  /** Null while it is only known after a loop has run. */
  readonly length: number | null;
  /** A vector with these rows, for loops that read no column. */
  readonly anchor: FieldRef;
}
/** An operand that is stored (or will be) as vectors over `space`. `session` is null for the default one. */
export interface LazyColumn extends Operand {
  readonly value: InputCell;
  readonly valid: InputCell | null;
  readonly space: Space;
  readonly session: Session | null;
}
/** What the libraries hand to each other. */
export interface ColumnLike {
  /** The lazy column behind this value; refuses where there is more than one. */
  asColumn(site: Site): LazyColumn;
}
export const isColumnLike = (x: unknown): x is ColumnLike =>
  typeof x === 'object' && x !== null && 'asColumn' in x && typeof x.asColumn === 'function';

/** Lazy columns over data that is here; without a lease it is the caller's. */
export function fromData(
  columns: readonly Column[],
  length: number,
  session: Session | null,
  site: Site,
  lease?: Lease,
): LazyColumn[] {
  const fields = columns.flatMap((c) => {
    const value = { ty: storageType(c.dtype), data: c.data };
    return c.validity === null ? [value] : [value, { ty: BOOL, data: c.validity }];
  });
  const node = sourceNode(length, fields, originOf(site), lease);
  const space: Space = { length, anchor: { node, index: 0 } };
  let index = 0;
  return columns.map((c) => {
    const value = input({ node, index: index++ }, storageType(c.dtype));
    const valid = c.validity === null ? null : input({ node, index: index++ }, BOOL);
    return { dtype: c.dtype, value, valid, dictionary: c.dictionary, weak: null, bound: null, space, session };
  });
}

/** A lease on columns in the memory of a session. */
export const leaseOn = (columns: readonly Column[], home: Session): Lease =>
  new Lease(
    columns.flatMap((c) => (c.validity === null ? [c.data] : [c.data, c.validity]).map((data) => ({ data, home }))),
  );
/** The leases on the data that columns are; those that are computed have none. */
export const leasesOf = (columns: readonly LazyColumn[]): readonly Lease[] => [
  ...new Set(columns.flatMap(({ value: { ref } }) => (ref.node.kind === 'source' ? [ref.node.lease] : []))),
];

/** The column's data when it is here already, else null. */
export function hostColumn(c: LazyColumn): Column | null {
  const data = sourceData(c.value.ref);
  const validity = c.valid === null ? null : sourceData(c.valid.ref);
  if (data === null || c.space.length === null || (c.valid !== null && validity === null)) return null;
  const bytes = validity instanceof Uint8Array ? validity : null;
  return { dtype: c.dtype, length: c.space.length, data, validity: bytes, dictionary: c.dictionary };
}

/** The typed array behind a source's field, else null. W8009 when it was disposed. */
export function sourceData({ node, index }: FieldRef): TypedArray | null {
  if (node.kind !== 'source') return null;
  node.lease.check(node.origin);
  return node.columns[index]?.data ?? null;
}

/** The space that columns are combined in; refuses known lengths that differ. */
export function commonSpace(columns: readonly { readonly space: Space }[], site: Site): Space | null {
  let found: Space | null = null;
  for (const { space } of columns) {
    if (found === null || (found.length === null && space.length !== null)) found = space;
    else if (found.length !== null && space.length !== null && found.length !== space.length) {
      refuse(site, 'W8005', `the lengths ${found.length} and ${space.length} differ`, {
        help: 'combine columns of equal length, or reduce one of them to a scalar first',
      });
    }
  }
  return found;
}

/** The only one of several. */
export function single<T>(all: readonly T[]): T {
  const [one, ...others] = all;
  invariant(one !== undefined && others.length === 0, () => `${all.length} where there is one`);
  return one;
}

/** The session of several values; refuses two different ones. Values without one join any. */
export function commonSession(of: readonly { readonly session: Session | null }[], site: Site): Session | null {
  let found: Session | null = null;
  for (const { session } of of) {
    if (session === null || session === found) continue;
    if (found !== null) {
      refuse(site, 'W8007', 'values of two sessions meet in one expression', {
        help: 'make both with one session: pass { session } where they are created',
      });
    }
    found = session;
  }
  return found;
}

/**
 * Stores operands as columns over `space`, by one loop for all of those that are computed. Missing values are stored as
 * zero. An operand that is a column already is passed through.
 */
export function store(
  operands: readonly Operand[],
  space: Space,
  session: Session | null,
  site: Site,
): readonly LazyColumn[] {
  const outs: Cell[] = [];
  const slots = new Map<Cell, number>();
  const out = (c: Cell): number => {
    const known = slots.get(c);
    if (known !== undefined) return known;
    slots.set(c, outs.length);
    return outs.push(c) - 1;
  };
  const placed = operands.map((o) => {
    const ty = storageType(o.dtype);
    // Only computed values can hold something under a missing one.
    const clean = o.valid === null || o.value.kind === 'input' ? o.value : select(o.valid, o.value, zero(ty));
    return { o, ty, value: inputOr(cast(ty, clean), out), valid: o.valid === null ? null : inputOr(o.valid, out) };
  });
  const node: Node | null =
    outs.length === 0
      ? null
      : loopNode({ kind: 'loop', keep: null, outs, anchor: space.anchor, origin: originOf(site) });
  const place = (at: number | InputCell, ty: Cell['ty']): InputCell =>
    typeof at !== 'number' ? at : input({ node: node ?? space.anchor.node, index: at }, ty);
  return placed.map(({ o, ty, value, valid }) => ({
    dtype: o.dtype,
    value: place(value, ty),
    valid: valid === null ? null : place(valid, BOOL),
    dictionary: o.dictionary,
    weak: null,
    bound: o.bound,
    space,
    session,
  }));
}

const inputOr = (c: Cell, out: (c: Cell) => number): number | InputCell => (c.kind === 'input' ? c : out(c));

/** The columns' rows where `keep` holds, as a new space. Validity that `keep` implies is dropped. */
export function filterColumns(columns: readonly LazyColumn[], keep: Cell, space: Space, site: Site): LazyColumn[] {
  const implied = conjuncts(keep);
  const outs: Cell[] = [];
  const out = (c: Cell): number => outs.push(c) - 1;
  const placed = columns.map((c) => ({
    value: out(c.value),
    valid: c.valid === null || implied.has(c.valid) ? null : out(c.valid),
  }));
  const node = loopNode({ kind: 'loop', keep, outs, anchor: space.anchor, origin: originOf(site) });
  const kept: Space = { length: null, anchor: { node, index: 0 } };
  return columns.map((c, k) => {
    const at = placed[k];
    const valid = at?.valid ?? null;
    return {
      ...c,
      value: input({ node, index: at?.value ?? 0 }, c.value.ty),
      valid: valid === null ? null : input({ node, index: valid }, BOOL),
      space: kept,
    };
  });
}

/** The cells that hold wherever a conjunction holds. */
function conjuncts(keep: Cell): ReadonlySet<Cell> {
  const found = new Set<Cell>();
  const todo = [keep];
  for (let c = todo.pop(); c !== undefined; c = todo.pop()) {
    found.add(c);
    if (c.kind === 'bin' && c.op === '&&') todo.push(c.a, c.b);
  }
  return found;
}

/** Where an operand is both present and true: the rows that a filter keeps. */
export const holds = (o: Operand): Cell => (o.valid === null ? o.value : and(o.valid, o.value));

/** True when no cell reads the row: the operand is a scalar. */
export function isScalarOperand(o: Operand): boolean {
  let scalar = true;
  walkCells(o.valid === null ? [o.value] : [o.value, o.valid], (c) => {
    if (c.kind === 'input' || c.kind === 'row') scalar = false;
  });
  return scalar;
}
