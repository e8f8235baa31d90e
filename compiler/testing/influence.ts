/**
 * Whether a value matters: a program is run again with another value in the place of one let's, and ends otherwise or
 * not. Code whose values never matter tests nothing, however often it runs.
 */

import { cloneLinear } from '../core/ibuilder.ts';
import { interpret } from '../core/interp.ts';
import { asDict, asScalar, asVec, fieldOf, type IValue, istruct } from '../core/ivalue.ts';
import type { Sym } from '../core/op.ts';
import { resultType } from '../core/program.ts';
import { normalise, type ScalarValue } from '../core/scalar.ts';
import { isFloatKind, type ScalarKind, type Type } from '../core/types.ts';
import type { TestPrims } from './arb-prims.ts';
import { compareOutcomes, type Outcome, outcomeOf } from './differential.ts';

/** What a run ended with, and the externs that it called on the way. */
export interface Observed {
  readonly end: Outcome;
  readonly ticks: readonly bigint[];
}
interface Case {
  readonly program: Parameters<typeof interpret>[0];
  readonly args: readonly IValue[];
}
type Hooks = Omit<NonNullable<Parameters<typeof interpret>[2]>, 'prims'>;

export function observe(c: Case, { prims, ticks }: TestPrims, hooks: Hooks): Observed {
  return { end: outcomeOf(() => interpret(c.program, c.args, { ...hooks, prims })), ticks };
}

/** True when another value of the let `s` changes what the program ends with; `fresh` makes primitives for a run. */
export function matters(c: Case, want: Observed, s: Sym, fresh: () => TestPrims, fuel: number): boolean {
  const ty = c.program.syms.type(s);
  return VARIANTS.some((variant) => {
    const onValue = (at: Sym, v: IValue): IValue => (at === s ? otherValue(ty, v, variant) : v);
    const got = observe(c, fresh(), { fuel, onValue });
    if (compareOutcomes(resultType(c.program), want.end, got.end) !== null) return true;
    return want.ticks.join() !== got.ticks.join();
  });
}

/** Two ways to be different: the first element or the length, a little or a lot. */
type Variant = 0 | 1;
const VARIANTS: readonly Variant[] = [0, 1];

/** A value that differs from `v`, where the type has one. A builder gets a merge more. */
export function otherValue(t: Type, v: IValue, variant: Variant): IValue {
  switch (t.kind) {
    case 'scalar':
      return otherScalar(t.scalar, asScalar(v), variant);
    case 'vec': {
      const [first, ...rest] = asVec(v);
      if (first === undefined) return [someValue(t.elem, 1)];
      return variant === 0 ? [otherValue(t.elem, first, 0), ...rest] : rest;
    }
    case 'struct': {
      const at = variant === 0 ? 0 : t.fields.length - 1;
      return istruct(t.fields.map((f, k) => (k === at ? otherValue(f, fieldOf(v, k), variant) : fieldOf(v, k))));
    }
    case 'dict': {
      const [first, ...rest] = [...asDict(v).entries];
      if (first === undefined) return v;
      const [key, [k, value]] = first;
      return {
        kind: 'dict',
        entries: new Map(variant === 0 ? [[key, [k, otherValue(t.value, value, 0)]], ...rest] : rest),
      };
    }
    default: {
      const b = cloneLinear(v);
      if (typeof b === 'object' && 'kind' in b && b.kind === 'builder') mergeSome(t, b, variant);
      return b;
    }
  }
}

function mergeSome(t: Type, b: { merge(v: IValue): unknown; result(): IValue }, variant: Variant): void {
  switch (t.kind) {
    case 'appender':
    case 'merger':
      b.merge(someValue(t.elem, variant === 0 ? 3 : -5));
      break;
    case 'vecmerger':
      if (asVec(b.result()).length > 0) b.merge(istruct([0n, someValue(t.elem, variant === 0 ? 3 : -5)]));
      break;
    case 'dictmerger':
    case 'groupmerger':
      b.merge(istruct([someValue(t.key, variant === 0 ? 99 : 1), someValue(t.value, 3)]));
      break;
    default:
  }
}

function otherScalar(kind: ScalarKind, v: ScalarValue, variant: Variant): ScalarValue {
  if (typeof v === 'boolean') return !v;
  if (typeof v === 'bigint') return normalise(kind, variant === 0 ? v + 1n : -v - 1n);
  if (!isFloatKind(kind)) return normalise(kind, variant === 0 ? v + 1 : -v - 1);
  const other = normalise(kind, variant === 0 ? v + 1 : -v - 1);
  return Object.is(other, v) ? 0 : other;
}

function someValue(t: Type, n: number): IValue {
  switch (t.kind) {
    case 'scalar':
      return normalise(t.scalar, n);
    case 'struct':
      return istruct(t.fields.map((f) => someValue(f, n)));
    case 'dict':
      return { kind: 'dict', entries: new Map() };
    default:
      return t.kind === 'vec' ? [someValue(t.elem, n)] : [];
  }
}
