/**
 * A map that loops inside another loop read row by row is computed where it is read, and the matrix is never made.
 *
 *     m = result(for(rangeiter(0L, n * n, 1L), appender[f64], |b,i,k| merge(b, f(k))));
 *     for(rangeiter(0L, n, 1L), .., |b,i,row| .. for(iter(m, row * n, row * n + n, 1L), c, |c,j,x| merge(c, x)) ..)
 *         ->  .. for(rangeiter(row * n, row * n + n, 1L), c, |c,j,k| merge(c, f(k))) ..
 *
 * `push-window` does this for a window that stands beside the map, not inside a loop. Rows have nothing in common, so
 * no element is computed more often than before. A range has no length that the bounds of a window could be checked
 * against. Where they are not known to be inside, the check stays in the bounds, as a range that is an error:
 *
 *     ok = s >= 0L && e <= n * n;   rangeiter(select(ok, s, 1L), select(ok, e, 0L), 1L)
 */

import { acts } from '../analysis/acts.ts';
import { REPEATED_MAP } from '../analysis/cost.ts';
import { dependencies } from '../analysis/depends.ts';
import { blockCost } from '../analysis/price.ts';
import { isExact, isRowsOf, Knowledge, rowWindows } from '../analysis/rows.ts';
import { type BlockIndex, type FreshLoop, indexBlock, iterKey } from '../analysis/uses.ts';
import { i64, range } from '../core/build.ts';
import type { Atom, Block, Iter, Let, Op, OpOf, Sym } from '../core/op.ts';
import { isLit, isSym } from '../core/op.ts';
import type { SymTab } from '../core/program.ts';
import { cloneBlock, freeSyms, freeSymsOfOp, substitute } from '../core/walk.ts';
import { invariant } from '../diag/diagnostic.ts';
import { closeDraft, type MapPart, neededFor, openDraft, pullMap } from './draft.ts';
import { profit, sound } from './need.ts';
import type { Asking, Pass } from './pass.ts';
import { fromStart } from './push-window.ts';
import { makeLet, mapBlocks, mapProgramBlocks, rebuilt } from './rewrite.ts';

const NEEDS = [
  sound(
    'whole-source',
    'the map is over one vector, or over one range from 0 by 1, whose elements are their own places',
  ),
  sound('asserts-nothing', 'the map asserts nothing: an assertion happens for every element'),
  sound('only-rows', 'windows in one outer loop are all that is read of what the map makes'),
  profit('rows', 'each window is a row that the outer loop counts, so that no two rounds read one element'),
  profit(
    'once-a-row',
    'the loops that read a row can be one, as they read the same row and none needs what another makes; or computing ' +
      'the elements in each of them costs little',
  ),
];

export const inlineWindow: Pass = {
  name: 'inline-window',
  doc: 'compute the rows of a map in the inner loops that read them',
  needs: NEEDS,
  run(p, cx) {
    const known = new Knowledge(p);
    return mapProgramBlocks(p, (b) => inlineIn(b, { syms: p.syms, known, cx }));
  },
};

interface Around {
  readonly syms: SymTab;
  readonly known: Knowledge;
  readonly cx: Asking<typeof NEEDS>;
}
type Window = Extract<Iter, { kind: 'iter' }>;

/** A loop inside an outer loop, with the block that it stands in. */
interface Reader {
  readonly sym: Sym;
  readonly op: OpOf<'for'>;
  readonly block: Block;
}
/** A map, and the loops inside `outer` that read windows of what it makes. */
interface Inlined {
  readonly outer: OpOf<'for'>;
  readonly map: FreshLoop;
  readonly readers: readonly Reader[];
}

/** Inlines one map after the other: of the first outer loop that reads one, that which was made last. */
function inlineIn(b: Block, around: Around): Block {
  for (let block = b; ; ) {
    const ix = indexBlock(block);
    const found = ix.products.size === 0 ? null : nextMap(ix, around);
    if (found === null || !around.cx.enabled('rows-of-map')) return block;
    around.cx.fired('rows-of-map');
    block = inlined(block, found, ix, around);
  }
}

function nextMap(ix: BlockIndex, around: Around): Inlined | null {
  for (const { op } of ix.block.lets) {
    const found = op.kind === 'for' ? mapToInline(op, ix, around) : null;
    if (found !== null) return found;
  }
  return null;
}

