/**
 * Uses and definitions of one block, and the fresh loops in it.
 *
 * A fresh loop is the form that frontends emit and that fusion looks for: a `for` whose builders are made for it and
 * whose value is only ever taken by one `result`, all in one block:
 *
 *     b = builder; L = for(xs, b, |..| ..); r = result(L)                      one component: r is its product
 *     a, b = builder; s = {a,b}; L = for(xs, s, |..| ..); R = result(L)        more: the fields of R are products
 *
 * Everything here is a snapshot of the block it was made from.
 */

import type { Atom, Block, Iter, Op, OpOf, Sym } from '../core/op.ts';
import { isLit, isSym } from '../core/op.ts';
import { atomsOf, iterAtoms } from '../core/shape.ts';
import { countUses } from '../core/walk.ts';
import { callsImpure } from './acts.ts';

export interface FreshLoop {
  readonly sym: Sym;
  readonly op: OpOf<'for'>;
  /** Position of the `for` in its block. */
  readonly at: number;
  /** The `builder` lets, one for each component. */
  readonly builders: readonly Sym[];
  /** The let that gathers the builders into a struct; null for a loop with one plain builder. */
  readonly gather: Sym | null;
  /** The `result` let. */
  readonly result: Sym;
  /** For each component that is a map the value it merges, else null. */
  readonly maps: readonly (Atom | null)[];
}

/** A vector (or other value) that component `component` of a loop makes. */
export interface Product {
  readonly loop: FreshLoop;
  readonly component: number;
}

export interface BlockIndex {
  readonly block: Block;
  /** The position of the let that binds a symbol in this block. */
  readonly at: ReadonlyMap<Sym, number>;
  /** How often a symbol is read, inner blocks included. */
  readonly uses: ReadonlyMap<Sym, number>;
  /** The fresh loops by the symbol of their `for`. */
  readonly loops: ReadonlyMap<Sym, FreshLoop>;
  /** The symbols that stand for a component's value. */
  readonly products: ReadonlyMap<Sym, Product>;
}

/** What a loop needs to be fresh, which some passes ask by themselves. */
export type FreshNeed = 'own-builders' | 'pure-loops';
type Holds = (need: FreshNeed, met: boolean) => boolean;

export function indexBlock(block: Block, holds: Holds = (_need, met) => met): BlockIndex {
  const at = new Map<Sym, number>();
  for (const [k, l] of block.lets.entries()) at.set(l.sym, k);
  const uses = countUses(block);
  const def = (a: Atom): Op | undefined => (isSym(a) ? block.lets[at.get(a) ?? -1]?.op : undefined);
  const once = (a: Atom): a is Sym => isSym(a) && uses.get(a) === 1;

  const loops = new Map<Sym, FreshLoop>();
  const products = new Map<Sym, Product>();
  for (const { sym, op } of block.lets) {
    if (op.kind === 'result' && once(op.builder)) {
      const loop = freshLoop(op.builder, sym, def, once, at, holds);
      if (loop === null) continue;
      loops.set(op.builder, loop);
      if (loop.gather === null) products.set(sym, { loop, component: 0 });
    } else if (op.kind === 'field') {
      const whole = def(op.of);
      const loop = whole?.kind === 'result' && isSym(whole.builder) ? loops.get(whole.builder) : undefined;
      if (loop?.gather != null) products.set(sym, { loop, component: op.index });
    }
  }
  return { block, at, uses, loops, products };
}

function freshLoop(
  sym: Sym,
  result: Sym,
  def: (a: Atom) => Op | undefined,
  once: (a: Atom) => a is Sym,
  at: ReadonlyMap<Sym, number>,
  holds: Holds,
): FreshLoop | null {
  const op = def(sym);
  const position = at.get(sym);
  if (op?.kind !== 'for' || position === undefined || !once(op.builder)) return null;
  // An extern that is not pure pins its loop: no pass may copy it, split it or run it in another order.
  if (!holds('pure-loops', !callsImpure(op))) return null;
  // Passes follow builders through merges, branches, structs and inner loops, not through iterations.
  if (iteratesBuilder(op.body)) return null;
  const start = def(op.builder);
  const gather = start?.kind === 'struct' ? op.builder : null;
  const builders = (start?.kind === 'struct' ? start.fields : [op.builder]).filter(once);
  const made = builders.flatMap((s) => def(s) ?? []).filter((m) => m.kind === 'builder');
  if (start?.kind === 'struct' && builders.length !== start.fields.length) return null;
  if (!holds('own-builders', made.length === builders.length)) return null;
  const maps = mapValues(op.body, gather !== null, made);
  return { sym, op, at: position, builders, gather, result, maps };
}

/**
 * For each component the value that the body appends to it, when it does so exactly once in every iteration and not
 * inside an inner block: the component is a map. Null for filters, flattening loops and other builders.
 */
function mapValues(body: Block, struct: boolean, made: readonly OpOf<'builder'>[]): readonly (Atom | null)[] {
  const [b] = body.params;
  const defs = new Map<Sym, Op>(body.lets.map((l) => [l.sym, l.op]));
  const def = (a: Atom | undefined): Op | undefined => (a !== undefined && isSym(a) ? defs.get(a) : undefined);
  const all = struct ? def(body.result) : undefined;
  return made.map(({ ty }, k) => {
    if (ty.kind !== 'appender') return null;
    const merge = def(struct ? (all?.kind === 'struct' ? all.fields[k] : undefined) : body.result);
    if (merge?.kind !== 'merge') return null;
    if (!struct) return merge.builder === b ? merge.value : null;
    const base = def(merge.builder);
    return base?.kind === 'field' && base.of === b && base.index === k ? merge.value : null;
  });
}

/** True when the value of the component stands under one symbol: `cse` sees to that, other passes may undo it. */
export function hasOneSymbol({ loop, component }: Product, ix: BlockIndex): boolean {
  let symbols = 0;
  for (const p of ix.products.values()) if (p.loop === loop && p.component === component) symbols++;
  return symbols === 1;
}

/** Equal keys: the same iterator over the same atoms. */
export function iterKey(it: Iter): string {
  return `${it.kind}(${iterAtoms(it).map(atomText).join(',')})`;
}

const atomText = (a: Atom): string => (isLit(a) ? `${a.ty.scalar}:${String(a.lit)}` : `%${a}`);

/** True when the builder of a loop body is part of the value that an `iterate` carries. */
function iteratesBuilder(body: Block): boolean {
  const thread = new Set<Atom>(body.params.slice(0, 1));
  const walk = (b: Block): boolean =>
    b.lets.some(({ sym, op }) => {
      if (op.kind === 'if') {
        if (walk(op.then) || walk(op.else)) return true;
        if (thread.has(op.then.result) || thread.has(op.else.result)) thread.add(sym);
        return false;
      }
      if (!atomsOf(op).some((a) => thread.has(a))) return false;
      if (op.kind === 'iterate') return true;
      thread.add(sym);
      const [inner] = op.kind === 'for' ? op.body.params : [];
      if (inner !== undefined) thread.add(inner);
      return op.kind === 'for' && walk(op.body);
    });
  return walk(body);
}
