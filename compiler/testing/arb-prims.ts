/**
 * The primitives that generated programs call when `cudf` is on: pure ones, and one that counts its calls, so that a
 * call too many, too few or out of order changes results.
 */

import type { Atom } from '../core/op.ts';
import { I64, isScalar, type Type, vec } from '../core/types.ts';
import type { PrimSpec, PrimTable, Value, VecValue } from '../core/value.ts';
import { fail } from '../diag/diagnostic.ts';
import type { Gen } from './arb-gen.ts';
import { isLight, isVecVar, type Scope, type Var } from './arb-scope.ts';

const REVERSE: PrimSpec = {
  name: 'test_reverse',
  doc: 'The vector from its end to its start.',
  pure: true,
  typing: ([t]: readonly Type[]) => (t?.kind === 'vec' ? t : 'test_reverse takes a vector'),
  run: ([v]: readonly Value[]): Value => reversed(v),
};
const MIX: PrimSpec = {
  name: 'test_mix',
  doc: 'A number made of two.',
  pure: true,
  typing: ([a, b]: readonly Type[]) => (a === I64 && b === I64 ? I64 : 'test_mix takes two i64'),
  run: ([a, b]: readonly Value[]): Value => BigInt.asIntN(64, 31n * big(a) + big(b)),
};

function reversed(v: Value | undefined): VecValue {
  if (typeof v !== 'object' || v.kind !== 'vec') throw new TypeError('test_reverse takes a vector');
  return { ...v, cols: v.cols.map((c) => c.slice(0, v.length).reverse()) };
}
const big = (v: Value | undefined): bigint => (typeof v === 'bigint' ? v : fail('W6008', 'a test primitive takes i64'));

/** The primitives for one run, and the arguments of the calls that count. */
export interface TestPrims {
  readonly prims: PrimTable;
  readonly ticks: readonly bigint[];
  /** Starts the count again, for a session that keeps its primitives. */
  readonly restart: () => void;
}

/** `test_tick` counts its calls from 0: with fresh primitives for each run, equal runs give equal values. */
export function freshPrims(): TestPrims {
  const ticks: bigint[] = [];
  const tick: PrimSpec = {
    name: 'test_tick',
    doc: 'How often it was called before, and what it was given.',
    pure: false,
    typing: ([a]: readonly Type[]) => (a === I64 ? I64 : 'test_tick takes an i64'),
    run: ([a]: readonly Value[]): Value => BigInt.asIntN(64, 1000n * BigInt(ticks.push(big(a)) - 1) + big(a)),
  };
  const restart = (): void => void ticks.splice(0);
  return { prims: new Map([REVERSE, MIX, tick].map((p) => [p.name, p])), ticks, restart };
}

/** A call that gives an i64. */
export function callPrim({ b, tape, scalars }: Gen, scope: Scope, depth: number): Atom {
  const x = scalars.expr(I64, scope, depth - 1);
  if (scope.counted && tape.rarely(3)) return b.cudf('test_tick', I64, [x], { pure: false });
  return b.cudf('test_mix', I64, [x, scalars.expr(I64, scope, depth - 1)]);
}

/** A vector in scope, reversed; null when there is none that a primitive takes. */
export function callReverse({ b, tape }: Gen, elem: Type | null, scope: Scope): Var | null {
  const fits = (v: Var): boolean => v.ty.kind === 'vec' && isScalar(v.ty.elem) && (elem === null || v.ty === vec(elem));
  const v = tape.recent(scope.vars.filter(isVecVar).filter((w) => fits(w) && isLight(w, scope)));
  return v === undefined ? null : { ...v, atom: b.cudf('test_reverse', v.ty, [v.atom]) };
}
