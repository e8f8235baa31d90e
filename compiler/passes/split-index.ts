/**
 * The index of an element in a row-by-row matrix is taken apart once, by the loops that count rows and columns.
 *
 *     for(rangeiter(row * n, row * n + n, 1L), b, |b,i,k| merge(b, {k / n, k % n}))
 *         ->  for(rangeiter(0L, n, 1L), b, |b,i,k| merge(b, {row, i}))
 *
 * 64-bit division is the dearest integer operation there is, and a loop from 0 to n is over the elements of vectors of
 * length n (`scan-lookups`). Where k is read for anything else the range stays as it is.
 */

import { isExact, Knowledge, type RowWindow, rowWindows } from '../analysis/rows.ts';
import { i64, range } from '../core/build.ts';
import type { Atom, Block, OpOf, Sym } from '../core/op.ts';
import { isLit, sameAtom } from '../core/op.ts';
import { countUses, forEachLet, substitute } from '../core/walk.ts';
import { sound } from './need.ts';
import type { Asking, Pass } from './pass.ts';
import { mapBlocks, mapProgramBlocks, rebuilt } from './rewrite.ts';

const NEEDS = [
  sound('exact', 'neither row nor width is negative, and no index wraps around, by what is known of their ranges'),
];
type Context = Asking<typeof NEEDS>;

export const splitIndex: Pass = {
  name: 'split-index',
  doc: 'row and column of an index by the loops that count them, without division',
  needs: NEEDS,
  run(p, cx) {
    const known = new Knowledge(p);
    return mapProgramBlocks(p, (b) => {
      const lets = b.lets.map((l) => {
        const op = l.op.kind === 'for' ? split(l.op, known, cx) : l.op;
        return op === l.op ? l : { sym: l.sym, op };
      });
      return rebuilt(b, lets, b.result);
    });
  },
};

function split(op: OpOf<'for'>, known: Knowledge, cx: Context): OpOf<'for'> {
  let { body } = op;
  const [, index, ...elems] = body.params;
  const iters = op.iters.map((it, k) => {
    const elem = elems[k];
    if (it.kind !== 'range' || !isLit(it.stride) || it.stride.lit !== 1n || elem === undefined) return it;
    const ways = rowWindows(it.start, it.end, known);
    const [way = ways[0]] = ways.filter((w) => isExact(w, known));
    if (way === undefined || index === undefined || !cx.holds('exact', isExact(way, known))) return it;
    body = withoutDivision(body, elem, index, way, cx);
    if (countUses(body).has(elem) || !cx.enabled('row-from-zero')) return it;
    cx.fired('row-from-zero');
    return range(i64(0), way.width, it.stride);
  });
  return body === op.body && iters.every((it, k) => it === op.iters[k]) ? op : { ...op, iters, body };
}

/** The body with elem / width and elem % width replaced by row and column. */
function withoutDivision(body: Block, elem: Sym, column: Sym, { row, width }: RowWindow, cx: Context): Block {
  const known = new Map<Sym, Atom>();
  forEachLet(body, ({ sym, op }) => {
    if (op.kind !== 'bin' || op.a !== elem || !sameAtom(op.b, width)) return;
    if ((op.op !== '/' && op.op !== '%') || !cx.enabled('row-and-column')) return;
    cx.fired('row-and-column');
    known.set(sym, op.op === '/' ? row : column);
  });
  const drop = (b: Block): Block => {
    const lets = b.lets.flatMap((l) => {
      if (known.has(l.sym)) return [];
      const op = mapBlocks(l.op, drop);
      return [op === l.op ? l : { sym: l.sym, op }];
    });
    return rebuilt(b, lets, b.result);
  };
  return known.size === 0 ? body : substitute(drop(body), known);
}