function mapToInline(outer: OpOf<'for'>, ix: BlockIndex, around: Around): Inlined | null {
  const readers = readersIn(outer.body);
  const maps = new Set(readers.flatMap(({ op }) => windowsOf(op)).flatMap((w) => mapOf(w, ix) ?? []));
  for (const map of [...maps].sort((x, y) => y.at - x.at)) {
    const mine = readers.filter(({ op }) => windowsOf(op).some((w) => mapOf(w, ix) === map));
    if (mayInline(outer, map, mine, ix, around)) return { outer, map, readers: mine };
  }
  return null;
}

/** The loops in a block and in its branches. */
function readersIn(block: Block): readonly Reader[] {
  return block.lets.flatMap(({ sym, op }): readonly Reader[] => {
    if (op.kind === 'for') return [{ sym, op, block }];
    return op.kind === 'if' ? [...readersIn(op.then), ...readersIn(op.else)] : [];
  });
}

const windowsOf = (op: OpOf<'for'>): readonly Window[] => op.iters.filter((it) => it.kind === 'iter');

/** The loop of this block that makes what a window is of, if that is a map. */
function mapOf(w: Window, ix: BlockIndex): FreshLoop | null {
  const made = isSym(w.vec) ? ix.products.get(w.vec) : undefined;
  return made?.loop.maps[made.component] == null ? null : made.loop;
}

function isWhole(map: FreshLoop): boolean {
  const [only, ...others] = map.op.iters;
  if (only === undefined || others.length > 0) return false;
  return only.kind === 'scan' || (only.kind === 'range' && isNumber(only.start, 0n) && isNumber(only.stride, 1n));
}
const isNumber = (a: Atom, n: bigint): boolean => isLit(a) && a.lit === n;

/** How often anything that the map makes is read. */
function readsOf(map: FreshLoop, ix: BlockIndex): number {
  const made = productsOf(map, ix);
  const whole = map.gather === null ? 0 : (ix.uses.get(map.result) ?? 0) - made.length;
  return made.reduce((sum, s) => sum + (ix.uses.get(s) ?? 0), whole);
}

const productsOf = (map: FreshLoop, ix: BlockIndex): readonly Sym[] =>
  [...ix.products].flatMap(([s, { loop }]) => (loop === map ? [s] : []));

function mayInline(
  outer: OpOf<'for'>,
  map: FreshLoop,
  readers: readonly Reader[],
  ix: BlockIndex,
  { syms, known, cx }: Around,
): boolean {
  const windows = readers.flatMap(({ op }) => windowsOf(op)).filter((w) => mapOf(w, ix) === map);
  const fixed = freeSyms(outer.body);
  const isRow = (w: Window): boolean =>
    rowWindows(w.start, w.end, known).some(
      ({ row, width }) => countOf(outer, row) !== null && (isLit(width) || fixed.has(width)),
    );
  const once = (): boolean => canBeOne(readers, windows) || blockCost(map.op.body, syms) <= REPEATED_MAP;
  return (
    cx.holds('rows', windows.every(isRow)) &&
    cx.holds('only-rows', readsOf(map, ix) === windows.length) &&
    cx.holds('whole-source', isWhole(map)) &&
    cx.holds('asserts-nothing', !acts(map.op)) &&
    cx.holds('once-a-row', once())
  );
}

/** What `row` is below, if it is the number of an iteration of the loop or counts them from somewhere. */
function countOf(outer: OpOf<'for'>, row: Sym): Atom | null {
  const [, index, ...elems] = outer.body.params;
  for (const [k, it] of outer.iters.entries()) {
    if (it.kind !== 'range' || !isNumber(it.stride, 1n)) continue;
    if (elems[k] === row || (index === row && isNumber(it.start, 0n))) return it.end;
  }
  return null;
}

/** True when the loops read one row, in one block, and none needs what another makes. */
function canBeOne(readers: readonly Reader[], windows: readonly Window[]): boolean {
  const [first, ...rest] = readers;
  if (first === undefined) return false;
  if (new Set(windows.map((w) => iterKey({ ...w, kind: 'range' }))).size > 1) return false;
  if (rest.length === 0) return true;
  const ix = indexBlock(first.block);
  const deps = dependencies(ix);
  return readers.every(
    (r, k) =>
      ix.loops.has(r.sym) && readers.slice(0, k).every((before) => !deps.reaches(freeSymsOfOp(r.op), before.sym)),
  );
}

