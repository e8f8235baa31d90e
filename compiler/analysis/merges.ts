/**
 * How often a loop body merges into each of its builders in one iteration: the fact that decides between a direct
 * store, a compaction and a general append.
 *
 * A struct of builders is counted leaf by leaf; a leaf is named by its path of field numbers (`''` for a single
 * builder, `'0'`, `'1.0'`, ...). A merge inside an inner loop counts from zero to infinity,
 * inside an iteration from one.
 */

import type { Atom, Block } from '../core/op.ts';
import { isSym, type Sym } from '../core/op.ts';
import type { SymTab } from '../core/program.ts';
import { isBuilder, isLinear, type Type } from '../core/types.ts';

/** Fewest and most merges on any path through the body. */
export interface MergeCount {
  readonly min: number;
  readonly max: number;
}

/** A linear value as a tree of leaf names. */
type Tree = string | readonly (Tree | null)[];

/** Merge counts of every builder leaf of the body's first parameter. */
export function mergeCounts(body: Block, syms: SymTab): ReadonlyMap<string, MergeCount> {
  const [b] = body.params;
  const counts = new Map<string, MergeCount>();
  if (b === undefined) return counts;
  const tree = treeOf(syms.type(b), '');
  forEachLeaf(tree, (leaf) => counts.set(leaf, { min: 0, max: 0 }));
  walk(body, new Map([[b, tree]]), counts, syms);
  return counts;
}

function treeOf(t: Type, path: string): Tree | null {
  if (isBuilder(t)) return path;
  if (t.kind !== 'struct' || !isLinear(t)) return null;
  return t.fields.map((f, k) => treeOf(f, path === '' ? `${k}` : `${path}.${k}`));
}

function forEachLeaf(t: Tree | null, f: (leaf: string) => void): void {
  if (t === null) return;
  if (typeof t === 'string') f(t);
  else for (const sub of t) forEachLeaf(sub, f);
}

type Env = Map<Sym, Tree | null>;

/** Counts the merges of a block into `counts` and gives the tree of its result. */
function walk(block: Block, env: Env, counts: Map<string, MergeCount>, syms: SymTab): Tree | null {
  const at = (a: Atom): Tree | null => (isSym(a) ? (env.get(a) ?? null) : null);
  for (const { sym, op } of block.lets) {
    if (!isLinear(syms.type(sym))) continue;
    switch (op.kind) {
      case 'merge': {
        const tree = at(op.builder);
        forEachLeaf(tree, (leaf) => add(counts, leaf, 1, 1));
        env.set(sym, tree);
        break;
      }
      case 'field': {
        const tree = at(op.of);
        env.set(sym, typeof tree === 'object' && tree !== null ? (tree[op.index] ?? null) : null);
        break;
      }
      case 'struct':
        env.set(sym, op.fields.map(at));
        break;
      case 'if': {
        const before = new Map(counts);
        const tree = walk(op.then, env, counts, syms);
        const afterThen = new Map(counts);
        restore(counts, before);
        walk(op.else, env, counts, syms);
        for (const [leaf, then] of afterThen) {
          const other = counts.get(leaf) ?? { min: 0, max: 0 };
          counts.set(leaf, { min: Math.min(then.min, other.min), max: Math.max(then.max, other.max) });
        }
        env.set(sym, tree);
        break;
      }
      case 'for': {
        const tree = at(op.builder);
        const [inner] = op.body.params;
        const before = new Map(counts);
        if (inner !== undefined) env.set(inner, tree);
        walk(op.body, env, counts, syms);
        for (const [leaf, c] of counts) {
          const was = before.get(leaf) ?? { min: 0, max: 0 };
          if (c.max > was.max || c.min > was.min) counts.set(leaf, { min: was.min, max: Number.POSITIVE_INFINITY });
        }
        env.set(sym, tree);
        break;
      }
      case 'iterate': {
        // The body gives {next, again}; the builders in next are those that it received.
        const tree = at(op.init);
        const [inner] = op.body.params;
        const before = new Map(counts);
        if (inner !== undefined) env.set(inner, tree);
        walk(op.body, env, counts, syms);
        for (const [leaf, c] of counts) {
          const was = before.get(leaf) ?? { min: 0, max: 0 };
          if (c.max > was.max) counts.set(leaf, { min: c.min, max: Number.POSITIVE_INFINITY });
        }
        env.set(sym, tree);
        break;
      }
      default:
    }
  }
  return at(block.result);
}

function add(counts: Map<string, MergeCount>, leaf: string, min: number, max: number): void {
  const c = counts.get(leaf);
  if (c !== undefined) counts.set(leaf, { min: c.min + min, max: c.max + max });
}

function restore(counts: Map<string, MergeCount>, to: ReadonlyMap<string, MergeCount>): void {
  counts.clear();
  for (const [leaf, c] of to) counts.set(leaf, c);
}
