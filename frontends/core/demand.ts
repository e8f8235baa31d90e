/**
 * Demand: which outputs of which nodes a result needs, from the roots down. Everything else is never emitted: columns
 * that nobody asks for are not read, gathered or copied.
 *
 * Nodes are visited by falling rank, so that all readers of a node have spoken before it is asked what it reads. Where a
 * primitive does a loop and what it alone reads (`instead`), it is asked for instead.
 */

import type { FieldRef, Needs, Node, PrimNode } from './node.ts';
import { needsOf } from './node.ts';

/** A node and the outputs that are needed of it, which are those of `by` where this is not null. */
export interface Demanded {
  readonly node: Node;
  readonly outputs: ReadonlySet<number>;
  readonly by: PrimNode | null;
}

/** The needed nodes, each after everything that it reads. */
export function demand(roots: Needs): readonly Demanded[] {
  const plain = new Demand(roots, new Map());
  const replaced = plain.replaceable();
  return (replaced.size === 0 ? plain : new Demand(roots, replaced)).inOrder();
}

class Demand {
  readonly #outputs = new Map<Node, Set<number>>();
  /** Who reads a node; null is somebody outside. */
  readonly #readers = new Map<Node, Set<Node | null>>();
  readonly #byRank: Node[][] = [];
  readonly #replaced: ReadonlyMap<Node, PrimNode>;

  constructor(roots: Needs, replaced: ReadonlyMap<Node, PrimNode>) {
    this.#replaced = replaced;
    this.#askAll(null, roots);
    for (let rank = this.#byRank.length - 1; rank >= 0; rank--) {
      for (const node of this.#byRank[rank] ?? []) {
        this.#askAll(node, needsOf(replaced.get(node) ?? node, this.#outputsOf(node)));
      }
    }
  }

  inOrder(): readonly Demanded[] {
    return this.#byRank
      .flat()
      .map((node) => ({ node, outputs: this.#outputsOf(node), by: this.#replaced.get(node) ?? null }));
  }

  /** The loops that have something instead, and nothing else reads what that skips. */
  replaceable(): ReadonlyMap<Node, PrimNode> {
    const found = new Map<Node, PrimNode>();
    const skipped = new Set<Node>();
    for (const node of this.#byRank.flat().reverse()) {
      if (node.kind !== 'loop' || node.instead === undefined || skipped.has(node)) continue;
      const { by, skipped: skips } = node.instead;
      const isOwn = (reader: Node | null): boolean => reader === node || skips.some((n) => n === reader);
      if (!skips.every((n) => [...(this.#readers.get(n) ?? [])].every(isOwn))) continue;
      found.set(node, by);
      for (const n of skips) skipped.add(n);
    }
    return found;
  }

  #outputsOf(node: Node): ReadonlySet<number> {
    return this.#outputs.get(node) ?? new Set();
  }
  #askAll(reader: Node | null, needs: Needs): void {
    const field = (f: FieldRef): void => this.#ask(reader, f.node, f.index);
    needs.fields.forEach(field);
    for (const o of needs.outers) this.#ask(reader, o.node, o.index);
    for (const n of needs.indexes) this.#ask(reader, n, 0);
  }
  #ask(reader: Node | null, node: Node, index: number): void {
    let asked = this.#outputs.get(node);
    if (asked === undefined) {
      asked = new Set();
      this.#outputs.set(node, asked);
      while (this.#byRank.length <= node.rank) this.#byRank.push([]);
      this.#byRank[node.rank]?.push(node);
    }
    asked.add(index);
    const readers = this.#readers.get(node) ?? new Set();
    this.#readers.set(node, readers.add(reader));
  }
}
