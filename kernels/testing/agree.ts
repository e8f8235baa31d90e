/**
 * Holds the machine form of a primitive against its definition: the same value bit for bit, for 1, 2 and 7 threads, with
 * guards around every buffer.
 */

import { isDeepStrictEqual } from 'node:util';
import { expect } from 'vitest';
import { fromColumns, type PrimSpec, plainMemory, type Type, type Value } from '../../compiler/index.ts';
import { MACHINE_FORMS } from '../index.ts';
import { guardedMachine } from './guarded-machine.ts';

export async function expectAgreement(prim: PrimSpec, args: readonly Value[], types: readonly Type[]): Promise<void> {
  const ty = prim.typing(types);
  if (typeof ty === 'string') throw new Error(ty);
  const form = await MACHINE_FORMS.get(prim.name)?.();
  if (form === undefined) throw new Error(`${prim.name} has no machine form`);
  const want = fromColumns(ty, prim.run(args, plainMemory));
  for (const threads of [1, 2, 7]) {
    const got = fromColumns(ty, await form(args, guardedMachine(threads)));
    // Of long columns that are equal, `toEqual` takes a hundred times as long.
    if (!isDeepStrictEqual(got, want)) expect(got, `${threads} threads`).toEqual(want);
  }
}
