/** Columns of other rows: those at given places, and those of a stretch. One node for all columns of a space. */

import type { Cell, InputCell } from './cell.ts';
import * as cell from './cell.ts';
import type { LazyColumn, Space } from './column.ts';
import { loopNode, type Node, sliceNode } from './node.ts';
import { originOf, type Site } from './trail.ts';

/** The rows of columns at `index`, a cell over `space`. */
export function gatherColumns(
  columns: readonly LazyColumn[],
  index: Cell,
  space: Space,
  site: Site,
): readonly LazyColumn[] {
  const moved = new Moved(columns);
  const outs = moved.fields.map(({ ref, ty }) => cell.at(ref, ty, index));
  const node = loopNode({ kind: 'loop', keep: null, outs, anchor: space.anchor, origin: originOf(site) });
  return moved.columns(node, space);
}

/** Rows start .. start+size of columns of one length; a negative start counts from the end, a null size takes the rest. */
export function sliceColumns(
  columns: readonly LazyColumn[],
  start: number,
  size: number | null,
  length: number | null,
  site: Site,
): { readonly columns: readonly LazyColumn[]; readonly space: Space } {
  const moved = new Moved(columns);
  const ins = moved.fields.map((c) => c.ref);
  const node = sliceNode({ kind: 'slice', ins, start, size, origin: originOf(site) });
  const space: Space = { length: slicedLength(length, start, size), anchor: { node, index: 0 } };
  return { columns: moved.columns(node, space), space };
}

function slicedLength(n: number | null, start: number, size: number | null): number | null {
  if (n === null) return null;
  const from = start < 0 ? Math.max(n + start, 0) : Math.min(start, n);
  return Math.min(size ?? n, n - from);
}

/** Columns of which every vector goes through one node, as an output of its own. */
class Moved {
  readonly fields: readonly InputCell[];
  readonly #from: readonly LazyColumn[];
  constructor(from: readonly LazyColumn[]) {
    this.#from = from;
    this.fields = from.flatMap((c) => (c.valid === null ? [c.value] : [c.value, c.valid]));
  }
  columns(node: Node, space: Space): readonly LazyColumn[] {
    let index = 0;
    const next = ({ ty }: InputCell): InputCell => cell.input({ node, index: index++ }, ty);
    return this.#from.map((c) => ({
      ...c,
      value: next(c.value),
      valid: c.valid === null ? null : next(c.valid),
      space,
    }));
  }
}
