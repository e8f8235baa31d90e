/**
 * Grouping and indexes to Core.
 *
 *     group   for(zip(..), dictmerger[K,{..},+], |b,i,e..| merge(b,{key,{..}})), then tovec: keys beside merged values
 *
 * A dictmerger has one operator, so sums, minima and maxima are separate loops with equal keys. They see the same rows
 * in the same order, first-insertion order is therefore equal, and their results can be zipped; the optimizer merges the
 * loops. A single string key is dense: codes lie in [0, bound), which the builder's annotation promises.
 */

import type { Annotations, Atom, MergeOp, Sym, Type } from '../../compiler/index.ts';
import { dictmerger, I64, struct } from '../../compiler/index.ts';
import { type Cell, lit } from './cell.ts';
import type { Emission } from './emission.ts';
import { emitCell, hoist, walkOf } from './emit-cell.ts';
import type { GroupNode, IndexNode } from './node.ts';

const DENSE: Annotations = { dense: true };
const OPS: readonly MergeOp[] = ['+', '*', 'min', 'max'];

export function emitGroup(e: Emission, node: GroupNode, outputs: readonly number[]): void {
  const width = node.keys.length;
  const demanded = outputs.filter((k) => k >= width).map((k) => k - width);
  const byOp = OPS.map((op) => ({ op, indices: demanded.filter((k) => node.slots[k]?.op === op) }));
  const loops = byOp.filter(({ indices }) => indices.length > 0);
  let keysPlaced = false;
  const placeKeys = (entries: Sym): void => {
    if (keysPlaced) return;
    keysPlaced = true;
    for (let k = 0; k < width; k++) e.setPlace(node, k, { vec: entries, path: width === 1 ? [0] : [0, k] });
  };
  for (const { op, indices } of loops) {
    const values = indices.flatMap((k) => node.slots[k]?.value ?? []);
    const entries = groupLoop(e, node, op, values);
    placeKeys(entries);
    for (const [at, k] of indices.entries()) {
      e.setPlace(node, width + k, { vec: entries, path: values.length === 1 ? [1] : [1, at] });
    }
  }
  // Only keys are asked for: count the rows of each, which is the least a dictmerger can do.
  if (loops.length === 0) placeKeys(groupLoop(e, node, '+', [lit(I64, 1n)]));
}

function groupLoop(e: Emission, node: GroupNode, op: MergeOp, values: readonly Cell[]): Sym {
  const { b } = e;
  const walk = walkOf(e, [...node.keys, ...values], node.anchor);
  if (node.bound !== null) hoist(e, [node.bound]);
  const typeOf = (cells: readonly Cell[]): Type => {
    const types = cells.map((c) => c.ty);
    const [first] = types;
    return types.length === 1 && first !== undefined ? first : struct(types);
  };
  const ty = dictmerger(typeOf(node.keys), typeOf(values), op);
  const start = node.bound === null ? b.builder(ty) : b.builder(ty, emitCell(e, e.top, node.bound), DENSE);
  const loop = b.loop(walk.iters, start, (acc, row, ...elems) => {
    const scope = walk.scope(row, elems);
    const pack = (cells: readonly Cell[]): Atom => {
      const atoms = cells.map((c) => emitCell(e, scope, c));
      const [first] = atoms;
      return atoms.length === 1 && first !== undefined ? first : b.struct(atoms);
    };
    return b.merge(acc, b.struct([pack(node.keys), pack(values)]));
  });
  return b.tovec(b.result(loop));
}

/** The first row of each key, as a dictionary. */
export function emitIndex(e: Emission, node: IndexNode): void {
  const { b } = e;
  const { keep } = node;
  const walk = walkOf(e, keep === null ? [node.key] : [keep, node.key], node.anchor);
  const loop = b.loop(walk.iters, b.builder(dictmerger(I64, I64, 'min')), (acc, row, ...elems) => {
    const scope = walk.scope(row, elems);
    const add = (): Atom => b.merge(acc, b.struct([emitCell(e, scope.inner(), node.key), row]));
    return keep === null ? add() : b.if(emitCell(e, scope, keep), add, () => acc);
  });
  e.setDict(node, b.result(loop));
}
