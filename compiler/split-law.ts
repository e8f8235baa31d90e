/**
 * The builder law as programs: states that hold nothing (`empty`), and two states as one (`combine`), whose rows are those
 * of the first and then those of the second. They are ordinary loops that merge what one builder holds into the other, so
 * they run as fast as any. `combine` is associative, and `empty` is its identity.
 */

import { Builder, lit, scan } from './core/build.ts';
import type { Atom } from './core/op.ts';
import type { Program } from './core/program.ts';
import { identityOf } from './core/scalar.ts';
import { appender, type BuilderType, isBuilder, type MergeOp, type Type, typeText } from './core/types.ts';
import { InternalError } from './diag/diagnostic.ts';

/** `|states| {states of the same types into which nothing was merged}`. */
export function emptyBuilder(types: readonly Type[]): Program {
  const b = new Builder();
  const states = types.map((t) => b.param(t, 'b'));
  return b.finish(b.struct(states.map((s, k) => empty(b, s, at(types, k)))));
}

/** `|states, states| {states}`. */
export function combinedBuilder(types: readonly Type[]): Program {
  const b = new Builder();
  const first = types.map((t) => b.param(t, 'first'));
  const second = types.map((t) => b.param(t, 'second'));
  return b.finish(b.struct(first.map((s, k) => combined(b, s, at(second, k), at(types, k)))));
}

function at<T>(list: readonly T[], k: number): T {
  const found = list[k];
  if (found === undefined) throw new InternalError(`split: no state ${k}`);
  return found;
}

function empty(b: Builder, state: Atom, t: Type): Atom {
  if (t.kind === 'struct') return b.struct(t.fields.map((f, k) => empty(b, b.field(state, k), f)));
  if (!isBuilder(t)) throw new InternalError(`split: ${typeText(t)} is no builder`);
  const held = b.result(state);
  if (t.kind !== 'vecmerger') return b.builder(t);
  const { elem, op } = t;
  const places = b.loop([scan(held)], b.builder(appender(elem)), (acc) => b.merge(acc, identity(b, elem, op)));
  return b.builder(t, b.result(places));
}

/** A value of scalars that `op` leaves any other as it is with. */
function identity(b: Builder, t: Type, op: MergeOp): Atom {
  if (t.kind === 'struct') return b.struct(t.fields.map((f) => identity(b, f, op)));
  if (t.kind !== 'scalar') throw new InternalError(`split: a vecmerger of ${typeText(t)}`);
  return lit(t, identityOf(op, t.scalar));
}

function combined(b: Builder, first: Atom, second: Atom, t: Type): Atom {
  if (t.kind === 'struct') {
    return b.struct(t.fields.map((f, k) => combined(b, b.field(first, k), b.field(second, k), f)));
  }
  if (!isBuilder(t)) throw new InternalError(`split: ${typeText(t)} is no builder`);
  return mergedInto(b, first, b.result(second), t);
}

/** `builder` after merging all that a builder of its type held. */
function mergedInto(b: Builder, builder: Atom, held: Atom, t: BuilderType): Atom {
  switch (t.kind) {
    case 'merger':
      return b.merge(builder, held);
    case 'appender':
      return b.loop([scan(held)], builder, (acc, _i, e) => b.merge(acc, given(e)));
    case 'vecmerger':
      return b.loop([scan(held)], builder, (acc, i, e) => b.merge(acc, b.struct([i, given(e)])));
    case 'dictmerger':
      return b.loop([scan(b.tovec(held))], builder, (acc, _i, e) => b.merge(acc, given(e)));
    case 'groupmerger':
      return b.loop([scan(b.tovec(held))], builder, (acc, _i, e) => {
        const [key, values] = [b.field(given(e), 0), b.field(given(e), 1)];
        return b.loop([scan(values)], acc, (inner, _j, v) => b.merge(inner, b.struct([key, given(v)])));
      });
    default:
      return t satisfies never;
  }
}

function given(a: Atom | undefined): Atom {
  if (a === undefined) throw new InternalError('split: a loop without element');
  return a;
}
