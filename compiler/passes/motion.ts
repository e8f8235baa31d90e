/**
 * Move what does not change out of loops.
 *
 *     for(x, b, |b,i,e| merge(b, e * (s.$0 + 1.0)))   ->   t = s.$0 + 1.0; for(x, b, |b,i,e| merge(b, e * t))
 *
 * Works from the inside out, so an invariant leaves all the loops it does not depend on; whole inner loops with fresh
 * builders move, too.
 *
 * What stands in a branch of the body stays there: it might be dear and seldom needed.
 */

import { canFail } from '../analysis/effects.ts';
import type { Block, Let, Op, Sym } from '../core/op.ts';
import type { SymTab } from '../core/program.ts';
import { isLinear } from '../core/types.ts';
import { freeSymsOfOp } from '../core/walk.ts';
import { sound } from './need.ts';
import type { Asking, Pass } from './pass.ts';
import { mapBlocks, rebuilt } from './rewrite.ts';

const NEEDS = [
  sound(
    'no-failure',
    'the operation cannot fail: the loop may have no iterations, and then nothing in it is evaluated',
  ),
  sound('whole-loops', 'a builder moves with the loop and the result that consume it, or not at all'),
];

export const motion: Pass = {
  name: 'motion',
  doc: 'move loop-invariant operations in front of loops',
  needs: NEEDS,
  run(p, cx) {
    const body = moveInBlock(p.body, { syms: p.syms, defs: new Map(), pass: cx });
    return body === p.body ? p : { syms: p.syms, body };
  },
};

interface Context {
  readonly syms: SymTab;
  readonly defs: Map<Sym, Op>;
  readonly pass: Asking<typeof NEEDS>;
}

function moveInBlock(b: Block, cx: Context): Block {
  const out: Let[] = [];
  for (const l of b.lets) {
    const op = mapBlocks(l.op, (inner) => moveInBlock(inner, cx));
    if (op.kind !== 'for') {
      out.push(op === l.op ? l : { sym: l.sym, op });
    } else {
      const { moved, body } = split(op.body, cx);
      out.push(...moved);
      out.push(moved.length === 0 && op === l.op ? l : { sym: l.sym, op: { ...op, body } });
    }
    cx.defs.set(l.sym, op);
  }
  return rebuilt(b, out, b.result);
}

/** The invariant lets of a loop body and the rest. */
function split(body: Block, cx: Context): { readonly moved: readonly Let[]; readonly body: Block } {
  const free = new Map(body.lets.map((l) => [l.sym, freeSymsOfOp(l.op)]));
  const stays = new Set<Sym>(body.params);
  for (let before = -1; before !== stays.size; ) {
    before = stays.size;
    for (const l of body.lets) {
      if (stays.has(l.sym)) continue;
      const varies = [...(free.get(l.sym) ?? [])].some((s) => stays.has(s));
      if (varies || !cx.pass.holds('no-failure', !canFail(l.op, cx.syms, (s) => cx.defs.get(s)))) stays.add(l.sym);
    }
    // A builder may leave only when its one consumer does.
    for (const l of body.lets.toReversed()) {
      if (!stays.has(l.sym)) continue;
      for (const s of free.get(l.sym) ?? []) {
        if (isLinear(cx.syms.type(s)) && !cx.pass.holds('whole-loops', stays.has(s))) stays.add(s);
      }
    }
  }
  const moved = body.lets.filter((l) => !stays.has(l.sym));
  if (moved.length === 0 || !cx.pass.enabled('invariant')) return { moved: [], body };
  for (const _ of moved) cx.pass.fired('invariant');
  return { moved, body: { params: body.params, lets: body.lets.filter((l) => stays.has(l.sym)), result: body.result } };
}
