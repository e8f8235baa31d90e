/**
 * The lazy graph: one node for each library call that makes new vectors or reductions.
 *
 * A node is immutable data. Its outputs are addressed by index (`FieldRef`), so that a frame column, an array and a
 * tensor column are all just references into some node, and passing one to another library copies nothing. Nodes only
 * point to nodes made before them; `rank` (one more than the greatest rank below) gives a topological order without
 * recursion, so chains may be as long as a program makes them.
 *
 * `demand.ts` finds which outputs a result needs; `emit.ts` writes one Core loop for each node, over those only.
 */

import type { MergeOp, Origin, ScalarType, TypedArray } from '../../compiler/index.ts';
import type { Cell } from './cell.ts';
import { walkCells } from './cell.ts';
import { Lease } from './lease.ts';

/** Output `index` of a node: a lazy vector of scalars. */
export interface FieldRef {
  readonly node: Node;
  readonly index: number;
}
interface Base {
  /** Greater than the rank of every node it reads. */
  readonly rank: number;
  readonly origin: Origin;
}
export interface SourceColumn {
  readonly ty: ScalarType;
  readonly data: TypedArray;
}
/** Data that is here already: one program parameter a column. */
export interface SourceNode extends Base {
  readonly kind: 'source';
  readonly length: number;
  readonly columns: readonly SourceColumn[];
  /** How long the data may be read. */
  readonly lease: Lease;
}
/** A loop over rows that computes `outs`; with `keep`, only for the rows where it holds. `anchor` has those rows. */
export interface LoopNode extends Base {
  readonly kind: 'loop';
  readonly keep: Cell | null;
  readonly outs: readonly Cell[];
  readonly anchor: FieldRef;
  readonly instead?: Instead;
}
/** A primitive that computes the only output of a loop and the nodes it reads, worth it where nothing else needs these. */
export interface Instead {
  readonly by: PrimNode;
  readonly skipped: readonly Node[];
}
/** The cells of a row side by side, row after row: columns as one vector. */
export interface InterleaveNode extends Base {
  readonly kind: 'interleave';
  readonly cells: readonly Cell[];
  readonly anchor: FieldRef;
}
/** Rows start .. start+size of each input; a negative start counts from the end. Cut to what is there. */
export interface SliceNode extends Base {
  readonly kind: 'slice';
  readonly ins: readonly FieldRef[];
  readonly start: number;
  readonly size: number | null;
}
/** What a primitive is given: a column, a scalar, or a short list of scalars. These read no row. */
export type PrimArg =
  | { readonly kind: 'column'; readonly ref: FieldRef }
  | { readonly kind: 'scalar'; readonly value: Cell }
  | { readonly kind: 'list'; readonly elem: ScalarType; readonly items: readonly Cell[] };
/**
 * A call of a primitive (`kernels/README.md`) over whole columns. One output is the vector that it returns; several are
 * the vectors of a struct.
 */
export interface PrimNode extends Base {
  readonly kind: 'prim';
  readonly name: string;
  readonly args: readonly PrimArg[];
  /** What the elements of each output are. */
  readonly outs: readonly ScalarType[];
}
/** A value merged for every row under `op`. */
export interface Slot {
  readonly op: MergeOp;
  readonly value: Cell;
}
/** Reductions of one row space to scalars. */
export interface ReduceNode extends Base {
  readonly kind: 'reduce';
  readonly slots: readonly Slot[];
  readonly anchor: FieldRef;
}
/**
 * One row for each distinct key, in order of first appearance: outputs are the keys, then the slots. `bound` is given
 * for a single i32 key whose values are known to lie in [0, bound).
 */
export interface GroupNode extends Base {
  readonly kind: 'group';
  readonly keys: readonly Cell[];
  readonly bound: Cell | null;
  readonly slots: readonly Slot[];
  readonly anchor: FieldRef;
}
/** The row of each key (i64), of the rows where `keep` holds: what `find` looks in. It has no vector output. */
export interface IndexNode extends Base {
  readonly kind: 'index';
  readonly key: Cell;
  readonly keep: Cell | null;
  readonly anchor: FieldRef;
}
export type Node = SourceNode | LoopNode | InterleaveNode | SliceNode | PrimNode | ReduceNode | GroupNode | IndexNode;

/** What a node reads, under the outputs that are asked of it. */
export interface Needs {
  readonly fields: readonly FieldRef[];
  readonly outers: readonly { readonly node: ReduceNode; readonly index: number }[];
  readonly indexes: readonly IndexNode[];
}

/** Everything that cells read. */
export function needsOfCells(cells: readonly Cell[]): Needs {
  const fields: FieldRef[] = [];
  const outers: { node: ReduceNode; index: number }[] = [];
  const indexes: IndexNode[] = [];
  walkCells(cells, (c) => {
    if (c.kind === 'input') fields.push(c.ref);
    else if (c.kind === 'at') fields.push(c.table);
    else if (c.kind === 'outer') outers.push({ node: c.node, index: c.index });
    else if (c.kind === 'find') indexes.push(c.node);
  });
  return { fields, outers, indexes };
}