/** The block with the readers computing what they read, and without the map. */
function inlined(b: Block, { outer, map, readers }: Inlined, ix: BlockIndex, around: Around): Block {
  const made = new Map<Sym, readonly Let[]>();
  for (const r of readers) made.set(r.sym, readerOf(r, outer, map, ix, around));
  for (const s of [...map.builders, map.gather, map.sym, map.result, ...productsOf(map, ix)]) {
    if (s !== null) made.set(s, []);
  }
  const replace = (block: Block): Block => {
    const lets = block.lets.flatMap((l): readonly Let[] => {
      const own = made.get(l.sym);
      if (own !== undefined) return own;
      const op = l.op.kind === 'if' || l.op === outer ? mapBlocks(l.op, replace) : l.op;
      return [op === l.op ? l : { sym: l.sym, op }];
    });
    return rebuilt(block, lets, block.result);
  };
  return replace(b);
}

/** The reader over the ranges or parts that its windows were maps of. */
function readerOf(r: Reader, outer: OpOf<'for'>, map: FreshLoop, ix: BlockIndex, around: Around): readonly Let[] {
  const checks: Let[] = [];
  const d = openDraft(r.op);
  for (const w of windowsOf(r.op)) {
    const source = d.sources.get(iterKey(w));
    const product = isSym(w.vec) ? ix.products.get(w.vec) : undefined;
    if (source === undefined || product?.loop !== map) continue;
    pullMap(d, source, elementsOf(w, product.component, map, outer, checks, around));
  }
  return [...checks, { sym: r.sym, op: closeDraft(d) }];
}

/** What the map makes of the window's elements. */
function elementsOf(
  w: Window,
  component: number,
  map: FreshLoop,
  outer: OpOf<'for'>,
  checks: Let[],
  { syms, known }: Around,
): MapPart {
  const { body } = map.op;
  const [only] = map.op.iters;
  const value = map.maps[component];
  invariant(only !== undefined && value != null, () => 'a map over one thing');
  const copy = cloneBlock({ params: body.params, lets: neededFor(value, body), result: value }, syms, syms);
  if (only.kind === 'scan') {
    const { params, lets, result } = fromStart(copy, w.start, w.stride, syms);
    return partOf({ ...w, vec: only.vec }, params, lets, result);
  }
  invariant(only.kind === 'range', () => 'a map over a vector or a range');
  const [start, end] = isInside(w, only.end, outer, known)
    ? [w.start, w.end]
    : checkedBounds(w, only.end, checks, syms);
  // The range counts from 0, so the number of an iteration and its element are one.
  const [, index, elem] = copy.params;
  invariant(index !== undefined && elem !== undefined, () => 'a loop body has an index and an element');
  const { lets, result } = substitute({ ...copy, params: [] }, new Map([[index, elem]]));
  return partOf(range(start, end, w.stride), copy.params, lets, result);
}

function partOf(iter: Iter, [, index, ...elems]: readonly Sym[], lets: readonly Let[], value: Atom): MapPart {
  invariant(index !== undefined, () => 'a loop body has an index');
  return { iters: [iter], index, elems, lets, value };
}

/** True when a window is known to be inside a vector of `length` elements. */
function isInside(w: Window, length: Atom, outer: OpOf<'for'>, known: Knowledge): boolean {
  if (known.range(w.start).lo >= 0n && known.range(w.end).hi <= known.range(length).lo) return true;
  return rowWindows(w.start, w.end, known).some((way) => {
    const count = countOf(outer, way.row);
    return count !== null && isExact(way, known) && isRowsOf(length, count, way.width, known);
  });
}

/** The bounds of a window, or bounds that are an error if it is not inside. */
function checkedBounds(w: Window, length: Atom, out: Let[], syms: SymTab): readonly [start: Atom, end: Atom] {
  const emit = (op: Op): Sym => {
    const l = makeLet(op, syms);
    out.push(l);
    return l.sym;
  };
  const from = emit({ kind: 'bin', op: '>=', a: w.start, b: i64(0) });
  const to = emit({ kind: 'bin', op: '<=', a: w.end, b: length });
  const cond = emit({ kind: 'bin', op: '&&', a: from, b: to });
  return [emit({ kind: 'select', cond, a: w.start, b: i64(1) }), emit({ kind: 'select', cond, a: w.end, b: i64(0) })];
}
