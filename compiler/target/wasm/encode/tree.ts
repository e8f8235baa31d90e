/**
 * What has been emitted of a function and is not yet placed: a light tree, one object an instruction.
 *
 * The emitter makes operands in one order and uses them in another (spilled values, what the wide loop hoists), so
 * bytes cannot be written as it goes. A node is in the tree once: placing it takes it out of the table of loose nodes,
 * which is what tells a Ref that is used twice or that was made elsewhere.
 */

import { InternalError } from '../../../diag/diagnostic.ts';
import type { Local, Ref } from '../sink.ts';

/** What an instruction does to memory. */
export type Access = 'none' | 'read' | 'write';

export type Node =
  /** Operands in order, then the instruction; `rest` are the bytes behind its code. */
  | {
      readonly n: 'op';
      readonly code: number;
      readonly args: readonly Node[];
      readonly rest: ArrayLike<number>;
      readonly memory: Access;
    }
  | { readonly n: 'get'; readonly local: Local }
  | { readonly n: 'set'; readonly local: Local; readonly value: Node }
  | { readonly n: 'call'; readonly name: string; readonly args: readonly Node[] }
  | { readonly n: 'block' | 'loop'; readonly label: string; readonly body: readonly Node[] }
  | { readonly n: 'if'; readonly cond: Node; readonly then: readonly Node[]; readonly else: readonly Node[] }
  | { readonly n: 'br'; readonly label: string; readonly cond: Node | null };

/** Nodes that are not yet placed, by Ref. */
export class LooseNodes {
  readonly #nodes: (Node | null)[] = [];

  add(node: Node): Ref {
    return (this.#nodes.push(node) - 1) as Ref;
  }
  /** Takes a node to place it. */
  take(ref: Ref): Node {
    const node = this.#nodes[ref];
    if (node === undefined) throw new InternalError(`wasm: there is no expression ${ref}`);
    if (node === null) throw new InternalError(`wasm: expression ${ref} is used twice`);
    this.#nodes[ref] = null;
    return node;
  }
  takeAll(refs: readonly Ref[]): readonly Node[] {
    return refs.map((r) => this.take(r));
  }
}

/** Visits a node and all below it, in the order in which they are evaluated. */
export function walk(node: Node, visit: (n: Node) => void): void {
  switch (node.n) {
    case 'op':
    case 'call':
      for (const n of node.args) walk(n, visit);
      break;
    case 'get':
      break;
    case 'set':
      walk(node.value, visit);
      break;
    case 'block':
    case 'loop':
      for (const n of node.body) walk(n, visit);
      break;
    case 'if':
      walk(node.cond, visit);
      for (const n of node.then) walk(n, visit);
      for (const n of node.else) walk(n, visit);
      break;
    case 'br':
      if (node.cond !== null) walk(node.cond, visit);
      break;
    default:
      node satisfies never;
  }
  visit(node);
}
