/**
 * Patterns as one automaton (Aho and Corasick, 1975): a state is the longest end of what was read that begins a pattern,
 * and knows which patterns end there. All steps are put in one table, so reading is one look a byte whatever the patterns.
 */

import type { Dfa } from './dfa.ts';

export interface PatternDfa extends Dfa {
  /** Special states, where patterns end, are this one and all above. */
  readonly special: number;
  /** The patterns that end at each special state, ascending, without empty ones. */
  readonly ends: readonly (readonly number[])[];
}

interface Node {
  /** By class. */
  readonly children: Map<number, number>;
  /** Patterns that end here: after `linked` all of them, before only those that lead here. */
  ends: number[];
}

/** The automaton of patterns; empty ones are not in it. */
export function patternDfa(patterns: readonly Uint8Array[]): PatternDfa {
  const used = new Set(patterns.flatMap((p) => [...p]));
  // Class 0 is for bytes of no pattern, where there are such bytes.
  const first = used.size < 256 ? 1 : 0;
  const width = first + used.size;
  const classes = new Uint8Array(256);
  for (const [k, byte] of [...used].entries()) classes[byte] = first + k;
  const trie = trieOf(patterns, classes);
  const next = linked(trie, width);
  const isSpecial = (node: number): boolean => (trie[node]?.ends.length ?? 0) > 0;
  const nodes = Array.from(trie.keys());
  const order = [...nodes.filter((n) => !isSpecial(n)), ...nodes.filter(isSpecial)];
  const place = new Int32Array(trie.length);
  for (const [k, node] of order.entries()) place[node] = k * width;
  const placed = new Int32Array(next.length);
  for (const [k, node] of order.entries()) {
    for (let c = 0; c < width; c++) placed[k * width + c] = place[next[node * width + c] ?? 0] ?? 0;
  }
  const ends = order.filter(isSpecial).map((node) => trie[node]?.ends ?? []);
  return { classes, width, next: placed, start: place[0] ?? 0, special: placed.length - ends.length * width, ends };
}

function trieOf(patterns: readonly Uint8Array[], classes: Uint8Array): readonly Node[] {
  const trie: Node[] = [{ children: new Map(), ends: [] }];
  for (const [p, pattern] of patterns.entries()) {
    if (pattern.length === 0) continue;
    let node = trie[0];
    for (const byte of pattern) {
      const c = classes[byte] ?? 0;
      const child = node?.children.get(c) ?? trie.push({ children: new Map(), ends: [] }) - 1;
      node?.children.set(c, child);
      node = trie[child];
    }
    node?.ends.push(p);
  }
  return trie;
}

/** All steps by node and class; nodes learn which patterns end there besides their own. */
function linked(trie: readonly Node[], width: number): Int32Array {
  const next = new Int32Array(trie.length * width);
  /** The node of the longest end of a node's text that is another node's. */
  const shorter = new Int32Array(trie.length);
  const todo = [0];
  for (const node of todo) {
    const { children, ends } = trie[node] ?? { children: new Map<number, number>(), ends: [] };
    const link = shorter[node] ?? 0;
    const more = node === 0 ? [] : (trie[link]?.ends ?? []);
    if (more.length > 0) ends.push(...more);
    ends.sort((a, b) => a - b);
    for (let c = 0; c < width; c++) {
      const other = node === 0 ? 0 : (next[link * width + c] ?? 0);
      const child = children.get(c);
      next[node * width + c] = child ?? other;
      if (child === undefined) continue;
      shorter[child] = other;
      todo.push(child);
    }
  }
  return next;
}
