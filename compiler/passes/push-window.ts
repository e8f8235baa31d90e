/**
 * A part of a mapped vector is the map of the part: what is not looked at is not computed.
 *
 *     v = result(for(x, appender[f64], |b,i,e| merge(b, exp(e))));  for(iter(v, s, t, k), ..)
 *         ->  w = result(for(iter(x, s, t, k), appender[f64], |b,i,e| merge(b, exp(e))));  for(w, ..)
 *
 *     slice(v, s, n)   ->   w = slice(x, s, n);  result(for(w, appender[f64], |b,i,e| merge(b, exp(e))))
 *
 * The new loop is a map that the vertical passes take into its reader. The bounds are checked against x, which is as
 * long as v. A body that reads its index gets the position in x: s + i * k.
 */

import { acts } from '../analysis/acts.ts';
import { type BlockIndex, type FreshLoop, indexBlock, iterKey } from '../analysis/uses.ts';
import { lit } from '../core/build.ts';
import type { Atom, Block, Iter, Let, Op, OpOf, Sym } from '../core/op.ts';
import { isSym } from '../core/op.ts';
import type { SymTab } from '../core/program.ts';
import { substitute } from '../core/walk.ts';
import { sound } from './need.ts';
import type { Asking, Pass } from './pass.ts';
import { makeLet, mapProgramBlocks } from './rewrite.ts';

const NEEDS = [
  sound('only-reader', 'nobody else reads the vector: it would be computed as a whole all the same'),
  sound('one-builder', 'it is made by a fresh loop with one builder in the same block'),
  sound('a-map', 'it is a map: the positions of what a filter leaves are not those of its source'),
  sound(
    'one-whole-vector',
    'the map walks one vector as a whole: several could differ in length, which would be found out only for the part',
  ),
  sound('asserts-nothing', 'the map asserts nothing: an assertion happens for every element'),
];
type Context = Asking<typeof NEEDS>;

export const pushWindow: Pass = {
  name: 'push-window',
  doc: 'compute the part of a mapped vector that is looked at',
  needs: NEEDS,
  run: (p, cx) => mapProgramBlocks(p, (b) => pushAll(b, p.syms, cx)),
};

/** Pushes windows from map to map; each ends at a vector that no map makes. */
function pushAll(b: Block, syms: SymTab, cx: Context): Block {
  for (let block = b; ; ) {
    const next = pushBlock(block, syms, cx);
    if (next === block) return block;
    block = next;
  }
}

function pushBlock(b: Block, syms: SymTab, cx: Context): Block {
  const ix = indexBlock(b);
  if (ix.products.size === 0) return b;
  const gone = new Set<Sym>();
  let changed = false;
  const lets = b.lets.flatMap((l): readonly Let[] => {
    const made = pushed(l, ix, syms, cx);
    if (made === null || !cx.enabled(made.rule)) return [l];
    cx.fired(made.rule);
    changed = true;
    for (const s of [...made.loop.builders, made.loop.sym, made.loop.result]) gone.add(s);
    return made.lets;
  });
  return changed ? { params: b.params, lets: lets.filter((l) => !gone.has(l.sym)), result: b.result } : b;
}

interface Pushed {
  readonly rule: string;
  readonly loop: FreshLoop;
  readonly lets: readonly Let[];
}

function pushed(l: Let, ix: BlockIndex, syms: SymTab, cx: Context): Pushed | null {
  if (l.op.kind === 'slice') return pushSlice(l, l.op, ix, syms, cx);
  if (l.op.kind !== 'for') return null;
  const windows = l.op.iters.filter((it) => it.kind === 'iter');
  for (const it of windows) {
    const alike = windows.filter((other) => iterKey(other) === iterKey(it));
    const found = mapOf(it.vec, alike.length, ix, cx);
    if (found !== null) return pushIter(l.sym, l.op, it, found, syms);
  }
  return null;
}

