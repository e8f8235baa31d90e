/**
 * Lazy nodes to Core: one loop for each node, in the shape the optimizer fuses best.
 *
 *     filter   result(for(zip(c1,..,ck), appender[{..}], |b,i,e..| if(keep, merge(b,{..}), b)))
 *     map      result(for(zip(..), appender[{..}], |b,i,e..| merge(b,{..})))
 *     reduce   for(zip(..), {merger[f64,+], merger[i64,+]}, |b,i,e..| {merge(b.$0,x), merge(b.$1,y)})
 *     prim     cudf[join_inner,{vec[i64],vec[i64]}](left_valid, right_valid, l1, .., r1, ..)
 *
 * Nothing is fused here, and no work is saved but what nobody asked for: that is the optimizer's. `emit` computes the
 * needed vectors and scalars of one evaluation in one program.
 */

import type { Atom, Program, Sym } from '../../compiler/index.ts';
import { appender, I64, invariant, leaves, lit, merger, struct, vec } from '../../compiler/index.ts';
import type { Cell } from './cell.ts';
import { demand } from './demand.ts';
import { Emission, type Param, type Place } from './emission.ts';
import { emitCell, hoist, walkOf } from './emit-cell.ts';
import { emitGroup, emitIndex } from './emit-group.ts';
import type { Lease } from './lease.ts';
import type { FieldRef, InterleaveNode, LoopNode, Node, PrimNode, ReduceNode, SliceNode } from './node.ts';
import { needsOfCells, scalarsOf } from './node.ts';

/** What an evaluation asks for. Vectors must not be sources: those are here already. */
export interface Roots {
  readonly fields: readonly FieldRef[];
  readonly scalars: readonly Cell[];
}
/** A program, what it is given and where its result has each root: member `member`, leaf `leaf` of a vector. */
export interface Emitted {
  readonly program: Program;
  /** What its parameters are for, in order. */
  readonly params: readonly Param[];
  /** The leases on the data in them. */
  readonly leases: ReadonlySet<Lease>;
  /** True when the result is a struct of members, false when it is the only member itself. */
  readonly isStruct: boolean;
  readonly fields: readonly { readonly member: number; readonly leaf: number }[];
  /** The member of each scalar root. */
  readonly scalars: readonly number[];
}

/** Emits the program that computes `roots`. */
export function emit(roots: Roots): Emitted {
  const e = new Emission();
  const needs = needsOfCells(roots.scalars);
  for (const { node, outputs, by } of demand({ ...needs, fields: [...needs.fields, ...roots.fields] })) {
    const inOrder = [...outputs].sort((a, b) => a - b);
    e.b.at(node.origin, () => (by === null ? emitNode(e, node, inOrder) : emitPrim(e, by, node)));
  }
  hoist(e, roots.scalars);
  const members: Atom[] = [];
  const memberOf = new Map<Sym, number>();
  const fields = roots.fields.map((ref) => {
    const place = e.place(ref);
    const member = memberOf.get(place.vec) ?? members.push(place.vec) - 1;
    memberOf.set(place.vec, member);
    return { member, leaf: leafOf(e, place) };
  });
  const scalars = roots.scalars.map((c) => members.push(emitCell(e, e.top, c)) - 1);
  const [only] = members;
  const single = members.length === 1 && only !== undefined;
  const program = e.b.finish(single ? only : e.b.struct(members));
  return { program, params: e.params, leases: e.leases, isStruct: !single, fields, scalars };
}

/** The position of a path's scalar among the leaves of the vector's elements, in field order. */
function leafOf(e: Emission, place: Place): number {
  let leaf = 0;
  let ty = e.elemOf(place.vec);
  for (const index of place.path) {
    invariant(ty.kind === 'struct', () => 'a path goes through structs');
    for (const before of ty.fields.slice(0, index)) leaf += leaves(before)?.length ?? 0;
    ty = ty.fields[index] ?? ty;
  }
  return leaf;
}

function emitNode(e: Emission, node: Node, outputs: readonly number[]): void {
  switch (node.kind) {
    case 'source':
      node.lease.check(node.origin);
      e.leases.add(node.lease);
      for (const k of outputs) {
        const column = node.columns[k];
        if (column !== undefined) e.setPlace(node, k, { vec: e.source(column, node.length), path: [] });
      }
      return;
    case 'loop':
      emitLoop(e, node, outputs);
      return;
    case 'slice':
      emitSlice(e, node, outputs);
      return;
    case 'interleave':
      emitInterleave(e, node);
      return;
    case 'prim':
      emitPrim(e, node, node);
      return;
    case 'reduce':
      emitReduce(e, node, outputs);
      return;
    case 'group':
      emitGroup(e, node, outputs);
      return;
    case 'index':
      emitIndex(e, node);
      return;
    default:
      node satisfies never;
  }
}

