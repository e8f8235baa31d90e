/**
 * One push for each cursor, where branches that exclude each other push at it:
 *
 *     if a { push #0 { out <- x } }                var on = false; var v = 0
 *     else { if b { push #0 { out <- y } } }  =>   if a { on = true; v = x } else { if b { on = true; v = y } }
 *                                                  if on { push #0 { out <- v } }
 *
 * Wide code would mix up the rows of several pushes, of one it would not (`row-order.ts`). Only for the body that lanes
 * are made from: row by row, the pushes where they stand are as good.
 */

import { KernelBuilder, lit } from '../build.ts';
import type { Kernel, Stmt } from '../kernel.ts';
import { mapBlocks, walkStmts } from '../shape.ts';
import { pushesOf } from './row-order.ts';

type Push = Extract<Stmt, { readonly s: 'push' }>;

/** The kernel with joined pushes; itself where there is nothing to join. */
export function joinPushes(kernel: Kernel): Kernel {
  const most = pushesOf(kernel.body, false);
  const pushes = new Map<number, Push[]>();
  const touched = new Set<number>();
  walkStmts(kernel.body, (s) => {
    if (s.s === 'push') pushes.set(s.cursor, [...(pushes.get(s.cursor) ?? []), s]);
    if (s.s === 'load' || s.s === 'store') touched.add(s.buf);
  });
  const joined = [...pushes].filter(
    ([cursor, of]) => of.length > 1 && most.get(cursor) === 1 && areAlike(of) && !of.some((p) => meets(p, touched)),
  );
  return joined.reduce((k, [cursor, [first]]) => (first === undefined ? k : joinCursor(k, cursor, first)), kernel);
}

/** Do they push to the same buffers, in the same order? */
function areAlike(pushes: readonly Push[]): boolean {
  return new Set(pushes.map((p) => p.stores.map((s) => s.buf).join())).size === 1;
}

/** Is what is pushed to also loaded or stored to? Then the push may not come last. */
const meets = (push: Push, touched: ReadonlySet<number>): boolean => push.stores.some((s) => touched.has(s.buf));

function joinCursor(kernel: Kernel, cursor: number, first: Push): Kernel {
  const k = KernelBuilder.from(kernel);
  const on = k.var(lit('bool', false));
  const columns = first.stores.map(
    ({ buf, value: { ty } }) => [buf, k.var(lit(ty.kind, ty.kind === 'bool' ? false : 0))] as const,
  );
  const noted = (s: Stmt): readonly Stmt[] => {
    if (s.s !== 'push' || s.cursor !== cursor) return [mapBlocks(s, (b) => b.flatMap(noted))];
    return k.block(() => {
      k.set(on, lit('bool', true));
      for (const [i, [, value]] of columns.entries()) k.set(value, s.stores[i]?.value ?? value);
    });
  };
  for (const s of kernel.body.flatMap(noted)) k.emit(s);
  k.if(on, () => k.push(cursor, columns));
  return k.finish();
}
