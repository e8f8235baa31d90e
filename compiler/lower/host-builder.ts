/**
 * Builders outside loops: merges, results, and builders that branches and iterations hand on.
 *
 * A builder on the host is the value it would have now (`HostBuilder`), so `result` costs nothing, a later loop combines
 * its parts into that value, and a register may hold a builder like any value: `settle` says what it holds, `reopen`
 * makes a builder of it again.
 */

import type { OpOf } from '../core/op.ts';
import { isBuilder, isLinear, type Type, typeText } from '../core/types.ts';
import { InternalError, type Origin } from '../diag/diagnostic.ts';
import type { HostAtom } from '../sir/plan.ts';
import type { HostBuilder, HostScope, HostVal } from './host.ts';

/** A builder that nothing was merged into. The initial value of a merger or vecmerger is its first state. */
export function freshBuilder(op: OpOf<'builder'>, arg: HostAtom | null): HostVal {
  const { ty, notes } = op;
  const starts = ty.kind === 'merger' || ty.kind === 'vecmerger';
  const [state, size] = starts ? [arg, null] : [null, arg];
  return { h: 'builder', builder: { ty, size, notes, state, merges: [] } };
}

/** The builder after a merge. Merges that cannot fail wait, to become one step. */
export function mergeOnHost(v: HostVal, value: HostAtom, host: HostScope, origin: Origin | null): HostVal {
  if (v.h !== 'builder') throw new InternalError('lower: a merge into no builder');
  const after: HostBuilder = { ...v.builder, merges: [...v.builder.merges, value] };
  const builder = after.ty.kind === 'vecmerger' ? { ...after, state: stateOf(after, host, origin), merges: [] } : after;
  return { h: 'builder', builder };
}

/** The value of a builder before the loop that it is given to; null for a fresh one. */
export function stateOf(b: HostBuilder, host: HostScope, origin: Origin | null): HostAtom | null {
  return b.merges.length === 0 ? b.state : settled(b, host, origin);
}

function settled(b: HostBuilder, host: HostScope, origin: Origin | null): HostAtom {
  if (b.merges.length === 0 && b.state !== null) return b.state;
  const dst = host.reg();
  host.push({ step: 'merge', dst, ty: b.ty, state: b.state, values: b.merges }, origin);
  return { reg: dst };
}

/** The value with every builder in it replaced by the value that the builder has. */
export function settle(v: HostVal, host: HostScope, origin: Origin | null): HostVal {
  switch (v.h) {
    case 'atom':
      return v;
    case 'struct':
      return { h: 'struct', fields: v.fields.map((f) => settle(f, host, origin)) };
    case 'builder':
      return { h: 'atom', atom: settled(v.builder, host, origin) };
    default:
      return v satisfies never;
  }
}

/** The value of type `ty` that was settled to `v`. Hints and notes are lost on the way. */
export function reopen(v: HostVal, ty: Type, host: HostScope): HostVal {
  if (!isLinear(ty)) return v;
  if (ty.kind === 'struct') {
    return { h: 'struct', fields: ty.fields.map((f, k) => reopen(host.fieldOf(v, k, ty), f, host)) };
  }
  if (!isBuilder(ty)) throw new InternalError(`lower: ${typeText(ty)} is no builder`);
  return { h: 'builder', builder: { ty, size: null, notes: {}, state: host.atomOf(v), merges: [] } };
}
