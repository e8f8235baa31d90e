/**
 * A fresh loop with other builders in the place of some of its own. The pass that asks says which, and how a merge into
 * the old builder is made with the new one (`rethread.ts`); the loop, its result and the values of its components are
 * made again here.
 *
 * Precondition: the values of a loop with several builders are only taken apart, in its own block (`onlyFields`), since
 * the struct of them has another type afterwards.
 */

import type { BlockIndex, FreshLoop } from '../analysis/uses.ts';
import type { Let, Sym } from '../core/op.ts';
import type { SymTab } from '../core/program.ts';
import { invariant } from '../diag/diagnostic.ts';
import { type Component, keptComponent, rethread } from './rethread.ts';
import { makeLet } from './rewrite.ts';

/** What stands for one builder of a loop. */
export interface Change {
  /** The lets that make the new builder, and its symbol. */
  readonly lets: readonly Let[];
  readonly builder: Sym;
  readonly component: Component;
}

export interface Rebuilt {
  /** What stands for the lets of the loop: builders, their struct, `for`, `result`, fields of the result. */
  readonly replaced: ReadonlyMap<Sym, readonly Let[]>;
  /** The new symbols of the values that changed. */
  readonly values: ReadonlyMap<Sym, Sym>;
}

/** True when the result of a loop with several builders is only read by fields, in its own block. */
export function onlyFields(loop: FreshLoop, ix: BlockIndex): boolean {
  if (loop.gather === null) return true;
  // A struct of one builder is for `dce` to make plain: `rethread` would here, and the loop around it would not fit.
  if (loop.builders.length === 1) return false;
  const fields = ix.block.lets.filter((l) => l.op.kind === 'field' && l.op.of === loop.result);
  return fields.length === ix.uses.get(loop.result);
}

/** The loop with the components in `changes` (by number) replaced. The old body must not be used any more. */
export function rebuildLoop(
  loop: FreshLoop,
  changes: ReadonlyMap<number, Change>,
  ix: BlockIndex,
  syms: SymTab,
): Rebuilt {
  const replaced = new Map<Sym, readonly Let[]>();
  const values = new Map<Sym, Sym>();
  const builders = loop.builders.map((s, k) => {
    const change = changes.get(k);
    if (change === undefined) return s;
    replaced.set(s, change.lets);
    return change.builder;
  });
  const gather = loop.gather === null ? null : makeLet({ kind: 'struct', fields: builders }, syms, loop.gather);
  const builder = gather?.sym ?? builders[0];
  invariant(builder !== undefined, () => 'a loop has a builder');
  const components = loop.builders.map((s, k) => changes.get(k)?.component ?? keptComponent(syms.type(s), syms));
  const body = rethread(loop.op.body, components, loop.gather === null, syms);
  const made = makeLet({ ...loop.op, builder, body }, syms, loop.sym);
  const result = makeLet({ kind: 'result', builder: made.sym }, syms, loop.result);
  if (loop.gather !== null && gather !== null) replaced.set(loop.gather, [gather]);
  replaced.set(loop.sym, [made]);
  if (loop.gather === null) {
    replaced.set(loop.result, [result]);
    values.set(loop.result, result.sym);
    return { replaced, values };
  }
  // At once, wherever the old fields were taken: what was read of one may be read of another now.
  const fields: Let[] = [];
  for (const [sym, product] of ix.products) {
    if (product.loop !== loop) continue;
    const field = { kind: 'field', of: result.sym, index: product.component } as const;
    const made = changes.has(product.component) ? makeLet(field, syms, sym) : { sym, op: field };
    if (made.sym !== sym) values.set(sym, made.sym);
    fields.push(made);
    replaced.set(sym, []);
  }
  replaced.set(loop.result, [result, ...fields]);
  return { replaced, values };
}
