/**
 * Loop shapes as the frontends emit them, one loop a call: for tests of the passes, which put them together by hand
 * and at random.
 */

import { type Builder, i64, scan } from '../core/build.ts';
import type { Atom, Iter, Sym } from '../core/op.ts';
import { appender, dictmerger, I64, type MergeOp, merger, struct, type Type } from '../core/types.ts';

type Body = (i: Sym, ...elems: Sym[]) => Atom;

/** `result(for(iters, appender, |b,i,e..| merge(b, f(i,e..))))` */
export function map(b: Builder, vecs: readonly (Atom | Iter)[], ty: Type, f: Body): Sym {
  const iters = vecs.map(iterOf);
  return b.result(b.loop(iters, b.builder(appender(ty)), (acc, i, ...e) => b.merge(acc, f(i, ...e))));
}

/** `result(for(iters, appender, |b,i,e..| if(keep(i,e..), merge(b, f(i,e..)), b)))` */
export function filter(b: Builder, vecs: readonly (Atom | Iter)[], ty: Type, keep: Body, f: Body): Sym {
  const iters = vecs.map(iterOf);
  const loop = b.loop(iters, b.builder(appender(ty)), (acc, i, ...e) =>
    b.if(
      keep(i, ...e),
      () => b.merge(acc, f(i, ...e)),
      () => acc,
    ),
  );
  return b.result(loop);
}

/** Each element several times: an inner loop over `0 .. times`. */
export function repeat(b: Builder, v: Atom, ty: Type, times: bigint): Sym {
  const loop = b.loop([scan(v)], b.builder(appender(ty)), (acc, _i, e) => {
    const inner: Iter = { kind: 'range', start: i64(0), end: i64(times), stride: i64(1) };
    return b.loop([inner], acc, (acc2) => b.merge(acc2, e));
  });
  return b.result(loop);
}

/** `result(for(iters, merger[ty,op], |b,i,e..| merge(b, f(i,e..))))` */
export function reduce(b: Builder, vecs: readonly (Atom | Iter)[], ty: Type, op: MergeOp, f: Body): Sym {
  const iters = vecs.map(iterOf);
  return b.result(b.loop(iters, b.builder(merger(ty, op)), (acc, i, ...e) => b.merge(acc, f(i, ...e))));
}

/** Counts by key: `tovec(result(for(iters, dictmerger[i64,i64,+], |b,i,e..| merge(b, {key, value}))))` */
export function groupSum(b: Builder, vecs: readonly (Atom | Iter)[], key: Body, value: Body): Sym {
  const iters = vecs.map(iterOf);
  const ty = dictmerger(I64, I64, '+');
  const loop = b.loop(iters, b.builder(ty), (acc, i, ...e) => b.merge(acc, b.struct([key(i, ...e), value(i, ...e)])));
  return b.tovec(b.result(loop));
}

/** The element type of a frame of two columns. */
export const ROW: Type = struct([I64, I64]);

const iterOf = (v: Atom | Iter): Iter => (typeof v === 'object' && 'kind' in v ? v : scan(v));
