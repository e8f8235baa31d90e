/**
 * A loop body whose merges come after the values of their block: what flows through a builder's thread moves behind
 * everything else, up to the next branch or inner loop on the thread. Nothing but the thread reads what is on it, so
 * the meaning stays.
 *
 *     b1 = merge(b.$0, x);  y = f(x);  b2 = merge(b.$1, y)   ->   y = f(x);  b1 = merge(b.$0, x);  b2 = merge(b.$1, y)
 */

import type { Block, Let, Sym } from '../core/op.ts';
import { isSym } from '../core/op.ts';
import { atomsOf, blocksOf } from '../core/shape.ts';
import { mapBlocks } from './rewrite.ts';

/** The body with its merges as late as they may be. */
export function sinkMerges(body: Block): Block {
  const [builder] = body.params;
  return builder === undefined ? body : sinkIn(body, new Set([builder]));
}

function sinkIn(b: Block, thread: Set<Sym>): Block {
  const out: Let[] = [];
  let waiting: Let[] = [];
  for (const l of b.lets) {
    const on = isOn(l, thread);
    if (!on) {
      out.push(l);
      continue;
    }
    thread.add(l.sym);
    if (blocksOf(l.op).length === 0) {
      waiting.push(l);
      continue;
    }
    out.push(...waiting);
    waiting = [];
    if (l.op.kind === 'for') {
      const [inner] = l.op.body.params;
      if (inner !== undefined) thread.add(inner);
    }
    out.push({ sym: l.sym, op: mapBlocks(l.op, (blk) => sinkIn(blk, thread)) });
  }
  out.push(...waiting);
  return { params: b.params, lets: out, result: b.result };
}

/** The let hands on what is on the thread. */
function isOn({ op }: Let, thread: ReadonlySet<Sym>): boolean {
  switch (op.kind) {
    case 'merge':
    case 'for':
    case 'struct':
    case 'field':
      return atomsOf(op).some((a) => isSym(a) && thread.has(a));
    case 'if':
      return touches(op.then, thread) || touches(op.else, thread);
    default:
      return false;
  }
}

/** The block reads something on the thread. */
function touches(b: Block, thread: ReadonlySet<Sym>): boolean {
  if (isSym(b.result) && thread.has(b.result)) return true;
  return b.lets.some(
    (l) =>
      atomsOf(l.op).some((a) => isSym(a) && thread.has(a)) || blocksOf(l.op).some((inner) => touches(inner, thread)),
  );
}
