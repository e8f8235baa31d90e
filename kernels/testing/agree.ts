/**
 * Holds the machine form of a primitive against its definition: the same value bit for bit, or the same refusal, for 1, 2
 * and 7 threads. Every buffer lies between marked bytes, other ones for each number of threads, so that a value which
 * depends on what is outside is not the same twice. Which NaN a NaN is, is not specified.
 */

import { expect } from 'vitest';
import {
  BOOL,
  fromColumns,
  isVecValue,
  type PrimSpec,
  type Type,
  type TypedArray,
  type Value,
  vec,
  WeldError,
} from '../../compiler/index.ts';
import { MACHINE_FORMS } from '../index.ts';
import type { Machine } from '../machine.ts';
import { guardedMachine, markedMemory } from './guarded-machine.ts';

/** Expects the value of the definition. */
export async function expectAgreement(prim: PrimSpec, args: readonly Value[], types: readonly Type[]): Promise<void> {
  const refusal = await expectSameOutcome(prim, args, types);
  if (refusal !== null) throw new Error(refusal);
}

/** The same of arguments that are columns, all of them. */
export const expectColumnsAgree = (prim: PrimSpec, args: readonly Value[]): Promise<void> =>
  expectAgreement(
    prim,
    args,
    args.map((a) => vec(isVecValue(a) ? a.elem : BOOL)),
  );

/** Machines of 1, 2 and 7 threads. */
export const guardedMachines = (): readonly Machine[] => [1, 2, 7].map(guardedMachine);

/** Expects the value of the definition, or the refusal, which is given back. */
export async function expectSameOutcome(
  prim: PrimSpec,
  args: readonly Value[],
  types: readonly Type[],
  machines = guardedMachines(),
): Promise<string | null> {
  const ty = prim.typing(types);
  if (typeof ty === 'string') throw new Error(ty);
  const form = await MACHINE_FORMS.get(prim.name)?.();
  if (form === undefined) throw new Error(`${prim.name} has no machine form`);
  const want = await outcomeOf(() => prim.run(args, markedMemory(0x77)));
  for (const machine of machines) {
    const got = await outcomeOf(() => form(args, machine));
    if (same(got, want)) continue;
    const shown = (o: Value | string): unknown => (typeof o === 'string' ? o : fromColumns(ty, o));
    expect(shown(got), `${prim.name}, ${machine.threads} threads`).toEqual(shown(want));
    expect.unreachable('a difference that is not shown');
  }
  return typeof want === 'string' ? want : null;
}

/** The value, or what is wrong: a scalar is no string. */
async function outcomeOf(run: () => Value | Promise<Value>): Promise<Value | string> {
  try {
    return await run();
  } catch (e) {
    if (e instanceof WeldError) return e.message;
    throw e;
  }
}

function same(a: Value | string, b: Value | string): boolean {
  if (typeof a !== 'object' || typeof b !== 'object') return Object.is(a, b);
  if (a.kind === 'struct') return b.kind === 'struct' && a.fields.every((f, k) => same(f, b.fields[k] ?? false));
  if (a.kind !== 'vec' || b.kind !== 'vec' || a.length !== b.length) return false;
  return a.cols.every((column, k) => sameCells(column.subarray(0, a.length), b.cols[k]?.subarray(0, b.length)));
}

const bytesOf = (a: TypedArray): Uint8Array => new Uint8Array(a.buffer, a.byteOffset, a.byteLength);
/** Bits first: of long columns that takes a hundredth of the time. */
const sameCells = (a: TypedArray, b: TypedArray | undefined): boolean =>
  b !== undefined && (Buffer.compare(bytesOf(a), bytesOf(b)) === 0 || a.every((cell, k) => Object.is(cell, b[k])));
