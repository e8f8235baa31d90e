/**
 * Demand: which outputs of which nodes a result needs, from the roots down. Everything else is never emitted: columns
 * that nobody asks for are not read, gathered or copied.
 *
 * Nodes are visited by falling rank, so that all readers of a node have spoken before it is asked what it reads.
 */

import type { FieldRef, Needs, Node } from './node.ts';
import { needsOf } from './node.ts';

/** A node and the outputs that are needed of it. */
export interface Demanded {
  readonly node: Node;
  readonly outputs: ReadonlySet<number>;
}

/** The needed nodes, each after everything that it reads. */
export function demand(roots: Needs): readonly Demanded[] {
  const outputs = new Map<Node, Set<number>>();
  const byRank: Node[][] = [];
  const ask = (node: Node, index: number): void => {
    let asked = outputs.get(node);
    if (asked === undefined) {
      asked = new Set();
      outputs.set(node, asked);
      while (byRank.length <= node.rank) byRank.push([]);
      byRank[node.rank]?.push(node);
    }
    asked.add(index);
  };
  const askAll = (needs: Needs): void => {
    const field = (f: FieldRef): void => ask(f.node, f.index);
    needs.fields.forEach(field);
    for (const o of needs.outers) ask(o.node, o.index);
    for (const n of needs.indexes) ask(n, 0);
  };
  askAll(roots);
  for (let rank = byRank.length - 1; rank >= 0; rank--) {
    for (const node of byRank[rank] ?? []) askAll(needsOf(node, outputs.get(node) ?? new Set()));
  }
  return byRank.flat().map((node) => ({ node, outputs: outputs.get(node) ?? new Set() }));
}
