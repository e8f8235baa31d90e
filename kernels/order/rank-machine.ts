/**
 * The machine form of ranks: the order of the rows, and the values in it, where equal ones are neighbours. Its places are
 * taken in blocks. Where a run of equal values goes on beyond a block, a binary search finds its end.
 */

import type { ScalarKind, TypedArray } from '../../compiler/index.ts';
import { bin, cast, cmp, type Get, type Kernel, KernelBuilder, lit, type SExpr, sel } from '../../compiler/kernels.ts';
import { columnOf, vector } from '../column.ts';
import { type MachineForm, once } from '../machine.ts';
import { num } from '../terms.ts';
import { gathered } from './argsort-machine.ts';
import { sortedOrder } from './radix.ts';
import { type RankName, rankKind } from './rank.ts';

/** Places of a block. */
const BLOCK = 4096;

export const rankMachine =
  (name: RankName): MachineForm =>
  async ([desc, v], m) => {
    const { kind, cells, length } = columnOf(v);
    const to = m.alloc.alloc(rankKind(name), length);
    if (length === 0) return vector(rankKind(name), to);
    const order = await sortedOrder(m, { kind, column: cells, descending: desc === true }, null);
    const sorted = await gathered(m, kind, cells, order);
    const rows = Math.ceil(length / BLOCK);
    const launch = { rows, rowsPerPart: Math.max(1, Math.ceil(rows / (m.threads * 4))) };
    const before = m.alloc.alloc('u32', rows);
    if (name === 'rank_dense') {
      await m.launch(countNew(kind), { ...launch, bufs: [sorted, before], scalars: [length] });
      prefixes(before);
    }
    const bufs = [sorted, order, ...(name === 'rank_dense' ? [before] : []), to];
    await m.launch(rankBlocks(name, kind), { ...launch, bufs, scalars: [length] });
    return vector(rankKind(name), to);
  };

/** Counts become what is counted before them. */
function prefixes(counts: TypedArray): void {
  let sum = 0;
  for (let k = 0; k < counts.length; k++) {
    const own = Number(counts[k]);
    counts[k] = sum;
    sum += own;
  }
}

const ONE = num(1);

/** The mean of two places. */
const mean = (a: SExpr, b: SExpr): SExpr => bin('/', bin('+', cast(a, 'f64'), cast(b, 'f64')), lit('f64', 2));

/** Are two values one? */
const isSame = (a: Get, b: Get): SExpr => {
  const same = cmp('==', a, b);
  return a.ty.kind === 'f32' || a.ty.kind === 'f64' ? bin('|', same, bin('&', cmp('!=', a, a), cmp('!=', b, b))) : same;
};

/** The places of a block. */
function bounds(k: KernelBuilder): { readonly first: Get; readonly end: Get; readonly length: Get } {
  const length = k.scalar('length', 'i32');
  const first = k.let(bin('*', k.index, num(BLOCK)));
  return { first, end: k.let(bin('min', bin('+', first, num(BLOCK)), length)), length };
}

/** counts[block] = how many places of the block have another value than the place before. */
const countNew = once((kind: ScalarKind): Kernel => {
  const k = KernelBuilder.packed(`count_new_${kind}`);
  const [sorted, counts] = [k.buf('sorted', kind, 'read'), k.buf('counts', 'u32', 'write')];
  const { first, end } = bounds(k);
  const count = k.var(num(0));
  const before = k.var(k.load(sorted, k.let(bin('max', bin('-', first, ONE), num(0)))));
  k.range(first, end, (place) => {
    const e = k.load(sorted, place);
    k.set(count, bin('+', count, sel(isSame(before, e), num(0), ONE)));
    k.set(before, e);
  });
  k.store(counts, k.index, cast(count, 'u32'));
  return k.finish();
});

/** Ranks the places of a block. */
const rankBlocks = once((name: RankName, kind: ScalarKind): Kernel => {
  const k = KernelBuilder.packed(`${name}_${kind}`);
  const [sorted, order] = [k.buf('sorted', kind, 'read'), k.buf('order', 'u32', 'read')];
  const dense = name === 'rank_dense' ? k.buf('before', 'u32', 'read') : null;
  const to = k.buf('to', rankKind(name), 'write');
  const { first, end, length } = bounds(k);
  const put = (place: Get, rank: SExpr): void => {
    k.store(to, k.let(cast(k.load(order, place), 'i32')), cast(rank, rankKind(name)));
  };
  if (name === 'rank_ordinal') {
    k.range(first, end, (place) => put(place, bin('+', place, ONE)));
    return k.finish();
  }

  /** The first place from `low` on, where the values are not all like `value`, that ends or begins their run. */
  const search = (low: Get, high: Get, goesOn: (at: Get) => SExpr): void => {
    k.while(cmp('<', low, high), () => {
      const middle = k.let(bin('+', low, bin('>>', bin('-', high, low), ONE)));
      const next = k.let(goesOn(middle));
      k.set(high, sel(next, high, middle));
      k.set(low, sel(next, bin('+', middle, ONE), low));
    });
  };
  const start = k.var(first);
  const number = k.var(dense === null ? num(0) : cast(k.load(dense, k.index), 'i32'));
  if (name !== 'rank_dense') {
    // The first place that has the value of the first one of the block.
    const value = k.load(sorted, first);
    const low = k.var(num(0));
    search(low, k.var(first), (at) => bin('^', isSame(k.load(sorted, at), value), lit('bool', true)));
    k.set(start, low);
  } else {
    // Of the very first value, which differs from none before it, and of one that goes on, the number is that before.
    const before = k.load(sorted, k.let(bin('max', bin('-', first, ONE), num(0))));
    k.set(number, bin('+', number, sel(isSame(before, k.load(sorted, first)), ONE, num(2))));
  }
  const place = k.var(first);
  k.while(cmp('<', place, end), () => {
    const value = k.load(sorted, place);
    const runEnd = k.var(bin('+', place, ONE));
    const goesOn = k.var(lit('bool', true));
    k.while(goesOn, () => {
      k.set(goesOn, cmp('<', runEnd, end));
      k.if(goesOn, () => {
        k.set(goesOn, isSame(k.load(sorted, runEnd), value));
        k.if(goesOn, () => k.set(runEnd, bin('+', runEnd, ONE)));
      });
    });
    const last = k.var(runEnd);
    if (name === 'rank_max' || name === 'rank_average') {
      k.if(cmp('==', runEnd, end), () => search(last, k.var(length), (at) => isSame(k.load(sorted, at), value)));
    }
    const firstRank = bin('+', start, ONE);
    const rank = k.let(
      name === 'rank_dense'
        ? number
        : name === 'rank_min'
          ? firstRank
          : name === 'rank_max'
            ? last
            : mean(firstRank, last),
    );
    k.range(place, runEnd, (at) => put(at, rank));
    k.set(place, runEnd);
    k.set(start, runEnd);
    k.set(number, bin('+', number, ONE));
  });
  return k.finish();
});