function emitLoop(e: Emission, node: LoopNode, outputs: readonly number[]): void {
  const { b } = e;
  const outs = outputs.flatMap((k) => node.outs[k] ?? []);
  const { keep } = node;
  const walk = walkOf(e, keep === null ? outs : [keep, ...outs], node.anchor);
  const types = outs.map((c) => c.ty);
  const [first] = types;
  const elem = types.length === 1 && first !== undefined ? first : struct(types);
  const loop = b.loop(walk.iters, b.builder(appender(elem)), (acc, row, ...elems) => {
    const scope = walk.scope(row, elems);
    const append = (inner: typeof scope): Atom => {
      const atoms = outs.map((c) => emitCell(e, inner, c));
      const [value] = atoms;
      return b.merge(acc, atoms.length === 1 && value !== undefined ? value : b.struct(atoms));
    };
    if (keep === null) return append(scope);
    return b.if(
      emitCell(e, scope, keep),
      () => append(scope.inner()),
      () => acc,
    );
  });
  const result = b.result(loop);
  for (const [k, index] of outputs.entries()) {
    e.setPlace(node, index, { vec: result, path: outs.length === 1 ? [] : [k] });
  }
}

function emitSlice(e: Emission, node: SliceNode, outputs: readonly number[]): void {
  const { b } = e;
  const cut = new Map<Sym, Sym>();
  for (const k of outputs) {
    const ref = node.ins[k];
    if (ref === undefined) continue;
    const { vec: whole, path } = e.place(ref);
    let part = cut.get(whole);
    if (part === undefined) {
      const n = b.len(whole);
      const at = lit(I64, BigInt(node.start));
      const zero = lit(I64, 0n);
      const cutAtEnd = (): Atom => (node.start < 0 ? b.bin('max', b.bin('+', n, at), zero) : b.bin('min', at, n));
      const start = node.start === 0 ? zero : cutAtEnd();
      part = b.slice(whole, start, node.size === null ? n : lit(I64, BigInt(node.size)));
      cut.set(whole, part);
    }
    e.setPlace(node, k, { vec: part, path });
  }
}

function emitInterleave(e: Emission, node: InterleaveNode): void {
  const { b } = e;
  const walk = walkOf(e, node.cells, node.anchor);
  const [first] = node.cells;
  invariant(first !== undefined, () => 'rows have a cell');
  const loop = b.loop(walk.iters, b.builder(appender(first.ty)), (acc, row, ...elems) => {
    const scope = walk.scope(row, elems);
    return node.cells.reduce((to, c) => b.merge(to, emitCell(e, scope, c)), acc);
  });
  e.setPlace(node, 0, { vec: b.result(loop), path: [] });
}

/** A call, the outputs of which are those of `node`. Columns that are fields of structs are copied out for it. */
function emitPrim(e: Emission, call: PrimNode, node: Node): void {
  const { b } = e;
  hoist(e, scalarsOf(call));
  const scalar = (c: Cell): Atom => emitCell(e, e.top, c);
  const args = call.args.map((a): Atom => {
    switch (a.kind) {
      case 'column':
        return e.column(a.ref);
      case 'scalar':
        return scalar(a.value);
      case 'list':
        return b.vec(a.elem, a.items.map(scalar));
      default:
        return a satisfies never;
    }
  });
  const types = call.outs.map((ty) => vec(ty));
  const [only] = types;
  const single = types.length === 1 && only !== undefined;
  const made = b.cudf(call.name, single ? only : struct(types), args);
  for (const k of types.keys()) e.setPlace(node, k, { vec: single ? made : b.field(made, k), path: [] });
}

function emitReduce(e: Emission, node: ReduceNode, outputs: readonly number[]): void {
  const { b } = e;
  const slots = outputs.flatMap((k) => node.slots[k] ?? []);
  const walk = walkOf(
    e,
    slots.map((s) => s.value),
    node.anchor,
  );
  const mergers = slots.map((s) => b.builder(merger(s.value.ty, s.op)));
  const [one] = mergers;
  const start = mergers.length === 1 && one !== undefined ? one : b.struct(mergers);
  const loop = b.loop(walk.iters, start, (acc, row, ...elems) => {
    const scope = walk.scope(row, elems);
    const values = slots.map((s) => emitCell(e, scope, s.value));
    const [value] = values;
    if (values.length === 1 && value !== undefined) return b.merge(acc, value);
    return b.struct(values.map((v, k) => b.merge(b.field(acc, k), v)));
  });
  const result = b.result(loop);
  for (const [k, index] of outputs.entries()) {
    e.setScalar(node, index, slots.length === 1 ? result : b.field(result, k));
  }
}