/** A loop that maps one whole vector, with that vector. */
interface MapLoop {
  readonly loop: FreshLoop;
  readonly source: Atom;
}

/** The loop that makes `vec`, when it is a map of one vector and `reads` are all the reads there are. */
function mapOf(vec: Atom, reads: number, ix: BlockIndex, cx: Context): MapLoop | null {
  const made = isSym(vec) ? ix.products.get(vec) : undefined;
  if (made === undefined || !isSym(vec)) return null;
  const { loop, component } = made;
  const [only, ...others] = loop.op.iters;
  if (!cx.holds('only-reader', ix.uses.get(vec) === reads) || !cx.holds('one-builder', loop.gather === null))
    return null;
  if (!cx.holds('a-map', loop.maps[component] != null)) return null;
  if (!cx.holds('one-whole-vector', only?.kind === 'scan' && others.length === 0)) return null;
  if (!cx.holds('asserts-nothing', !acts(loop.op)) || only === undefined || only.kind === 'range') return null;
  return { loop, source: only.vec };
}

function pushIter(
  sym: Sym,
  op: OpOf<'for'>,
  window: Extract<Iter, { kind: 'iter' }>,
  { loop, source }: MapLoop,
  syms: SymTab,
): Pushed {
  const part: Iter = { ...window, vec: source };
  const { lets, vec } = mapAgain(loop, part, window.start, window.stride, syms);
  const key = iterKey(window);
  const iters = op.iters.map((it): Iter => (iterKey(it) === key ? { kind: 'scan', vec } : it));
  return { rule: 'iter-of-map', loop, lets: [...lets, { sym, op: { ...op, iters } }] };
}

function pushSlice(l: Let, op: OpOf<'slice'>, ix: BlockIndex, syms: SymTab, cx: Context): Pushed | null {
  const found = mapOf(op.of, 1, ix, cx);
  if (found === null) return null;
  const part = makeLet({ ...op, of: found.source }, syms, l.sym);
  const { lets, vec } = mapAgain(found.loop, { kind: 'scan', vec: part.sym }, op.start, lit('i64', 1), syms);
  const made = lets.map((x) => (x.sym === vec ? { sym: l.sym, op: x.op } : x));
  return { rule: 'slice-of-map', loop: found.loop, lets: [part, ...made] };
}

/** The map over a part of its source that starts at `start`. The old loop goes, so its body is moved. */
function mapAgain(
  loop: FreshLoop,
  part: Iter,
  start: Atom,
  stride: Atom,
  syms: SymTab,
): { readonly lets: readonly Let[]; readonly vec: Sym } {
  const [old] = loop.builders;
  const ty = syms.type(old ?? loop.sym);
  if (ty.kind !== 'appender') return { lets: [], vec: loop.result };
  const builder = makeLet({ kind: 'builder', ty, arg: null, notes: {} }, syms, old);
  const body = fromStart(loop.op.body, start, stride, syms);
  const made = makeLet({ ...loop.op, iters: [part], builder: builder.sym, body }, syms, loop.sym);
  const result = makeLet({ kind: 'result', builder: made.sym }, syms, loop.result);
  return { lets: [builder, made, result], vec: result.sym };
}

/** The body of a map with its index counted in the source: start + i * stride. */
export function fromStart(body: Block, start: Atom, stride: Atom, syms: SymTab): Block {
  const [b, i, ...elems] = body.params;
  if (b === undefined || i === undefined) return body;
  const index = syms.fresh(syms.type(i), syms.hint(i));
  const steps: Op = { kind: 'bin', op: '*', a: index, b: stride };
  const offset = makeLet(steps, syms, i);
  const at = makeLet({ kind: 'bin', op: '+', a: start, b: offset.sym }, syms, i);
  const moved = substitute({ params: [], lets: body.lets, result: body.result }, new Map([[i, at.sym]]));
  return { params: [b, index, ...elems], lets: [offset, at, ...moved.lets], result: moved.result };
}