/** The vectors that a loop over `cells` walks: those read at the row, or `anchor` when there are none. */
export function loopInputs(cells: readonly Cell[], anchor: FieldRef): readonly FieldRef[] {
  const refs: FieldRef[] = [];
  walkCells(cells, (c) => {
    if (c.kind === 'input') refs.push(c.ref);
  });
  return refs.length === 0 ? [anchor] : refs;
}

/** The cells of a node that are evaluated for the demanded outputs. */
export function cellsOf(node: Node, demanded: ReadonlySet<number>): readonly Cell[] {
  const only = <T>(all: readonly T[], from = 0): T[] => all.filter((_, k) => demanded.has(k + from));
  switch (node.kind) {
    case 'source':
    case 'slice':
      return [];
    case 'prim':
      return scalarsOf(node);
    case 'interleave':
      return node.cells;
    case 'loop':
      return [...(node.keep === null ? [] : [node.keep]), ...only(node.outs)];
    case 'reduce':
      return only(node.slots).map((s) => s.value);
    case 'group':
      return [
        ...node.keys,
        ...(node.bound === null ? [] : [node.bound]),
        ...only(node.slots, node.keys.length).map((s) => s.value),
      ];
    case 'index':
      return [...(node.keep === null ? [] : [node.keep]), node.key];
    default:
      return node satisfies never;
  }
}

/** The scalars that a primitive is given. */
export const scalarsOf = ({ args }: Pick<PrimNode, 'args'>): readonly Cell[] =>
  args.flatMap((a) => (a.kind === 'column' ? [] : a.kind === 'scalar' ? [a.value] : a.items));

function needsOfPrim(node: Pick<PrimNode, 'args'>): Needs {
  const needs = needsOfCells(scalarsOf(node));
  return { ...needs, fields: [...node.args.flatMap((a) => (a.kind === 'column' ? [a.ref] : [])), ...needs.fields] };
}

/** What a node reads when `demanded` of its outputs are asked for. */
export function needsOf(node: Node, demanded: ReadonlySet<number>): Needs {
  switch (node.kind) {
    case 'source':
      return { fields: [], outers: [], indexes: [] };
    case 'slice':
      return { fields: node.ins.filter((_, k) => demanded.has(k)), outers: [], indexes: [] };
    case 'prim':
      return needsOfPrim(node);
    default: {
      const cells = cellsOf(node, demanded);
      const needs = needsOfCells(cells);
      return { ...needs, fields: [...needs.fields, ...loopInputs(cells, node.anchor)] };
    }
  }
}

/** One more than the greatest rank among what is read. */
export function rankAbove(needs: Needs): number {
  let rank = 0;
  for (const f of needs.fields) rank = Math.max(rank, f.node.rank + 1);
  for (const o of needs.outers) rank = Math.max(rank, o.node.rank + 1);
  for (const n of needs.indexes) rank = Math.max(rank, n.rank + 1);
  return rank;
}

type Unranked<N extends Node> = Omit<N, 'rank'>;

/** Makes a node that reads cells: its rank follows from them. */
export function loopNode(n: Unranked<LoopNode>): LoopNode {
  return { ...n, rank: rankOfCells([...(n.keep === null ? [] : [n.keep]), ...n.outs], n.anchor) };
}
export function interleaveNode(n: Unranked<InterleaveNode>): InterleaveNode {
  return { ...n, rank: rankOfCells(n.cells, n.anchor) };
}
export function reduceNode(n: Unranked<ReduceNode>): ReduceNode {
  return {
    ...n,
    rank: rankOfCells(
      n.slots.map((s) => s.value),
      n.anchor,
    ),
  };
}
export function groupNode(n: Unranked<GroupNode>): GroupNode {
  return { ...n, rank: rankOfCells([...n.keys, ...n.slots.map((s) => s.value)], n.anchor) };
}
export function indexNode(n: Unranked<IndexNode>): IndexNode {
  return { ...n, rank: rankOfCells([n.key, ...(n.keep === null ? [] : [n.keep])], n.anchor) };
}
export function sliceNode(n: Unranked<SliceNode>): SliceNode {
  return { ...n, rank: rankAbove({ fields: n.ins, outers: [], indexes: [] }) };
}
export function primNode(n: Unranked<PrimNode>): PrimNode {
  return { ...n, rank: rankAbove(needsOfPrim(n)) };
}
/** Without a lease the data are the caller's. */
export function sourceNode(
  length: number,
  columns: readonly SourceColumn[],
  origin: Origin,
  lease: Lease = new Lease(columns.map(({ data }) => ({ data, home: null }))),
): SourceNode {
  return { kind: 'source', rank: 0, length, columns, origin, lease };
}

function rankOfCells(cells: readonly Cell[], anchor: FieldRef): number {
  const needs = needsOfCells(cells);
  return rankAbove({ ...needs, fields: [...needs.fields, anchor] });
}
