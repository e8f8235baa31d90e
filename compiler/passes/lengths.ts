/**
 * Lengths without the vector.
 *
 *     len(result(for(x, appender[f64], |b,i,e| merge(b, f(e)))))          ->  len(x)
 *     v = result(for(x, appender[f64], |b,i,e| if(p(e), merge(b, e), b)));
 *     {sum(v), len(v)}      ->   {sum(v), result(for(v, merger[i64,+], |b,i,e| merge(b, 1L)))}
 *
 * The second looks like more work and is less: the count is then a loop like any other reader of v, is joined with
 * them and fused with the filter, and v is never made.
 */

import { type BlockIndex, indexBlock, type Product } from '../analysis/uses.ts';
import { Builder, i64, scan } from '../core/build.ts';
import type { Atom, Let, Sym } from '../core/op.ts';
import { isSym } from '../core/op.ts';
import type { SymTab } from '../core/program.ts';
import { I64, merger } from '../core/types.ts';
import { profit, sound } from './need.ts';
import type { Asking, Pass } from './pass.ts';
import { mapProgramBlocks } from './rewrite.ts';

const NEEDS = [
  // To take the length of the source.
  sound('a-map', 'the vector is a map'),
  sound('one-whole-vector', 'the map walks one vector as a whole: a zip checks its lengths, a range its bounds'),
  // To count.
  profit('read-by-loops', 'the vector is read by loops of this block and by `len` only, and would else not be made'),
];
type Context = Asking<typeof NEEDS>;

export const lengths: Pass = {
  name: 'lengths',
  doc: 'take lengths from sources, or count, instead of making a vector',
  needs: NEEDS,
  run: (p, cx) =>
    mapProgramBlocks(p, (b) => {
      const ix = indexBlock(b);
      const replaced = new Map<Sym, readonly Let[]>();
      for (const { sym, op } of b.lets) {
        if (op.kind !== 'len') continue;
        const source = sourceOf(op.of, ix, p.syms, cx);
        const countable =
          isSym(source) && isFilter(source, ix, p.syms) && cx.holds('read-by-loops', readByLoopsOnly(source, ix));
        if (countable && cx.enabled('len-to-count')) {
          cx.fired('len-to-count');
          replaced.set(sym, countingLoop(source, sym, p.syms));
        } else if (source !== op.of && cx.enabled('len-of-map')) {
          cx.fired('len-of-map');
          replaced.set(sym, [{ sym, op: { kind: 'len', of: source } }]);
        }
      }
      if (replaced.size === 0) return b;
      return { params: b.params, lets: b.lets.flatMap((l) => replaced.get(l.sym) ?? [l]), result: b.result };
    }),
};

/** The vector that `v` is a map of a map of ... and that has its length; `v` itself when it is no map of one vector. */
function sourceOf(v: Atom, ix: BlockIndex, syms: SymTab, cx: Context): Atom {
  for (let at = v; ; ) {
    const made = isSym(at) ? ix.products.get(at) : undefined;
    const [only, ...others] = made?.loop.op.iters ?? [];
    if (made === undefined || only === undefined || !isAppender(made, syms)) return at;
    if (!cx.holds('a-map', made.loop.maps[made.component] != null)) return at;
    const isWhole = only.kind === 'scan' && others.length === 0;
    if (!cx.holds('one-whole-vector', isWhole) || only.kind === 'range') return at;
    at = only.vec;
  }
}

const isAppender = ({ loop, component }: Product, syms: SymTab): boolean =>
  syms.type(loop.builders[component] ?? loop.sym).kind === 'appender';

/** True for an appender of a fresh loop that does not merge exactly once in every iteration. */
function isFilter(v: Sym, ix: BlockIndex, syms: SymTab): boolean {
  const made = ix.products.get(v);
  return made !== undefined && isAppender(made, syms) && made.loop.maps[made.component] == null;
}

/** True when every read of `v` is a `len` or an iterator of a loop in this block, and at least one is of a loop. */
function readByLoopsOnly(v: Sym, ix: BlockIndex): boolean {
  let lens = 0;
  let scans = 0;
  for (const { op } of ix.block.lets) {
    if (op.kind === 'len' && op.of === v) lens++;
    if (op.kind === 'for') for (const it of op.iters) if (it.kind === 'scan' && it.vec === v) scans++;
  }
  return scans > 0 && lens + scans === ix.uses.get(v);
}

/** `result(for(v, merger[i64,+], |b,i,e| merge(b, 1L)))`, under the symbol of the length. */
function countingLoop(v: Sym, length: Sym, syms: SymTab): readonly Let[] {
  const bld = new Builder(syms);
  const { lets } = bld.block([], () => {
    bld.loop([scan(v)], bld.builder(merger(I64, '+')), (b) => bld.merge(b, i64(1)));
    return i64(0);
  });
  const loop = lets.at(-1);
  return loop === undefined ? lets : [...lets, { sym: length, op: { kind: 'result', builder: loop.sym } }];
}
