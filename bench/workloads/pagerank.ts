/** PageRank: a gather and a scatter over the edges of a graph with a few popular nodes. */

import { type Leaf, sumOf } from './near.ts';
import type { Random } from './random.ts';
import type { Instance, Workload } from './workload.ts';

export const pageRank: Workload = {
  name: 'pagerank',
  about: 'one step of PageRank (GraphMat)',
  unit: 'edges',
  rows: 2_000_000,
  handFused: {
    loops: 3,
    why: 'one over the nodes that divides ranks and clears sums, one over the edges, one over the nodes that damps',
  },
  make,
};

const EDGES_A_NODE = 16;
const DAMPING = 0.85;

function make(rows: number, random: Random): Instance {
  const nodes = Math.max(2, Math.floor(rows / EDGES_A_NODE));
  const source = Int32Array.from({ length: rows }, () => random.whole(0, nodes - 1));
  const target = Int32Array.from({ length: rows }, () => random.zipf(nodes));
  const rank = Float64Array.from({ length: nodes }, () => random.uniform(0.5, 1.5) / nodes);
  const degree = new Float64Array(nodes);
  for (const node of source) degree[node] = (degree[node] as number) + 1;
  return {
    inputs: [source, target, rank, degree],
    js: () => [fused(source, target, rank, degree)] satisfies readonly Leaf[],
    near: [sumOf(rows, 4)],
  };
}

function fused(source: Int32Array, target: Int32Array, rank: Float64Array, degree: Float64Array): Float64Array {
  const nodes = rank.length;
  const share = new Float64Array(nodes);
  for (let node = 0; node < nodes; node++) share[node] = (rank[node] as number) / (degree[node] as number);
  const received = new Float64Array(nodes);
  for (let i = 0; i < source.length; i++) {
    const node = target[i] as number;
    received[node] = (received[node] as number) + (share[source[i] as number] as number);
  }
  const base = (1 - DAMPING) / nodes;
  for (let node = 0; node < nodes; node++) received[node] = (received[node] as number) * DAMPING + base;
  return received;
}
