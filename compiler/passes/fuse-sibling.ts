/**
 * A loop over one of several things that a loop makes runs where that thing is made:
 *
 *     R = result(for(x, {appender[f64],merger[i64,+]}, |b,i,e| if(c, {merge(b.$0, e), merge(b.$1, 1L)}, b)))
 *     {result(for(R.$0, merger[f64,max], |b,i,e| merge(b, e))), R.$1}
 *         ->  R = result(for(x, {merger[f64,max],merger[i64,+]}, |b,i,e| if(c, {merge(b.$0, e), merge(b.$1, 1L)}, b)))
 *
 * What `fuse-vertical` does for a producer with one appender, this does for one among several: the consumer's builders
 * take the appender's place, and the other builders stay beside them.
 */

import { MAX_COPIED_LETS, MAX_JOINED_BUILDERS, MAX_JOINED_LETS } from '../analysis/cost.ts';
import { dependencies } from '../analysis/depends.ts';
import { mergeSitesOf } from '../analysis/sites.ts';
import { blockSize } from '../analysis/size.ts';
import { type BlockIndex, type FreshLoop, hasOneSymbol, indexBlock, type Product } from '../analysis/uses.ts';
import type { Atom, Block, Let, Op, OpOf, Sym } from '../core/op.ts';
import { isSym } from '../core/op.ts';
import type { SymTab } from '../core/program.ts';
import { struct, type Type } from '../core/types.ts';
import { countUses, freeSymsOfOp, inlineBlock } from '../core/walk.ts';
import { invariant } from '../diag/diagnostic.ts';
import { inOrder } from './join-loops.ts';
import { profit, sound } from './need.ts';
import type { Asking, Pass } from './pass.ts';
import { onlyFields } from './rebuild-loop.ts';
import { type Component, keptComponent, rethread } from './rethread.ts';
import { makeLet, mapProgramBlocks } from './rewrite.ts';

const NEEDS = [
  sound('own-builders', 'the builders of a loop are made for it: nothing was merged before'),
  sound('pure-loops', 'the loops call no extern that is not pure: calls would come in another order, or more often'),
  sound('an-appender', 'the consumer walks the vector of an appender'),
  sound('whole-vector', 'the consumer walks this one vector, from its start to its end'),
  sound('only-reader', 'nobody else reads the vector'),
  sound('one-symbol', 'the vector has one symbol: `cse` sees to it'),
  sound('index-unread', 'the consumer does not read its index: positions in the vector are not those in the source'),
  profit('no-map', 'the appender does not merge exactly once an iteration: maps belong to `fuse-horizontal`'),
  sound('taken-apart', 'the values of the producer are only taken apart, in its own block'),
  profit(
    'small-copies',
    'the body is copied into several merge sites, and the loops joined, only while that stays small',
  ),
  sound('independent', 'nothing else that the producer makes is needed by the consumer, directly or through others'),
];
type Context = Asking<typeof NEEDS>;

export const fuseSibling: Pass = {
  name: 'fuse-sibling',
  doc: 'run a loop where one of several loops makes what it walks',
  needs: NEEDS,
  run: (p, cx) => mapProgramBlocks(p, (b) => fuseBlock(b, p.syms, cx)),
};

/** Joins pairs until there are none; all that stand one after the other in one go, or long programs would take long. */
function fuseBlock(b: Block, syms: SymTab, cx: Context): Block {
  for (let block = b; ; ) {
    const ix = indexBlock(block, cx.holds);
    const pairs = find(ix, syms, cx);
    if (pairs.length === 0) return block;
    block = apply(pairs, ix, syms);
  }
}

interface Pair {
  readonly producer: FreshLoop;
  /** The component of the producer that the consumer walks. */
  readonly component: number;
  readonly consumer: FreshLoop;
}

