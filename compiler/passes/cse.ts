/**
 * Compute equal things once.
 *
 *     {x + y, y + x}                                                    ->   t = x + y; {t, t}
 *     {result(for(x, merger[f64,+], f)), result(for(x, merger[f64,+], f))}   ->   one loop, read twice
 *
 * Value numbering by complete keys (`core/key.ts`). Operands of exactly commutative operators are put in order.
 *
 * Preconditions, each with a test in which it does not hold:
 * - the equal operation stands in the same block or in a block around it, not in another branch;
 * - the operator is exactly commutative where operands are put in order;
 * - the value is no builder: two consumers would have one;
 * - a whole loop is one value when it is fresh (`analysis/uses.ts`): only its result is read;
 * - its builders are made alike: of one type, from equal values;
 */

import { callsImpure } from '../analysis/acts.ts';
import { type BlockIndex, type FreshLoop, indexBlock } from '../analysis/uses.ts';
import { opKey } from '../core/key.ts';
import type { Atom, BinOp, Block, Let, Op, Sym } from '../core/op.ts';
import { isLit, isSym } from '../core/op.ts';
import type { SymTab } from '../core/program.ts';
import { isLinear } from '../core/types.ts';
import { sound } from './need.ts';
import type { Asking, Pass } from './pass.ts';
import { mapAtoms, mapBlocks, rebuilt } from './rewrite.ts';

const NEEDS = [sound('pure-calls', 'no extern that is not pure is called: each call counts')];
type Context = Asking<typeof NEEDS>;

export const cse: Pass = {
  name: 'cse',
  doc: 'compute equal values and equal loops once',
  needs: NEEDS,
  run(p, cx) {
    const body = numberBlock(p.body, { table: new Map(), outer: null }, new Map(), p.syms, cx);
    return body === p.body ? p : { syms: p.syms, body };
  },
};

/** Values by key, in this block and those around it. */
interface Scope {
  readonly table: Map<string, Sym>;
  readonly outer: Scope | null;
}

function numberBlock(b: Block, scope: Scope, subst: Map<Sym, Atom>, syms: SymTab, cx: Context): Block {
  const ix = indexBlock(b);
  const loopOf = new Map<Sym, FreshLoop>([...ix.loops.values()].map((l) => [l.result, l]));
  const gone = new Set<Sym>();
  const find = (a: Atom): Atom => (isSym(a) ? (subst.get(a) ?? a) : a);
  // Operations as rewritten so far: keys of loops need the current body.
  const ops = new Map<Sym, Op>();
  const lets: Let[] = [];
  for (const l of b.lets) {
    const read = mapAtoms(l.op, find);
    const op = mapBlocks(read, (inner) => numberBlock(inner, { table: new Map(), outer: scope }, subst, syms, cx));
    ops.set(l.sym, op);
    const loop = loopOf.get(l.sym);
    const key = loop === undefined ? valueKey(l.sym, op, syms) : loopKey(loop, ix, ops);
    const known = key === null ? undefined : lookUp(scope, key);
    const rule = loop === undefined ? 'same-value' : 'same-loop';
    if (known === undefined || !cx.holds('pure-calls', !callsImpure(op)) || !cx.enabled(rule)) {
      if (key !== null && known === undefined) scope.table.set(key, l.sym);
      lets.push(op === l.op ? l : { sym: l.sym, op });
      continue;
    }
    cx.fired(rule);
    subst.set(l.sym, known);
    if (loop !== undefined) for (const s of [loop.sym, loop.gather, ...loop.builders]) if (s !== null) gone.add(s);
  }
  const kept = gone.size === 0 ? lets : lets.filter((l) => !gone.has(l.sym));
  return rebuilt(b, kept, find(b.result));
}

function lookUp(scope: Scope, key: string): Sym | undefined {
  for (let s: Scope | null = scope; s !== null; s = s.outer) {
    const known = s.table.get(key);
    if (known !== undefined) return known;
  }
  return undefined;
}

function valueKey(sym: Sym, op: Op, syms: SymTab): string | null {
  return isLinear(syms.type(sym)) || op.kind === 'result' ? null : opKey(ordered(op));
}

/** The key of a whole fresh loop: what its builders are made of, what it walks and what it does. */
function loopKey(loop: FreshLoop, ix: BlockIndex, ops: ReadonlyMap<Sym, Op>): string | null {
  const op = ops.get(loop.sym);
  if (op?.kind !== 'for') return null;
  const builders = loop.builders.map((s) => {
    const made = ops.get(s) ?? ix.block.lets[ix.at.get(s) ?? -1]?.op;
    return made === undefined ? '' : opKey(made);
  });
  // The builder's symbol differs between equal loops; a literal stands in for it.
  return `loop ${builders.join(' ')} ${opKey({ ...op, builder: NO_BUILDER })}`;
}
const NO_BUILDER = { lit: false, ty: { kind: 'scalar', id: -1, scalar: 'bool' } } as const;

/** Exactly commutative: floats included, where the sum and product of two do not depend on their order. */
const COMMUTATIVE: ReadonlySet<BinOp> = new Set<BinOp>(['+', '*', '==', '!=', '&&', '||', '&', '|', '^', 'min', 'max']);

function ordered(op: Op): Op {
  if (op.kind !== 'bin' || !COMMUTATIVE.has(op.op) || inOrder(op.a, op.b)) return op;
  return { ...op, a: op.b, b: op.a };
}
/** Symbols by number, then literals. */
const inOrder = (a: Atom, b: Atom): boolean => (isLit(a) ? false : isLit(b) ? true : a <= b);
