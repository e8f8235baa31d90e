/**
 * What every primitive keeps, one row of the table each (`testing/calls.ts`): it is its definition for columns of every shape,
 * on 1, 2 and 7 threads, looks at no place outside a buffer, and says what is wrong with arguments that are.
 */

import { describe, expect, it } from 'vitest';
import {
  F64,
  I64,
  isFloatKind,
  plainMemory,
  type ScalarKind,
  struct,
  type Type,
  typeText,
  type Value,
  vec,
} from '../compiler/index.ts';
import { DEEP_TIMEOUT, isDeep } from '../compiler/testing/runs.ts';
import { columnKind, columnOf, vectorOf } from './column.ts';
import { KERNELS, MACHINE_FORMS } from './index.ts';
import { expectSameOutcome, guardedMachines } from './testing/agree.ts';
import { type Arg, CALLS, Draw, kindAt } from './testing/calls.ts';
import { checkedMachine } from './testing/checked-machine.ts';
import type { Cell } from './testing/columns.ts';
import { guardedMachine } from './testing/guarded-machine.ts';
import { chanceOf, SHAPES, type Shape } from './testing/shapes.ts';

const SEEDS = isDeep ? 30 : 1;
const ROWS = 70;

const typesOf = (args: readonly Arg[]): readonly Type[] => args.map(([, type]) => type);
const valuesOf = (args: readonly Arg[]): readonly Value[] => args.map(([value]) => value);
const drawn = (name: string, shape: Shape, kind: ScalarKind, rows: number, seed: number): readonly Arg[] =>
  CALLS.get(name)?.(new Draw(shape, kind, rows, chanceOf(seed))) ?? [];

it('has a row for every primitive', () => {
  expect([...CALLS.keys()].toSorted()).toEqual([...KERNELS.keys()].toSorted());
  expect([...KERNELS.keys()].filter((name) => !MACHINE_FORMS.has(name))).toEqual([]);
});

describe.each([...KERNELS.values()].map((prim, at) => [prim.name, prim, at] as const))('%s', (name, prim, at) => {
  it('is as it is defined', { timeout: DEEP_TIMEOUT }, async () => {
    for (let seed = 0; seed < SEEDS; seed++) {
      for (const [turn, shape] of SHAPES.entries()) {
        // NaN of several bits are in floats. Not every primitive takes several kinds.
        const kinds = shape === 'awkward' ? (['f64', 'f32', 'i64'] as const) : [kindAt(at + turn + seed)];
        const calls = new Map(
          kinds.map((kind) => {
            const args = drawn(name, shape, kind, ROWS, 1000 * seed + turn);
            return [typesOf(args).map(typeText).join(), args];
          }),
        );
        for (const [types, args] of calls) {
          // Kernels are interpreted slowly.
          const checked = isDeep || shape === 'random' || shape === 'awkward' ? [checkedMachine(2)] : [];
          const machines = [...guardedMachines(), ...checked];
          const refusal = await expectSameOutcome(prim, valuesOf(args), typesOf(args), machines);
          expect(refusal, `${shape} ${types}`).toBeNull();
        }
      }
    }
  });

  it('says what is wrong with arguments of other types, by its name', () => {
    const types = typesOf(drawn(name, 'random', 'f64', 9, 7));
    const refused = (...given: readonly Type[]): void =>
      expect(prim.typing(given)).toEqual(expect.stringContaining(name));
    expect(typeof prim.typing(types)).toBe('object');
    refused();
    refused(...types.slice(0, -1), struct([F64]));
    for (const [k] of types.entries()) {
      for (const other of [struct([I64]), vec(vec(F64))]) refused(...types.with(k, other));
    }
  });

  it('refuses bad values as it is defined, by its name', async () => {
    const args = drawn(name, 'random', 'f64', 20, 5);
    for (const [k, arg] of args.entries()) {
      for (const bad of mutants(arg)) {
        const given = args.with(k, [bad, arg[1]]);
        const machines = isDeep ? [...guardedMachines(), checkedMachine(2)] : [guardedMachine(2)];
        const refusal = await expectSameOutcome(prim, valuesOf(given), typesOf(given), machines);
        if (refusal !== null) expect(refusal).toContain(name);
      }
    }
  });
});

/** Values of its type that may be wrong in the place of an argument: sizes below 0 or huge, columns of other lengths, out of
 *  order, with another first value. */
function mutants([value, type]: Arg): readonly Value[] {
  if (typeof value === 'bigint') return [-1n, 0n, 2n ** 40n, 2n ** 63n - 1n, -(2n ** 63n)];
  const kind = columnKind(type);
  if (kind === null) return [];
  const cells: readonly Cell[] = [...columnOf(value).cells];
  const first: Cell = isFloatKind(kind) ? Number.NaN : kind === 'bool' || kind.startsWith('u') ? 1 : -1;
  const others = [[], cells.slice(1), [...cells, 0], cells.toReversed(), [first, ...cells.slice(1)]];
  return others.map((other) => vectorOf(kind, other, plainMemory));
}
