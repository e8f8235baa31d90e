/**
 * A loop that is being fused: its iterators by key, its body as segments that grow at the front, and the replacements
 * still to be made in it. Both vertical passes (`fuse-vertical`, `fuse-copy`) pull producers into such a draft; each
 * pull costs as much as the producer is long, so a chain of n loops becomes one in O(n).
 *
 * Nothing is copied here. Whoever pulls a producer that lives on hands in a renamed copy of it.
 */

import { type BlockIndex, iterKey, type Product } from '../analysis/uses.ts';
import type { Atom, Block, Iter, Let, OpOf, Sym } from '../core/op.ts';
import { isSym } from '../core/op.ts';
import type { SymTab } from '../core/program.ts';
import { countUses, freeSymsOfOp, inlineBlock, substitute } from '../core/walk.ts';
import { invariant } from '../diag/diagnostic.ts';
import { rethread } from './rethread.ts';
import { resolved } from './rewrite.ts';

export interface Source {
  readonly iter: Iter;
  /** The body's param for its elements. */
  readonly elem: Sym;
  /** How many iterators of the original loops it stands for. */
  readonly count: number;
}

export interface Draft {
  readonly op: OpOf<'for'>;
  builder: Sym;
  index: Sym;
  readsIndex: boolean;
  readonly sources: Map<string, Source>;
  /** Parts of the body, the last part first. */
  segments: (readonly Let[])[];
  result: Atom;
  readonly subst: Map<Sym, Atom>;
}

export function openDraft(op: OpOf<'for'>): Draft {
  const [builder, index, ...elems] = op.body.params;
  invariant(builder !== undefined && index !== undefined, () => 'a loop body has a builder and an index');
  const d: Draft = {
    op,
    builder,
    index,
    readsIndex: reads(op.body, index),
    sources: new Map(),
    segments: [op.body.lets],
    result: op.body.result,
    subst: new Map(),
  };
  addSources(d, op.iters, elems);
  return d;
}

/** The fused loop. */
export function closeDraft(d: Draft): OpOf<'for'> {
  const sources = [...d.sources.values()];
  const params = [d.builder, d.index, ...sources.map((s) => s.elem)];
  const body = substitute({ ...bodyOf(d), params }, resolved(d.subst));
  return { ...d.op, iters: sources.map((s) => s.iter), body };
}

export const bodyLets = (d: Draft): readonly Let[] => d.segments.toReversed().flat();
/** The body as it is before replacements. */
const bodyOf = (d: Draft): Block => ({ params: [], lets: bodyLets(d), result: d.result });

/** A loop body that merges `value` exactly once in every iteration; `lets` are what that value needs. */
export interface MapPart {
  readonly iters: readonly Iter[];
  readonly index: Sym;
  readonly elems: readonly Sym[];
  readonly lets: readonly Let[];
  readonly value: Atom;
}

/** The lets of a body that a value is made of, in order. */
export function neededFor(value: Atom, body: Block): readonly Let[] {
  const needed = new Set<Sym>(isSym(value) ? [value] : []);
  const lets: Let[] = [];
  for (const l of body.lets.toReversed()) {
    if (!needed.has(l.sym)) continue;
    lets.push(l);
    for (const s of freeSymsOfOp(l.op)) needed.add(s);
  }
  return lets.reverse();
}

/** The elements of `source` are made by `part`: its code goes in front of the body, its iterators replace the source. */
export function pullMap(d: Draft, source: Source, part: MapPart): void {
  d.sources.delete(iterKey(source.iter));
  d.readsIndex ||=
    part.value === part.index
      ? reads(substitute(bodyOf(d), resolved(d.subst)), source.elem)
      : reads({ params: [], lets: part.lets, result: part.value }, part.index);
  d.subst.set(source.elem, part.value);
  d.subst.set(part.index, d.index);
  addSources(d, part.iters, part.elems);
  d.segments.push(part.lets);
}

/**
 * The elements of `source`, the only one, are made by `producer`, which merges any number of them in an iteration: the
 * draft's body goes where the producer merges. `plain` producers only (one builder, an appender).
 */