/** Pairs of which none begins before the one before it has ended, so that none can wait for a later one. */
function find(ix: BlockIndex, syms: SymTab, cx: Context): readonly Pair[] {
  if (ix.loops.size < 2) return [];
  const pairs: Pair[] = [];
  let end = -1;
  const deps = dependencies(ix);
  for (const consumer of ix.loops.values()) {
    const [only, ...others] = consumer.op.iters;
    const vec = only === undefined || only.kind === 'range' || !isSym(only.vec) ? undefined : only.vec;
    const made = vec === undefined ? undefined : ix.products.get(vec);
    if (vec === undefined || made === undefined) continue;
    const { loop: producer, component } = made;
    if (producer.builders.length < 2 || producer.at <= end) continue;
    if (!cx.holds('an-appender', syms.type(producer.builders[component] ?? producer.sym).kind === 'appender')) continue;
    if (!cx.holds('whole-vector', only?.kind === 'scan' && others.length === 0)) continue;
    if (!cx.holds('no-map', producer.maps[component] == null)) continue;
    if (!cx.holds('one-symbol', hasOneSymbol(made, ix))) continue;
    if (!cx.holds('only-reader', ix.uses.get(vec) === 1) || !cx.holds('index-unread', !readsIndex(consumer))) continue;
    if (!cx.holds('taken-apart', onlyFields(producer, ix))) continue;
    if (!cx.holds('small-copies', isSmall(producer, component, consumer, syms))) continue;
    // The reads of the consumer but for the vector itself.
    const reads = [...freeSymsOfOp(consumer.op)].filter((s) => s !== vec);
    const builders = consumer.builders.flatMap((s) => [...freeSymsOfOp(definition(s, ix))]);
    if (!cx.holds('independent', !deps.reaches([...reads, ...builders], producer.result))) continue;
    if (!cx.enabled('fuse-sibling')) break;
    cx.fired('fuse-sibling');
    pairs.push({ producer, component, consumer });
    end = consumer.at;
  }
  return pairs;
}

function readsIndex(loop: FreshLoop): boolean {
  const [, index] = loop.op.body.params;
  return index === undefined || (countUses(loop.op.body).get(index) ?? 0) > 0;
}

/** The joined loop stays within the limits of the other fusions. */
function isSmall(producer: FreshLoop, component: number, consumer: FreshLoop, syms: SymTab): boolean {
  const sites = mergeSitesOf(producer.op.body, syms).get(`${component}`)?.length ?? 0;
  const lets = blockSize(consumer.op.body);
  return (
    sites > 0 &&
    (sites - 1) * lets <= MAX_COPIED_LETS &&
    blockSize(producer.op.body) + sites * lets <= MAX_JOINED_LETS &&
    producer.builders.length + consumer.builders.length <= MAX_JOINED_BUILDERS
  );
}

function definition(s: Sym, ix: BlockIndex): Op {
  const l = ix.block.lets[ix.at.get(s) ?? -1];
  invariant(l !== undefined, () => 'a builder of a fresh loop is made in its block');
  return l.op;
}

function apply(pairs: readonly Pair[], ix: BlockIndex, syms: SymTab): Block {
  const gone = new Set<Sym>();
  const joinedAt = new Map<Sym, readonly Let[]>();
  const productsOf = new Map<FreshLoop, (readonly [Sym, Product])[]>();
  for (const [s, p] of ix.products) productsOf.set(p.loop, [...(productsOf.get(p.loop) ?? []), [s, p]]);
  for (const pair of pairs) {
    const { producer, component, consumer } = pair;
    for (const m of [producer, consumer]) for (const s of [m.gather, m.result]) if (s !== null) gone.add(s);
    gone.add(producer.sym);
    const products = productsOf.get(producer) ?? [];
    for (const [s] of products) gone.add(s);
    const dropped = producer.builders[component];
    if (dropped !== undefined) gone.add(dropped);
    const joined = joinedLoop(pair, syms);
    joinedAt.set(consumer.sym, [...joined.lets, ...valuesOf(pair, joined.result, products, syms)]);
  }
  const units = ix.block.lets.flatMap((l): readonly (readonly Let[])[] => {
    const joined = joinedAt.get(l.sym);
    if (joined !== undefined) return [joined];
    return gone.has(l.sym) ? [] : [[l]];
  });
  return { params: ix.block.params, lets: inOrder(units), result: ix.block.result };
}

/** The components of the joined loop: the producer's without the vector, then the consumer's. */
const kept = ({ producer, component }: Pair): readonly number[] =>
  [...producer.builders.keys()].filter((k) => k !== component);

function joinedLoop(pair: Pair, syms: SymTab): { readonly lets: readonly Let[]; readonly result: Sym } {
  const { producer, consumer } = pair;
  const others = kept(pair);
  const builders = [...others.flatMap((k) => producer.builders[k] ?? []), ...consumer.builders];
  const gather = makeLet({ kind: 'struct', fields: builders }, syms, producer.gather, 'b');
  const body = joinedBody(pair, others, syms.type(gather.sym), syms);
  const notes = { ...consumer.op.notes, ...producer.op.notes };
  const op: OpOf<'for'> = { kind: 'for', iters: producer.op.iters, builder: gather.sym, body, notes };
  const loop = makeLet(op, syms, consumer.sym);
  const result = makeLet({ kind: 'result', builder: loop.sym }, syms, consumer.result);
  return { lets: [gather, loop, result], result: result.sym };
}

/** The producer's body with the consumer's builders in the place of one component, between two changes of shape. */
function joinedBody(pair: Pair, others: readonly number[], ty: Type, syms: SymTab): Block {
  const { producer, component, consumer } = pair;
  const [cb, , elem] = consumer.op.body.params;
  invariant(cb !== undefined && elem !== undefined, () => 'a loop body has a builder and an element');
  const step: Block = { params: [cb, elem], lets: consumer.op.body.lets, result: consumer.op.body.result };
  const run: Component = {
    ty: syms.type(cb),
    merge(b, value, out) {
      const copy = inlineBlock(step, [b, value], syms);
      out.push(...copy.lets);
      return copy.result;
    },
  };
  const components = producer.builders.map((s, k) => (k === component ? run : keptComponent(syms.type(s), syms)));
  const threaded = rethread(producer.op.body, components, false, syms);
  const [nested, ...rest] = threaded.params;
  invariant(nested !== undefined, () => 'a loop body has a builder');
  const flat = syms.fresh(ty, 'b');
  const lets: Let[] = [];
  const emit = (op: Op): Sym => {
    const l = makeLet(op, syms, null, 'b');
    lets.push(l);
    return l.sym;
  };
  const field = (of: Atom, index: number): Sym => emit({ kind: 'field', of, index });
  // From flat to nested.
  const width = consumer.builders.length;
  const own = consumer.builders.map((_, k) => field(flat, others.length + k));
  const inner = consumer.gather === null ? own[0] : emit({ kind: 'struct', fields: own });
  invariant(inner !== undefined, () => 'a loop has a builder');
  const places = producer.builders.map((_, k) => (k === component ? inner : field(flat, others.indexOf(k))));
  lets.push({ sym: nested, op: { kind: 'struct', fields: places } }, ...threaded.lets);
  // And back.
  const after = others.map((k) => field(threaded.result, k));
  const made = field(threaded.result, component);
  const results = consumer.gather === null ? [made] : Array.from({ length: width }, (_, k) => field(made, k));
  const all = emit({ kind: 'struct', fields: [...after, ...results] });
  invariant(syms.type(nested) === struct(places.map((s) => syms.type(s))), () => 'the shapes of builders agree');
  return { params: [flat, ...rest], lets, result: all };
}

/** What was made by the two loops, under the old symbols. */
function valuesOf(
  pair: Pair,
  result: Sym,
  products: readonly (readonly [Sym, Product])[],
  syms: SymTab,
): readonly Let[] {
  const { component, consumer } = pair;
  const others = kept(pair);
  const values: Let[] = [];
  for (const [sym, p] of products) {
    if (p.component === component) continue;
    values.push({ sym, op: { kind: 'field', of: result, index: others.indexOf(p.component) } });
  }
  if (consumer.gather === null) {
    values.push({ sym: consumer.result, op: { kind: 'field', of: result, index: others.length } });
    return values;
  }
  const fields = consumer.builders.map((_, k) =>
    makeLet({ kind: 'field', of: result, index: others.length + k }, syms, null, 'f'),
  );
  return [...values, ...fields, { sym: consumer.result, op: { kind: 'struct', fields: fields.map((f) => f.sym) } }];
}