export function pullFilter(d: Draft, source: Source, producer: OpOf<'for'>, syms: SymTab): void {
  const [, index, ...elems] = producer.body.params;
  invariant(index !== undefined && d.sources.size === 1, () => 'a filter is pulled into a loop over it alone');
  const lets = bodyLets(d);
  const body: Block = { params: [d.builder, source.elem], lets, result: d.result };
  const sites = mergeSites(producer.body) ?? 0;
  const merge = (b: Atom, value: Atom, out: Let[]): Atom => {
    if (sites === 1) {
      d.subst.set(d.builder, b);
      d.subst.set(source.elem, value);
      out.push(...lets);
      return d.result;
    }
    // The replacements so far belong to the body that is copied.
    const copy = inlineBlock(substitute(body, resolved(d.subst)), [b, value], syms);
    out.push(...copy.lets);
    return copy.result;
  };
  const ty = syms.type(d.builder);
  const threaded = rethread(producer.body, [{ ty, merge }], true, syms);
  const [builder] = threaded.params;
  invariant(builder !== undefined, () => 'a loop body has a builder');
  d.sources.clear();
  addSources(d, producer.iters, elems);
  d.builder = builder;
  d.index = index;
  d.readsIndex = reads(producer.body, index);
  d.segments = [threaded.lets];
  d.result = threaded.result;
}

/**
 * How many `merge` operations a body has on its builder; null when the builder takes a way that is not merges,
 * branches and inner loops.
 */
export function mergeSites(body: Block): number | null {
  const [builder] = body.params;
  if (builder === undefined) return null;
  const thread = new Set<Atom>([builder]);
  let sites = 0;
  let plain = true;
  const walk = (b: Block): void => {
    for (const { sym, op } of b.lets) {
      switch (op.kind) {
        case 'merge':
          if (!thread.has(op.builder)) break;
          thread.add(sym);
          sites++;
          break;
        case 'if':
          walk(op.then);
          walk(op.else);
          if (thread.has(op.then.result) || thread.has(op.else.result)) thread.add(sym);
          break;
        case 'for': {
          const [inner] = op.body.params;
          if (!thread.has(op.builder) || inner === undefined) break;
          thread.add(inner);
          walk(op.body);
          thread.add(sym);
          break;
        }
        case 'struct':
          plain &&= !op.fields.some((f) => thread.has(f));
          break;
        default:
      }
    }
  };
  walk(body);
  return plain ? sites : null;
}

function addSources(d: Draft, iters: readonly Iter[], elems: readonly Sym[]): void {
  for (const [k, iter] of iters.entries()) {
    const elem = elems[k];
    if (elem === undefined) continue;
    const key = iterKey(iter);
    const known = d.sources.get(key);
    if (known === undefined) {
      d.sources.set(key, { iter, elem, count: 1 });
    } else {
      d.sources.set(key, { ...known, count: known.count + 1 });
      d.subst.set(elem, known.elem);
    }
  }
}

const reads = (b: Block, s: Sym): boolean => (countUses(b).get(s) ?? 0) > 0;

/** The vector that a source scans, if it is a symbol. */
const scannedVec = (s: Source): Sym | null => (s.iter.kind === 'scan' && isSym(s.iter.vec) ? s.iter.vec : null);

/** A source of a draft and the loop that makes its vector. */
export interface Candidate {
  readonly source: Source;
  readonly vec: Sym;
  readonly product: Product;
}

/** The source whose producing loop stands last in the block, but for the vectors in `not`. */
export function latestProducer(d: Draft, ix: BlockIndex, not: ReadonlySet<Sym>): Candidate | null {
  let best: Candidate | null = null;
  for (const source of d.sources.values()) {
    const vec = scannedVec(source);
    const product = vec === null || not.has(vec) ? undefined : ix.products.get(vec);
    if (vec === null || product === undefined) continue;
    if (best === null || product.loop.at > best.product.loop.at) best = { source, vec, product };
  }
  return best;
}
